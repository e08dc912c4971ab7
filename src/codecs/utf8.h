#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::codecs {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

struct DecodedRune {
  char32_t rune = kReplacementCharacter;
  std::size_t length = 0;  ///< 0 for empty text, 1 for a byte that is not UTF-8
};

/// The first character of `text`; U+FFFD of length 1 where it is not UTF-8.
[[nodiscard]] DecodedRune decode_rune(std::string_view text);

/// The UTF-8 of a character; U+FFFD's if it is none.
[[nodiscard]] std::string encode_rune(char32_t rune);

}  // namespace weir::codecs
