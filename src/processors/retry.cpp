#include "core/backoff.h"
#include "core/duration.h"
#include "processors/all.h"
#include "processors/lanes.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::Message;
using std::chrono::nanoseconds;

struct RetryBackoff {
  nanoseconds initial_interval = std::chrono::milliseconds(500);
  nanoseconds max_interval = std::chrono::seconds(10);
  nanoseconds max_elapsed_time = std::chrono::minutes(1);

  static const config::Spec<RetryBackoff>& spec() {
    static const config::Spec<RetryBackoff> made =
        config::Spec<RetryBackoff>()
            .field("initial_interval", &RetryBackoff::initial_interval,
                   {.doc = "Wait before the second attempt.", .min = 0})
            .field("max_interval", &RetryBackoff::max_interval,
                   {.doc = "Longest wait between two attempts.", .min = 0})
            .field("max_elapsed_time", &RetryBackoff::max_elapsed_time,
                   {.doc = "Time after which a message is given up. 0s: never.", .min = 0});
    return made;
  }
};

struct RetryConfig {
  RetryBackoff backoff;
  config::ProcessorList processors;
  bool parallel = false;
  std::uint64_t max_retries = 0;
};

constexpr std::size_t kMostLanes = 64;

config::Spec<RetryConfig> retry_spec() {
  return config::Spec<RetryConfig>("retry")
      .summary("Runs processors on each message until none of the results is flagged as failed.")
      .description(
          "Each attempt starts from the message as it came, with the metadata `retry_count` and "
          "`backoff_duration` from the second attempt on. A message that is given up passes on as "
          "the last attempt left it, flagged. A flag from before is cleared for the attempts.")
      .category("composition")
      .field("backoff", &RetryConfig::backoff, {.doc = "Waits between attempts."})
      .field("processors", &RetryConfig::processors, {.doc = "The processors.", .required = true})
      .field("parallel", &RetryConfig::parallel,
             {.doc = "Work on all messages of a batch at a time (64 at most). Order is kept."})
      .field("max_retries", &RetryConfig::max_retries,
             {.doc = "Attempts after the first. 0: as many as `max_elapsed_time` allows.",
              .advanced = true});
}

class Retry final : public core::Processor {
 public:
  Retry(const RetryConfig& config, LaneChains chains, const config::Resources& resources)
      : config_(config),
        lanes_(config.parallel ? kMostLanes : 1, resources),
        chains_(std::move(chains)),
        clock_(resources.clock()),
        random_(resources.shared().random()),
        interrupt_(resources.shared().interrupt) {}

  Batches process(Batch batch) override {
    const std::size_t lanes = chains_.prepare(lanes_.used_for(batch.size()));
    return Batches(run_each(lanes_, lanes, std::move(batch), [this](std::size_t lane, Batch one) {
      return attempts(lane, std::move(one));
    }));
  }
  void close() override { chains_.close(); }

 private:
  Batch attempts(std::size_t lane, Batch one) {
    core::Backoff backoff(config_.backoff.initial_interval, config_.backoff.max_interval, 1.5);
    const std::int64_t start = clock_.mono_nanos();
    for (std::uint64_t retries = 0;;) {
      Batch attempt = one.sibling();
      attempt.push(one[0].share_copy());
      attempt[0].clear_error();
      Batch made = run_joined(chains_[lane], std::move(attempt));
      bool failed = false;
      for (const Message& message : made.messages()) failed = failed || message.errored();
      ++retries;
      const nanoseconds wait = backoff.next(jitter());
      const bool spent =
          (config_.max_retries > 0 && retries > config_.max_retries) ||
          (config_.backoff.max_elapsed_time.count() > 0 &&
           clock_.mono_nanos() - start + wait.count() > config_.backoff.max_elapsed_time.count());
      if (!failed || spent) {
        one.resolve(core::Outcome::kFiltered);  // what was made of it holds the same slots
        return made;
      }
      made.resolve(core::Outcome::kFiltered);
      // Stopping by force: what is dropped here counts as not delivered and is read again.
      if (interrupt_ != nullptr &&
          !interrupt_->wait_for(std::chrono::ceil<std::chrono::milliseconds>(wait))) {
        return {};
      }
      Message& message = one[0];
      message.set_metadata("retry_count", core::Value::integer(static_cast<std::int64_t>(retries)));
      message.set_metadata("backoff_duration",
                           core::Value::string(message.arena().copy(core::to_go_duration(wait))));
    }
  }
  std::uint64_t jitter() {
    // Any thread: a step of a counter, mixed.
    std::uint64_t x = random_.fetch_add(0x9e3779b97f4a7c15U, std::memory_order_relaxed);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    return x ^ (x >> 27);
  }

  const RetryConfig config_;
  Lanes lanes_;
  LaneChains chains_;
  const core::Clock& clock_;
  std::atomic<std::uint64_t> random_;
  const core::Interrupt* interrupt_;
};

core::Result<std::unique_ptr<core::Processor>> make_retry(const RetryConfig& config,
                                                          const config::Resources& resources) {
  auto chains = LaneChains::make(config.processors, resources);
  if (!chains) return core::fail(std::move(chains).error());
  return std::make_unique<Retry>(config, *std::move(chains), resources);
}

}  // namespace

void add_retry(config::Registry& registry) {
  registry.add_processor(retry_spec(), make_retry);
}

}  // namespace weir::processors
