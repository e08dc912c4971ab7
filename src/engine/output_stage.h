#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "config/resources.h"
#include "core/backoff.h"
#include "core/component.h"
#include "engine/budget.h"

namespace weir::engine {

/// Hands batches to the root of an output tree, in order, and settles what becomes of them:
/// accepted messages end; what may pass later (and was not written again below, e.g. because every
/// output of a `fallback` is down) is written again with back-off for ever; the rest goes to the
/// failure handler. Thread-safe.
class OutputStage {
 public:
  /// A message that no output will ever take, with the reason. It ends its lineage.
  using OnFailed = std::function<void(core::Message, const core::Error&)>;

  OutputStage(std::unique_ptr<core::Output> root, const config::Resources& resources,
              Budget& budget, core::Outcome accepted, OnFailed on_failed);
  ~OutputStage();

  [[nodiscard]] core::Status connect(const core::Interrupt& interrupt) {
    return root_->connect(interrupt);
  }
  /// `extra_bytes` were taken from the budget for this batch beyond what its messages were received
  /// with; they are given back when it has ended.
  void submit(core::Batch batch, std::uint64_t extra_bytes);
  /// From now on nothing waits for more: partial batches are flushed as they come.
  void drain();
  /// Gives up what is left: it ends as kRetry (unacknowledged).
  void abandon();
  void close() { root_->close(); }
  [[nodiscard]] bool idle() const;

 private:
  struct Entry {
    core::Batch batch;
    std::uint64_t extra_bytes;
    std::uint64_t place;  // in the order of submission, kept through retries
  };
  void pump();
  void finished(core::WriteResult result, std::uint64_t extra_bytes, std::uint64_t place);
  void retry_later(core::Batch batch, const core::Error& error, std::uint64_t place);

  std::unique_ptr<core::Output> root_;
  config::Resources resources_;
  Budget& budget_;
  const core::Outcome accepted_;
  OnFailed on_failed_;
  std::atomic<bool> draining_{false};
  mutable std::mutex mutex_;  // guards what follows
  std::deque<Entry> waiting_;
  std::size_t open_writes_ = 0;
  std::uint64_t next_place_ = 0;
  std::size_t retrying_ = 0;  // batches that wait for their back-off
  core::Backoff backoff_;
  bool pumping_ = false;
  bool abandoned_ = false;
};

}  // namespace weir::engine
