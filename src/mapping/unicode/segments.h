#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::mapping {

enum class SegmentKind : std::uint8_t {
  kGrapheme,  ///< what a reader takes for one character
  kWord,      ///< words, and what stands between them
  kSentence,  ///< with the blanks behind them
};

/// Bytes of the first segment of a text that is not empty, by the default rules of Unicode Standard
/// Annex 29 (Unicode 15). Segments together are the text: cut one off, ask for the next. Bytes that
/// are not UTF-8 count as U+FFFD. Time is linear in the text over all its segments.
[[nodiscard]] std::size_t first_segment(std::string_view text, SegmentKind kind);

}  // namespace weir::mapping
