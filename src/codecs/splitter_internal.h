#pragma once

#include <cstddef>
#include <string_view>

#include "core/result.h"

namespace weir::codecs::internal {

/// Error kInvalidConfig unless 1 <= value <= kLargestMaxRecordBytes.
[[nodiscard]] core::Status check_record_limit(std::string_view field, std::size_t value);

/// kLimit: "splitting <what>: the record is longer than the limit of N bytes".
[[nodiscard]] core::Error record_too_long(std::string_view what, std::size_t limit);

}  // namespace weir::codecs::internal
