#pragma once

#include "config/registry.h"

namespace weir::cmd {

/// All components of this binary.
[[nodiscard]] const config::Registry& all_components();

}  // namespace weir::cmd
