#include "mapping/unicode/break_properties.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

namespace weir::mapping {

namespace {

#include "mapping/unicode/break_ranges.inc"

/// Ranges of code points in ascending order, read from their text on first use.
class RangeTable {
 public:
  explicit RangeTable(std::string_view text) {
    while (!text.empty()) {
      Range range{};
      const char* const end = text.data() + text.size();
      auto read = std::from_chars(text.data(), end, range.first, 16);
      range.last = range.first;
      if (*read.ptr == '-') read = std::from_chars(read.ptr + 1, end, range.last, 16);
      range.value = *read.ptr;
      ranges_.push_back(range);
      text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()) + 2);  // the letter and a blank
    }
  }

  /// 0 outside of all ranges.
  [[nodiscard]] char find(char32_t c) const {
    const auto behind = std::upper_bound(ranges_.begin(), ranges_.end(), c,
                                         [](char32_t code, const Range& range) { return code < range.first; });
    if (behind == ranges_.begin() || std::prev(behind)->last < c) return 0;
    return std::prev(behind)->value;
  }

 private:
  struct Range {
    std::uint32_t first;
    std::uint32_t last;
    char value;
  };
  std::vector<Range> ranges_;
};

}  // namespace

WordBreak word_break(char32_t c) {
  static const RangeTable table(kWordRanges);
  return static_cast<WordBreak>(table.find(c));
}

SentenceBreak sentence_break(char32_t c) {
  static const RangeTable table(kSentenceRanges);
  return static_cast<SentenceBreak>(table.find(c));
}

bool is_pictographic(char32_t c) {
  static const RangeTable table(kPictographicRanges);
  return table.find(c) != 0;
}

}  // namespace weir::mapping
