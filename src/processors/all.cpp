#include "processors/all.h"

namespace weir::processors {

void add_all(config::Registry& registry) {
  add_catch(registry);
  add_log(registry);
  add_mapping(registry);
  add_mutation(registry);
  add_noop(registry);
  add_sleep(registry);
  add_try(registry);
}

}  // namespace weir::processors
