#pragma once

#include "config/registry.h"

namespace weir::outputs {

/// Registers all of them, and the names of the family that weir refuses.
void add_all(config::Registry& registry);

// One per component, alphabetical; defined in the component's file.
void add_broker(config::Registry& registry);
void add_cache(config::Registry& registry);
void add_drop(config::Registry& registry);
void add_drop_on(config::Registry& registry);
void add_fallback(config::Registry& registry);
void add_file(config::Registry& registry);
void add_http_client(config::Registry& registry);
void add_http_server(config::Registry& registry);
void add_inproc(config::Registry& registry);
void add_reject(config::Registry& registry);
void add_reject_errored(config::Registry& registry);
void add_resource(config::Registry& registry);
void add_retry(config::Registry& registry);
void add_socket(config::Registry& registry);
void add_stdout(config::Registry& registry);
void add_subprocess(config::Registry& registry);
void add_switch(config::Registry& registry);
void add_sync_response(config::Registry& registry);
void add_websocket(config::Registry& registry);

}  // namespace weir::outputs
