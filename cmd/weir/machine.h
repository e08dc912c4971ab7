#pragma once

#include <cstdint>

namespace weir::cmd {

/// CPUs this process may use: affinity and cgroup quota, rounded up; at least 1.
[[nodiscard]] unsigned cpu_quota();
/// Memory this process may use in bytes: the smaller of the cgroup limit and the machine's.
[[nodiscard]] std::uint64_t memory_limit();
/// Bytes of messages in flight by default: a quarter of 70 % of the limit, at most 256 MiB.
[[nodiscard]] std::uint64_t default_budget();

}  // namespace weir::cmd
