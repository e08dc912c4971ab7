#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "config/env.h"
#include "config/reference_scanner.h"
#include "config/references.h"
#include "config/yaml_names.h"

namespace weir::config::yaml {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
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

std::vector<std::size_t> begins_of_references(std::string_view text) {
  std::vector<ReferenceToken> tokens;
  scan_reference_lines(text, tokens);
  std::vector<std::size_t> begins;
  for (const ReferenceToken& token : tokens) {
    begins.push_back(token.begin);
  }
  return begins;
}

}  // namespace

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
      number = number * 64 + kPlaceholderDigits.find(digit);
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
  const std::size_t untrimmed = text.size();
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
  result.trimmed = result.quoted || text.size() != untrimmed;
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
  std::vector<ReferenceToken> tokens;
  scan_references(text, 0, tokens);
  for (const ReferenceToken& token : tokens) {
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
  const ReferenceHead head = parse_reference_head(token, 2);
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

}  // namespace weir::config::yaml
