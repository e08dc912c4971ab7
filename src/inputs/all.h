#pragma once

#include "config/registry.h"

namespace weir::inputs {

/// Registers all of them, and the names of the family that weir refuses.
void add_all(config::Registry& registry);

// One per component, alphabetical; defined in the component's file.
void add_file(config::Registry& registry);
void add_generate(config::Registry& registry);
void add_stdin(config::Registry& registry);

}  // namespace weir::inputs
