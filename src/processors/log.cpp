#include "config/mapping_fields.h"
#include "core/json_text.h"
#include "processors/all.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct LogConfig {
  std::string level = "INFO";
  config::MappingField fields_mapping;
  config::TemplateField message;
};

config::Spec<LogConfig> log_spec() {
  return config::Spec<LogConfig>("log")
      .summary("Writes a log record for each message and passes it on.")
      .category("utility")
      .field("level", &LogConfig::level,
             {.doc = "Level of the records.",
              .options = {{"ERROR"},
                          {"WARN"},
                          {"INFO"},
                          {"DEBUG"},
                          {"TRACE"},
                          {"error"},
                          {"warn"},
                          {"info"},
                          {"debug"},
                          {"trace"}}})
      .field("fields_mapping", &LogConfig::fields_mapping,
             {.doc = "A mapping that makes an object of extra fields."})
      .field("message", &LogConfig::message,
             {.doc = "The text.", .examples = {R"('got ${! this.id }')"}});
}

core::LogLevel level_of(std::string_view name) {
  switch (name.empty() ? 'I' : (name[0] & ~0x20)) {
    case 'E': return core::LogLevel::kError;
    case 'W': return core::LogLevel::kWarn;
    case 'D': return core::LogLevel::kDebug;
    case 'T': return core::LogLevel::kTrace;
    default: return core::LogLevel::kInfo;
  }
}

class LogProcessor final : public core::Processor {
 public:
  LogProcessor(LogConfig config, const config::Resources& resources)
      : config_(std::move(config)),
        level_(level_of(config_.level)),
        evaluator_(resources),
        log_(resources.log()) {}

  Batches process(Batch batch) override {
    if (!log_.enabled(level_)) return Batches(std::move(batch));
    evaluator_.context().bind(batch.messages(), 0);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      evaluator_.context().select(i);
      auto text = config_.message.render(evaluator_.context());
      core::LogFields fields;
      if (config_.fields_mapping) add_fields(fields, batch[i].arena());
      if (!text) fields.emplace_back("error", text.error().message);
      log_.write(level_, "log",
                 text ? *text : std::string_view("The message of this log processor failed."),
                 fields);
    }
    return Batches(std::move(batch));
  }

 private:
  void add_fields(core::LogFields& fields, core::Arena& arena) {
    auto value = config_.fields_mapping->evaluate(evaluator_.context());
    if (!value || !value->is(core::Kind::kObject)) return;
    for (const core::Member& member : core::members(*value)) {
      std::string text;
      if (member.value.is(core::Kind::kString)) {
        text = member.value.text(arena);
      } else {
        core::Buffer out;
        if (core::write_json(member.value, out)) text = std::string(out.view());
      }
      fields.emplace_back(member.key.text(arena), std::move(text));
    }
  }

  LogConfig config_;
  const core::LogLevel level_;
  config::Evaluator evaluator_;
  core::Log log_;
};

core::Result<std::unique_ptr<core::Processor>> make_log(LogConfig config,
                                                        const config::Resources& resources) {
  return std::make_unique<LogProcessor>(std::move(config), resources);
}

}  // namespace

void add_log(config::Registry& registry) {
  registry.add_processor(log_spec(), make_log);
}

}  // namespace weir::processors
