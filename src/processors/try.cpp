#include "config/batching.h"
#include "processors/all.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::Message;

struct TryConfig {
  config::ProcessorList processors;
};

config::Spec<TryConfig> try_spec() {
  return config::Spec<TryConfig>("try")
      .summary(
          "Runs processors on each message until one fails; the rest of them is left out for it.")
      .description(
          "A message that is flagged already passes unchanged. What comes out of the processors "
          "stays in order.")
      .category("composition")
      .value(&TryConfig::processors, {.doc = "The processors.", .required = true});
}

/// Each child processor on its own, so that a message can leave between two of them.
class Try final : public core::Processor {
 public:
  explicit Try(std::vector<config::ProcessorChain> steps) : steps_(std::move(steps)) {}

  Batches process(Batch batch) override {
    // Groups in the order of their messages; those whose messages have failed are left alone.
    std::vector<Batch> groups;
    split(std::move(batch), groups);
    for (auto& step : steps_) {
      std::vector<Batch> next;
      for (Batch& group : groups) {
        if (group[0].errored()) {
          next.push_back(std::move(group));
          continue;
        }
        Batches made = step.run(std::move(group));
        for (std::size_t i = 0; i < made.size(); ++i) split(std::move(made[i]), next);
      }
      groups = std::move(next);
    }
    Batch all;
    for (Batch& group : groups) all.append(std::move(group));
    return Batches(std::move(all));
  }
  void close() override {
    for (auto& step : steps_) step.close();
  }

 private:
  // Runs of good and of failed messages.
  static void split(Batch batch, std::vector<Batch>& out) {
    bool mixed = false;
    for (const Message& message : batch.messages())
      mixed = mixed || message.errored() != batch[0].errored();
    if (batch.empty()) return;
    if (!mixed) {
      out.push_back(std::move(batch));
      return;
    }
    Batch run = batch.sibling();
    for (Message& message : batch) {
      if (!run.empty() && run[0].errored() != message.errored()) {
        out.push_back(std::move(run));
        run = batch.sibling();
      }
      run.push(std::move(message));
    }
    out.push_back(std::move(run));
  }

  std::vector<config::ProcessorChain> steps_;
};

core::Result<std::unique_ptr<core::Processor>> make_try(const TryConfig& config,
                                                        const config::Resources& resources) {
  std::vector<config::ProcessorChain> steps;
  for (const auto& child : config.processors) {
    auto chain = config::ProcessorChain::make({child}, resources);
    if (!chain) return core::fail(std::move(chain).error());
    steps.push_back(*std::move(chain));
  }
  return std::make_unique<Try>(std::move(steps));
}

}  // namespace

void add_try(config::Registry& registry) {
  registry.add_processor(try_spec(), make_try);
}

}  // namespace weir::processors
