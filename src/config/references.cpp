#include "config/references.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "config/env.h"
#include "config/yaml_text.h"

namespace weir::config::yaml {
namespace {

constexpr std::size_t kMaxReferences = 64UL * 64 * 64;  // what three placeholder digits can number
constexpr std::size_t kMaxNesting = 8;                  // `${A:${B:...}}`
constexpr unsigned kMaxUnclosedPerLine = 16;            // each costs a look at the rest of the line
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
constexpr std::size_t kNone = std::string_view::npos;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}
bool is_transform(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::size_t skip_while(std::string_view text, std::size_t at, bool (*wanted)(char)) {
  while (at < text.size() && wanted(text[at])) {
    ++at;
  }
  return at;
}

struct Token {
  Reference::Kind kind;
  std::size_t begin;
  std::size_t end;
};

// The parts of `NAME`, `NAME|transform`, `NAME:default`: what stands between the braces.
struct Head {
  std::string_view name;
  std::string_view transform;
  bool has_default = false;
  std::size_t end = kNone;  // where the default starts, or the closing brace stands
};

Head parse_head(std::string_view text, std::size_t at) {
  Head head;
  std::size_t end = skip_while(text, at, is_name);
  head.name = text.substr(at, end - at);
  if (end < text.size() && text[end] == '|') {
    const std::size_t begin = end + 1;
    end = skip_while(text, begin, is_transform);
    head.transform = text.substr(begin, end - begin);
    if (head.transform.empty()) {
      return head;
    }
  }
  if (head.name.empty() || end >= text.size() || (text[end] != ':' && text[end] != '}')) {
    return head;
  }
  head.has_default = text[end] == ':';
  head.end = end + (head.has_default ? 1 : 0);
  return head;
}

// Where the interpolation that begins at `begin` ends (behind its brace); kNone when not on this
// line. Strings hide braces. Inside double-quoted YAML a string's quotes are written `\"`: a string
// ends with the kind of quote it began with.
std::size_t interpolation_end(std::string_view line, std::size_t begin) {
  std::size_t depth = 0;
  for (std::size_t at = begin + 1; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '{') {
      ++depth;
    } else if (c == '}') {
      if (--depth == 0) {
        return at + 1;
      }
    } else if (c == '"' && line.substr(at, 3) == "\"\"\"") {
      at = line.find("\"\"\"", at + 3);
      if (at == kNone) {
        return kNone;
      }
      at += 2;
    } else if (c == '"') {
      for (++at; at < line.size() && line[at] != '"'; ++at) {
        at += line[at] == '\\' ? 1U : 0U;
      }
    } else if (c == '\\' && line.substr(at, 2) == "\\\"") {
      at += 2;
      while (at < line.size() && line.substr(at, 2) != "\\\"") {
        // `\\` is one backslash of the language, which escapes what follows it there.
        at += line.substr(at, 3) == "\\\\\\" ? 4U : line.substr(at, 2) == "\\\\" ? 3U : 1U;
      }
      ++at;
    }
  }
  return kNone;
}

// Finds the outermost references of one line, in one pass.
class LineScanner {
 public:
  explicit LineScanner(std::vector<Token>& tokens) : tokens_(tokens) {}

  // True when something was left open at the end of the line.
  bool scan(std::string_view line, std::size_t base) {
    open_.clear();
    unsigned unclosed = 0;
    std::size_t at = line.find("${");
    while (at < line.size()) {
      if (line[at] == '}' && !open_.empty()) {
        at = close(line, at, base);
        continue;
      }
      if (line.compare(at, 2, "${") != 0 || open_.size() >= kMaxNesting) {
        at = open_.empty() ? line.find("${", at + 1) : at + 1;
        continue;
      }
      const std::string_view rest = line.substr(at + 2);
      if (rest.starts_with('!') || rest.starts_with("{!")) {
        const std::size_t end =
            unclosed < kMaxUnclosedPerLine ? interpolation_end(line, at) : kNone;
        if (end == kNone) {
          ++unclosed;
          at += 2;
        } else {
          tokens_.push_back({Reference::Kind::kInterpolation, base + at, base + end});
          at = end;
        }
        continue;
      }
      const bool escaped = rest.starts_with('{');
      const Head head = parse_head(line, at + (escaped ? 3 : 2));
      if (head.end == kNone) {
        at += 2;
        continue;
      }
      open_.push_back({escaped, at, tokens_.size()});
      at = head.end;
    }
    return unclosed > 0 || !open_.empty();
  }

 private:
  struct Open {
    bool escaped;
    std::size_t begin;
    std::size_t tokens_before;
  };

  std::size_t close(std::string_view line, std::size_t at, std::size_t base) {
    const Open open = open_.back();
    open_.pop_back();
    if (open.escaped && line.substr(at, 2) != "}}") {
      return at + 1;  // `${{NAME}` is text
    }
    const std::size_t end = at + (open.escaped ? 2 : 1);
    tokens_.resize(open.tokens_before, Token{});
    tokens_.push_back({open.escaped ? Reference::Kind::kEscaped : Reference::Kind::kVariable,
                       base + open.begin, base + end});
    return end;
  }

  std::vector<Token>& tokens_;
  std::vector<Open> open_;
};

// A control character that no escape sequence of the text spells, so that a placeholder in a scalar
// can only be one of ours. 0 when all are taken.
char unused_marker(std::string_view text) {
  const bool has_escapes =
      text.find("\\x") != kNone || text.find("\\u") != kNone || text.find("\\U") != kNone;
  for (const char* digits : {"01", "02", "03", "05", "06", "10", "11", "12", "13", "14", "15"}) {
    const std::string hex = digits;
    const auto spelled = [&](const std::string& escape) { return text.find(escape) != kNone; };
    if (!has_escapes ||
        !(spelled("\\x" + hex) || spelled("\\u00" + hex) || spelled("\\U000000" + hex))) {
      return static_cast<char>(std::stoi(hex, nullptr, 16));
    }
  }
  return 0;
}

void cover(std::string& text, const Token& token, std::size_t number, char marker) {
  const auto at = text.begin() + static_cast<std::ptrdiff_t>(token.begin);
  std::fill(at, text.begin() + static_cast<std::ptrdiff_t>(token.end), 'x');
  at[0] = marker;
  at[1] = kDigits[number / 4096];
  at[2] = kDigits[number / 64 % 64];
  at[3] = kDigits[number % 64];
}

void append_utf8(std::string& out, unsigned long code) {
  const auto tail = [code](unsigned shift) {
    return static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out.append({static_cast<char>(0xC0U | (code >> 6U)), tail(0)});
  } else if (code < 0x10000) {
    out.append({static_cast<char>(0xE0U | (code >> 12U)), tail(6), tail(0)});
  } else {
    out.append({static_cast<char>(0xF0U | (code >> 18U)), tail(12), tail(6), tail(0)});
  }
}

// Appends what the escape at `at` (behind the backslash) stands for and moves `at` to its last
// character. What is no escape is kept.
void append_escape(std::string& out, std::string_view text, std::size_t& at) {
  constexpr std::string_view letters = "0abtnvfre\"\\/' N_LP";
  constexpr std::array<unsigned, 18> codes = {
      0, 7, 8, 9, 10, 11, 12, 13, 27, '"', '\\', '/', '\'', ' ', 0x85, 0xA0, 0x2028, 0x2029};
  const std::size_t letter = letters.find(text[at]);
  if (letter != kNone) {
    append_utf8(out, codes[letter]);
    return;
  }
  const std::size_t digits = text[at] == 'x' ? 2 : text[at] == 'u' ? 4 : text[at] == 'U' ? 8 : 0;
  const std::string_view hex = text.substr(at + 1, digits);
  unsigned long code = 0;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
  const bool valid = digits > 0 && hex.size() == digits && error == std::errc() &&
                     end == hex.data() + hex.size() && code <= 0x10FFFF &&
                     (code < 0xD800 || code > 0xDFFF);
  if (valid) {
    append_utf8(out, code);
    at += digits;
  } else {
    out.append("\\").append(1, text[at]);
  }
}

// How the author's text inside a double-quoted scalar reads. A token with a bare `"` in it cannot
// be meant to be unescaped: it would have ended the scalar.
std::string unescape_double_quoted(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') {
      return std::string(text);
    }
    if (text[at] == '\\' && at + 1 < text.size()) {
      append_escape(out, text, ++at);
    } else {
      out += text[at];
    }
  }
  return out;
}

std::string author_text(std::string_view token, ScalarStyle style) {
  if (style == ScalarStyle::kDoubleQuoted) {
    return unescape_double_quoted(token);
  }
  std::string text(token);
  if (style == ScalarStyle::kSingleQuoted) {
    for (std::size_t at = text.find("''"); at != kNone; at = text.find("''", at + 1)) {
      text.erase(at, 1);
    }
  }
  return text;
}

std::vector<Token> find_tokens(std::string_view text) {
  std::vector<Token> tokens;
  LineScanner scanner(tokens);
  scanner.scan(text, 0);
  return tokens;
}

std::vector<std::size_t> begins_of_references(std::string_view text) {
  std::vector<Token> tokens;
  LineScanner scanner(tokens);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    scanner.scan(text.substr(begin, end - begin), begin);
    begin = end + 1;
  }
  std::vector<std::size_t> begins;
  for (const Token& token : tokens) {
    begins.push_back(token.begin);
  }
  return begins;
}

}  // namespace

core::Result<MaskedText> mask_references(std::string_view source) {
  MaskedText masked;
  if (source.find("${") == kNone) {
    return masked;
  }
  std::vector<Token> tokens;
  LineScanner scanner(tokens);
  unsigned line = 1;
  std::size_t known = 0;
  for (std::size_t begin = 0; begin < source.size(); ++line) {
    std::size_t end = source.find('\n', begin);
    end = end == kNone ? source.size() : end;
    std::string_view text = source.substr(begin, end - begin);
    if (text.ends_with('\r')) {
      text.remove_suffix(1);
    }
    scanner.scan(text, begin);
    for (; known < tokens.size(); ++known) {
      const Token& token = tokens[known];
      masked.references.push_back({token.kind, token.begin, token.end - token.begin, line,
                                   static_cast<unsigned>(token.begin - begin + 1)});
    }
    if (tokens.size() > kMaxReferences) {
      return core::fail(core::ErrorCode::kLimit, "more than 262,144 references");
    }
    begin = end + 1;
  }
  if (tokens.empty()) {
    return masked;
  }
  masked.marker = unused_marker(source);
  if (masked.marker == 0) {
    return core::fail(core::ErrorCode::kLimit, "too many different escaped control characters");
  }
  masked.text = source;
  for (std::size_t number = 0; number < tokens.size(); ++number) {
    cover(masked.text, tokens[number], number, masked.marker);
  }
  return masked;
}

struct ReferenceExpander::Piece {
  std::string text;
  bool from_env = false;
  bool missing = false;
  bool from_default = false;
};

ReferenceExpander::ReferenceExpander(std::string_view source, const MaskedText& masked,
                                     const std::string& file, const YamlOptions& options,
                                     Diagnostics& diagnostics)
    : source_(source), masked_(masked), file_(file), options_(options), diagnostics_(diagnostics) {}

void ReferenceExpander::append(Piece& out, std::string_view text) {
  expanded_bytes_ += text.size();
  if (expanded_bytes_ > options_.limits.max_text_bytes) {
    overflowed_ = true;
    return;
  }
  out.text += text;
}

void ReferenceExpander::report(std::string_view rule, const Location& place, std::string message,
                               std::string hint) {
  if (!repeated_) {
    diagnostics_.error(rule, place, std::move(message), std::move(hint));
  }
}

Expanded ReferenceExpander::expand(std::string_view scalar, ScalarStyle style, bool repeated) {
  repeated_ = repeated;
  const bool plain = style == ScalarStyle::kPlain;
  Expanded result;
  Piece whole;
  std::string original;
  bool trim_front = false;
  bool trim_back = false;
  std::size_t done = 0;
  std::vector<std::size_t> places;  // of the references in `original`
  for (std::size_t at = scalar.find(masked_.marker); at != kNone;
       at = scalar.find(masked_.marker, done)) {
    std::size_t number = 0;
    for (const char digit : scalar.substr(at + 1, 3)) {
      number = number * 64 + kDigits.find(digit);
    }
    if (number >= masked_.references.size()) {
      break;  // cannot be: nothing but our placeholders holds the marker
    }
    const Reference& reference = masked_.references[number];
    const std::string token =
        author_text(source_.substr(reference.offset, reference.length), style);
    append(whole, scalar.substr(done, at - done));
    original.append(scalar.substr(done, at - done));
    places.push_back(original.size());
    original += token;

    Piece piece;
    expand_text(token, Location{file_, reference.line, reference.column}, piece);
    trim_front = trim_front || (at == 0 && piece.from_default);
    done = std::min(at + reference.length, scalar.size());
    trim_back = done == scalar.size() && piece.from_default;
    whole.from_env = whole.from_env || piece.from_env;
    whole.missing = whole.missing || piece.missing;
    whole.text += piece.text;
  }
  append(whole, scalar.substr(done));
  original.append(scalar.substr(done));

  // A default is the author's text: blanks around it and quotes mean what they mean around any
  // plain scalar. Values are left as they are.
  std::string& text = whole.text;
  if (plain && trim_back) {
    text.erase(std::find_if_not(text.rbegin(), text.rend(), is_blank).base(), text.end());
  }
  if (plain && trim_front) {
    text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_blank));
  }
  const bool only_default = plain && trim_front && trim_back && places.size() == 1;
  if (only_default && text.size() >= 2 && text.front() == text.back() &&
      (text.front() == '"' || text.front() == '\'')) {
    const bool twice = text.front() == '"';
    const std::string inner = text.substr(1, text.size() - 2);
    text = author_text(inner, twice ? ScalarStyle::kDoubleQuoted : ScalarStyle::kSingleQuoted);
    result.quoted = true;
  }
  result.text = std::move(text);
  result.from_env = whole.from_env;
  result.missing = whole.missing;
  // Text of several lines was folded: what is one line now may hold other references.
  if (result.from_env && begins_of_references(original) == places) {
    result.original = std::move(original);
  }
  return result;
}

void ReferenceExpander::expand_text(std::string_view text, const Location& place, Piece& out) {
  const auto moved = [&](std::size_t by) {
    return Location{place.file, place.line, place.column + static_cast<unsigned>(by)};
  };
  std::size_t done = 0;
  for (const Token& token : find_tokens(text)) {
    append(out, text.substr(done, token.begin - done));
    const std::string_view written = text.substr(token.begin, token.end - token.begin);
    switch (token.kind) {
      case Reference::Kind::kVariable: expand_variable(written, moved(token.begin), out); break;
      case Reference::Kind::kEscaped:
        append(out, "$");
        append(out, written.substr(2, written.size() - 3));
        break;
      case Reference::Kind::kInterpolation:
        // An interpolation may use variables too, inside its strings for instance.
        append(out, written.substr(0, 3));
        expand_text(written.substr(3), moved(token.begin + 3), out);
        break;
    }
    done = token.end;
  }
  append(out, text.substr(done));
}

void ReferenceExpander::expand_variable(std::string_view token, const Location& place, Piece& out) {
  out.from_env = true;
  const Head head = parse_head(token, 2);
  const std::string name(head.name);
  std::optional<std::string> value;
  if (options_.env) {
    value = options_.env(name);
  }
  if (!repeated_) {
    uses_.push_back({name, place, head.has_default, value.has_value()});
  }
  if (!head.transform.empty() && head.transform != "base64decode") {
    report("E0111", place, "`" + std::string(head.transform) + "` is not a transform of references",
           "the only one is `base64decode`");
    out.missing = true;
    return;
  }
  if (value && (!value->empty() || !head.has_default)) {
    if (!head.transform.empty()) {
      auto decoded = base64_decode(*value);
      if (!decoded) {
        report("E0111", place, "the value of `" + name + "` is not base64");
        out.missing = true;
        return;
      }
      value = *std::move(decoded);
    }
    if (!is_utf8(*value)) {
      report("E0111", place, "the value of `" + name + "` is not UTF-8 text");
      out.missing = true;
      return;
    }
    append(out, *value);
    return;
  }
  if (head.has_default) {
    out.from_default = true;
    expand_text(token.substr(head.end, token.size() - head.end - 1),
                {place.file, place.line, place.column + static_cast<unsigned>(head.end)}, out);
    return;
  }
  out.missing = true;
  if (options_.missing_env == MissingEnv::kError) {
    report("E0110", place, "the environment variable `" + name + "` is not set and has no default",
           "set it, or write `${" + name + ":default}`");
  }
}

EscapedText escape_references(std::string_view text) {
  EscapedText result;
  std::size_t done = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::vector<Token> tokens;
    const bool open = LineScanner(tokens).scan(text.substr(begin, end - begin), begin);
    result.open_ended = result.open_ended || open;
    for (const Token& token : tokens) {
      // A variable inside a default or an interpolation would be replaced too.
      const std::string_view inner = text.substr(token.begin + 2, token.end - token.begin - 2);
      result.faithful =
          result.faithful && token.kind != Reference::Kind::kEscaped && inner.find("${") == kNone;
      if (token.kind == Reference::Kind::kVariable) {
        result.text.append(text.substr(done, token.begin - done));
        result.text.append("${{").append(inner).append("}");
        done = token.end;
      }
    }
    begin = end + 1;
  }
  result.text.append(text.substr(done));
  return result;
}

}  // namespace weir::config::yaml
