#pragma once
#include <cstddef>
#include <cstdint>
namespace weir::core {
struct Timestamp { std::int64_t seconds = 0; std::int32_t nanos = 0; bool operator==(const Timestamp&) const = default; };
inline constexpr std::size_t kMaxRfc3339 = 48;
inline char* write_rfc3339(char* out, const Timestamp&) { *out = '?'; return out + 1; }
}  // namespace weir::core
