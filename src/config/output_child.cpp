#include "config/output_child.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "core/backoff.h"

namespace weir::config {

namespace {

using core::Batch;
using core::Outcome;
using core::WriteDone;
using core::WriteResult;

/// Keeps at most max_in_flight() writes going; the rest waits in order. Where nobody above decides
/// what a failure means (Resources::patient), it also writes again, with back-off and for ever,
/// what may pass later; nothing younger is submitted meanwhile. With one write at a time the order
/// of submission thus is the order of acceptance.
class QueuedOutput final : public core::Output {
 public:
  QueuedOutput(std::unique_ptr<core::Output> output, const Resources& resources)
      : output_(std::move(output)),
        resources_(resources),
        sent_(resources.counter("output_sent")),
        batch_sent_(resources.counter("output_batch_sent")),
        errors_(resources.counter("output_error")),
        latency_(resources.timing("output_latency_ns")),
        up_(resources.gauge("output_connection_up")),
        failed_(resources.counter("output_connection_failed")),
        interrupt_(resources.shared().interrupt),
        refuses_errors_(resources.shared().strict_errors && !output_->takes_errors()),
        retries_(resources.patient() && !output_->takes_errors()),
        backoff_(std::chrono::milliseconds(100), std::chrono::seconds(10)) {}

  core::Status connect(const core::Interrupt& interrupt) override {
    core::Status status = output_->connect(interrupt);
    if (!status && status.error().code == core::ErrorCode::kUnavailable) {
      failed_.add();
      resources_.log().warn(
          "output_connect_failed",
          "The output cannot be reached yet; trying again when there is something to write.",
          {{"error", status.error().message}});
      return {};  // the first write tries again
    }
    if (status) {
      connected_ = true;
      up_.set(1);
    }
    return status;
  }

  void write(Batch batch, WriteDone done) override {
    Entry entry{std::move(batch), std::move(done), {}};
    if (refuses_errors_) {
      entry.collected = split_errors(entry.batch);
      errors_.add(entry.collected.failed.size());
      if (entry.batch.empty()) {
        entry.done(std::move(entry.collected));
        return;
      }
    }
    {
      const std::lock_guard lock(mutex_);
      pending_.push_back(std::move(entry));
    }
    pump();
  }

  std::size_t max_in_flight() const override { return SIZE_MAX; }
  bool takes_errors() const override { return true; }
  void flush() override { output_->flush(); }
  void close() override { output_->close(); }

 private:
  struct Entry {
    Batch batch;
    WriteDone done;
    WriteResult collected;  // of earlier attempts
  };

  // Takes the messages with an unhandled error out of the batch: they never reach an output.
  static WriteResult split_errors(Batch& batch) {
    WriteResult refused;
    bool any = false;
    for (const core::Message& message : batch.messages()) any = any || message.unhandled_error();
    if (!any) return refused;
    refused.keep_alive = batch.sibling();
    std::vector<core::Message> good;
    for (core::Message& message : batch) {
      if (!message.unhandled_error()) {
        good.push_back(std::move(message));
        continue;
      }
      core::Error error{message.error()->code, std::string(message.error()->text)};
      refused.failed.push_back({std::move(message), std::move(error)});
    }
    batch.messages() = std::move(good);
    return refused;
  }

  void pump() {
    std::unique_lock lock(mutex_);
    if (pumping_) return;  // whoever pumps looks again before it stops
    pumping_ = true;
    while (!pending_.empty() && !backing_off_ && in_flight_ < output_->max_in_flight()) {
      Entry entry = std::move(pending_.front());
      pending_.pop_front();
      ++in_flight_;
      lock.unlock();
      submit(std::move(entry));
      lock.lock();
    }
    pumping_ = false;
  }

  void submit(Entry entry) {
    const std::int64_t start = resources_.clock().mono_nanos();
    if (!connected_) {
      core::Status status = interrupt_ == nullptr ? core::Status() : output_->connect(*interrupt_);
      if (!status) {
        failed_.add();
        WriteResult result = WriteResult::all_failed(std::move(entry.batch), status.error());
        finish(std::move(result), entry, start);
        return;
      }
      connected_ = true;
      up_.set(1);
      resources_.log().info("output_connected", "The output is connected.");
    }
    Batch batch = std::move(entry.batch);
    auto held = std::make_shared<Entry>(std::move(entry));
    output_->write(std::move(batch), [this, held, start](WriteResult result) {
      finish(std::move(result), *held, start);
    });
  }

  void finish(WriteResult result, Entry& entry, std::int64_t start) {
    if (!result.delivered.empty()) {
      sent_.add(result.delivered.size());
      batch_sent_.add();
    }
    if (!result.failed.empty()) errors_.add(result.failed.size());
    latency_.record(resources_.clock().mono_nanos() - start);
    const bool stopping = interrupt_ != nullptr && interrupt_->raised();
    Batch again;
    if (retries_ && !stopping) again = take_unavailable(result);
    merge(entry.collected, std::move(result));
    if (again.empty()) {
      {
        const std::lock_guard lock(mutex_);
        --in_flight_;
        if (!backing_off_) backoff_.reset();
      }
      entry.done(std::move(entry.collected));
      pump();
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      --in_flight_;
      entry.batch = std::move(again);
      pending_.push_front(std::move(entry));
      if (backing_off_) return;  // another write's timer is running
      backing_off_ = true;
    }
    resources_.executor().post_after(backoff_.next(resources_.shared().random()), [this] {
      {
        const std::lock_guard lock(mutex_);
        backing_off_ = false;
      }
      pump();
    });
  }

  // The failed messages that may pass later, as a batch; logs why.
  Batch take_unavailable(WriteResult& result) {
    Batch again;
    std::vector<WriteResult::Failed> rest;
    for (WriteResult::Failed& failed : result.failed) {
      if (failed.error.code != core::ErrorCode::kUnavailable) {
        rest.push_back(std::move(failed));
        continue;
      }
      if (again.empty()) {
        again = result.keep_alive.sibling();
        resources_.log().warn("output_write_failed",
                              "Writing failed; the messages will be written again.",
                              {{"error", failed.error.message},
                               {"attempt", std::to_string(backoff_.attempts() + 1)}});
      }
      again.push(std::move(failed.message));
    }
    result.failed = std::move(rest);
    return again;
  }

  static void merge(WriteResult& into, WriteResult from) {
    into.delivered.append(std::move(from.delivered));
    into.keep_alive.append(std::move(from.keep_alive));
    for (auto& failed : from.failed) into.failed.push_back(std::move(failed));
  }

  std::unique_ptr<core::Output> output_;
  Resources resources_;
  core::Counter& sent_;
  core::Counter& batch_sent_;
  core::Counter& errors_;
  core::Timing& latency_;
  core::Gauge& up_;
  core::Counter& failed_;
  const core::Interrupt* interrupt_;
  const bool refuses_errors_;
  const bool retries_;
  std::atomic<bool> connected_{false};
  std::mutex mutex_;  // guards what follows
  std::deque<Entry> pending_;
  std::size_t in_flight_ = 0;
  bool pumping_ = false;
  bool backing_off_ = false;
  core::Backoff backoff_;
};

/// Gathers the results of several writes that stand for one.
struct Gather {
  std::mutex mutex;
  WriteResult result;
  std::size_t open = 0;
  WriteDone done;

  void add(WriteResult part) {
    WriteDone finished;
    WriteResult all;
    {
      const std::lock_guard lock(mutex);
      result.delivered.append(std::move(part.delivered));
      result.keep_alive.append(std::move(part.keep_alive));
      for (auto& failed : part.failed) result.failed.push_back(std::move(failed));
      if (--open > 0) return;
      finished = std::move(done);
      all = std::move(result);
    }
    finished(std::move(all));
  }
};

/// Runs processors in front of an output.
class ProcessedOutput final : public core::Output {
 public:
  ProcessedOutput(ProcessorChain chain, std::unique_ptr<core::Output> output)
      : chain_(std::move(chain)), output_(std::move(output)) {}

  core::Status connect(const core::Interrupt& interrupt) override {
    return output_->connect(interrupt);
  }

  void write(Batch batch, WriteDone done) override {
    core::Batches made = chain_.run(std::move(batch));
    if (made.empty()) {
      done({});
      return;
    }
    if (made.size() == 1) {
      output_->write(std::move(made[0]), std::move(done));
      return;
    }
    auto gather = std::make_shared<Gather>();
    gather->open = made.size();
    gather->done = std::move(done);
    for (std::size_t i = 0; i < made.size(); ++i) {
      // The parts share storage but may end on different threads.
      if (core::Status status = made[i].make_exclusive(); !status) {
        gather->add(WriteResult::all_failed(std::move(made[i]), status.error()));
        continue;
      }
      output_->write(std::move(made[i]),
                     [gather](WriteResult part) { gather->add(std::move(part)); });
    }
  }

  std::size_t max_in_flight() const override { return SIZE_MAX; }
  bool takes_errors() const override { return true; }  // its processors may mend them
  void flush() override { output_->flush(); }
  void close() override {
    output_->close();
    chain_.close();
  }

 private:
  ProcessorChain chain_;
  std::unique_ptr<core::Output> output_;
};

/// Collects what several writes bring into the batches of a policy and tells each write its part.
class BatchedOutput final : public core::Output {
 public:
  static core::Result<std::unique_ptr<core::Output>> make(std::unique_ptr<core::Output> output,
                                                          const BatchPolicyConfig& policy,
                                                          const Resources& resources) {
    auto made = std::make_unique<BatchedOutput>(std::move(output));
    auto batcher = Batcher::make(
        policy, resources, [raw = made.get()](Batch batch) { raw->submit(std::move(batch)); });
    if (!batcher) return core::fail(std::move(batcher).error());
    made->batcher_ = *std::move(batcher);
    return std::unique_ptr<core::Output>(std::move(made));
  }
  explicit BatchedOutput(std::unique_ptr<core::Output> output) : output_(std::move(output)) {}

  core::Status connect(const core::Interrupt& interrupt) override {
    return output_->connect(interrupt);
  }

  void write(Batch batch, WriteDone done) override {
    {
      const std::lock_guard lock(mutex_);
      const std::uint32_t id = next_id_++;
      for (core::Message& message : batch) message.tag = id;
      writes_.push_back({id, batch.size(), {}, std::move(done)});
    }
    batcher_->add(std::move(batch));
  }

  // The policy's batches hold a small multiple of what is in flight: no limit of our own.
  std::size_t max_in_flight() const override { return SIZE_MAX; }
  bool takes_errors() const override { return true; }
  void flush() override {
    batcher_->flush();
    output_->flush();
  }
  void close() override {
    batcher_->stop();
    output_->close();
  }

 private:
  struct Write {
    std::uint32_t id;
    std::size_t open;  // messages whose batch has not ended
    WriteResult collected;
    WriteDone done;
  };
  using Parts = std::vector<std::pair<std::uint32_t, std::size_t>>;  // write id, messages of it

  void submit(Batch batch) {
    Parts parts = parts_of(batch);
    Batch ready = batcher_->process(std::move(batch));
    if (ready.empty()) {
      settle(parts, {});
      return;
    }
    output_->write(std::move(ready), [this, parts = std::move(parts)](WriteResult result) {
      settle(parts, std::move(result));
    });
  }

  static Parts parts_of(const Batch& batch) {
    Parts parts;
    for (const core::Message& message : batch.messages()) {
      if (parts.empty() || parts.back().first != message.tag) parts.emplace_back(message.tag, 0);
      ++parts.back().second;
    }
    return parts;
  }

  // A batch of the policy mixes messages of several writes, and its processors may have made one of
  // many: the result is handed to the first of its writes. Each write is answered once all batches
  // that hold something of it have ended.
  void settle(const Parts& parts, WriteResult result) {
    std::vector<Write> finished;
    {
      const std::lock_guard lock(mutex_);
      bool given = false;
      for (const auto& [id, count] : parts) {
        for (Write& write : writes_) {
          if (write.id != id) continue;
          if (!given) {
            given = true;
            write.collected.delivered.append(std::move(result.delivered));
            write.collected.keep_alive.append(std::move(result.keep_alive));
            for (auto& failed : result.failed) write.collected.failed.push_back(std::move(failed));
          }
          write.open -= count;
          break;
        }
      }
      for (std::size_t i = 0; i < writes_.size();) {
        if (writes_[i].open > 0) {
          ++i;
          continue;
        }
        finished.push_back(std::move(writes_[i]));
        writes_.erase(writes_.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    for (Write& write : finished) write.done(std::move(write.collected));
  }

  std::unique_ptr<core::Output> output_;
  std::shared_ptr<Batcher> batcher_;
  std::mutex mutex_;  // guards what follows
  std::deque<Write> writes_;
  std::uint32_t next_id_ = 0;
};

}  // namespace

core::Result<std::unique_ptr<core::Output>> make_output_child(const Child<core::Output>& child,
                                                              const Resources& resources) {
  auto made = child.make(resources);
  if (!made) return core::fail(std::move(made).error());
  const Resources own = resources.for_component(child.plan().label, child.plan().path);
  auto queued = queued_output(*std::move(made), own);
  if (child.plan().processors.empty()) return queued;
  auto chain = ProcessorChain::make(child.plan().processors, resources);
  if (!chain) return core::fail(std::move(chain).error());
  return std::unique_ptr<core::Output>(
      std::make_unique<ProcessedOutput>(*std::move(chain), std::move(queued)));
}

std::unique_ptr<core::Output> queued_output(std::unique_ptr<core::Output> output,
                                            const Resources& resources) {
  return std::make_unique<QueuedOutput>(std::move(output), resources);
}

core::Result<std::unique_ptr<core::Output>> batched_output(std::unique_ptr<core::Output> output,
                                                           const BatchPolicyConfig& policy,
                                                           const Resources& resources) {
  if (!policy.enabled() && policy.period.empty()) return output;
  // The policy's batches wait for the leaf's max_in_flight() behind the batcher.
  return BatchedOutput::make(queued_output(std::move(output), resources), policy, resources);
}

core::WriteResult write_and_wait(core::Output& output, core::Batch batch) {
  struct State {
    std::mutex mutex;
    std::condition_variable ended;
    bool done = false;
    WriteResult result;
  };
  auto state = std::make_shared<State>();
  output.write(std::move(batch), [state](WriteResult result) {
    const std::lock_guard lock(state->mutex);
    state->result = std::move(result);
    state->done = true;
    state->ended.notify_one();
  });
  std::unique_lock lock(state->mutex);
  state->ended.wait(lock, [&] { return state->done; });
  return std::move(state->result);
}

}  // namespace weir::config
