#include "codecs/utf8.h"

namespace weir::codecs {

DecodedRune decode_rune(std::string_view text) {
  if (text.empty()) return {};
  const auto byte = [text](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
  };
  const char32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {kReplacementCharacter, 1};
  char32_t rune = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {kReplacementCharacter, 1};
    rune = rune << 6 | (byte(i) & 0x3FU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = rune >= 0xD800 && rune <= 0xDFFF;
  if (rune < kSmallest[length] || rune > 0x10FFFF || surrogate) return {kReplacementCharacter, 1};
  return {rune, length};
}

std::string encode_rune(char32_t rune) {
  if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF)) rune = kReplacementCharacter;
  const auto tail = [rune](unsigned shift) {
    return static_cast<char>(0x80U | (rune >> shift & 0x3FU));
  };
  if (rune < 0x80) return {static_cast<char>(rune)};
  if (rune < 0x800) return {static_cast<char>(0xC0U | rune >> 6), tail(0)};
  if (rune < 0x10000) return {static_cast<char>(0xE0U | rune >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0U | rune >> 18), tail(12), tail(6), tail(0)};
}

}  // namespace weir::codecs
