#pragma once

#include "config/registry.h"

namespace weir::admin {

/// Registers every metrics exporter and tracer, and the names of the family that weir refuses.
void add_all(config::Registry& registry);

// One per component, alphabetical; defined in the component's file.
void add_json_api(config::Registry& registry);
void add_logger(config::Registry& registry);
void add_none(config::Registry& registry);
void add_prometheus(config::Registry& registry);

}  // namespace weir::admin
