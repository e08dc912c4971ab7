#include <algorithm>
#include <optional>

#include "config/mapping_fields.h"
#include "core/duration.h"
#include "inputs/all.h"
#include "inputs/cron.h"

namespace weir::inputs {
namespace {

// Batches are transport: without an interval, messages travel together.
constexpr std::uint64_t kFreeRunBatch = 256;

struct GenerateConfig {
  config::MappingField mapping;
  std::string interval = "1s";
  std::uint64_t count = 0;
  std::uint64_t batch_size = 1;
};

// When messages are due: a period, a schedule, or at once.
struct Schedule {
  std::chrono::nanoseconds period{0};
  std::optional<Cron> cron;
};

core::Result<Schedule> parse_interval(const std::string& text) {
  Schedule schedule;
  if (text.empty()) return schedule;
  if (auto period = core::parse_duration(text)) {
    if (period->count() < 0) return core::invalid_config("field `interval` may not be negative");
    schedule.period = *period;
    return schedule;
  }
  auto cron = Cron::parse(text);
  if (!cron) {
    return core::invalid_config(
        "field `interval` wants a duration (`1s`), a cron schedule or `\"\"`: " +
        cron.error().message);
  }
  schedule.cron = *std::move(cron);
  return schedule;
}

config::Spec<GenerateConfig> generate_spec() {
  return config::Spec<GenerateConfig>("generate")
      .summary(
          "Makes messages with a mapping, at an interval, on a schedule or as fast as possible.")
      .category("utility")
      .field("mapping", &GenerateConfig::mapping,
             {.doc = "Makes each message; `root = deleted()` makes none.",
              .required = true,
              .examples = {R"('root = {"id": uuid_v4(), "n": counter()}')"}})
      .field("interval", &GenerateConfig::interval,
             {.doc = "A duration, a cron schedule (5 fields, 6 with seconds, `TZ=` in front, "
                     "`@every 5s`, `@hourly`), or empty "
                     "for as fast as possible. With a duration the first messages come at once.",
              .examples = {"5s", R"("@every 1m")", R"("0 30 * * * *")", R"("")"}})
      .field("count", &GenerateConfig::count, {.doc = "Messages to make; 0: no end."})
      .field("batch_size", &GenerateConfig::batch_size,
             {.doc = "Messages made each time.", .min = 1, .max = 100000})
      .ignored("auto_replay_nacks",
               "Messages that come back undelivered are always handed out again.")
      .check([](const GenerateConfig& config) -> core::Status {
        auto parsed = parse_interval(config.interval);
        if (!parsed) return core::fail(std::move(parsed).error());
        return {};
      })
      .example("Ten messages at once",
               "generate:\n  interval: \"\"\n  count: 10\n  mapping: root.n = counter()\n");
}

class Generate final : public core::Input {
 public:
  Generate(GenerateConfig config, Schedule schedule, const config::Resources& resources)
      : config_(std::move(config)),
        schedule_(std::move(schedule)),
        clock_(resources.clock()),
        evaluator_(resources) {}

  core::InputTraits traits() const override { return {.finite = config_.count > 0}; }

  core::Status connect(core::ReadContext&) override {
    if (schedule_.cron) plan_next();
    return {};
  }

  core::Result<core::ReadResult> read(core::ReadContext& context) override {
    if (config_.count > 0 && made_ >= config_.count) return core::ReadResult::end();
    if (context.interrupt().raised()) return core::ReadResult::idle();
    if (!due(context)) return core::ReadResult::idle();
    core::ReadBatch read;
    read.batch = make_batch();
    if (read.batch.empty()) return core::ReadResult::idle();  // all deleted: nothing to deliver
    read.after.offset = static_cast<std::int64_t>(made_);
    return core::ReadResult::of(std::move(read));
  }

 private:
  bool at_once() const { return schedule_.period.count() == 0 && !schedule_.cron; }
  // Periods go by the monotonic clock, schedules by the wall clock, which may be set.
  bool by_wall() const { return schedule_.cron && schedule_.cron->period().count() == 0; }
  std::int64_t now() const { return by_wall() ? clock_.wall_nanos() : clock_.mono_nanos(); }

  bool due(core::ReadContext& context) {
    if (at_once()) return true;
    if (never_) {
      context.interrupt().wait_for(context.wait_limit());
      return false;
    }
    if (!next_) next_ = now();
    if (const std::int64_t left = *next_ - now(); left > 0) {
      const auto wait =
          std::chrono::ceil<std::chrono::milliseconds>(std::chrono::nanoseconds(left));
      if (context.wait_limit().count() > 0)
        context.interrupt().wait_for(std::min(wait, context.wait_limit()));
      if (context.interrupt().raised() || *next_ > now()) return false;
    }
    plan_next();
    return true;
  }

  void plan_next() {
    if (schedule_.cron) {
      const auto next = schedule_.cron->next(now());
      never_ = !next;
      next_ = next;
      return;
    }
    // What was missed while nobody read is made up for once, not many times.
    next_ = std::max(*next_ + schedule_.period.count(), now());
  }

  core::Batch make_batch() {
    std::uint64_t size = config_.batch_size;
    if (at_once()) size = std::max(size, kFreeRunBatch / size * size);
    if (config_.count > 0) size = std::min(size, config_.count - made_);
    core::Batch batch = core::Batch::fresh();
    batch.messages().reserve(size);
    for (std::uint64_t i = 0; i < size; ++i)
      batch.add("").position = static_cast<std::int64_t>(made_ + i);
    made_ += size;
    evaluator_.context().bind(batch.messages(), 0);
    bool any_deleted = false;
    deleted_.assign(size, false);
    for (std::size_t i = 0; i < size; ++i) {
      evaluator_.context().select(i);
      auto verdict = config_.mapping->map(evaluator_.context(), batch[i]);
      if (!verdict) {
        batch[i].fail(verdict.error().code, verdict.error().message, "generate");
      } else if (*verdict == mapping::Verdict::kDeleted) {
        deleted_[i] = true;
        any_deleted = true;
      }
    }
    if (any_deleted) {
      core::Batch kept = batch.sibling();
      for (std::size_t i = 0; i < size; ++i) {
        if (!deleted_[i]) kept.push(std::move(batch[i]));
      }
      return kept;
    }
    return batch;
  }

  const GenerateConfig config_;
  const Schedule schedule_;
  const core::Clock& clock_;
  config::Evaluator evaluator_;
  std::uint64_t made_ = 0;
  std::optional<std::int64_t> next_;
  bool never_ = false;  // the schedule has no further time
  std::vector<bool> deleted_;
};

core::Result<std::unique_ptr<core::Input>> make_generate(GenerateConfig config,
                                                         const config::Resources& resources) {
  WEIR_TRY(Schedule schedule, parse_interval(config.interval));
  if (!config.mapping) return core::invalid_config("field `mapping` is empty");
  return std::make_unique<Generate>(std::move(config), std::move(schedule), resources);
}

}  // namespace

void add_generate(config::Registry& registry) {
  registry.add_input(generate_spec(), make_generate);
}

}  // namespace weir::inputs
