#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::state {

/// What a store remembers of itself beside the database.
struct StoreMark {
  std::string id;                     ///< 32 hex digits
  std::uint64_t incarnation = 0;      ///< times opened
  std::uint64_t sequence = 0;         ///< changes known to be on the disk
  std::uint64_t log_number = 0;       ///< a log with this number or a higher one must exist
  std::uint64_t manifest_number = 0;  ///< this manifest or a later one must exist
  std::uint64_t manifest_size = 0;    ///< bytes it had; it only grows
};

/// One line of text with a checksum.
[[nodiscard]] std::string write_mark(const StoreMark& mark);
/// Error kInternal: damaged.
[[nodiscard]] core::Result<StoreMark> read_mark(std::string_view text);

}  // namespace weir::state
