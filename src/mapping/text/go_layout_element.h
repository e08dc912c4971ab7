#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "mapping/text/go_layout.h"

namespace weir::mapping::text {

enum class GoLayout::Element : std::uint8_t {
  kNone,
  kLongYear,       // 2006
  kYear,           // 06
  kLongMonth,      // January
  kMonth,          // Jan
  kNumMonth,       // 1
  kZeroMonth,      // 01
  kLongWeekday,    // Monday
  kWeekday,        // Mon
  kDay,            // 2
  kUnderDay,       // _2
  kZeroDay,        // 02
  kUnderYearDay,   // __2
  kZeroYearDay,    // 002
  kHour,           // 15
  kHour12,         // 3
  kZeroHour12,     // 03
  kMinute,         // 4
  kZeroMinute,     // 04
  kSecond,         // 5
  kZeroSecond,     // 05
  kUpperPm,        // PM
  kLowerPm,        // pm
  kZoneName,       // MST
  kZone,           // -0700, Z07:00 and the other numeric forms
  kFractionZeros,  // .000
  kFractionNines,  // .999
};

inline constexpr std::array<std::string_view, 12> kMonthNames = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
inline constexpr std::array<std::string_view, 7> kDayNames = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
inline constexpr std::size_t kShortName = 3;  // letters of an abbreviated month or day

/// The parts of a numeric zone element: `Z07:00:00` has all of them.
struct ZoneForm {
  bool utc_as_z = false;
  bool colons = false;
  bool minutes = false;
  bool seconds = false;
  explicit ZoneForm(std::string_view text)
      : utc_as_z(text.front() == 'Z'),
        colons(text.find(':') != std::string_view::npos),
        minutes(text.size() > 3),
        seconds(text.size() > 6) {}
};

/// The size of what looks like a zone abbreviation at the front of the text, or 0.
[[nodiscard]] std::size_t zone_name_size(std::string_view text);

/// The text in quotes as Go's time package shows it: bytes outside printable ASCII as \xHH; cut
/// short.
[[nodiscard]] std::string shown_in_error(std::string_view text);

}  // namespace weir::mapping::text
