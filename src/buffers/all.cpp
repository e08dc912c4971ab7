#include "buffers/all.h"

namespace weir::buffers {

void add_all(config::Registry& registry) {
  add_memory(registry);
  add_none(registry);

  registry.refuse(config::ComponentKind::kBuffer, "sqlite",
                  "weir's durable buffer will be `disk`; it is not written yet");
  registry.refuse(config::ComponentKind::kBuffer, "disk", "not written yet");
  registry.refuse(config::ComponentKind::kBuffer, "system_window", "not written yet");
}

}  // namespace weir::buffers
