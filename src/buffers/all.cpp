#include "buffers/all.h"

namespace weir::buffers {

void add_all(config::Registry& registry) {
  add_disk(registry);
  add_memory(registry);
  add_none(registry);

  registry.refuse(config::ComponentKind::kBuffer, "system_window", "not written yet");
}

}  // namespace weir::buffers
