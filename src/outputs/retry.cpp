#include <atomic>
#include <optional>

#include "config/output_child.h"
#include "core/backoff.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteDone;
using core::WriteResult;

struct RetryConfig {
  std::uint64_t max_retries = 0;
  struct Times {
    std::chrono::nanoseconds initial_interval = std::chrono::milliseconds(500);
    std::chrono::nanoseconds max_interval = std::chrono::seconds(3);
    std::chrono::nanoseconds max_elapsed_time{0};
    static const config::Spec<Times>& spec();
  } backoff;
  config::Child<core::Output> output;
};

const config::Spec<RetryConfig::Times>& RetryConfig::Times::spec() {
  static const config::Spec<Times> made =
      config::Spec<Times>()
          .field("initial_interval", &Times::initial_interval, {.doc = "First wait.", .min = 0.001})
          .field("max_interval", &Times::max_interval, {.doc = "Longest wait.", .min = 0.001})
          .field("max_elapsed_time", &Times::max_elapsed_time,
                 {.doc = "Give up after this long. 0: never."});
  return made;
}

config::Spec<RetryConfig> retry_spec() {
  return config::Spec<RetryConfig>("retry")
      .summary("Writes again what an output does not accept, whatever the reason.")
      .description("While one batch is being retried no other is submitted, so order holds.")
      .category("utility")
      .field("max_retries", &RetryConfig::max_retries,
             {.doc = "Attempts after the first. 0: no limit."})
      .field("backoff", &RetryConfig::backoff, {.doc = "Waits between attempts.", .advanced = true})
      .field("output", &RetryConfig::output, {.doc = "The output.", .required = true});
}

class Retry final : public core::Output {
 public:
  Retry(RetryConfig config, std::unique_ptr<core::Output> output,
        const config::Resources& resources)
      : config_(std::move(config)), output_(std::move(output)), resources_(resources) {}

  core::Status connect(const core::Interrupt& interrupt) override {
    return output_->connect(interrupt);
  }
  std::size_t max_in_flight() const override { return 1; }
  bool takes_errors() const override { return true; }
  void flush() override { output_->flush(); }
  void close() override { output_->close(); }

  void write(Batch batch, WriteDone done) override {
    auto state = std::make_shared<State>(
        State{{},
              std::move(done),
              core::Backoff(config_.backoff.initial_interval, config_.backoff.max_interval, 1.5),
              resources_.clock().mono_nanos()});
    attempt(std::move(batch), state);
  }

 private:
  struct State {
    WriteResult collected;
    WriteDone done;
    core::Backoff backoff;
    std::int64_t start;
  };

  void attempt(Batch batch, const std::shared_ptr<State>& state) {
    output_->write(std::move(batch), [this, state](WriteResult result) {
      state->collected.delivered.append(std::move(result.delivered));
      Batch again = result.keep_alive.sibling();
      const bool stopping =
          resources_.shared().interrupt != nullptr && resources_.shared().interrupt->raised();
      const bool spent =
          config_.max_retries > 0 && state->backoff.attempts() >= config_.max_retries;
      const bool late = config_.backoff.max_elapsed_time.count() > 0 &&
                        resources_.clock().mono_nanos() - state->start >=
                            config_.backoff.max_elapsed_time.count();
      std::string why;
      for (auto& failed : result.failed) {
        // A message that a processor flagged will be refused again however often it is written.
        if (stopping || spent || late || failed.error.code == core::ErrorCode::kCancelled ||
            failed.message.unhandled_error()) {
          state->collected.failed.push_back(std::move(failed));
          continue;
        }
        why = failed.error.message;
        again.push(std::move(failed.message));
      }
      state->collected.keep_alive.append(std::move(result.keep_alive));
      if (again.empty()) {
        state->done(std::move(state->collected));
        return;
      }
      const auto wait = state->backoff.next(resources_.shared().random());
      resources_.log().warn(
          "output_retry", "Writing failed; trying again.",
          {{"error", why}, {"attempt", std::to_string(state->backoff.attempts())}});
      auto held = std::make_shared<Batch>(std::move(again));
      resources_.executor().post_after(wait,
                                       [this, held, state] { attempt(std::move(*held), state); });
    });
  }

  const RetryConfig config_;
  std::unique_ptr<core::Output> output_;
  config::Resources resources_;
};

core::Result<std::unique_ptr<core::Output>> make_retry(RetryConfig config,
                                                       const config::Resources& resources) {
  auto child = config::make_output_child(config.output, resources.impatient());
  if (!child) return core::fail(std::move(child).error());
  return std::make_unique<Retry>(std::move(config), *std::move(child), resources);
}

}  // namespace

void add_retry(config::Registry& registry) {
  registry.add_output(retry_spec(), make_retry);
}

}  // namespace weir::outputs
