#pragma once

#include "config/registry.h"

namespace weir::scanners {

/// Registers every scanner.
void add_all(config::Registry& registry);

// One per component, alphabetical; defined in the component's file.
void add_lines(config::Registry& registry);

}  // namespace weir::scanners
