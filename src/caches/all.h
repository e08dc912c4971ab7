#pragma once

#include "config/registry.h"

namespace weir::caches {

/// Registers all of them, and the names of the family that weir refuses.
void add_all(config::Registry& registry);

// One per component, alphabetical; defined in the component's file.
void add_file(config::Registry& registry);
void add_lru(config::Registry& registry);
void add_memory(config::Registry& registry);
void add_multilevel(config::Registry& registry);
void add_noop(config::Registry& registry);
void add_rocksdb(config::Registry& registry);
void add_ttlru(config::Registry& registry);

}  // namespace weir::caches
