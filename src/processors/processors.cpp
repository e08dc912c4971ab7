#include "config/batching.h"
#include "processors/all.h"

namespace weir::processors {
namespace {

struct ProcessorsConfig {
  config::ProcessorList processors;
};

config::Spec<ProcessorsConfig> processors_spec() {
  return config::Spec<ProcessorsConfig>("processors")
      .summary("Runs a list of processors: a group that can be labelled and shared.")
      .category("composition")
      .value(&ProcessorsConfig::processors, {.doc = "The processors.", .required = true});
}

class Group final : public core::Processor {
 public:
  explicit Group(config::ProcessorChain chain) : chain_(std::move(chain)) {}
  core::Batches process(core::Batch batch) override { return chain_.run(std::move(batch)); }
  void close() override { chain_.close(); }

 private:
  config::ProcessorChain chain_;
};

core::Result<std::unique_ptr<core::Processor>> make_processors(const ProcessorsConfig& config,
                                                               const config::Resources& resources) {
  auto chain = config::ProcessorChain::make(config.processors, resources);
  if (!chain) return core::fail(std::move(chain).error());
  return std::make_unique<Group>(*std::move(chain));
}

}  // namespace

void add_processors(config::Registry& registry) {
  registry.add_processor(processors_spec(), make_processors);
}

}  // namespace weir::processors
