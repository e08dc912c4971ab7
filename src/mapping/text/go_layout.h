#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace weir::mapping::text {

/// The layout behind ts_format without arguments, and the one timestamps in text are read with.
inline constexpr std::string_view kRfc3339NanoLayout = "2006-01-02T15:04:05.999999999Z07:00";

/// A layout that shows the reference time `Mon Jan 2 15:04:05 MST 2006` as times are to be written:
/// `2006-Jan-02 15:04:05.000 -0700`. Everything that is no element of that time stands for itself.
///
/// Elements: 2006 06 01 1 Jan January 02 2 _2 002 __2 Mon Monday 15 03 3 04 4 05 5 PM pm MST, zones
/// Z0700 Z07:00 Z07 -0700 -07:00 -07 (also with seconds: -070000, -07:00:00), fractions .000 .999
/// ,000.
class GoLayout {
 public:
  /// Every text is a layout.
  explicit GoLayout(std::string_view layout);

  void format(std::string& out, const core::Timestamp& time) const;

  /// Names match in any case, one- and two-digit numbers both match unless the element begins with
  /// 0, a fraction behind the seconds is accepted also where the layout has none. Without a zone
  /// the time is in UTC; an abbreviation that the local zone does not know gets offset 0. Error
  /// kInvalidData: `parsing time "X" as "LAYOUT": cannot parse "REST" as "ELEM"`, or `parsing time
  /// "X": day out of range` and the like.
  [[nodiscard]] core::Result<core::Timestamp> parse(std::string_view value) const;

  enum class Element : std::uint8_t;

  /// An element and the literal text before it, as places in the layout.
  struct Part {
    std::size_t literal_begin = 0;
    std::size_t begin = 0;  ///< of the element; the literal ends here
    std::size_t end = 0;
    Element element{};
  };

  [[nodiscard]] std::string_view literal(const Part& part) const {
    return std::string_view(layout_).substr(part.literal_begin, part.begin - part.literal_begin);
  }
  [[nodiscard]] std::string_view element_text(const Part& part) const {
    return std::string_view(layout_).substr(part.begin, part.end - part.begin);
  }
  [[nodiscard]] std::string_view tail() const {
    return std::string_view(layout_).substr(parts_.empty() ? 0 : parts_.back().end);
  }
  [[nodiscard]] std::string_view text() const { return layout_; }
  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }

 private:
  std::string layout_;
  std::vector<Part> parts_;
};

/// As GoLayout(layout).format(out, time).
void format_go_layout(std::string& out, const core::Timestamp& time, std::string_view layout);

/// As GoLayout(layout).parse(value).
[[nodiscard]] core::Result<core::Timestamp> parse_go_layout(std::string_view value,
                                                            std::string_view layout);

/// A timestamp in a string operand: RFC 3339 with an optional fraction, errors as of
/// parse_go_layout.
[[nodiscard]] core::Result<core::Timestamp> parse_timestamp(std::string_view value);

}  // namespace weir::mapping::text
