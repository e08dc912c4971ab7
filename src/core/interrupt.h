#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "core/result.h"

namespace weir::core {

/// Wakes a component that waits: raised once when it has to stop. Thread-safe.
///
/// Whoever waits on file descriptors polls fd() too; whoever waits on a condition uses wait_for().
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  void raise();
  [[nodiscard]] bool raised() const { return raised_.load(std::memory_order_acquire); }
  /// Readable once raised (an eventfd; do not read from it).
  [[nodiscard]] int fd() const { return fd_; }

  enum class Wait { kReady, kTimeout, kInterrupted };
  /// Waits until `fd` is readable (or writable), the time is over, or raised. Negative = no limit.
  [[nodiscard]] Wait wait_readable(int fd, std::chrono::milliseconds limit) const;
  [[nodiscard]] Wait wait_writable(int fd, std::chrono::milliseconds limit) const;
  /// Sleeps for the time or until raised; false when raised.
  bool wait_for(std::chrono::milliseconds time) const;

 private:
  int fd_;
  std::atomic<bool> raised_{false};
};

}  // namespace weir::core
