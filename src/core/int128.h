#pragma once

#include <cstdint>
#include <limits>

namespace weir::core {

/// For products and sums of times that leave 64 bits before they are checked.
__extension__ using Int128 = __int128;

inline constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kInt64Min = std::numeric_limits<std::int64_t>::min();

[[nodiscard]] constexpr bool fits_int64(Int128 value) {
  return value >= kInt64Min && value <= kInt64Max;
}

/// The nearest value that int64 holds.
[[nodiscard]] constexpr std::int64_t saturate_int64(Int128 value) {
  return value > kInt64Max   ? kInt64Max
         : value < kInt64Min ? kInt64Min
                             : static_cast<std::int64_t>(value);
}

/// Quotient and remainder with the remainder in [0, divisor). `divisor` is positive.
struct FloorDiv {
  std::int64_t quotient;
  std::int64_t remainder;
};
[[nodiscard]] constexpr FloorDiv floor_div(std::int64_t value, std::int64_t divisor) {
  const std::int64_t quotient = value / divisor;
  const std::int64_t remainder = value % divisor;
  if (remainder < 0) return {quotient - 1, remainder + divisor};
  return {quotient, remainder};
}

}  // namespace weir::core
