#include "registry.h"

#include "admin/all.h"
#include "buffers/all.h"
#include "caches/all.h"
#include "inputs/all.h"
#include "outputs/all.h"
#include "processors/all.h"
#include "rate_limits/all.h"
#include "scanners/all.h"

namespace weir::cmd {

const config::Registry& all_components() {
  static const config::Registry* const registry = [] {
    auto* made = new config::Registry();
    inputs::add_all(*made);
    buffers::add_all(*made);
    caches::add_all(*made);
    rate_limits::add_all(*made);
    processors::add_all(*made);
    outputs::add_all(*made);
    scanners::add_all(*made);
    admin::add_all(*made);
    return made;
  }();
  return *registry;
}

}  // namespace weir::cmd
