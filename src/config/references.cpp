#include "config/references.h"

#include <algorithm>
#include <string>

#include "config/reference_scanner.h"

namespace weir::config::yaml {
namespace {

constexpr std::size_t kMaxReferences = 64UL * 64 * 64;  // what three placeholder digits can number
constexpr std::size_t kNone = std::string_view::npos;

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

void cover(std::string& text, const ReferenceToken& token, std::size_t number, char marker) {
  const auto at = text.begin() + static_cast<std::ptrdiff_t>(token.begin);
  std::fill(at, text.begin() + static_cast<std::ptrdiff_t>(token.end), 'x');
  at[0] = marker;
  at[1] = kPlaceholderDigits[number / 4096];
  at[2] = kPlaceholderDigits[number / 64 % 64];
  at[3] = kPlaceholderDigits[number % 64];
}

}  // namespace

core::Result<MaskedText> mask_references(std::string_view source) {
  MaskedText masked;
  if (source.find("${") == kNone) {
    return masked;
  }
  std::vector<ReferenceToken> tokens;
  unsigned line = 1;
  std::size_t known = 0;
  for (std::size_t begin = 0; begin < source.size(); ++line) {
    std::size_t end = source.find('\n', begin);
    end = end == kNone ? source.size() : end;
    std::string_view text = source.substr(begin, end - begin);
    if (text.ends_with('\r')) {
      text.remove_suffix(1);
    }
    scan_references(text, begin, tokens);
    for (; known < tokens.size(); ++known) {
      const ReferenceToken& token = tokens[known];
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

EscapedText escape_references(std::string_view text) {
  EscapedText result;
  std::size_t done = 0;
  std::vector<ReferenceToken> tokens;
  result.open_ended = scan_reference_lines(text, tokens);
  for (const ReferenceToken& token : tokens) {
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
  result.text.append(text.substr(done));
  return result;
}

}  // namespace weir::config::yaml
