#include <unistd.h>

#include "config/mapping_fields.h"
#include "processors/all.h"

namespace weir::processors {
namespace {

struct CrashConfig {
  config::TemplateField message;
};

config::Spec<CrashConfig> crash_spec() {
  return config::Spec<CrashConfig>("crash")
      .summary("Writes an error to the log and ends the process at once with exit code 1.")
      .description("Nothing in flight is acknowledged: inputs that can hand it out again will.")
      .category("utility")
      .value(&CrashConfig::message, {.doc = "The text.", .required = true});
}

class Crash final : public core::Processor {
 public:
  Crash(config::TemplateField text, const config::Resources& resources)
      : text_(std::move(text)), evaluator_(resources), log_(resources.log()) {}

  core::Batches process(core::Batch batch) override {
    if (batch.empty()) return core::Batches(std::move(batch));
    evaluator_.context().bind(batch.messages(), 0);
    const auto text = text_.render(evaluator_.context());
    log_.error("crash", text ? *text : std::string_view("The text of this crash cannot be made."));
    ::_exit(1);
  }

 private:
  config::TemplateField text_;
  config::Evaluator evaluator_;
  core::Log log_;
};

core::Result<std::unique_ptr<core::Processor>> make_crash(CrashConfig config,
                                                          const config::Resources& resources) {
  return std::make_unique<Crash>(std::move(config.message), resources);
}

}  // namespace

void add_crash(config::Registry& registry) {
  registry.add_processor(crash_spec(), make_crash);
}

}  // namespace weir::processors
