#include "rate_limits/all.h"

namespace weir::rate_limits {

void add_all(config::Registry& registry) {
  add_local(registry);

  registry.refuse(config::ComponentKind::kRateLimit, "redis",
                  "not written yet; `local` limits one process");
}

}  // namespace weir::rate_limits
