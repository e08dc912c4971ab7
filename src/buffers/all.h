#pragma once

#include "config/registry.h"

namespace weir::buffers {

/// Registers all of them, and the names of the family that weir refuses.
void add_all(config::Registry& registry);

// One per component, alphabetical; defined in the component's file.
void add_disk(config::Registry& registry);
void add_memory(config::Registry& registry);
void add_none(config::Registry& registry);

}  // namespace weir::buffers
