#pragma once

#include <cstdint>

#include "core/time_zone.h"
#include "windowing/time.h"

namespace weir::windowing {

/// Windows that follow the local calendar: every `count` units, counted from 1970 (weeks: from the
/// first `week_start` before it).
struct CalendarSpec {
  enum class Unit : std::uint8_t { kDay, kWeek, kMonth, kQuarter, kYear };
  Unit unit = Unit::kDay;
  std::int64_t count = 1;
  const core::Zone* zone = nullptr;  ///< null is UTC
  int week_start = 1;                ///< 0 Sunday .. 6
};

/// The first instant at which clocks of the zone show the date that is `days` days after
/// 1970-01-01: midnight, or where there is none the first time after it.
[[nodiscard]] Micros start_of_local_day(std::int64_t days, const core::Zone* zone);

/// The window that `ts` is in. Lengths vary with months and clock changes.
[[nodiscard]] Window calendar_window(const CalendarSpec& spec, Micros ts);

}  // namespace weir::windowing
