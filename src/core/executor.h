#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace weir::core {

/// Runs small pieces of work later. The daemon has a service thread for it, a simulation a seeded
/// queue. Thread-safe. The work must not block.
class Executor {
 public:
  using Work = std::function<void()>;
  using TimerId = std::uint64_t;

  virtual ~Executor() = default;
  virtual void post(Work work) = 0;
  /// Runs the work once after `delay`, unless cancelled before.
  virtual TimerId post_after(std::chrono::nanoseconds delay, Work work) = 0;
  /// True when the timer will not run any more (it had not started).
  virtual bool cancel(TimerId timer) = 0;
};

}  // namespace weir::core
