#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "core/interrupt.h"

namespace weir::engine {

/// Bytes of messages in flight, counted from receive to ack, for the whole process: what makes
/// inputs wait when an output is blocked. A single batch larger than the budget is let in when
/// nothing else is in flight. Thread-safe.
class Budget {
 public:
  explicit Budget(std::uint64_t limit) : limit_(limit) {}

  /// Whether an input may read now.
  [[nodiscard]] bool has_room() const;
  /// Waits for room, for a wake() after `wakes` of them, or for `limit` (negative: for ever); the
  /// caller looks again.
  void wait_for_room(const core::Interrupt& interrupt, std::uint64_t wakes,
                     std::chrono::nanoseconds limit);
  [[nodiscard]] std::uint64_t wakes() const;
  void take(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);
  /// Wakes who waits, to look at their interrupts and at what else there is to do.
  void wake();

  [[nodiscard]] std::uint64_t used() const;
  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  /// Called (without locks held) when room appears: for runtimes that do not block.
  std::function<void()> on_room;

 private:
  const std::uint64_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::uint64_t used_ = 0;
  std::uint64_t wakes_ = 0;
};

}  // namespace weir::engine
