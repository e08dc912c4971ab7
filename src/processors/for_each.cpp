#include "config/batching.h"
#include "processors/all.h"
#include "processors/lanes.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct ForEachConfig {
  config::ProcessorList processors;
};

config::Spec<ForEachConfig> for_each_spec() {
  return config::Spec<ForEachConfig>("for_each")
      .summary("Runs processors on each message of a batch as if it were alone, one after another.")
      .description("What comes out is one batch in the order of the messages.")
      .category("composition")
      .value(&ForEachConfig::processors, {.doc = "The processors.", .required = true});
}

class ForEach final : public core::Processor {
 public:
  explicit ForEach(config::ProcessorChain chain) : chain_(std::move(chain)) {}
  Batches process(Batch batch) override {
    Batch all = batch.sibling();
    for (core::Message& message : batch) {
      Batch one = batch.sibling();
      one.push(std::move(message));
      all.append(run_joined(chain_, std::move(one)));
    }
    return Batches(std::move(all));
  }
  void close() override { chain_.close(); }

 private:
  config::ProcessorChain chain_;
};

core::Result<std::unique_ptr<core::Processor>> make_for_each(const ForEachConfig& config,
                                                             const config::Resources& resources) {
  auto chain = config::ProcessorChain::make(config.processors, resources);
  if (!chain) return core::fail(std::move(chain).error());
  return std::make_unique<ForEach>(*std::move(chain));
}

}  // namespace

void add_for_each(config::Registry& registry) {
  registry.add_processor(for_each_spec(), make_for_each);
}

}  // namespace weir::processors
