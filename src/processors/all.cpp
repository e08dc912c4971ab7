#include "processors/all.h"

namespace weir::processors {

void add_all(config::Registry& registry) {
  add_mapping(registry);
  add_mutation(registry);
  add_noop(registry);
}

}  // namespace weir::processors
