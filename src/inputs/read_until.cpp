#include <optional>

#include "config/ack_ledger.h"
#include "config/input_child.h"
#include "config/mapping_fields.h"
#include "core/duration.h"
#include "inputs/all.h"

namespace weir::inputs {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

struct ReadUntilConfig {
  config::Child<core::Input> input;
  config::MappingField check;
  std::string idle_timeout;
  bool restart_input = false;
};

config::Spec<ReadUntilConfig> read_until_spec() {
  return config::Spec<ReadUntilConfig>("read_until")
      .summary("Reads an input until a message passes a check, or until it has been silent.")
      .description(
          "The message that passes the check is the last one handed out, with the metadata "
          "`benthos_read_until` set to `final`. What the input had read beyond it is left unread: "
          "its position stays in front, so an input that keeps positions begins there again (and "
          "may repeat messages that arrived with it).")
      .category("utility")
      .field("input", &ReadUntilConfig::input, {.doc = "The input.", .required = true})
      .field("check", &ReadUntilConfig::check,
             {.doc = "A mapping that says of each message whether it is the last.",
              .examples = {R"(this.type == "end")", "count(\"messages\") >= 1000"}})
      .field("idle_timeout", &ReadUntilConfig::idle_timeout,
             {.doc = "End when no message came for this long.", .examples = {"5s"}})
      .field("restart_input", &ReadUntilConfig::restart_input,
             {.doc = "When the input ends by itself, start it again."})
      .check([](const ReadUntilConfig& config) -> core::Status {
        if (!config.check && config.idle_timeout.empty())
          return core::invalid_config("needs a `check` or an `idle_timeout`");
        if (config.idle_timeout.empty()) return {};
        auto parsed = core::parse_duration(config.idle_timeout);
        if (!parsed)
          return core::fail(std::move(parsed).error().with_context("reading `idle_timeout`"));
        if (parsed->count() <= 0) return core::invalid_config("`idle_timeout` must be positive");
        return {};
      })
      .example("The first thousand lines",
               "read_until:\n  check: count(\"lines\") >= 1000\n  input:\n    stdin: {}\n");
}

class ReadUntil final : public core::Input {
 public:
  ReadUntil(ReadUntilConfig config, config::InputChild child, const config::Resources& resources)
      : config_(std::move(config)),
        resources_(resources),
        evaluator_(resources),
        child_(std::move(child)) {
    if (auto idle = core::parse_duration(config_.idle_timeout)) idle_nanos_ = idle->count();
    traits_ = child_->traits();
    traits_.finite = true;
  }

  core::InputTraits traits() const override { return traits_; }

  core::Status connect(core::ReadContext& context) override {
    if (!child_) return {};  // it is made again by read()
    config::LedgerContext below(context, ledger_, *this);
    WEIR_CHECK_OK(child_->connect(below));
    connected_ = true;
    if (!last_message_) last_message_ = now();
    return {};
  }

  core::Result<core::ReadResult> read(core::ReadContext& context) override {
    if (over_) return core::ReadResult::end();
    if (ended_ && !restart(context)) return core::ReadResult::idle();
    if (!connected_) WEIR_CHECK_OK(connect(context));
    config::LedgerContext below(context, ledger_, *this);
    auto result = child_->read(below);
    if (!result) {
      if (result.error().code == core::ErrorCode::kUnavailable) connected_ = false;
      return result;
    }
    switch (result->status) {
      case core::ReadStatus::kEnd:
        if (!config_.restart_input) {
          over_ = true;
          return result;
        }
        ended_ = true;
        return core::ReadResult::idle();
      case core::ReadStatus::kIdle:
        if (idle_nanos_ > 0 && now() - *last_message_ >= idle_nanos_) {
          over_ = true;
          return core::ReadResult::end();
        }
        return result;
      case core::ReadStatus::kBatch: break;
    }
    last_message_ = now();
    gave_messages_ = true;
    if (config_.check) look_for_last(*result, below.numbers());
    return result;
  }

  void acknowledge(std::string_view partition, const core::Position& position) override {
    ledger_.acknowledge(this, partition, position);
  }

  void close() override {
    if (child_) child_->close();
  }

 private:
  [[nodiscard]] std::int64_t now() const { return resources_.clock().mono_nanos(); }

  // What was read is acknowledged to the input it came from, so that one must have ended for good.
  bool restart(core::ReadContext& context) {
    if (!ledger_.empty()) {
      context.interrupt().wait_for(std::min(context.wait_limit(), std::chrono::milliseconds(10)));
      return false;
    }
    // An input that has nothing to give must not be made again and again at full speed.
    if (!gave_messages_ && now() - ended_at_.value_or(ended_at_.emplace(now())) < kSecond) {
      context.interrupt().wait_for(std::min(context.wait_limit(), std::chrono::milliseconds(100)));
      return false;
    }
    ended_at_.reset();
    if (child_) child_->close();
    child_.reset();
    connected_ = false;
    auto made = config::InputChild::make_nested(config_.input, resources_);
    if (!made) {
      resources_.log().error("input_restart_failed", "The input could not be made again.",
                             {{"error", made.error().message}});
      over_ = true;
      return false;
    }
    child_.emplace(*std::move(made));
    gave_messages_ = false;
    ended_ = false;
    return true;
  }

  void look_for_last(core::ReadResult& result, const std::vector<std::uint64_t>& numbers) {
    for (std::size_t b = 0; b < result.admitted.size(); ++b) {
      core::Batch& batch = result.admitted[b];
      evaluator_.context().bind(batch.messages(), 0);
      for (std::size_t i = 0; i < batch.size(); ++i) {
        evaluator_.context().select(i);
        auto verdict = config_.check->check(evaluator_.context());
        if (!verdict) {
          resources_.log().debug("read_until_check_failed", "A check failed and counts as false.",
                                 {{"error", verdict.error().message}});
          continue;
        }
        if (!*verdict) continue;
        batch[i].set_metadata("benthos_read_until", core::Value::string("final"));
        end_behind(result, b, i, numbers);
        return;
      }
    }
  }

  void end_behind(core::ReadResult& result, std::size_t last_batch, std::size_t last_message,
                  const std::vector<std::uint64_t>& numbers) {
    over_ = true;
    const bool all = last_batch + 1 == result.admitted.size() &&
                     last_message + 1 == result.admitted[last_batch].size();
    if (all) return;
    for (const std::uint64_t number : numbers) ledger_.hold(number);
    core::Batch& batch = result.admitted[last_batch];
    core::Batch kept = batch.sibling();
    for (std::size_t i = 0; i <= last_message; ++i) kept.push(std::move(batch[i]));
    std::vector<core::Message> rest;
    for (std::size_t i = last_message + 1; i < batch.size(); ++i)
      rest.push_back(std::move(batch[i]));
    for (core::Message& message : rest) message.lineage().resolve(core::Outcome::kFiltered);
    batch = std::move(kept);
    for (std::size_t b = last_batch + 1; b < result.admitted.size(); ++b)
      result.admitted[b].resolve(core::Outcome::kFiltered);
    result.admitted.resize(last_batch + 1);
  }

  const ReadUntilConfig config_;
  const config::Resources resources_;
  config::Evaluator evaluator_;
  config::AckLedger ledger_;
  std::optional<config::InputChild> child_;
  core::InputTraits traits_;
  std::int64_t idle_nanos_ = 0;
  std::optional<std::int64_t> last_message_;
  std::optional<std::int64_t> ended_at_;
  bool connected_ = false;
  bool gave_messages_ = false;
  bool ended_ = false;  // the child has ended; it is made again once it has nothing on its way
  bool over_ = false;
};

core::Result<std::unique_ptr<core::Input>> make_read_until(ReadUntilConfig config,
                                                           const config::Resources& resources) {
  auto child = config::InputChild::make_nested(config.input, resources);
  if (!child) return core::fail(std::move(child).error());
  return std::make_unique<ReadUntil>(std::move(config), *std::move(child), resources);
}

}  // namespace

void add_read_until(config::Registry& registry) {
  registry.add_input(read_until_spec(), make_read_until);
}

}  // namespace weir::inputs
