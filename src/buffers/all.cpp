#include "buffers/all.h"

namespace weir::buffers {

void add_all(config::Registry& registry) {
  add_memory(registry);
  add_none(registry);
}

}  // namespace weir::buffers
