#include "processors/all.h"
#include "processors/lanes.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::Message;

struct TryCatchConfig {
  config::ProcessorList processors;
  config::ProcessorList handler;
  std::string error_metadata = "error";
};

config::Spec<TryCatchConfig> try_catch_spec() {
  return config::Spec<TryCatchConfig>("try_catch")
      .summary("Runs processors on each message until one fails; then others, on the failed ones.")
      .description(
          "When a processor fails, the rest of `processors` is left out for the message, what went "
          "wrong becomes an object in its metadata (`what`, `name`, `label`, `path` of the "
          "processor), its flag is cleared and `catch` runs on it. A failure inside `catch` flags "
          "the message again. A message that was flagged before passes unchanged.")
      .category("composition")
      .field("processors", &TryCatchConfig::processors, {.doc = "The processors to try."})
      .field("catch", &TryCatchConfig::handler, {.doc = "Processors for messages that failed."})
      .field("error_metadata", &TryCatchConfig::error_metadata,
             {.doc = "Metadata key of the failure inside `catch` and after it."});
}

class TryCatch final : public core::Processor {
 public:
  TryCatch(std::vector<config::ProcessorChain> steps, config::ProcessorChain handler,
           std::string key)
      : steps_(std::move(steps)), handler_(std::move(handler)), key_(std::move(key)) {}

  Batches process(Batch batch) override {
    // Runs of messages in order, each all tried, all failed before, or all failed here.
    std::vector<Run> runs;
    split(std::move(batch), State::kBefore, runs);
    for (auto& step : steps_) {
      std::vector<Run> next;
      for (Run& run : runs) {
        if (run.state != State::kTrying) {
          next.push_back(std::move(run));
        } else {
          split(run_joined(step, std::move(run.batch)), State::kFailed, next);
        }
      }
      runs = std::move(next);
    }
    Batch all;
    for (Run& run : runs) {
      if (run.state == State::kFailed) {
        for (Message& message : run.batch) note(message);
        run.batch = run_joined(handler_, std::move(run.batch));
      }
      all.append(std::move(run.batch));
    }
    return Batches(std::move(all));
  }
  void close() override {
    for (auto& step : steps_) step.close();
    handler_.close();
  }

 private:
  enum class State : std::uint8_t { kTrying, kBefore, kFailed };
  struct Run {
    Batch batch;
    State state;
  };

  static void split(Batch batch, State flagged, std::vector<Run>& out) {
    const Batch pattern = batch.sibling();
    for (Message& message : batch) {
      const State state = message.errored() ? flagged : State::kTrying;
      if (&message == &batch[0] || out.back().state != state)
        out.push_back({pattern.sibling(), state});
      out.back().batch.push(std::move(message));
    }
  }

  void note(Message& message) const {
    core::Arena& arena = message.arena();
    const core::MessageError& error = *message.error();
    core::Value record = core::Value::object(arena, 4);
    core::set_member(record, "what", core::Value::string(error.text), arena);
    core::set_member(record, "name", core::Value::string(error.component), arena);
    core::set_member(record, "label", core::Value::string(error.label), arena);
    core::set_member(record, "path", core::Value::string(error.path), arena);
    message.set_metadata(arena.copy(key_), record);
    message.clear_error();
  }

  std::vector<config::ProcessorChain> steps_;
  config::ProcessorChain handler_;
  std::string key_;
};

core::Result<std::unique_ptr<core::Processor>> make_try_catch(const TryCatchConfig& config,
                                                              const config::Resources& resources) {
  std::vector<config::ProcessorChain> steps;
  for (const auto& child : config.processors) {
    auto step = config::ProcessorChain::make({child}, resources);
    if (!step) return core::fail(std::move(step).error());
    steps.push_back(*std::move(step));
  }
  auto handler = config::ProcessorChain::make(config.handler, resources);
  if (!handler) return core::fail(std::move(handler).error());
  return std::make_unique<TryCatch>(std::move(steps), *std::move(handler), config.error_metadata);
}

}  // namespace

void add_try_catch(config::Registry& registry) {
  registry.add_processor(try_catch_spec(), make_try_catch);
}

}  // namespace weir::processors
