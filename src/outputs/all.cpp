#include "outputs/all.h"

namespace weir::outputs {

void add_all(config::Registry& registry) {
  add_drop(registry);
  add_stdout(registry);
}

}  // namespace weir::outputs
