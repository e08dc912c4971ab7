#include "windowing/calendar.h"

#include <algorithm>

#include "core/time.h"

namespace weir::windowing {

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400;

std::int64_t local_of(std::int64_t unix_seconds, const core::Zone* zone) {
  return unix_seconds + (zone == nullptr ? 0 : zone->at(unix_seconds).seconds);
}

/// The number of the period that a local date is in.
std::int64_t period_of(const CalendarSpec& spec, std::int64_t days) {
  switch (spec.unit) {
    case CalendarSpec::Unit::kDay: return core::floor_div(days, spec.count).quotient;
    case CalendarSpec::Unit::kWeek:
      // 1970-01-01 was a Thursday (4).
      return core::floor_div(days + (4 - spec.week_start + 7) % 7, 7 * spec.count).quotient;
    default: break;
  }
  const core::CivilDate date = core::civil_from_days(days);
  const std::int64_t months = (date.year - 1970) * 12 + date.month - 1;
  const std::int64_t unit = spec.unit == CalendarSpec::Unit::kMonth     ? 1
                            : spec.unit == CalendarSpec::Unit::kQuarter ? 3
                                                                        : 12;
  return core::floor_div(months, unit * spec.count).quotient;
}

/// The local date a period begins with.
std::int64_t first_day(const CalendarSpec& spec, std::int64_t period) {
  switch (spec.unit) {
    case CalendarSpec::Unit::kDay: return period * spec.count;
    case CalendarSpec::Unit::kWeek: return period * 7 * spec.count - (4 - spec.week_start + 7) % 7;
    default: break;
  }
  const std::int64_t unit = spec.unit == CalendarSpec::Unit::kMonth     ? 1
                            : spec.unit == CalendarSpec::Unit::kQuarter ? 3
                                                                        : 12;
  const auto month = core::floor_div(period * unit * spec.count, 12);
  return core::days_from_civil(1970 + month.quotient, static_cast<int>(month.remainder) + 1, 1);
}

}  // namespace

Micros start_of_local_day(std::int64_t days, const core::Zone* zone) {
  const std::int64_t midnight = days * kDay;
  std::int64_t at = midnight;
  if (zone != nullptr) {
    const std::int64_t before = zone->at(midnight - 26 * 3600).seconds;
    const std::int64_t after = zone->at(midnight + 26 * 3600).seconds;
    at = midnight - before;
    if (before != after || local_of(at, zone) != midnight) {
      // Clocks change nearby. What we look for is the first instant that shows `midnight` or later;
      // clocks may go back across midnight, so minute by minute instead of halving.
      std::int64_t low = midnight - std::max(before, after) - 1;
      const std::int64_t last = midnight - std::min(before, after);
      constexpr std::int64_t kStep = 60;
      while (low < last && local_of(low + kStep, zone) < midnight) low += kStep;
      std::int64_t high = low + kStep;
      while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (local_of(middle, zone) < midnight ? low : high) = middle;
      }
      at = high;
    }
  }
  return core::saturate_int64(core::Int128{at} * kSecond);
}

Window calendar_window(const CalendarSpec& spec, Micros ts) {
  const std::int64_t seconds = core::floor_div(ts, kSecond).quotient;
  const std::int64_t days = core::floor_div(local_of(seconds, spec.zone), kDay).quotient;
  std::int64_t period = period_of(spec, days);
  // Where clocks went back across midnight the local date alone does not decide.
  const auto start = [&spec](std::int64_t p) {
    return start_of_local_day(first_day(spec, p), spec.zone);
  };
  while (start(period) > ts) --period;
  while (start(period + 1) <= ts && start(period + 1) != kEndOfTime) ++period;
  return {start(period), start(period + 1)};
}

}  // namespace weir::windowing
