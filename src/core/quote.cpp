#include "core/quote.h"

#include <array>
#include <cstdint>

#include <utf8proc.h>

namespace weir::core {
namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr char32_t kReplacement = 0xFFFD;

bool is_surrogate(char32_t c) {
  return c >= 0xD800 && c <= 0xDFFF;
}

void append_hex(std::string& out, char32_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    out.push_back(kHex[(value >> shift) & 0xF]);
  }
}

/// The letter of a short escape, or 0.
char short_escape(char32_t c) {
  switch (c) {
    case '\a': return 'a';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    case '\v': return 'v';
    default: return 0;
  }
}

void append_escaped_char(std::string& out, char32_t c, char quote, bool ascii_only) {
  if (c == static_cast<char32_t>(quote) || c == U'\\') {
    out.push_back('\\');
    out.push_back(static_cast<char>(c));
    return;
  }
  if (c < 0x7F ? c >= 0x20 : (!ascii_only && is_printable(c))) {
    append_utf8(out, c);
    return;
  }
  if (const char letter = short_escape(c); letter != 0) {
    out.push_back('\\');
    out.push_back(letter);
  } else if (c < 0x20 || c == 0x7F) {
    out.append("\\x");
    append_hex(out, c, 2);
  } else if (c < 0x10000) {
    out.append("\\u");
    append_hex(out, c, 4);
  } else {
    out.append("\\U");
    append_hex(out, c, 8);
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

tl::unexpected<Error> bad_literal() {
  return invalid_data("unquoting: invalid syntax");
}

/// Takes one escape (text begins after the backslash) and appends its meaning. False: not a valid
/// one.
bool take_escape(std::string_view& text, char quote, std::string& out) {
  if (text.empty()) return false;
  const char kind = text.front();
  text.remove_prefix(1);
  switch (kind) {
    case 'a': out.push_back('\a'); return true;
    case 'b': out.push_back('\b'); return true;
    case 'f': out.push_back('\f'); return true;
    case 'n': out.push_back('\n'); return true;
    case 'r': out.push_back('\r'); return true;
    case 't': out.push_back('\t'); return true;
    case 'v': out.push_back('\v'); return true;
    case '\\': out.push_back('\\'); return true;
    case '\'':
    case '"':
      if (kind != quote) return false;
      out.push_back(kind);
      return true;
    case 'x':
    case 'u':
    case 'U': {
      const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
      if (text.size() < digits) return false;
      std::uint64_t value = 0;
      for (std::size_t i = 0; i < digits; ++i) {
        const int digit = hex_digit(text[i]);
        if (digit < 0) return false;
        value = value * 16 + static_cast<unsigned>(digit);
      }
      text.remove_prefix(digits);
      if (kind == 'x') {
        out.push_back(static_cast<char>(value));  // a byte, which need not be UTF-8
        return true;
      }
      if (value > 0x10FFFF || is_surrogate(static_cast<char32_t>(value))) return false;
      append_utf8(out, static_cast<char32_t>(value));
      return true;
    }
    default: break;
  }
  if (kind < '0' || kind > '7' || text.size() < 2) return false;
  int value = kind - '0';
  for (int i = 0; i < 2; ++i) {
    if (text[0] < '0' || text[0] > '7') return false;
    value = value * 8 + (text[0] - '0');
    text.remove_prefix(1);
  }
  if (value > 255) return false;
  out.push_back(static_cast<char>(value));
  return true;
}

}  // namespace

bool is_printable(char32_t c) {
  if (c == U' ') return true;
  if (c > 0x10FFFF) return false;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO: return false;
    default: return true;
  }
}

void append_utf8(std::string& out, char32_t c) {
  if (c > 0x10FFFF || is_surrogate(c)) c = kReplacement;
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
    return;
  }
  std::array<char, 4> bytes{};
  std::size_t size = 0;
  if (c < 0x800) {
    bytes[size++] = static_cast<char>(0xC0 | (c >> 6));
  } else {
    if (c < 0x10000) {
      bytes[size++] = static_cast<char>(0xE0 | (c >> 12));
    } else {
      bytes[size++] = static_cast<char>(0xF0 | (c >> 18));
      bytes[size++] = static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    }
    bytes[size++] = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
  }
  bytes[size++] = static_cast<char>(0x80 | (c & 0x3F));
  out.append(bytes.data(), size);
}

Utf8Step decode_utf8(std::string_view text) {
  if (text.empty()) return {};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const Utf8Step bad{kReplacement, 1, false};
  const std::size_t size = first >= 0xC2 && first <= 0xDF   ? 2
                           : first >= 0xE0 && first <= 0xEF ? 3
                           : first >= 0xF0 && first <= 0xF4 ? 4
                                                            : 0;
  if (size == 0 || text.size() < size) return bad;
  char32_t value = first & (0xFFu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return bad;
    value = (value << 6) | (byte(i) & 0x3Fu);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[size] || value > 0x10FFFF || is_surrogate(value)) return bad;
  return {value, static_cast<unsigned char>(size), true};
}

Utf8Step decode_last_utf8(std::string_view text) {
  if (text.empty()) return {};
  for (std::size_t size = 1; size <= 4 && size <= text.size(); ++size) {
    const std::string_view tail = text.substr(text.size() - size);
    if ((static_cast<unsigned char>(tail.front()) & 0xC0) == 0x80) continue;
    const Utf8Step step = decode_utf8(tail);
    if (step.valid && step.size == size) return step;
    break;
  }
  return {kReplacement, 1, false};
}

void append_quoted(std::string& out, std::string_view text, bool ascii_only) {
  out.reserve(out.size() + text.size() + 2);
  out.push_back('"');
  while (!text.empty()) {
    const Utf8Step step = decode_utf8(text);
    if (step.valid) {
      append_escaped_char(out, step.code_point, '"', ascii_only);
    } else {
      out.append("\\x");
      append_hex(out, static_cast<unsigned char>(text.front()), 2);
    }
    text.remove_prefix(step.size);
  }
  out.push_back('"');
}

void append_quoted_char(std::string& out, char32_t code_point, bool ascii_only) {
  if (code_point > 0x10FFFF || is_surrogate(code_point)) code_point = kReplacement;
  out.push_back('\'');
  append_escaped_char(out, code_point, '\'', ascii_only);
  out.push_back('\'');
}

std::string go_quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

Result<std::string> unquote(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back()) return bad_literal();
  const char quote = literal.front();
  std::string_view text = literal.substr(1, literal.size() - 2);
  std::string out;
  if (quote == '`') {
    if (text.find('`') != std::string_view::npos) return bad_literal();
    for (const char c : text) {
      if (c != '\r') out.push_back(c);  // Go drops carriage returns in raw strings
    }
    return out;
  }
  if (quote != '"' && quote != '\'') return bad_literal();
  std::size_t characters = 0;
  while (!text.empty()) {
    const char c = text.front();
    if (c == quote || c == '\n') return bad_literal();
    if (c == '\\') {
      text.remove_prefix(1);
      if (!take_escape(text, quote, out)) return bad_literal();
    } else {
      const Utf8Step step = decode_utf8(text);
      append_utf8(out, step.code_point);
      text.remove_prefix(step.size);
    }
    ++characters;
  }
  if (quote == '\'' && characters > 1) return bad_literal();
  return out;
}

}  // namespace weir::core
