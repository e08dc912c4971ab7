#include "config/mapping_fields.h"
#include "core/duration.h"
#include "processors/all.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct SleepConfig {
  config::TemplateField duration;
};

config::Spec<SleepConfig> sleep_spec() {
  return config::Spec<SleepConfig>("sleep")
      .summary("Waits for a time with each message.")
      .category("utility")
      .field("duration", &SleepConfig::duration,
             {.doc = "How long.", .required = true, .examples = {"100ms", "${! this.wait }"}});
}

class Sleep final : public core::Processor {
 public:
  Sleep(SleepConfig config, const config::Resources& resources)
      : duration_(std::move(config.duration)),
        evaluator_(resources),
        interrupt_(resources.shared().interrupt),
        path_(resources.path()) {}

  Batches process(Batch batch) override {
    evaluator_.context().bind(batch.messages(), 0);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      evaluator_.context().select(i);
      auto text = duration_.render(evaluator_.context());
      auto parsed = text ? core::parse_duration(*text)
                         : core::Result<std::chrono::nanoseconds>(core::fail(text.error()));
      if (!parsed) {
        batch[i].fail(core::ErrorCode::kInvalidData,
                      "evaluating `duration`: " + parsed.error().message, "sleep", {}, path_);
        continue;
      }
      if (interrupt_ != nullptr)
        interrupt_->wait_for(std::chrono::ceil<std::chrono::milliseconds>(*parsed));
    }
    return Batches(std::move(batch));
  }

 private:
  config::TemplateField duration_;
  config::Evaluator evaluator_;
  const core::Interrupt* interrupt_;
  std::string path_;
};

core::Result<std::unique_ptr<core::Processor>> make_sleep(SleepConfig config,
                                                          const config::Resources& resources) {
  if (config.duration.is_constant() && !core::parse_duration(config.duration.constant())) {
    return core::invalid_config("`duration` is not a duration: `" +
                                std::string(config.duration.constant()) + "`; write e.g. `100ms`");
  }
  return std::make_unique<Sleep>(std::move(config), resources);
}

}  // namespace

void add_sleep(config::Registry& registry) {
  registry.add_processor(sleep_spec(), make_sleep);
}

}  // namespace weir::processors
