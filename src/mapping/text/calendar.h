#pragma once

#include <string_view>

#include "core/duration.h"
#include "core/result.h"
#include "core/time.h"

namespace weir::mapping::text {

/// Adds a period on the calendar of the time's own zone: years, months, weeks and days first (days
/// that a month does not have run over: 2020-01-31 and P1M give 2020-03-02), then the clock part.
/// A period with a fraction of a calendar field is added at its mean length instead.
/// Error kInvalidData: such a period of more than 292 years.
[[nodiscard]] core::Result<core::Timestamp> add_period(const core::Timestamp& time,
                                                       const core::IsoPeriod& period);

/// The same backwards: all fields negated.
[[nodiscard]] core::Result<core::Timestamp> subtract_period(const core::Timestamp& time,
                                                            const core::IsoPeriod& period);

}  // namespace weir::mapping::text
