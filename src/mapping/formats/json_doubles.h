#pragma once

#include "core/result.h"
#include "core/value.h"

namespace weir::mapping {

/// Turns every document number in a value that nobody else sees into a double, so that it is shown
/// and computed with as one. Error kInvalidData: a number beyond a double.
[[nodiscard]] core::Status numbers_to_doubles(core::Value& value);

}  // namespace weir::mapping
