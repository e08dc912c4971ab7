#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace weir::caches {

inline constexpr std::int64_t kNever = INT64_MAX;

/// When something stored at `now` with this time to live ends; kNever for none. A negative time has
/// ended already.
[[nodiscard]] inline std::int64_t expiry(std::int64_t now,
                                         std::optional<std::chrono::nanoseconds> ttl,
                                         std::chrono::nanoseconds standard) {
  const std::int64_t time = ttl ? ttl->count() : standard.count();
  if (time == 0) return kNever;
  std::int64_t end = 0;
  if (__builtin_add_overflow(now, time, &end)) return time > 0 ? kNever : INT64_MIN;
  return end;
}

}  // namespace weir::caches
