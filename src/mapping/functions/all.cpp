#include "mapping/functions/all.h"

namespace weir::mapping {

void add_all_functions(Registry& registry) {
  add_numbers(registry);
  add_strings(registry);
}

}  // namespace weir::mapping
