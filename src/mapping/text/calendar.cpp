#include "mapping/text/calendar.h"

#include "core/int128.h"

namespace weir::mapping::text {
namespace {

using core::Int128;
using core::saturate_int64;

std::int64_t negated(std::int64_t value) {
  return saturate_int64(-Int128{value});
}

}  // namespace

core::Result<core::Timestamp> add_period(const core::Timestamp& time,
                                         const core::IsoPeriod& period) {
  if (period.calendar_fraction_nanos != 0) {
    WEIR_TRY(const std::int64_t nanos, core::approximate_nanos(period));
    return core::add_nanos(time, nanos);
  }
  core::Timestamp moved = time;
  if (period.years != 0 || period.months != 0 || period.weeks != 0 || period.days != 0) {
    const core::CivilTime civil = core::to_civil(time);
    moved =
        core::from_civil(saturate_int64(Int128{civil.year} + period.years),
                         saturate_int64(Int128{civil.month} + period.months),
                         saturate_int64(Int128{civil.day} + Int128{period.weeks} * 7 + period.days),
                         civil.hour, civil.minute, civil.second, civil.nanos, time.zone);
  }
  return core::add_nanos(moved, period.clock_nanos);
}

core::Result<core::Timestamp> subtract_period(const core::Timestamp& time,
                                              const core::IsoPeriod& period) {
  return add_period(time, {negated(period.years), negated(period.months), negated(period.weeks),
                           negated(period.days), negated(period.calendar_fraction_nanos),
                           negated(period.clock_nanos)});
}

}  // namespace weir::mapping::text
