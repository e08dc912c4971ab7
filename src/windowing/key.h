#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/value.h"
#include "windowing/encoding.h"

namespace weir::windowing {

/// Number of key groups of a state: fixed for its life.
inline constexpr std::uint16_t kDefaultKeyGroups = 1024;

/// Longest canonical key.
inline constexpr std::size_t kMaxKeyBytes = 64 * 1024;

/// Appends the canonical bytes of a key: `1`, `1.0` and `1e0` are one key, `"1"` is another;
/// members of objects are sorted; null is a key. Integers sort by value, strings bytewise. Errors:
/// NaN and markers (kInvalidData), a key longer than kMaxKeyBytes (kLimit).
[[nodiscard]] core::Status write_key(core::Value key, core::Arena& scratch, Writer& out);
/// The value of a canonical key. Texts borrow the bytes.
[[nodiscard]] core::Value read_key(std::string_view bytes, core::Arena& arena);

[[nodiscard]] std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0);
/// `xxh64(canonical key bytes) mod groups`.
[[nodiscard]] inline std::uint16_t key_group(std::string_view key, std::uint16_t groups) {
  return static_cast<std::uint16_t>(hash_bytes(key) % groups);
}

}  // namespace weir::windowing
