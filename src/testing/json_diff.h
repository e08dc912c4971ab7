#pragma once

#include <string>

#include "core/arena.h"
#include "core/value.h"

namespace weir::testing {

/// Everything in `wanted` is in `got`: objects may hold more members, arrays must be as long.
[[nodiscard]] bool json_contains(core::Value got, core::Value wanted, core::Arena& scratch);

/// Both as indented JSON with sorted keys, line by line: `-` before what was wanted, `+` before
/// what came; with `colour` red and green.
[[nodiscard]] std::string json_diff(core::Value wanted, core::Value got, bool colour);

}  // namespace weir::testing
