// yaml-cpp matches every byte against little regular expressions: 300 ns a byte, 0.2 ms for a file
// of 30 lines, more than all of lint may take. Nearly all configurations use a small part of YAML:
// block collections, scalars on one line, `|` blocks, short flow collections. This parser takes
// that part, at some 5 ns a byte, and gives up at the first thing it does not know for certain,
// errors included; the text then goes to yaml-cpp, which decides. So it must never accept what
// yaml-cpp refuses, or read it otherwise: fuzz/yaml_fuzz.cpp compares the two.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "yaml/cursor.h"
#include "yaml/events.h"

namespace weir::yaml {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::size_t kLongestKey = 1000;  // YAML allows 1024

// What no plain scalar begins with; `-`, `?` and `:` are looked at closer.
constexpr std::string_view kIndicators = ",[]{}#&*!|>'\"%@`";

bool is_null_word(std::string_view text) {
  return text == "~" || text == "null" || text == "Null" || text == "NULL";
}

class QuickParser : private Cursor {
 public:
  QuickParser(std::string_view text, const Limits& limits, Events& events)
      : Cursor(text), limits_(limits), events_(events.list) {}

  bool parse() {
    if (!next_content()) {
      return false;
    }
    if (at_end()) {
      return true;
    }
    const bool is_collection = is_dash() || starts_key();
    return is_collection && block_node(1) && at_end() && few_nodes();
  }

 private:
  // --- events ---

  Event& add(Event::Kind kind) {
    Event& event = events_.emplace_back();
    event.kind = kind;
    event.offset = static_cast<std::uint32_t>(at_);
    event.line = line_;
    event.column = static_cast<std::uint32_t>(column() + 1);
    ++nodes_;
    return event;
  }
  void add_missing() { add(Event::Kind::kNull).implicit = true; }
  void add_end() { events_.emplace_back().kind = Event::Kind::kEnd; }
  [[nodiscard]] bool few_nodes() const { return nodes_ <= limits_.max_nodes; }
  bool open(Event::Kind kind, unsigned depth) {
    add(kind);
    return depth <= limits_.max_depth;
  }

  // --- scalars on one line ---

  // The plain scalar at `at_` ends before the offset returned; kNone when it is none, or spans
  // lines.
  [[nodiscard]] std::size_t plain_end(bool in_flow) const {
    const char first = peek();
    const char second = peek(1);
    const bool lone = second == ' ' || second == '\n';
    if (first == '\n' || first == '\t' || kIndicators.find(first) != kNone ||
        ((first == '-' || first == '?' || first == ':') && (lone || in_flow))) {
      const bool number = first == '-' && second >= '0' && second <= '9';
      if (!number) {
        return kNone;
      }
    }
    for (std::size_t at = at_; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == '\n') {
        return in_flow ? kNone : at;
      }
      if (c == '\t') {
        return kNone;
      }
      if (c == '#' && text_[at - 1] == ' ') {  // not the first: `#` is an indicator
        return in_flow ? kNone : at;
      }
      const char next = at + 1 < text_.size() ? text_[at + 1] : '\n';
      if (c == ':' && (next == ' ' || next == '\n')) {
        return at;
      }
      if (in_flow) {
        if (c == ',' || c == ']' || c == '}' ||
            (c == ':' && (next == ',' || next == ']' || next == '}'))) {
          return at;
        }
        if (c == '[' || c == '{' || c == '?') {
          return kNone;
        }
      }
    }
    return in_flow ? kNone : text_.size();
  }

  bool plain(bool in_flow) {
    const std::size_t end = plain_end(in_flow);
    if (end == kNone) {
      return false;
    }
    std::string_view value = text_.substr(at_, end - at_);
    value = value.substr(0, value.find_last_not_of(' ') + 1);
    if (is_null_word(value)) {
      add(Event::Kind::kNull);
    } else {
      add(Event::Kind::kScalar).text = value;
    }
    at_ = end;
    return true;
  }

  bool quoted() {
    const char quote = peek();
    Event& event = add(Event::Kind::kScalar);
    event.style = quote == '"' ? ScalarStyle::kDoubleQuoted : ScalarStyle::kSingleQuoted;
    const std::string_view special = quote == '"' ? "\"\\\n\t" : "'\n\t";
    ++at_;
    while (true) {
      const std::size_t end = text_.find_first_of(special, at_);
      if (end == kNone || text_[end] == '\n' || text_[end] == '\t') {
        return false;
      }
      event.text += text_.substr(at_, end - at_);
      at_ = end + 1;
      if (text_[end] == '\\') {
        if (!escape(event.text)) {
          return false;
        }
      } else if (quote == '\'' && peek() == '\'') {
        event.text += '\'';
        ++at_;
      } else {
        return true;
      }
    }
  }

  bool escape(std::string& out) {
    switch (peek()) {
      case '\\':
      case '"':
      case '/': out += peek(); break;
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case 'r': out += '\r'; break;
      default: return false;
    }
    ++at_;
    return true;
  }

  bool scalar(bool in_flow) { return peek() == '"' || peek() == '\'' ? quoted() : plain(in_flow); }

  // --- block scalars ---

  // Behind the header's line; `parent` is the column of the collection around.
  bool block_lines(std::size_t parent, bool folded, char chomp, std::string& out) {
    std::size_t indent = 0;
    bool ended_by_break = false;
    std::size_t breaks = 0;  // pending: they count when a line follows
    while (!at_end()) {
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      const std::size_t first = std::min(text_.find_first_not_of(' ', at_), end);
      const std::size_t spaces = first - at_;
      if (first == end) {
        // Blanks in empty lines, and empty lines in folded text, have rules of their own.
        if (end == text_.size() || spaces > 0 || folded) {
          return false;
        }
        ++breaks;
        new_line();
        continue;
      }
      if (indent == 0) {
        indent = spaces;
        if (indent <= parent) {
          return false;
        }
      } else if (spaces < indent) {
        break;
      }
      if (folded && text_[at_ + indent] <= ' ') {
        return false;
      }
      if (folded && !out.empty()) {
        out += ' ';
      } else {
        out.append(breaks, '\n');
      }
      out += text_.substr(at_ + indent, end - at_ - indent);
      ended_by_break = end < text_.size();
      breaks = ended_by_break ? 1 : 0;
      at_ = end;
      if (ended_by_break) {
        new_line();
      }
    }
    if (indent == 0 || chomp == '+') {
      return false;
    }
    if (ended_by_break && chomp != '-') {
      out += '\n';
    }
    return true;
  }

  bool block_scalar(std::size_t parent) {
    Event& event = add(Event::Kind::kScalar);
    const bool folded = peek() == '>';
    event.style = folded ? ScalarStyle::kFolded : ScalarStyle::kLiteral;
    ++at_;
    char chomp = ' ';
    if (peek() == '-') {
      chomp = peek();
      ++at_;
    }
    const std::size_t behind = at_;
    skip_spaces();
    if (peek() == '#' && at_ > behind) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    }
    if (at_end() || peek() != '\n') {
      return false;
    }
    new_line();
    return block_lines(parent, folded, chomp, event.text) && next_content();
  }

  // --- flow collections on one line ---

  bool flow_value(unsigned depth) {
    return peek() == '[' || peek() == '{' ? flow_collection(depth) : scalar(true);
  }

  bool flow_collection(unsigned depth) {
    const bool is_mapping = peek() == '{';
    const char close = is_mapping ? '}' : ']';
    if (!open(is_mapping ? Event::Kind::kMapping : Event::Kind::kSequence, depth)) {
      return false;
    }
    ++at_;
    skip_spaces();
    while (peek() != close) {
      if (!(is_mapping ? flow_member(depth) : flow_value(depth + 1)) || !few_nodes()) {
        return false;
      }
      skip_spaces();
      if (peek() == ',') {
        ++at_;
        skip_spaces();
      } else if (peek() != close) {
        return false;
      }
    }
    ++at_;
    add_end();
    return true;
  }

  bool flow_member(unsigned depth) {
    const std::size_t begin = at_;
    const bool is_quoted = peek() == '"' || peek() == '\'';
    if (!scalar(true) || at_ - begin > kLongestKey) {
      return false;
    }
    skip_spaces();
    if (peek() != ':') {
      add_missing();
      return true;
    }
    ++at_;
    if (!is_quoted && peek() != ' ' && peek() != ',' && peek() != '}') {
      return false;
    }
    skip_spaces();
    if (peek() == ',' || peek() == '}') {
      add_missing();
      return true;
    }
    return flow_value(depth + 1);
  }

  // --- block collections ---

  // Whether the line goes on with `key:`. A look ahead: the key is parsed again.
  bool starts_key() {
    if (peek() != '"' && peek() != '\'') {
      const std::size_t end = plain_end(false);
      return end != kNone && end < text_.size() && text_[end] == ':' && end > at_;
    }
    const std::size_t begin = at_;
    const bool is_key = quoted() && peek() == ':' && (peek(1) == ' ' || peek(1) == '\n');
    events_.pop_back();
    --nodes_;
    at_ = begin;
    return is_key;
  }

  // A node in block style, at its first byte; ends at the next content. Collections check that what
  // follows them fits; for scalars the collection around does.
  bool block_node(unsigned depth, std::size_t parent = 0) {
    if (is_dash()) {
      return block_sequence(depth);
    }
    return starts_key() ? block_mapping(depth) : inline_value(depth, parent);
  }

  // What begins on a line of something else: no block collection.
  bool inline_value(unsigned depth, std::size_t parent) {
    if (peek() == '|' || peek() == '>') {
      return block_scalar(parent);
    }
    if (peek() == '[' || peek() == '{') {
      return flow_collection(depth) && end_value();
    }
    return scalar(false) && end_value();
  }

  bool block_sequence(unsigned depth) {
    const std::size_t indent = column();
    if (!open(Event::Kind::kSequence, depth)) {
      return false;
    }
    do {
      ++at_;
      skip_spaces();
      const std::uint32_t dash_line = line_;
      if (peek() == '\n' || peek() == '#') {
        if (!next_content()) {
          return false;
        }
      }
      const bool missing = line_ != dash_line && (at_end() || column() <= indent);
      if (missing || at_end()) {
        add_missing();
      } else if (!block_node(depth + 1, indent)) {
        return false;
      }
      if ((!at_end() && column() > indent) || !few_nodes()) {
        return false;
      }
    } while (!at_end() && column() == indent && is_dash());
    add_end();
    return true;
  }

  bool block_mapping(unsigned depth) {
    const std::size_t indent = column();
    if (!open(Event::Kind::kMapping, depth)) {
      return false;
    }
    do {
      const std::size_t begin = at_;
      if (!scalar(false) || peek() != ':' || (peek(1) != ' ' && peek(1) != '\n') ||
          at_ - begin > kLongestKey) {
        return false;
      }
      ++at_;
      if (!block_value(indent, depth) || (!at_end() && column() > indent)) {
        return false;
      }
      if ((!at_end() && column() == indent && is_dash()) || !few_nodes()) {
        return false;
      }
    } while (!at_end() && column() == indent);
    add_end();
    return true;
  }

  // What follows `key:`.
  bool block_value(std::size_t indent, unsigned depth) {
    skip_spaces();
    if (peek() != '\n' && peek() != '#') {
      return inline_value(depth + 1, indent);
    }
    if (!next_content()) {
      return false;
    }
    const bool list = !at_end() && column() == indent && is_dash();
    if (!list && (at_end() || column() <= indent)) {
      add_missing();
      return true;
    }
    return block_node(depth + 1, indent);
  }

  const Limits& limits_;
  std::vector<Event>& events_;
  std::size_t nodes_ = 0;
};

}  // namespace

bool parse_events_quickly(std::string_view text, const Limits& limits, Events& events) {
  if (text.find('\r') != kNone) {
    return false;
  }
  events.list.reserve(std::min<std::size_t>(text.size() / 8, 1024));
  if (QuickParser(text, limits, events).parse()) {
    return true;
  }
  events.list.clear();
  return false;
}

}  // namespace weir::yaml
