#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace weir::inputs {

/// A cron schedule: five fields (minute, hour, day of month, month, day of week) or six with
/// seconds in front; `*`, `?`, lists, ranges, steps, names (`JAN`, `mon`); `@hourly`, `@daily`,
/// `@midnight`,
/// `@weekly`, `@monthly`, `@yearly`, `@annually`; `@every 5s`. `TZ=Europe/Berlin ` or `CRON_TZ=..`
/// in front names the zone, otherwise the local one. When both days are restricted, either
/// suffices.
class Cron {
 public:
  /// Error kInvalidConfig: not a schedule; kNotFound: no such zone.
  [[nodiscard]] static core::Result<Cron> parse(std::string_view text);

  /// The first time after `unix_nanos`; nothing within five years.
  [[nodiscard]] std::optional<std::int64_t> next(std::int64_t unix_nanos) const;
  /// Of `@every`, else zero.
  [[nodiscard]] std::chrono::nanoseconds period() const { return period_; }

 private:
  [[nodiscard]] bool day_matches(const core::CivilTime& time) const;

  std::bitset<60> seconds_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  bool any_day_ = false;
  bool any_weekday_ = false;
  const core::Zone* zone_ = nullptr;
  std::chrono::nanoseconds period_{0};
};

}  // namespace weir::inputs
