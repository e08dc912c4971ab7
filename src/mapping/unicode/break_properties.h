#pragma once

#include <cstdint>

namespace weir::mapping {

// Properties of Unicode Standard Annex 29. The letters are those of break_ranges.inc.

enum class WordBreak : char {
  kOther = 0,
  kCr = 'r',
  kLf = 'n',
  kNewline = 'w',
  kExtend = 'x',
  kZwj = 'z',
  kFormat = 'f',
  kRegionalIndicator = 'i',
  kKatakana = 'k',
  kHebrewLetter = 'h',
  kLetter = 'a',
  kSingleQuote = 's',
  kDoubleQuote = 'd',
  kMidNumLet = 'm',
  kMidLetter = 'l',
  kMidNum = 'u',
  kNumeric = '0',
  kExtendNumLet = 'e',
  kSpace = 'b',
};

enum class SentenceBreak : char {
  kOther = 0,
  kCr = 'r',
  kLf = 'n',
  kSeparator = 'p',
  kExtend = 'x',
  kFormat = 'f',
  kSpace = 'b',
  kLower = 'l',
  kUpper = 'u',
  kLetter = 'o',
  kNumeric = '0',
  kATerm = 'a',
  kSTerm = 's',
  kContinue = 'c',
  kClose = 'e',
};

[[nodiscard]] WordBreak word_break(char32_t c);
[[nodiscard]] SentenceBreak sentence_break(char32_t c);
[[nodiscard]] bool is_pictographic(char32_t c);

}  // namespace weir::mapping
