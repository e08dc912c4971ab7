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
      // The last character is the value, which may look like a digit.
      const std::size_t end = text.find(' ');
      const std::string_view digits = text.substr(0, end - 1);
      const char* const digits_end = digits.data() + digits.size();
      Range range{};
      auto read = std::from_chars(digits.data(), digits_end, range.first, 16);
      range.last = range.first;
      if (read.ptr != digits_end) read = std::from_chars(read.ptr + 1, digits_end, range.last, 16);
      range.value = text[end - 1];
      ranges_.push_back(range);
      text.remove_prefix(end + 1);
    }
  }

  /// 0 outside of all ranges.
  [[nodiscard]] char find(char32_t c) const {
    const auto behind =
        std::upper_bound(ranges_.begin(), ranges_.end(), c,
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
