#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "config/batching.h"
#include "engine/budget.h"
#include "engine/order.h"
#include "engine/runtime.h"

namespace weir::engine {

/// Runs the pipeline's processors: on the caller's thread when there is one worker or only a
/// trickle, else on the workers; results leave in the order in which batches came, per Order.
/// Thread-safe.
class PipelineStage {
 public:
  /// `extra_bytes`: what the batch has grown by, already taken from the budget.
  using Next = std::function<void(core::Batch, std::uint64_t extra_bytes)>;

  [[nodiscard]] static core::Result<std::unique_ptr<PipelineStage>> make(
      const config::ProcessorList& processors, const config::Resources& resources, Runtime& runtime,
      Budget& budget, Next next);

  /// `order` null: no order is kept.
  void submit(core::Batch batch, Order* order);
  /// Hands on what an Order releases.
  void release(core::Batches batches);
  void close();

 private:
  PipelineStage(Runtime& runtime, Budget& budget, Next next)
      : runtime_(runtime), budget_(budget), next_(std::move(next)) {}

  struct Chain {
    std::mutex mutex;
    config::ProcessorChain processors;
  };
  void run(Chain& chain, core::Batch batch, Order* order, std::uint64_t place);

  Runtime& runtime_;
  Budget& budget_;
  Next next_;
  std::vector<std::unique_ptr<Chain>> chains_;  // one per worker, then the callers' own
};

}  // namespace weir::engine
