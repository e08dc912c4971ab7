#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>

#include "engine/runtime.h"

namespace weir::engine {

namespace {

void name_thread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

/// Timers and small work on one thread.
class ServiceThread final : public core::Executor {
 public:
  explicit ServiceThread(const core::Clock& clock) : clock_(clock), thread_([this] { run(); }) {}
  ~ServiceThread() override { stop(); }

  void post(Work work) override { post_after(std::chrono::nanoseconds(0), std::move(work)); }

  TimerId post_after(std::chrono::nanoseconds delay, Work work) override {
    const std::int64_t due = clock_.mono_nanos() + delay.count();
    const std::lock_guard lock(mutex_);
    const TimerId id = ++last_id_;
    const bool first = queue_.empty() || due < queue_.begin()->first.first;
    queue_.emplace(std::pair(due, id), std::move(work));
    due_of_.emplace(id, due);
    if (first) changed_.notify_one();
    return id;
  }

  bool cancel(TimerId id) override {
    const std::lock_guard lock(mutex_);
    const auto found = due_of_.find(id);
    if (found == due_of_.end()) return false;
    queue_.erase({found->second, id});
    due_of_.erase(found);
    return true;
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    name_thread("weir-service");
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (queue_.empty()) {
        changed_.wait(lock);
        continue;
      }
      const auto [due, id] = queue_.begin()->first;
      const std::int64_t now = clock_.mono_nanos();
      if (due > now) {
        changed_.wait_for(lock, std::chrono::nanoseconds(due - now));
        continue;
      }
      Work work = std::move(queue_.begin()->second);
      queue_.erase(queue_.begin());
      due_of_.erase(id);
      lock.unlock();
      work();
      work = nullptr;
      lock.lock();
    }
  }

  const core::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::pair<std::int64_t, TimerId>, Work> queue_;
  std::map<TimerId, std::int64_t> due_of_;
  TimerId last_id_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

class ThreadRuntime final : public Runtime {
 public:
  explicit ThreadRuntime(unsigned workers) : service_(core::system_clock()) {
    if (workers < 2) return;
    max_queued_ = std::size_t{workers} * 4;
    for (unsigned i = 0; i < workers; ++i) {
      workers_.emplace_back([this, i] { work(i); });
    }
  }
  ~ThreadRuntime() override { join(); }

  const core::Clock& clock() const override { return core::system_clock(); }
  core::Executor& executor() override { return service_; }

  void start(Task& task) override {
    const auto number = tasks_.size();
    tasks_.emplace_back([&task, number] {
      name_thread("weir-input-" + std::to_string(number));
      while (task.step(true) != Task::Step::kEnded) {
      }
    });
  }

  void submit(std::function<void(unsigned)> work) override {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return queue_.size() < max_queued_ || stopping_; });
    if (stopping_) return;  // the batch's messages stay unacknowledged
    queue_.push_back(std::move(work));
    lock.unlock();
    ready_.notify_one();
  }

  unsigned workers() const override { return static_cast<unsigned>(workers_.size()); }
  bool workers_idle() const override { return busy_.load(std::memory_order_relaxed) == 0; }

  bool wait_until(std::function<bool()> condition, std::chrono::nanoseconds limit) override {
    std::unique_lock lock(wait_mutex_);
    if (limit.count() < 0) {
      changed_.wait(lock, condition);
      return true;
    }
    return changed_.wait_for(lock, limit, condition);
  }

  void notify() override {
    { const std::lock_guard lock(wait_mutex_); }
    changed_.notify_all();
  }

  void join() override {
    for (std::thread& thread : tasks_) thread.join();
    tasks_.clear();
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    ready_.notify_all();
    room_.notify_all();
    for (std::thread& thread : workers_) thread.join();
    workers_.clear();
    service_.stop();
  }

 private:
  void work(unsigned index) {
    name_thread("weir-worker-" + std::to_string(index));
    std::unique_lock lock(mutex_);
    while (true) {
      ready_.wait(lock, [&] { return !queue_.empty() || stopping_; });
      if (queue_.empty()) return;
      std::function<void(unsigned)> next = std::move(queue_.front());
      queue_.pop_front();
      busy_.fetch_add(1, std::memory_order_relaxed);
      lock.unlock();
      room_.notify_one();
      next(index);
      next = nullptr;
      lock.lock();
      busy_.fetch_sub(1, std::memory_order_relaxed);
    }
  }

  ServiceThread service_;
  std::vector<std::thread> tasks_;
  std::mutex mutex_;  // guards queue_ and stopping_
  std::condition_variable ready_;
  std::condition_variable room_;
  std::deque<std::function<void(unsigned)>> queue_;
  std::size_t max_queued_ = 1;
  bool stopping_ = false;
  std::atomic<unsigned> busy_{0};
  std::vector<std::thread> workers_;
  std::mutex wait_mutex_;
  std::condition_variable changed_;
};

}  // namespace

std::unique_ptr<Runtime> make_thread_runtime(unsigned workers) {
  return std::make_unique<ThreadRuntime>(workers);
}

}  // namespace weir::engine
