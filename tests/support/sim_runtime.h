#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "engine/runtime.h"

namespace weir::test {

/// A clock that stands still until it is moved.
class SimClock final : public core::Clock {
 public:
  [[nodiscard]] std::int64_t wall_nanos() const override { return kStart + now_; }
  [[nodiscard]] std::int64_t mono_nanos() const override { return now_; }
  void advance_to(std::int64_t nanos) { now_ = std::max(now_, nanos); }

 private:
  static constexpr std::int64_t kStart = 1'700'000'000'000'000'000;
  std::int64_t now_ = 0;
};

/// Runs a whole stream on one thread: what runs next is drawn from a seeded generator, time jumps
/// to the next timer when nothing else can run. The same seed gives the same run.
class SimRuntime final : public engine::Runtime, public core::Executor {
 public:
  SimRuntime(std::uint64_t seed, unsigned workers) : random_(seed), workers_(workers) {}

  [[nodiscard]] const core::Clock& clock() const override { return clock_; }
  [[nodiscard]] core::Executor& executor() override { return *this; }
  [[nodiscard]] unsigned workers() const override { return workers_; }
  [[nodiscard]] bool workers_idle() const override { return work_.empty(); }
  core::SeededRandom& random() { return random_; }
  /// Pieces of work done so far.
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

  void start(engine::Task& task) override { tasks_.push_back({&task, false}); }
  void submit(std::function<void(unsigned)> work) override { work_.push_back(std::move(work)); }

  void post(Work work) override { post_after(std::chrono::nanoseconds(0), std::move(work)); }
  TimerId post_after(std::chrono::nanoseconds delay, Work work) override {
    const TimerId id = ++last_timer_;
    timers_.emplace(std::pair(clock_.mono_nanos() + delay.count(), id), std::move(work));
    return id;
  }
  bool cancel(TimerId id) override {
    const auto found = std::find_if(timers_.begin(), timers_.end(),
                                    [&](const auto& one) { return one.first.second == id; });
    if (found == timers_.end()) return false;
    timers_.erase(found);
    return true;
  }

  bool wait_until(std::function<bool()> condition, std::chrono::nanoseconds limit) override {
    const std::int64_t end = limit.count() < 0 ? INT64_MAX : clock_.mono_nanos() + limit.count();
    while (!condition()) {
      if (clock_.mono_nanos() >= end) return false;
      if (steps_ > max_steps) return false;  // stuck: the test will say what is missing
      if (!run_one()) {
        // Nothing can run now: on to the next timer, or a little further for those who poll.
        std::int64_t next = clock_.mono_nanos() + 1'000'000;
        if (!timers_.empty()) next = std::min(next, timers_.begin()->first.first);
        clock_.advance_to(std::min(std::max(next, clock_.mono_nanos() + 1), end));
        for (auto& task : tasks_) task.waiting = false;
      }
    }
    return true;
  }
  void notify() override {
    for (auto& task : tasks_) task.waiting = false;
  }
  void join() override {}

  std::uint64_t max_steps = 2'000'000;

 private:
  struct Entry {
    engine::Task* task;
    bool waiting;
  };

  bool run_one() {
    ++steps_;
    std::vector<std::size_t> tasks;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (!tasks_[i].waiting) tasks.push_back(i);
    }
    const bool timer_due = !timers_.empty() && timers_.begin()->first.first <= clock_.mono_nanos();
    const std::size_t choices = tasks.size() + work_.size() + (timer_due ? 1 : 0);
    if (choices == 0) return false;
    std::size_t pick = random_.next() % choices;
    if (pick < tasks.size()) {
      const std::size_t at = tasks[pick];
      switch (tasks_[at].task->step(false)) {
        case engine::Task::Step::kWorked: wake_all(); break;
        case engine::Task::Step::kWaiting: tasks_[at].waiting = true; break;
        case engine::Task::Step::kEnded:
          tasks_.erase(tasks_.begin() + static_cast<std::ptrdiff_t>(at));
          wake_all();
          break;
      }
      return true;
    }
    pick -= tasks.size();
    if (pick < work_.size()) {
      auto work = std::move(work_[pick]);
      work_.erase(work_.begin() + static_cast<std::ptrdiff_t>(pick));
      work(static_cast<unsigned>(random_.next() % std::max(1U, workers_)));
    } else {
      Work work = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      work();
    }
    wake_all();
    return true;
  }
  void wake_all() {
    for (auto& task : tasks_) task.waiting = false;
  }

  SimClock clock_;
  core::SeededRandom random_;
  unsigned workers_;
  std::vector<Entry> tasks_;
  std::deque<std::function<void(unsigned)>> work_;
  std::map<std::pair<std::int64_t, TimerId>, Work> timers_;
  TimerId last_timer_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace weir::test
