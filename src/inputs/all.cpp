#include "inputs/all.h"

namespace weir::inputs {

void add_all(config::Registry& registry) {
  add_file(registry);
  add_generate(registry);
  add_stdin(registry);
}

}  // namespace weir::inputs
