#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include <re2/re2.h>

#include "config/output_child.h"
#include "outputs/all.h"
#include "outputs/serial_writer.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteDone;
using core::WriteResult;

struct DropOnConfig {
  bool error = false;
  std::vector<config::RegexText> error_patterns;
  std::chrono::nanoseconds back_pressure{0};
  config::Child<core::Output> output;
};

config::Spec<DropOnConfig> drop_on_spec() {
  return config::Spec<DropOnConfig>("drop_on")
      .summary("Drops messages that an output does not accept.")
      .description("Dropped messages count as filtered, and a warning says why.")
      .category("utility")
      .field("error", &DropOnConfig::error,
             {.doc = "Drop what the output refuses, whatever the reason."})
      .field("error_patterns", &DropOnConfig::error_patterns,
             {.doc = "Drop what is refused with an error that matches one of these."})
      .field(
          "back_pressure", &DropOnConfig::back_pressure,
          {.doc = "Drop what the output has not begun to take after this time, because it is busy "
                  "with what came before. 0: wait for ever.",
           .examples = {"30s"},
           .min = 0})
      .field("output", &DropOnConfig::output, {.doc = "The output.", .required = true})
      .check([](const DropOnConfig& config) -> core::Status {
        if (!config.error && config.error_patterns.empty() && config.back_pressure.count() == 0) {
          return core::invalid_config(
              "set `error: true`, `error_patterns` or `back_pressure`, or leave `drop_on` out");
        }
        return {};
      });
}

class DropOn final : public core::Output {
 public:
  DropOn(bool any, std::chrono::nanoseconds patience, std::vector<std::unique_ptr<RE2>> patterns,
         std::unique_ptr<core::Output> output, const config::Resources& resources)
      : any_(any),
        patience_(patience),
        patterns_(std::move(patterns)),
        output_(std::move(output)),
        dropped_(resources.counter("output_dropped")),
        executor_(resources.executor()),
        log_(resources.log()),
        writer_("weir-drop-on") {}
  ~DropOn() override { queue_guard_.reset(); }

  core::Status connect(const core::Interrupt& interrupt) override {
    return output_->connect(interrupt);
  }
  bool takes_errors() const override { return true; }
  void flush() override { output_->flush(); }
  void close() override {
    writer_.stop();
    output_->close();
  }

  std::size_t max_in_flight() const override { return SIZE_MAX; }

  void write(Batch batch, WriteDone done) override {
    if (patience_.count() == 0) {
      write_through(std::move(batch), std::move(done));
      return;
    }
    auto one = std::make_shared<Waiting>(Waiting{std::move(batch), std::move(done)});
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(one);
    }
    executor_.post_after(patience_, [weak = std::weak_ptr(queue_guard_), this, one] {
      if (const auto alive = weak.lock()) too_late(one);
    });
    pump();
  }

 private:
  struct Waiting {
    Batch batch;
    WriteDone done;
  };

  // One at a time: the output may hold its caller up, so a thread of its own does the calling.
  void pump() {
    std::shared_ptr<Waiting> next;
    {
      const std::lock_guard lock(mutex_);
      if (busy_ || waiting_.empty()) return;
      busy_ = true;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    writer_.post([this, next] {
      write_through(std::move(next->batch),
                    [this, done = std::move(next->done)](WriteResult result) {
                      {
                        const std::lock_guard lock(mutex_);
                        busy_ = false;
                      }
                      done(std::move(result));
                      pump();
                    });
    });
  }

  void too_late(const std::shared_ptr<Waiting>& one) {
    {
      const std::lock_guard lock(mutex_);
      const auto at = std::find(waiting_.begin(), waiting_.end(), one);
      if (at == waiting_.end()) return;  // the output has it
      waiting_.erase(at);
    }
    dropped_.add(one->batch.size());
    log_.warn("messages_dropped", "The output is blocked: messages are dropped, as configured.",
              {{"messages", std::to_string(one->batch.size())}});
    one->batch.resolve(core::Outcome::kFiltered);
    one->done({});
  }

  void write_through(Batch batch, WriteDone done) {
    output_->write(std::move(batch), [this, done = std::move(done)](WriteResult result) {
      std::vector<WriteResult::Failed> kept;
      for (auto& failed : result.failed) {
        if (failed.error.code == core::ErrorCode::kCancelled || !drops(failed.error.message)) {
          kept.push_back(std::move(failed));
          continue;
        }
        dropped_.add();
        log_.warn("message_dropped", "A message was not accepted and is dropped, as configured.",
                  {{"error", failed.error.message}});
        failed.message.lineage().resolve(core::Outcome::kFiltered);
      }
      result.failed = std::move(kept);
      done(std::move(result));
    });
  }

  [[nodiscard]] bool drops(const std::string& error) const {
    if (any_) return true;
    for (const auto& pattern : patterns_) {
      if (RE2::PartialMatch(error, *pattern)) return true;
    }
    return false;
  }

  const bool any_;
  const std::chrono::nanoseconds patience_;
  std::vector<std::unique_ptr<RE2>> patterns_;
  std::unique_ptr<core::Output> output_;
  core::Counter& dropped_;
  core::Executor& executor_;
  core::Log log_;
  std::shared_ptr<int> queue_guard_ = std::make_shared<int>(0);  // timers outlive us
  std::mutex mutex_;                                             // guards what follows
  std::deque<std::shared_ptr<Waiting>> waiting_;
  bool busy_ = false;
  SerialWriter writer_;
};

core::Result<std::unique_ptr<core::Output>> make_drop_on(const DropOnConfig& config,
                                                         const config::Resources& resources) {
  auto child = config::make_output_child(config.output, resources.impatient());
  if (!child) return core::fail(std::move(child).error());
  std::vector<std::unique_ptr<RE2>> patterns;
  for (const auto& one : config.error_patterns)
    patterns.push_back(std::make_unique<RE2>(one.pattern, RE2::Quiet));
  return std::make_unique<DropOn>(config.error, config.back_pressure, std::move(patterns),
                                  *std::move(child), resources);
}

}  // namespace

void add_drop_on(config::Registry& registry) {
  registry.add_output(drop_on_spec(), make_drop_on);
}

}  // namespace weir::outputs
