#include "config/batching.h"
#include "processors/all.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::Message;

struct CatchConfig {
  config::ProcessorList processors;
};

config::Spec<CatchConfig> catch_spec() {
  return config::Spec<CatchConfig>("catch")
      .summary("Runs processors on messages that are flagged as failed, then clears the flag.")
      .description(
          "Inside, `error()` tells what went wrong. With an empty list the flag is just cleared. "
          "This counts as dealing "
          "with the error: the messages reach the output.")
      .category("composition")
      .value(&CatchConfig::processors, {.doc = "The processors.", .required = true})
      .example("Mark what could not be read", R"yaml(
pipeline:
  processors:
    - mapping: root = content().string().parse_json()
    - catch:
        - mapping: 'root = {"raw": content().string(), "why": error()}'
)yaml");
}

class Catch final : public core::Processor {
 public:
  explicit Catch(config::ProcessorChain chain) : chain_(std::move(chain)) {}

  Batches process(Batch batch) override {
    bool any = false;
    for (const Message& message : batch.messages()) any = any || message.errored();
    if (!any) return Batches(std::move(batch));
    Batch all = batch.sibling();
    Batch failed = batch.sibling();
    const auto mend = [&] {
      if (failed.empty()) return;
      Batches made = chain_.run(std::move(failed));
      failed = batch.sibling();
      for (std::size_t i = 0; i < made.size(); ++i) {
        for (Message& message : made[i]) message.clear_error();
        all.append(std::move(made[i]));
      }
    };
    for (Message& message : batch) {
      if (message.errored()) {
        failed.push(std::move(message));
        continue;
      }
      mend();
      all.push(std::move(message));
    }
    mend();
    return Batches(std::move(all));
  }
  void close() override { chain_.close(); }

 private:
  config::ProcessorChain chain_;
};

core::Result<std::unique_ptr<core::Processor>> make_catch(const CatchConfig& config,
                                                          const config::Resources& resources) {
  auto chain = config::ProcessorChain::make(config.processors, resources);
  if (!chain) return core::fail(std::move(chain).error());
  return std::make_unique<Catch>(*std::move(chain));
}

}  // namespace

void add_catch(config::Registry& registry) {
  registry.add_processor(catch_spec(), make_catch);
}

}  // namespace weir::processors
