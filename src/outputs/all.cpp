#include "outputs/all.h"

namespace weir::outputs {

void add_all(config::Registry& registry) {
  add_drop(registry);
  add_fallback(registry);
  add_file(registry);
  add_reject(registry);
  add_reject_errored(registry);
  add_stdout(registry);
  add_switch(registry);
}

}  // namespace weir::outputs
