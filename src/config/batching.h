#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "config/mapping_fields.h"
#include "config/registry.h"
#include "config/spec.h"

namespace weir::config {

/// The fields `count`, `byte_size`, `period`, `check`, `processors` of a batching policy.
struct BatchPolicyConfig {
  std::uint64_t count = 0;
  ByteSize byte_size;
  std::string period;  ///< empty = none
  std::chrono::nanoseconds period_time{0};
  MappingField check;
  ProcessorList processors;

  /// Anything set at all: off when not.
  [[nodiscard]] bool enabled() const {
    return count > 0 || byte_size.bytes > 0 || period_time.count() > 0 || check;
  }
  static const Spec<BatchPolicyConfig>& spec();
};

/// Runs a list of processors over a batch, one after the other.
class ProcessorChain {
 public:
  ProcessorChain() = default;
  [[nodiscard]] static core::Result<ProcessorChain> make(const ProcessorList& list,
                                                         const Resources& resources);

  [[nodiscard]] bool empty() const { return steps_.empty(); }
  [[nodiscard]] core::Batches run(core::Batch batch);
  void close();

 private:
  struct Step {
    std::unique_ptr<core::Processor> processor;
    core::Counter* received;
    core::Counter* batch_received;
    core::Counter* sent;
    core::Counter* batch_sent;
    core::Counter* errors;
    core::Timing* latency;
  };
  core::Batches run_from(std::size_t step, core::Batch batch);

  std::vector<Step> steps_;
  const core::Clock* clock_ = nullptr;
};

/// Collects messages until the policy says that a batch is complete. Thread-safe.
///
/// `sink` gets the complete batches, one call at a time and without a lock held (it may
/// add), from the thread that completed them or from the executor (period). What is inside is kept
/// as it came, lineage and tags and all; the sink calls process() for the policy's processors.
class Batcher {
 public:
  using Sink = std::function<void(core::Batch)>;

  [[nodiscard]] static core::Result<std::shared_ptr<Batcher>> make(const BatchPolicyConfig& config,
                                                                   const Resources& resources,
                                                                   Sink sink);
  ~Batcher();

  /// Before the first add(), for sinks that need the batcher.
  void set_sink(Sink sink) { sink_ = std::move(sink); }
  void add(core::Batch batch);
  /// Runs the policy's processors over a complete batch and joins what they make into one batch, as
  /// the peer does. For use by the sink, inside its call.
  [[nodiscard]] core::Batch process(core::Batch complete);
  /// Hands out what is there, complete or not.
  void flush();
  /// flush(), and no timer fires any more.
  void stop();

 private:
  Batcher(const BatchPolicyConfig& config, const Resources& resources, Sink sink);
  void complete(const char* mechanism);
  core::Batch take_pending();
  void hand_out(std::unique_lock<std::mutex>& lock);
  void start_timer();

  const BatchPolicyConfig config_;
  Sink sink_;
  core::Executor* executor_;
  std::mutex mutex_;  // guards what follows
  Evaluator evaluator_;
  ProcessorChain processors_;
  core::Batch pending_;
  std::deque<core::Batch> ready_;  // complete, not handed out yet
  bool handing_out_ = false;
  std::uint64_t pending_bytes_ = 0;
  std::uint64_t generation_ =
      0;  // of the pending batch: a late timer finds another one and leaves it
  std::optional<core::Executor::TimerId> timer_;
  bool stopped_ = false;
  std::weak_ptr<Batcher> self_;
  core::Counter* created_[5];
};

}  // namespace weir::config
