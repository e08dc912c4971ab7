#pragma once

#include "config/registry.h"

namespace weir::inputs {

/// Registers all of them, and the names of the family that weir refuses.
void add_all(config::Registry& registry);

// One per component, alphabetical; defined in the component's file.
void add_batched(config::Registry& registry);
void add_broker(config::Registry& registry);
void add_csv(config::Registry& registry);
void add_file(config::Registry& registry);
void add_generate(config::Registry& registry);
void add_http_client(config::Registry& registry);
void add_http_server(config::Registry& registry);
void add_inproc(config::Registry& registry);
void add_read_until(config::Registry& registry);
void add_resource(config::Registry& registry);
void add_sequence(config::Registry& registry);
void add_socket(config::Registry& registry);
void add_socket_server(config::Registry& registry);
void add_stdin(config::Registry& registry);
void add_subprocess(config::Registry& registry);
void add_websocket(config::Registry& registry);

/// Names of the family that weir does not have (refused.cpp).
void refuse_others(config::Registry& registry);

}  // namespace weir::inputs
