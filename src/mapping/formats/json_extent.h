#pragma once

#include <cstddef>
#include <string_view>

#include "core/result.h"

namespace weir::mapping {

/// Where the first JSON value of a text ends; what follows does not matter.
///
/// Error kInvalidData, with the words of Go's decoder, which people search for: `EOF` for a text
/// without a value, `unexpected EOF`, `invalid character 'o' in literal null (expecting 'u')`.
/// UTF-8 is not checked.
[[nodiscard]] core::Result<std::size_t> first_json_value(std::string_view text);

}  // namespace weir::mapping
