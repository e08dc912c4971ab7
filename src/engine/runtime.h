#pragma once

#include <functional>
#include <memory>

#include "core/clock.h"
#include "core/executor.h"

namespace weir::engine {

/// Something that is stepped until it has ended: an input.
class Task {
 public:
  virtual ~Task() = default;
  enum class Step { kWorked, kWaiting, kEnded };
  /// Does one piece of work. `may_block`: wait inside for data or room (a thread of its own);
  /// otherwise returns kWaiting and is stepped again after a while or when wake() was called.
  virtual Step step(bool may_block) = 0;
};

/// What drives a stream: threads in the daemon, a seeded single thread in a simulation. The engine
/// itself knows no thread and no clock but through this.
class Runtime {
 public:
  virtual ~Runtime() = default;
  [[nodiscard]] virtual const core::Clock& clock() const = 0;
  [[nodiscard]] virtual core::Executor& executor() = 0;
  /// Steps the task until kEnded. The task outlives the runtime's use of it (see join()).
  virtual void start(Task& task) = 0;
  /// Runs the work on worker `index` of `workers()`, one at a time each. May block while all queues
  /// are full.
  virtual void submit(std::function<void(unsigned worker)> work) = 0;
  [[nodiscard]] virtual unsigned workers() const = 0;
  /// Nothing is queued for or running on the workers.
  [[nodiscard]] virtual bool workers_idle() const = 0;
  /// Waits until `condition` holds, looking again whenever notify() was called; false on time-out.
  /// Negative limit: none.
  virtual bool wait_until(std::function<bool()> condition, std::chrono::nanoseconds limit) = 0;
  virtual void notify() = 0;
  /// Ends workers, timers and tasks; every task has ended before (or is abandoned when forced).
  virtual void join() = 0;
};

/// Real threads: one per task, `workers` workers (none when 1: the chain then runs on the task's
/// thread), one service thread for timers.
[[nodiscard]] std::unique_ptr<Runtime> make_thread_runtime(unsigned workers);

}  // namespace weir::engine
