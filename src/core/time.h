#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/result.h"
#include "core/time_zone.h"

namespace weir::core {

/// A point in time to the nanosecond, and the zone it is shown in.
///
/// Comparisons are about the instant; the zone takes no part. Plain data: copy it freely.
struct Timestamp {
  std::int64_t seconds = 0;    ///< since 1970-01-01T00:00:00Z; may be negative
  std::int32_t nanos = 0;      ///< 0..999 999 999, also before 1970
  const Zone* zone = nullptr;  ///< null is UTC

  friend bool operator==(const Timestamp& a, const Timestamp& b) {
    return a.seconds == b.seconds && a.nanos == b.nanos;
  }
  friend std::strong_ordering operator<=>(const Timestamp& a, const Timestamp& b) {
    if (const auto order = a.seconds <=> b.seconds; order != 0) return order;
    return a.nanos <=> b.nanos;
  }

  [[nodiscard]] Timestamp in(const Zone& other) const { return {seconds, nanos, &other}; }
};
static_assert(std::is_trivially_copyable_v<Timestamp> && sizeof(Timestamp) == 24);

// From and to unix numbers. Going to a coarser unit rounds down (towards the past).

/// Any `nanos`; the carry goes into the seconds, which saturate at the ends of int64.
[[nodiscard]] Timestamp from_unix(std::int64_t seconds, std::int64_t nanos = 0,
                                  const Zone* zone = nullptr);
[[nodiscard]] Timestamp from_unix_millis(std::int64_t millis);
[[nodiscard]] Timestamp from_unix_micros(std::int64_t micros);
[[nodiscard]] Timestamp from_unix_nanos(std::int64_t nanos);
/// Seconds with a fraction; the nanoseconds are cut off. Error kInvalidData: NaN or beyond int64.
[[nodiscard]] Result<Timestamp> from_unix_double(double seconds);

// Error kInvalidData when the number does not fit (nanoseconds: years before 1677 or after 2262).
[[nodiscard]] Result<std::int64_t> unix_millis(const Timestamp& time);
[[nodiscard]] Result<std::int64_t> unix_micros(const Timestamp& time);
[[nodiscard]] Result<std::int64_t> unix_nanos(const Timestamp& time);

/// Adds nanoseconds; saturates at the ends of int64 seconds.
[[nodiscard]] Timestamp add_nanos(const Timestamp& time, std::int64_t nanos);
/// `a - b` in nanoseconds, saturated to +-292 years.
[[nodiscard]] std::int64_t nanos_between(const Timestamp& a, const Timestamp& b);
/// The nearest multiple of `step_nanos`, counted from 0001-01-01T00:00:00Z; halves go up.
/// A step of zero or less changes nothing.
[[nodiscard]] Timestamp round_to(const Timestamp& time, std::int64_t step_nanos);

// The calendar (proleptic Gregorian, no leap seconds). Years are astronomical: 0 is 1 BC.

/// A date and time of day as a zone's clocks show it.
struct CivilTime {
  std::int64_t year = 1970;
  int month = 1;   ///< 1..12
  int day = 1;     ///< 1..31
  int hour = 0;    ///< 0..23
  int minute = 0;  ///< 0..59
  int second = 0;  ///< 0..59
  std::int32_t nanos = 0;
  int weekday = 4;   ///< 0 Sunday .. 6
  int year_day = 1;  ///< 1..366
  ZoneOffset offset;
};

[[nodiscard]] CivilTime to_civil(const Timestamp& time);

/// Builds a time from parts of any size, as Go's time.Date does: month 14 is February of the next
/// year, day 0 the last of the month before, and so on. Saturates at the ends of int64 seconds.
[[nodiscard]] Timestamp from_civil(std::int64_t year, std::int64_t month, std::int64_t day,
                                   std::int64_t hour = 0, std::int64_t minute = 0,
                                   std::int64_t second = 0, std::int64_t nanos = 0,
                                   const Zone* zone = nullptr);

struct CivilDate {
  std::int64_t year = 1970;
  int month = 1;
  int day = 1;
};
/// Days since 1970-01-01. `month` is 1..12; `day` may be anything. |year| up to 10^12.
[[nodiscard]] std::int64_t days_from_civil(std::int64_t year, int month, std::int64_t day);
[[nodiscard]] CivilDate civil_from_days(std::int64_t days);
[[nodiscard]] bool is_leap_year(std::int64_t year);
[[nodiscard]] int days_in_month(std::int64_t year, int month);

struct IsoWeek {
  std::int64_t year = 1970;
  int week = 1;  ///< 1..53
};
[[nodiscard]] IsoWeek iso_week(const CivilTime& civil);

// RFC 3339.

/// Room that write_rfc3339 is satisfied with.
inline constexpr std::size_t kMaxRfc3339 = 48;

/// `2006-01-02T15:04:05.999999999+07:00`: trailing zeros of the fraction and an empty fraction left
/// out, `Z` for an offset of zero. Years outside 0..9999 get as many digits and the sign they need.
/// Returns the end of the text; no terminator.
char* write_rfc3339(char* out, const Timestamp& time);
void append_rfc3339(std::string& out, const Timestamp& time);
[[nodiscard]] std::string to_rfc3339(const Timestamp& time);

/// Parses that form. The fraction may have any number of digits (those below the nanosecond are cut
/// off) and begin with a comma; T and Z are upper case; the offset is at most 24:60.
/// The zone is UTC for Z, the local zone when it has that offset at that time, else a fixed one.
/// Error kInvalidData says what was expected where.
[[nodiscard]] Result<Timestamp> parse_rfc3339(std::string_view text);

/// The zone for a time written with a numeric offset, by the rule of parse_rfc3339; null is UTC.
[[nodiscard]] const Zone* zone_for_offset(std::int32_t offset_seconds, std::int64_t unix_seconds);

}  // namespace weir::core
