// The only file that sees yaml-cpp. Its Load() is out of bounds: it loops for ever on `,` and its
// nodes follow cyclic aliases into the ground. The event parser beneath has neither flaw as long as
// it is asked for one document, and once more to learn that there is no second: it makes progress
// on every event but may hand out a document that consumed nothing.

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <istream>
#include <streambuf>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "yaml/events.h"
#include "yaml/text.h"

namespace weir::yaml {
namespace {

// The scanner keeps all tokens of a flow collection at the start of a line until it closes, about
// 100 bytes each. One event may not cost more of the text's brackets and commas than this.
constexpr std::size_t kMaxPunctuation = 500'000;
constexpr std::size_t kMaxOpenBrackets = 50'000;

// Thrown through yaml-cpp, caught in parse_events.
struct Stop {
  Failure failure;
};

Place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) {
    return {};
  }
  return {static_cast<std::size_t>(mark.pos), static_cast<unsigned>(mark.line) + 1,
          static_cast<unsigned>(mark.column) + 1};
}

// Hands the text to yaml-cpp in small pieces and watches what they hold.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) : text_(text) {
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }

  void reset_budget() {
    punctuation_ = 0;
    open_ = 0;
  }

 protected:
  std::streamsize xsgetn(char* out, std::streamsize wanted) override {
    const std::streamsize size = std::min<std::streamsize>(wanted, egptr() - gptr());
    for (const char c : std::string_view(gptr(), static_cast<std::size_t>(size))) {
      *out++ = c;
      const bool opens = c == '[' || c == '{';
      const bool closes = c == ']' || c == '}';
      open_ += opens ? 1U : 0U;
      open_ -= closes && open_ > 0 ? 1U : 0U;
      punctuation_ += opens || closes || c == ',' || c == ':' ? 1U : 0U;
    }
    if (punctuation_ > kMaxPunctuation || open_ > kMaxOpenBrackets) {
      const char* here = gptr();
      const auto line = std::count(text_.data(), here, '\n') + 1;
      throw Stop{{"E0112", static_cast<unsigned>(line), 0,
                  "too many brackets and commas in one value", ""}};
    }
    gbump(static_cast<int>(size));
    return size;
  }

 private:
  std::string_view text_;
  std::size_t punctuation_ = 0;
  std::size_t open_ = 0;
};

// yaml-cpp writes the escapes `\N` and `\_` as single bytes. All else in the text is UTF-8, so a
// byte that is not must be one of the two.
std::string repaired(const std::string& value) {
  std::string out;
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t length = utf8_length(value, at);
    if (length == 0) {
      out += '\xC2';
    }
    const std::size_t size = std::max<std::size_t>(length, 1);
    out.append(value, at, size);
    at += size;
  }
  return out;
}

class Recorder : public YAML::EventHandler {
 public:
  Recorder(std::string_view text, TextBuffer& buffer, const Limits& limits, Events& events)
      : text_(text), buffer_(buffer), limits_(limits), events_(events) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (!started_) {
      started_ = true;
      return;
    }
    const Place place = place_of(mark);
    const std::string_view rest = text_.substr(std::min(place.offset, text_.size()));
    if (rest.starts_with("---") || rest.starts_with("%")) {
      throw Stop{{"E0105", place.line, place.column, "a second document starts here",
                  "a configuration file holds one document"}};
    }
    throw Stop{{"E0103", place.line, place.column,
                rest.empty() ? "unexpected text after the end of the document"
                             : "unexpected `" + std::string(rest.substr(0, 1)) +
                                   "` after the end of the document",
                ""}};
  }
  void OnDocumentEnd() override {}

  // yaml-cpp puts a null that is not written at the token that follows, or at its key when there is
  // no `:`.
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const bool is_key = next_is_key();
    const std::size_t before = last_offset_;
    const Event& event = add(Event::Kind::kNull, mark, anchor);
    const Place at = skip_properties(text_, place(event));
    const std::string_view rest = text_.substr(std::min(at.offset, text_.size()));
    bool written = is_key || event.offset != before;
    const auto stands_here = [rest](std::string_view word) { return rest.starts_with(word); };
    written = written && (stands_here("~") || stands_here("null") || stands_here("Null") ||
                          stands_here("NULL"));
    events_.list.back().implicit = !written;
    last_is_member_ = !open_.empty() && open_.back().is_mapping && !is_key;
    null_value_ = is_key ? kNoEvent : events_.list.size() - 1;
    closed(anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Event& event = add(Event::Kind::kAlias, mark, 0);
    event.anchor = static_cast<std::uint32_t>(anchor);
    if (anchor >= is_closed_.size() || !is_closed_[anchor]) {
      throw Stop{{"E0108", event.line, event.column,
                  "the alias stands inside the value that it names", ""}};
    }
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Event& event = add(Event::Kind::kScalar, mark, anchor);
    event.text = value;
    set_tag(event, tag);
    const Place at = skip_properties(text_, place(event));
    switch (at.offset < text_.size() ? text_[at.offset] : ' ') {
      case '\'': event.style = ScalarStyle::kSingleQuoted; break;
      case '"': event.style = ScalarStyle::kDoubleQuoted; break;
      case '|': event.style = ScalarStyle::kLiteral; break;
      case '>': event.style = ScalarStyle::kFolded; break;
      default: break;
    }
    if (event.tag == "!" && event.style != ScalarStyle::kPlain) {
      event.tag.clear();  // yaml-cpp's own, for all that is quoted
    }
    const bool is_quoted =
        event.style == ScalarStyle::kSingleQuoted || event.style == ScalarStyle::kDoubleQuoted;
    if (is_quoted && quoted_end(text_, at.offset) == std::string_view::npos) {
      // yaml-cpp takes a line break before the end of the file for a closing quote.
      throw Stop{{"E0103", at.line, at.column, "the quote is never closed", ""}};
    }
    if (event.style == ScalarStyle::kDoubleQuoted && !is_utf8(value)) {
      event.text = repaired(value);
    }
    closed(anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    set_tag(open(Event::Kind::kSequence, mark, anchor), tag);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    set_tag(open(Event::Kind::kMapping, mark, anchor), tag);
  }
  void OnMapEnd() override { close(); }

  // yaml-cpp takes a last line without `:` for a key.
  void check_last_key() const {
    auto event = events_.list.rbegin();
    while (event != events_.list.rend() && event->kind == Event::Kind::kEnd) {
      ++event;
    }
    if (!last_is_member_ || event == events_.list.rend() || !event->implicit ||
        ++event == events_.list.rend() || event->kind != Event::Kind::kScalar) {
      return;
    }
    const Place key = skip_properties(text_, place(*event));
    const std::size_t line = text_.rfind('\n', key.offset) + 1;  // npos + 1 is 0
    const std::size_t indicator = text_.substr(0, key.offset).find_last_not_of(" \t");
    if (indicator != std::string_view::npos && indicator >= line && text_[indicator] == '?') {
      return;
    }
    std::size_t end = key.offset + event->text.size();
    if (event->style != ScalarStyle::kPlain) {
      end = quoted_end(text_, key.offset);
    } else if (text_.substr(key.offset, event->text.size()) != event->text) {
      end = text_.size();  // text over several lines: it cannot have been a key
    }
    const Place rest = skip_properties(text_, {end, 1, 1});
    if (rest.offset >= text_.size() || text_.substr(rest.offset).starts_with("...")) {
      throw Stop{{"E0103", key.line, key.column, "a key without `:`", ""}};
    }
  }

  [[nodiscard]] Place last_place() const {
    return events_.list.empty() ? Place{} : place(events_.list.back());
  }

 private:
  static constexpr std::size_t kNoEvent = static_cast<std::size_t>(-1);

  struct Open {
    YAML::anchor_t anchor;
    bool is_mapping;
    std::size_t children;  // keys and values
  };

  static Place place(const Event& event) { return {event.offset, event.line, event.column}; }

  [[nodiscard]] bool next_is_key() const {
    return !open_.empty() && open_.back().is_mapping && open_.back().children % 2 == 0;
  }

  Event& add(Event::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    buffer_.reset_budget();
    const Place at = place_of(mark);
    if (null_value_ != kNoEvent && events_.list[null_value_].offset == at.offset) {
      events_.list[null_value_].implicit = true;  // what looked like `null` was what follows
    }
    null_value_ = kNoEvent;
    last_is_member_ = false;
    last_offset_ = at.offset;
    if (!open_.empty()) {
      ++open_.back().children;
    }
    if (++nodes_ > limits_.max_nodes) {
      throw Stop{{"E0112", at.line, at.column,
                  "more than " + std::to_string(limits_.max_nodes) + " values in one file", ""}};
    }
    if (anchor != 0) {
      events_.anchors.resize(anchor + 1);
      events_.anchors[anchor] = static_cast<std::uint32_t>(events_.list.size());
    }
    Event& event = events_.list.emplace_back();
    event.kind = kind;
    event.offset = static_cast<std::uint32_t>(at.offset);
    event.line = at.line;
    event.column = at.column;
    return event;
  }

  Event& open(Event::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    Event& event = add(kind, mark, anchor);
    if (open_.size() >= limits_.max_depth) {
      throw Stop{{"E0104", event.line, event.column,
                  "nested deeper than " + std::to_string(limits_.max_depth) + " levels", ""}};
    }
    open_.push_back({anchor, kind == Event::Kind::kMapping, 0});
    return event;
  }

  void close() {
    closed(open_.back().anchor);
    open_.pop_back();
    events_.list.emplace_back().kind = Event::Kind::kEnd;
  }

  void closed(YAML::anchor_t anchor) {
    if (anchor != 0) {
      is_closed_.resize(std::max(is_closed_.size(), anchor + 1));
      is_closed_[anchor] = true;
    }
  }

  static void set_tag(Event& event, const std::string& tag) {
    if (tag != "?" && !tag.empty()) {
      event.tag = tag;
    }
  }

  std::string_view text_;
  TextBuffer& buffer_;
  const Limits& limits_;
  Events& events_;
  bool started_ = false;
  std::size_t nodes_ = 0;
  std::vector<Open> open_;
  std::size_t null_value_ = kNoEvent;  // the last event, when it is a null that is no key
  bool last_is_member_ = false;        // ... and the value of a key
  std::size_t last_offset_ = kNoEvent;
  std::vector<bool> is_closed_;
};

struct Wording {
  std::string_view theirs;
  std::string_view message;
  std::string_view hint;
};

// yaml-cpp's messages, said for people who write configurations.
constexpr std::array kWordings = {
    Wording{"illegal map value", "a `: ` is not allowed here",
            "quote the text if the colon belongs to it, or check the indentation"},
    Wording{"illegal map key", "a `? ` is not allowed here", ""},
    Wording{"illegal block entry", "a `- ` is not allowed here",
            "list items stand on lines of their own, all at the same indentation"},
    Wording{"illegal tab when looking for indentation", "a tab is used for indentation",
            "indent with spaces"},
    Wording{"end of map not found", "this does not fit the mapping above it",
            "check the indentation, and the `: ` after the key"},
    Wording{"end of sequence not found", "this does not fit the list above it",
            "check the indentation, and the `- ` in front"},
    Wording{"end of map flow not found", "the `{` before this is not closed properly",
            "entries are separated by `, ` and end with `}`"},
    Wording{"end of sequence flow not found", "the `[` before this is not closed properly",
            "items are separated by `, ` and end with `]`"},
    Wording{"illegal EOF in scalar", "a quote is opened and never closed", ""},
    Wording{"illegal document indicator in scalar",
            "`---` or `...` at the start of a line inside quotes", ""},
    Wording{"illegal flow end", "a closing bracket without the opening one", ""},
    Wording{"unknown token", "no value can begin with this character", "put the text in quotes"},
    Wording{"unexpected character in block scalar", "unexpected text after `|` or `>`",
            "the text starts in the next line"},
    Wording{"the referenced anchor is not defined", "the alias names an anchor that does not exist",
            "anchors (`&name`) stand before their aliases (`*name`)"},
    Wording{"cannot assign multiple tags to the same node", "a value has two tags", ""},
    Wording{"bad file", "nested too deep", ""},
    Wording{"cannot assign multiple anchors to the same node", "a value has two anchors", ""},
};

Failure failure_of(const YAML::Exception& error, const Place& last) {
  Place place = place_of(error.mark);
  if (error.mark.is_null()) {
    place = last;
  }
  Failure failure{"E0103", place.line, place.column, error.msg, ""};
  for (const Wording& wording : kWordings) {
    if (error.msg == wording.theirs) {
      failure.message = wording.message;
      failure.hint = wording.hint;
    }
  }
  constexpr std::string_view unknown_escape = "unknown escape character: ";
  if (error.msg.starts_with(unknown_escape)) {
    failure.message =
        "`\\" + error.msg.substr(unknown_escape.size()) + "` is not an escape in double quotes";
    failure.hint = "use single quotes, or write `\\\\` for a backslash";
  }
  return failure;
}

}  // namespace

std::optional<Failure> parse_events(std::string_view text, const Limits& limits, Events& events) {
  TextBuffer buffer(text);
  Recorder recorder(text, buffer, limits, events);
  try {
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(recorder)) {
      recorder.check_last_key();
      parser.HandleNextDocument(recorder);
    }
  } catch (const Stop& stop) {
    return stop.failure;
  } catch (const YAML::Exception& error) {
    return failure_of(error, recorder.last_place());
  } catch (const std::exception& error) {
    const Place last = recorder.last_place();
    return Failure{"E0103", last.line, last.column, error.what(), ""};
  }
  return std::nullopt;
}

}  // namespace weir::yaml
