#include "processors/all.h"

namespace weir::processors {
namespace {

struct NoopConfig {};

config::Spec<NoopConfig> noop_spec() {
  return config::Spec<NoopConfig>("noop")
      .summary("Passes messages on as they are.")
      .category("utility");
}

class Noop final : public core::Processor {
 public:
  core::Batches process(core::Batch batch) override { return core::Batches(std::move(batch)); }
};

core::Result<std::unique_ptr<core::Processor>> make_noop(NoopConfig, const config::Resources&) {
  return std::make_unique<Noop>();
}

}  // namespace

void add_noop(config::Registry& registry) {
  registry.add_processor(noop_spec(), make_noop);
}

}  // namespace weir::processors
