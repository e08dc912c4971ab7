#include "config/output_child.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "core/json_text.h"

namespace weir::config {

namespace {

using core::Batch;
using core::Outcome;
using core::WriteDone;
using core::WriteResult;

/// Keeps at most max_in_flight() writes going; the rest waits in order.
class QueuedOutput final : public core::Output {
 public:
  QueuedOutput(std::unique_ptr<core::Output> output, const Resources& resources)
      : output_(std::move(output)),
        clock_(resources.clock()),
        log_(resources.log()),
        sent_(resources.counter("output_sent")),
        batch_sent_(resources.counter("output_batch_sent")),
        errors_(resources.counter("output_error")),
        latency_(resources.timing("output_latency_ns")),
        up_(resources.gauge("output_connection_up")),
        failed_(resources.counter("output_connection_failed")),
        interrupt_(resources.shared().interrupt),
        refuses_errors_(resources.shared().strict_errors && !output_->takes_errors()) {}

  core::Status connect(const core::Interrupt& interrupt) override {
    core::Status status = output_->connect(interrupt);
    if (!status && status.error().code == core::ErrorCode::kUnavailable) {
      failed_.add();
      log_.warn("output_connect_failed", "The output cannot be reached yet; trying again when there is something to write.",
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
    if (refuses_errors_) {
      WriteResult refused = split_errors(batch);
      if (!refused.failed.empty()) {
        errors_.add(refused.failed.size());
        if (batch.empty()) {
          done(std::move(refused));
          return;
        }
        done = [done = std::move(done), refused = std::make_shared<WriteResult>(std::move(refused))](WriteResult rest) {
          rest.keep_alive.append(std::move(refused->keep_alive));
          for (auto& failed : refused->failed) rest.failed.push_back(std::move(failed));
          done(std::move(rest));
        };
      }
    }
    {
      const std::lock_guard lock(mutex_);
      pending_.push_back({std::move(batch), std::move(done)});
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
    while (!pending_.empty() && in_flight_ < output_->max_in_flight()) {
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
    if (!connected_) {
      core::Status status = interrupt_ == nullptr ? core::Status() : output_->connect(*interrupt_);
      if (!status) {
        failed_.add();
        finish(WriteResult::all_failed(std::move(entry.batch), status.error()), entry.done, clock_.mono_nanos());
        return;
      }
      connected_ = true;
      up_.set(1);
      log_.info("output_connected", "The output is connected.");
    }
    output_->write(std::move(entry.batch),
                   [this, done = std::move(entry.done), start = clock_.mono_nanos()](WriteResult result) {
                     finish(std::move(result), done, start);
                   });
  }

  void finish(WriteResult result, const WriteDone& done, std::int64_t start) {
    if (!result.delivered.empty()) {
      sent_.add(result.delivered.size());
      batch_sent_.add();
    }
    if (!result.failed.empty()) errors_.add(result.failed.size());
    latency_.record(clock_.mono_nanos() - start);
    {
      const std::lock_guard lock(mutex_);
      --in_flight_;
    }
    done(std::move(result));
    pump();
  }

  std::unique_ptr<core::Output> output_;
  const core::Clock& clock_;
  core::Log log_;
  core::Counter& sent_;
  core::Counter& batch_sent_;
  core::Counter& errors_;
  core::Timing& latency_;
  core::Gauge& up_;
  core::Counter& failed_;
  const core::Interrupt* interrupt_;
  const bool refuses_errors_;
  bool connected_ = false;  // used by the pumping thread only
  std::mutex mutex_;
  std::deque<Entry> pending_;
  std::size_t in_flight_ = 0;
  bool pumping_ = false;
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

  core::Status connect(const core::Interrupt& interrupt) override { return output_->connect(interrupt); }

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
      output_->write(std::move(made[i]), [gather](WriteResult part) { gather->add(std::move(part)); });
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
    auto batcher = Batcher::make(policy, resources, [raw = made.get()](Batch batch) { raw->submit(std::move(batch)); });
    if (!batcher) return core::fail(std::move(batcher).error());
    made->batcher_ = *std::move(batcher);
    return std::unique_ptr<core::Output>(std::move(made));
  }
  explicit BatchedOutput(std::unique_ptr<core::Output> output) : output_(std::move(output)) {}

  core::Status connect(const core::Interrupt& interrupt) override { return output_->connect(interrupt); }

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
    Parts parts;
    for (const core::Message& message : batch.messages()) {
      if (parts.empty() || parts.back().first != message.tag) parts.emplace_back(message.tag, 0);
      ++parts.back().second;
    }
    Batch ready = batcher_->process(std::move(batch));
    if (ready.empty()) {
      settle(parts, {});
      return;
    }
    output_->write(std::move(ready), [this, parts = std::move(parts)](WriteResult result) {
      settle(parts, std::move(result));
    });
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
  return std::unique_ptr<core::Output>(std::make_unique<ProcessedOutput>(*std::move(chain), std::move(queued)));
}

std::unique_ptr<core::Output> queued_output(std::unique_ptr<core::Output> output, const Resources& resources) {
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
