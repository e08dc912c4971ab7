#pragma once

#include <cstdint>

#include "core/int128.h"

namespace weir::windowing {

/// Microseconds since 1970-01-01T00:00:00Z, or a span of them. All arithmetic saturates.
using Micros = std::int64_t;

/// A watermark before the first one; no event has this time.
inline constexpr Micros kBeginning = core::kInt64Min;
/// The watermark of an input that has ended: everything fires.
inline constexpr Micros kEndOfTime = core::kInt64Max;

[[nodiscard]] constexpr Micros add(Micros a, Micros b) {
  return core::saturate_int64(core::Int128{a} + b);
}
[[nodiscard]] constexpr Micros sub(Micros a, Micros b) {
  return core::saturate_int64(core::Int128{a} - b);
}
/// The greatest `offset + k * step` that is not above `ts`. `step` is positive.
[[nodiscard]] constexpr Micros floor_to(Micros ts, Micros step, Micros offset = 0) {
  const core::Int128 shifted = core::Int128{ts} - offset;
  core::Int128 rest = shifted % step;
  if (rest < 0) rest += step;
  return core::saturate_int64(core::Int128{ts} - rest);
}
/// The smallest `offset + k * step` that is not below `ts`.
[[nodiscard]] constexpr Micros ceil_to(Micros ts, Micros step, Micros offset = 0) {
  const Micros below = floor_to(ts, step, offset);
  return below == ts ? ts : add(below, step);
}

/// A span of event time: `start` belongs to it, `end` does not.
struct Window {
  Micros start = 0;
  Micros end = 0;
  friend bool operator==(const Window&, const Window&) = default;
};

}  // namespace weir::windowing
