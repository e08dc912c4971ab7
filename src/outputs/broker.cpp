#include <atomic>
#include <deque>
#include <mutex>

#include "config/output_child.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::Outcome;
using core::WriteDone;
using core::WriteResult;

struct BrokerConfig {
  std::uint64_t copies = 1;
  std::string pattern = "fan_out";
  std::vector<config::Child<core::Output>> outputs;
  config::BatchPolicyConfig batching;
};

config::Spec<BrokerConfig> broker_spec() {
  return config::Spec<BrokerConfig>("broker")
      .summary("Sends messages to several outputs.")
      .description(
          "The `fan_out` patterns give every message to all outputs; it counts as delivered when "
          "all have it, and the "
          "slowest one sets the pace. `round_robin` and `greedy` give each batch to one of them.")
      .category("routing")
      .field("copies", &BrokerConfig::copies,
             {.doc = "How often the list of outputs is made.",
              .advanced = true,
              .min = 1,
              .max = 1000})
      .field(
          "pattern", &BrokerConfig::pattern,
          {.doc = "How messages are spread.",
           .options = {{"fan_out", "to all at once; each is written to until it accepts"},
                       {"fan_out_fail_fast", "to all at once; a failure fails the message"},
                       {"fan_out_sequential", "to one after the other"},
                       {"fan_out_sequential_fail_fast", "to one after the other, until one fails"},
                       {"round_robin", "batches in turn"},
                       {"greedy", "each batch to whoever has least to do"}}})
      .field("outputs", &BrokerConfig::outputs, {.doc = "The outputs.", .required = true})
      .field("batching", &BrokerConfig::batching,
             {.doc = "Forms batches in front of the outputs.", .advanced = true})
      .check([](const BrokerConfig& config) -> core::Status {
        if (config.outputs.empty())
          return core::invalid_config("`outputs` needs at least one entry");
        return {};
      });
}

/// The copies that one output of a fan-out gets, as a delivery of their own: however the output
/// cuts and joins them, in the end it is known of each message what became of it.
class CopyDelivery final : public core::Delivery {
 public:
  using Done = std::function<void(CopyDelivery&)>;
  /// `originals` keeps its lineages until `done`.
  CopyDelivery(const Batch& originals, Done done)
      : Delivery(static_cast<std::uint32_t>(originals.size())), done_(std::move(done)) {
    for (const core::Message& message : originals.messages())
      origins_.emplace_back(message.lineage().delivery(), message.lineage().slot());
  }

  void add_response(std::uint32_t slot, Response response) override {
    const auto& [delivery, original] = origins_[slot];
    if (delivery != nullptr) delivery->add_response(original, std::move(response));
  }

 protected:
  bool on_resolved() override {
    done_(*this);
    return true;
  }

 private:
  Done done_;
  std::vector<std::pair<Delivery*, std::uint32_t>> origins_;
};

// Writes a copy of the batch to an output; `done` gets, per message, an error or nothing.
void write_copy(core::Output& output, Batch& batch,
                std::function<void(std::vector<std::optional<core::Error>>)> done) {
  auto copy = batch.clone();
  if (!copy) {
    done(std::vector<std::optional<core::Error>>(batch.size(), copy.error()));
    return;
  }
  auto* delivery = new CopyDelivery(batch, [done = std::move(done)](CopyDelivery& ended) {
    std::vector<std::optional<core::Error>> errors(ended.size());
    for (std::uint32_t i = 0; i < ended.size(); ++i) {
      if (ended.outcome(i) < Outcome::kFailed) continue;
      const core::Error* error = ended.error(i);
      errors[i] =
          error != nullptr ? *error : core::Error{core::ErrorCode::kUnavailable, "not delivered"};
    }
    done(std::move(errors));
  });
  for (std::uint32_t i = 0; i < delivery->size(); ++i)
    (*copy)[i].set_lineage(core::Lineage::adopt(*delivery, i));
  output.write(*std::move(copy), [](WriteResult result) {
    for (auto& failed : result.failed)
      failed.message.lineage().resolve(Outcome::kFailed, &failed.error);
    result.delivered.resolve(Outcome::kDelivered);
  });
}

/// One batch on its way through a fan-out.
struct FanOut {
  std::mutex mutex;
  Batch batch;
  WriteDone done;
  std::vector<std::optional<core::Error>> errors;
  std::vector<WriteResult::Failed> refused;  // set aside: no further output gets them
  std::size_t open = 0;
};

class Broker final : public core::Output {
 public:
  Broker(std::vector<std::unique_ptr<core::Output>> outputs, std::string pattern)
      : outputs_(std::move(outputs)), busy_(outputs_.size()), pattern_(std::move(pattern)) {}

  core::Status connect(const core::Interrupt& interrupt) override {
    for (auto& output : outputs_) WEIR_CHECK_OK(output->connect(interrupt));
    return {};
  }
  bool takes_errors() const override { return true; }
  std::size_t max_in_flight() const override { return SIZE_MAX; }
  void flush() override {
    for (auto& output : outputs_) output->flush();
  }
  void close() override {
    for (auto& output : outputs_) output->close();
  }

  void write(Batch batch, WriteDone done) override {
    if (pattern_ == "round_robin" || pattern_ == "greedy") {
      one_of_them(std::move(batch), std::move(done));
      return;
    }
    auto state = std::make_shared<FanOut>();
    state->errors.resize(batch.size());
    state->batch = std::move(batch);
    state->done = std::move(done);
    if (pattern_.starts_with("fan_out_sequential")) {
      next_in_turn(state, 0);
      return;
    }
    state->open = outputs_.size();
    for (auto& output : outputs_) {
      // Copies are made here, on one thread, before any of them can end the batch.
      write_copy(*output, state->batch,
                 [this, state](std::vector<std::optional<core::Error>> errors) {
                   joined(state, std::move(errors));
                 });
    }
  }

 private:
  void one_of_them(Batch batch, WriteDone done) {
    std::size_t at = next_.fetch_add(1) % outputs_.size();
    if (pattern_ == "greedy") {
      for (std::size_t i = 0; i < outputs_.size(); ++i) {
        if (busy_[i].load() < busy_[at].load()) at = i;
      }
    }
    busy_[at].fetch_add(1);
    outputs_[at]->write(std::move(batch), [this, at, done = std::move(done)](WriteResult result) {
      busy_[at].fetch_sub(1);
      done(std::move(result));
    });
  }

  static void note(FanOut& state, std::vector<std::optional<core::Error>> errors) {
    for (std::size_t i = 0; i < errors.size(); ++i) {
      if (errors[i] && !state.errors[i]) state.errors[i] = std::move(errors[i]);
    }
  }

  void joined(const std::shared_ptr<FanOut>& state,
              std::vector<std::optional<core::Error>> errors) {
    {
      const std::lock_guard lock(state->mutex);
      note(*state, std::move(errors));
      if (--state->open > 0) return;
    }
    settle(*state);
  }

  void next_in_turn(const std::shared_ptr<FanOut>& state, std::size_t at) {
    if (pattern_.ends_with("fail_fast")) set_failed_aside(*state);
    if (at == outputs_.size() || state->batch.empty()) {
      settle(*state);
      return;
    }
    write_copy(*outputs_[at], state->batch,
               [this, state, at](std::vector<std::optional<core::Error>> errors) {
                 note(*state, std::move(errors));
                 next_in_turn(state, at + 1);
               });
  }

  // The others of the batch go on to the outputs behind.
  static void set_failed_aside(FanOut& state) {
    Batch good = state.batch.sibling();
    for (std::size_t i = 0; i < state.batch.size(); ++i) {
      if (state.errors[i]) {
        state.refused.push_back({std::move(state.batch[i]), *state.errors[i]});
      } else {
        good.push(std::move(state.batch[i]));
      }
    }
    state.batch = std::move(good);
    state.errors.assign(state.batch.size(), std::nullopt);
  }

  static void settle(FanOut& state) {
    WriteResult result;
    result.keep_alive = state.batch.sibling();
    result.failed = std::move(state.refused);
    Batch good = state.batch.sibling();
    for (std::size_t i = 0; i < state.batch.size(); ++i) {
      if (state.errors[i]) {
        result.failed.push_back({std::move(state.batch[i]), *state.errors[i]});
      } else {
        good.push(std::move(state.batch[i]));
      }
    }
    state.batch = Batch();
    result.delivered = std::move(good);
    state.done(std::move(result));
  }

  std::vector<std::unique_ptr<core::Output>> outputs_;
  std::deque<std::atomic<std::size_t>> busy_;
  const std::string pattern_;
  std::atomic<std::size_t> next_{0};
};

core::Result<std::unique_ptr<core::Output>> make_broker(BrokerConfig config,
                                                        const config::Resources& resources) {
  std::vector<std::unique_ptr<core::Output>> outputs;
  // An output that failed while its brothers had the message must not make them get it twice:
  // unless asked to fail fast, each output of a fan-out is written to until it accepts.
  const bool fail_fast = config.pattern.ends_with("fail_fast");
  const bool fan_out = config.pattern.starts_with("fan_out");
  for (std::uint64_t copy = 0; copy < config.copies; ++copy) {
    for (const auto& child : config.outputs) {
      auto output = config::make_output_child(
          child, fail_fast ? resources.impatient()
                           : (fan_out ? resources.with_patience(true) : resources));
      if (!output) return core::fail(std::move(output).error());
      outputs.push_back(*std::move(output));
    }
  }
  return config::batched_output(
      std::make_unique<Broker>(std::move(outputs), std::move(config.pattern)), config.batching,
      resources);
}

}  // namespace

void add_broker(config::Registry& registry) {
  registry.add_output(broker_spec(), make_broker);
}

}  // namespace weir::outputs
