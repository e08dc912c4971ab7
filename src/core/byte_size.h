#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::core {

/// An amount of bytes, as configuration fields declare it. Reads `64KiB`, `50MB`, `1048576`.
struct ByteSize {
  std::uint64_t bytes = 0;
  friend auto operator<=>(const ByteSize&, const ByteSize&) = default;
};

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;
inline constexpr std::uint64_t kGiB = 1024 * kMiB;

/// Parses a number, an optional fraction and an optional unit: B, kB MB GB TB PB EB (powers of
/// 1000), KiB MiB GiB TiB PiB EiB (powers of 1024); the B may be left out. Case does not matter,
/// blanks between number and unit and commas between digits neither. A part of a byte is cut off.
/// Error kInvalidData says what is wrong and shows a right form.
[[nodiscard]] Result<ByteSize> parse_byte_size(std::string_view text);

/// The shortest exact form that parse_byte_size reads back: `64KiB`, `50MB`, `1000001B`, `0B`.
[[nodiscard]] std::string to_string(ByteSize size);

}  // namespace weir::core
