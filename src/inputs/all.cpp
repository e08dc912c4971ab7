#include "inputs/all.h"

namespace weir::inputs {

void add_all(config::Registry& registry) {
  add_batched(registry);
  add_broker(registry);
  add_csv(registry);
  add_file(registry);
  add_generate(registry);
  add_http_client(registry);
  add_http_server(registry);
  add_inproc(registry);
  add_read_until(registry);
  add_resource(registry);
  add_sequence(registry);
  add_socket(registry);
  add_socket_server(registry);
  add_stdin(registry);
  add_subprocess(registry);
  add_websocket(registry);
  refuse_others(registry);
}

}  // namespace weir::inputs
