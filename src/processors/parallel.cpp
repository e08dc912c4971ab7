#include "processors/all.h"
#include "processors/lanes.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct ParallelConfig {
  std::uint64_t cap = 0;
  config::ProcessorList processors;
};

// `cap: 0` asks for as many as there are messages: a thread each, within reason.
constexpr std::size_t kMostLanes = 64;

config::Spec<ParallelConfig> parallel_spec() {
  return config::Spec<ParallelConfig>("parallel")
      .summary("Runs processors on each message of a batch as if it were alone, side by side.")
      .description(
          "For processors that wait for somebody else (`http`, `command`, a cache over a network). "
          "What comes out is one batch in the order of the messages.")
      .category("composition")
      .field("cap", &ParallelConfig::cap,
             {.doc = "Messages worked on at a time. 0: all of a batch, at most 64.", .max = 1024})
      .field("processors", &ParallelConfig::processors,
             {.doc = "The processors.", .required = true});
}

class Parallel final : public core::Processor {
 public:
  Parallel(std::size_t cap, LaneChains chains, const config::Resources& resources)
      : lanes_(cap == 0 ? kMostLanes : cap, resources), chains_(std::move(chains)) {}
  Batches process(Batch batch) override {
    const std::size_t lanes = chains_.prepare(lanes_.used_for(batch.size()));
    return Batches(run_each(lanes_, lanes, std::move(batch), [this](std::size_t lane, Batch one) {
      return run_joined(chains_[lane], std::move(one));
    }));
  }
  void close() override { chains_.close(); }

 private:
  Lanes lanes_;
  LaneChains chains_;
};

core::Result<std::unique_ptr<core::Processor>> make_parallel(const ParallelConfig& config,
                                                             const config::Resources& resources) {
  auto chains = LaneChains::make(config.processors, resources);
  if (!chains) return core::fail(std::move(chains).error());
  return std::make_unique<Parallel>(config.cap, *std::move(chains), resources);
}

}  // namespace

void add_parallel(config::Registry& registry) {
  registry.add_processor(parallel_spec(), make_parallel);
}

}  // namespace weir::processors
