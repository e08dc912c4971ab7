#include "mapping/functions/all.h"

namespace weir::mapping {

void add_all_functions(Registry& registry) {
  add_coercion(registry);
  add_general(registry);
  add_messages(registry);
  add_numbers(registry);
  add_strings(registry);
}

}  // namespace weir::mapping
