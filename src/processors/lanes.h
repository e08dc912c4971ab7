#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "config/batching.h"
#include "config/resources.h"
#include "core/message.h"

namespace weir::processors {

/// Runs pieces of work side by side: for processors that wait (network, disk). The caller's thread
/// is lane 0; further threads start when first needed and stay. Where components may not start
/// threads (a simulation), everything runs on the caller's, in order.
///
/// One caller at a time.
class Lanes {
 public:
  /// At most `width` at a time, at least one.
  Lanes(std::size_t width, const config::Resources& resources);
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  using Work = std::function<void(std::size_t lane, std::size_t item)>;
  /// Calls `work` for the items 0 to count - 1, started in this order; returns when all are done.
  void run(std::size_t count, const Work& work);
  /// Lanes that run() uses for that many items.
  [[nodiscard]] std::size_t used_for(std::size_t count) const;

 private:
  void serve(std::size_t lane);
  void work_off(std::size_t lane);

  const std::size_t width_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
  const Work* work_ = nullptr;
  std::size_t count_ = 0;
  std::size_t wanted_ = 0;  // lanes that take part in this run
  std::uint64_t round_ = 0;
  std::size_t busy_ = 0;
  std::atomic<std::size_t> next_{0};
  bool stop_ = false;
};

/// The same processors once per lane, made when a lane is first used.
class LaneChains {
 public:
  /// Makes the first, to find mistakes.
  [[nodiscard]] static core::Result<LaneChains> make(config::ProcessorList list,
                                                     const config::Resources& resources);
  /// Has chains for lanes 0 to `lanes` - 1 afterwards, or as many as can be made; how many.
  std::size_t prepare(std::size_t lanes);
  [[nodiscard]] config::ProcessorChain& operator[](std::size_t lane) { return *chains_[lane]; }
  void close();

 private:
  LaneChains(config::ProcessorList list, const config::Resources& resources)
      : list_(std::move(list)), resources_(resources) {}

  config::ProcessorList list_;
  config::Resources resources_;
  std::vector<std::unique_ptr<config::ProcessorChain>> chains_;
};

/// Runs `work` on each message alone, side by side, each lane in a storage of its own; what comes
/// out is joined in the order of the messages. A message that cannot be written is flagged.
[[nodiscard]] core::Batch run_each(
    Lanes& lanes, std::size_t most_lanes, core::Batch batch,
    const std::function<core::Batch(std::size_t lane, core::Batch one)>& work);

/// What a chain makes of a batch, as one batch.
[[nodiscard]] core::Batch run_joined(config::ProcessorChain& chain, core::Batch batch);

}  // namespace weir::processors
