#include "engine/pipeline_stage.h"

namespace weir::engine {

using core::Batch;
using core::Batches;

namespace {
// Batches from this size on are worth a hand-off to a worker (it costs what a few messages cost).
constexpr std::size_t kWorthHandingOff = 16;
}  // namespace

core::Result<std::unique_ptr<PipelineStage>> PipelineStage::make(
    const config::ProcessorList& processors, const config::Resources& resources, Runtime& runtime,
    Budget& budget, Next next) {
  auto stage = std::unique_ptr<PipelineStage>(new PipelineStage(runtime, budget, std::move(next)));
  for (unsigned i = 0; i < runtime.workers() + 1; ++i) {
    auto chain = config::ProcessorChain::make(processors, resources);
    if (!chain) return core::fail(std::move(chain).error());
    auto made = std::make_unique<Chain>();
    made->processors = *std::move(chain);
    stage->chains_.push_back(std::move(made));
  }
  return stage;
}

void PipelineStage::submit(Batch batch, Order* order) {
  if (batch.empty()) return;
  const std::uint64_t place = order == nullptr ? 0 : order->next_place();
  Chain& own = *chains_.back();
  if (own.processors.empty() || runtime_.workers() == 0 ||
      (batch.size() < kWorthHandingOff && runtime_.workers_idle())) {
    run(own, std::move(batch), order, place);
    return;
  }
  auto moved = std::make_shared<Batch>(std::move(batch));
  runtime_.submit([this, moved, order, place](unsigned worker) {
    run(*chains_[worker], std::move(*moved), order, place);
  });
}

void PipelineStage::run(Chain& chain, Batch batch, Order* order, std::uint64_t place) {
  Batches result;
  if (chain.processors.empty()) {
    result.add(std::move(batch));
  } else {
    const std::lock_guard lock(chain.mutex);
    result = chain.processors.run(std::move(batch));
  }
  if (order == nullptr) {
    release(std::move(result));
  } else {
    order->complete(place, std::move(result));
  }
}

void PipelineStage::release(Batches batches) {
  for (std::size_t i = 0; i < batches.size(); ++i) {
    Batch& batch = batches[i];
    if (batches.size() > 1) {
      // Siblings share storage and may end on different threads.
      if (core::Status status = batch.make_exclusive(); !status) {
        for (core::Message& message : batch) message.fail(status.error());
      }
    }
    const std::uint64_t bytes = batch.footprint();
    budget_.take(bytes);
    next_(std::move(batch), bytes);
  }
}

void PipelineStage::close() {
  for (const auto& chain : chains_) chain->processors.close();
}

}  // namespace weir::engine
