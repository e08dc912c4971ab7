#pragma once

#include "config/registry.h"

namespace weir::rate_limits {

/// Registers all of them, and the names of the family that weir refuses.
void add_all(config::Registry& registry);

// One per component, alphabetical; defined in the component's file.
void add_local(config::Registry& registry);

}  // namespace weir::rate_limits
