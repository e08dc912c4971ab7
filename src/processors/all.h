#pragma once

#include "config/registry.h"

namespace weir::processors {

/// Registers all of them, and the names of the family that weir refuses.
void add_all(config::Registry& registry);

// One per component, alphabetical; defined in the component's file.
void add_catch(config::Registry& registry);
void add_http(config::Registry& registry);
void add_log(config::Registry& registry);
void add_mapping(config::Registry& registry);
void add_mutation(config::Registry& registry);
void add_noop(config::Registry& registry);
void add_sleep(config::Registry& registry);
void add_try(config::Registry& registry);

}  // namespace weir::processors
