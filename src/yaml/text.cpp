#include "yaml/text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace weir::yaml {
namespace {

bool is_tail(std::string_view text, std::size_t at, unsigned char low = 0x80,
             unsigned char high = 0xBF) {
  if (at >= text.size()) {
    return false;
  }
  const auto byte = static_cast<unsigned char>(text[at]);
  return byte >= low && byte <= high;
}

// Eight bytes at once: all within 0x20..0x7E, so nothing to look at closer.
bool all_printable(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t high = 0x8080808080808080U;
  const std::uint64_t below_space = (word - ones * 0x20) & ~word;
  const std::uint64_t above_tilde = (word + ones) | word;
  return ((below_space | above_tilde) & high) == 0;
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return is_tail(text, at + 1) ? 2 : 0;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned char low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : 0xBF;
    return is_tail(text, at + 1, low, high) && is_tail(text, at + 2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned char low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xF4 ? 0x8F : 0xBF;
    return is_tail(text, at + 1, low, high) && is_tail(text, at + 2) && is_tail(text, at + 3) ? 4
                                                                                              : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (length == 0) {
      return false;
    }
    at += length;
  }
  return true;
}

std::optional<BadByte> find_bad_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (at + 8 <= text.size() && all_printable(text.data() + at)) {
      at += 8;
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '\r') {
      if (at + 1 == text.size() || text[at + 1] != '\n') {
        return BadByte{at, "a carriage return without a line feed"};
      }
    } else if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F) {
      char code[8];
      (void)std::snprintf(code, sizeof code, "U+%04X", byte);
      return BadByte{at, std::string("the control character ") + code + " is not allowed"};
    }
    const std::size_t length = utf8_length(text, at);
    if (length == 0) {
      return BadByte{at, "the text is not valid UTF-8"};
    }
    at += length;
  }
  return std::nullopt;
}

LineColumn line_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  LineColumn place;
  place.line += static_cast<unsigned>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t start = before.rfind('\n');
  place.column =
      static_cast<unsigned>(before.size() - (start == std::string_view::npos ? 0 : start + 1)) + 1;
  return place;
}

}  // namespace weir::yaml
