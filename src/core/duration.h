#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::core {

/// Parses `1h30m`, `1.5s`, `-1ms`, `300µs`, `0`: decimal numbers with the units ns, us, µs, ms, s,
/// m, h.
///
/// Fractions finer than a nanosecond are cut off. There are no days, as everywhere in this family.
/// Error kInvalidData says what is wrong and shows a right form; also when the sum leaves +-292
/// years.
[[nodiscard]] Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// As Go prints a duration: `1h30m0s`, `1.5s`, `250ms`, `0s`. What it prints, parse_duration reads
/// back.
void append_go_duration(std::string& out, std::chrono::nanoseconds duration);
[[nodiscard]] std::string to_go_duration(std::chrono::nanoseconds duration);

/// As people write it, without zero parts: `10m`, `1h30m`, `1.5s`, `0s`. Also read back exactly.
[[nodiscard]] std::string to_short_duration(std::chrono::nanoseconds duration);

/// An ISO 8601 period such as `P3Y6M4DT12H30M5.3S`.
///
/// Months have no fixed length, so the calendar fields stay apart from the clock part. Only the
/// last field of a period may have a fraction; of a calendar field it is kept as nanoseconds at the
/// mean length of that field (see approximate_nanos).
struct IsoPeriod {
  std::int64_t years = 0;
  std::int64_t months = 0;
  std::int64_t weeks = 0;
  std::int64_t days = 0;
  std::int64_t calendar_fraction_nanos = 0;
  std::int64_t clock_nanos = 0;  ///< hours, minutes and seconds together
};

/// Parses `PnYnMnWnDTnHnMnS`. A sign before the P negates all of it, a minus before a number that
/// field; a comma serves as decimal point; digits below the nanosecond are cut off.
///
/// Error kInvalidData: `gibberish: expected 'P' period mark at the start` and the like, or a field
/// or the clock part that does not fit 64 bits.
[[nodiscard]] Result<IsoPeriod> parse_iso_period(std::string_view text);

/// The length with a year of 31 556 952 s, a month of a twelfth of it, a week of 7 days, days of 24
/// h. Error kInvalidData when it does not fit 64 bits.
[[nodiscard]] Result<std::int64_t> approximate_nanos(const IsoPeriod& period);

}  // namespace weir::core
