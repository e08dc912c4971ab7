#include "core/time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/int128.h"
#include "core/quote.h"

namespace weir::core {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kSecondsToYearOne = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kYearLimit = 1'000'000'000'000;       // more than int64 seconds hold

Timestamp from_parts(Int128 seconds, std::int64_t nanos, const Zone* zone) {
  const FloorDiv carry = floor_div(nanos, kNanosPerSecond);
  return {saturate_int64(seconds + carry.quotient), static_cast<std::int32_t>(carry.remainder),
          zone};
}

Result<std::int64_t> in_units(const Timestamp& time, std::int64_t per_second,
                              std::string_view unit) {
  const Int128 value =
      Int128{time.seconds} * per_second + time.nanos / (kNanosPerSecond / per_second);
  if (!fits_int64(value)) {
    return invalid_data("converting " + to_rfc3339(time) + " to unix " + std::string(unit) +
                        ": it does not fit 64 bits");
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace

Timestamp from_unix(std::int64_t seconds, std::int64_t nanos, const Zone* zone) {
  return from_parts(seconds, nanos, zone);
}

Timestamp from_unix_millis(std::int64_t millis) {
  const FloorDiv split = floor_div(millis, 1'000);
  return {split.quotient, static_cast<std::int32_t>(split.remainder * 1'000'000), nullptr};
}

Timestamp from_unix_micros(std::int64_t micros) {
  const FloorDiv split = floor_div(micros, 1'000'000);
  return {split.quotient, static_cast<std::int32_t>(split.remainder * 1'000), nullptr};
}

Timestamp from_unix_nanos(std::int64_t nanos) {
  return from_parts(0, nanos, nullptr);
}

Result<Timestamp> from_unix_double(double seconds) {
  constexpr double kLimit = 9.2233720368547748e18;
  if (!(std::abs(seconds) <= kLimit)) {
    return invalid_data(
        "converting a number to a timestamp: it is not a number of seconds in range");
  }
  const double whole = std::trunc(seconds);
  return from_parts(static_cast<std::int64_t>(whole),
                    static_cast<std::int64_t>((seconds - whole) * 1e9), nullptr);
}

Result<std::int64_t> unix_millis(const Timestamp& time) {
  return in_units(time, 1'000, "milliseconds");
}
Result<std::int64_t> unix_micros(const Timestamp& time) {
  return in_units(time, 1'000'000, "microseconds");
}
Result<std::int64_t> unix_nanos(const Timestamp& time) {
  return in_units(time, kNanosPerSecond, "nanoseconds");
}

Timestamp add_nanos(const Timestamp& time, std::int64_t nanos) {
  const FloorDiv split = floor_div(nanos, kNanosPerSecond);
  return from_parts(Int128{time.seconds} + split.quotient, time.nanos + split.remainder, time.zone);
}

std::int64_t nanos_between(const Timestamp& a, const Timestamp& b) {
  return saturate_int64((Int128{a.seconds} - b.seconds) * kNanosPerSecond + (a.nanos - b.nanos));
}

Timestamp round_to(const Timestamp& time, std::int64_t step_nanos) {
  if (step_nanos <= 0) return time;
  const Int128 since_year_one =
      (Int128{time.seconds} - kSecondsToYearOne) * kNanosPerSecond + time.nanos;
  Int128 over = since_year_one % step_nanos;
  if (over < 0) over += step_nanos;
  const Int128 change = over + over < step_nanos ? -over : step_nanos - over;
  return add_nanos(time, static_cast<std::int64_t>(change));
}

bool is_leap_year(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in_month(std::int64_t year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && is_leap_year(year) ? 1 : 0);
}

// The next two follow Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in
// March, so that the leap day is the last one, and 400-year eras have 146 097 days.

std::int64_t days_from_civil(std::int64_t year, int month, std::int64_t day) {
  if (month <= 2) --year;
  const FloorDiv era = floor_div(year, 400);
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;
  const std::int64_t day_of_era =
      era.remainder * 365 + era.remainder / 4 - era.remainder / 100 + day_of_year;
  return era.quotient * 146'097 + day_of_era - 719'468 + day - 1;
}

CivilDate civil_from_days(std::int64_t days) {
  const FloorDiv era = floor_div(days + 719'468, 146'097);
  const std::int64_t day_of_era = era.remainder;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto shifted = static_cast<int>((5 * day_of_year + 2) / 153);
  const auto day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  const int month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year_of_era + era.quotient * 400 + (month <= 2 ? 1 : 0), month, day};
}

CivilTime to_civil(const Timestamp& time) {
  CivilTime civil;
  civil.offset = (time.zone == nullptr ? utc_zone() : *time.zone).at(time.seconds);
  const std::int64_t local = saturate_int64(Int128{time.seconds} + civil.offset.seconds);
  const FloorDiv days = floor_div(local, kSecondsPerDay);
  const CivilDate date = civil_from_days(days.quotient);
  civil.year = date.year;
  civil.month = date.month;
  civil.day = date.day;
  const auto second_of_day = static_cast<int>(days.remainder);
  civil.hour = second_of_day / 3600;
  civil.minute = second_of_day / 60 % 60;
  civil.second = second_of_day % 60;
  civil.nanos = time.nanos;
  civil.weekday = static_cast<int>(floor_div(days.quotient + 4, 7).remainder);
  civil.year_day = static_cast<int>(days.quotient - days_from_civil(date.year, 1, 1)) + 1;
  return civil;
}

Timestamp from_civil(std::int64_t year, std::int64_t month, std::int64_t day, std::int64_t hour,
                     std::int64_t minute, std::int64_t second, std::int64_t nanos,
                     const Zone* zone) {
  const FloorDiv months = floor_div(saturate_int64(Int128{month} - 1), 12);
  const Int128 years = Int128{year} + months.quotient;
  const std::int64_t whole_year = years > kYearLimit    ? kYearLimit
                                  : years < -kYearLimit ? -kYearLimit
                                                        : static_cast<std::int64_t>(years);
  const std::int64_t first = days_from_civil(whole_year, static_cast<int>(months.remainder) + 1, 1);
  const FloorDiv carry = floor_div(nanos, kNanosPerSecond);
  const Int128 local = (Int128{first} + day - 1) * kSecondsPerDay + Int128{hour} * 3600 +
                       Int128{minute} * 60 + second + carry.quotient;
  std::int64_t seconds = saturate_int64(local);
  if (zone != nullptr) seconds = zone->from_local(seconds);
  return {seconds, static_cast<std::int32_t>(carry.remainder), zone};
}

IsoWeek iso_week(const CivilTime& civil) {
  // The week belongs to the year that its Thursday is in.
  const std::int64_t days = days_from_civil(civil.year, civil.month, civil.day);
  const std::int64_t thursday = days - (civil.weekday + 6) % 7 + 3;
  const std::int64_t year = civil_from_days(thursday).year;
  return {year, static_cast<int>((thursday - days_from_civil(year, 1, 1)) / 7) + 1};
}

}  // namespace weir::core
