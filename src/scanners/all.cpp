#include "scanners/all.h"

namespace weir::scanners {

void add_all(config::Registry& registry) {
  add_lines(registry);
}

}  // namespace weir::scanners
