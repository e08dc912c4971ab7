#include <charconv>
#include <cmath>
#include <map>

#include "config/mapping_fields.h"
#include "processors/all.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct MetricConfig {
  std::string type;
  std::string name;
  std::vector<std::pair<std::string, config::TemplateField>> labels;
  config::TemplateField value;
};

config::Spec<MetricConfig> metric_spec() {
  return config::Spec<MetricConfig>("metric")
      .summary("Counts or measures messages in a metric of your own.")
      .description(
          "A value that cannot be evaluated or is no number is logged; the message passes "
          "unchanged. Labels with very many values fold into one series.")
      .category("utility")
      .field("type", &MetricConfig::type,
             {.doc = "What kind.",
              .required = true,
              .options = {{"counter", "One more for each message."},
                          {"counter_by", "`value` more for each message; it must not be negative."},
                          {"gauge", "Set to `value`."},
                          {"timing", "`value` is a duration in nanoseconds, not negative."}}})
      .field("name", &MetricConfig::name, {.doc = "Name of the metric.", .required = true})
      .field("labels", &MetricConfig::labels,
             {.doc = "Labels of the metric.", .examples = {"{ topic: '${! @kafka_topic }' }"}})
      .field("value", &MetricConfig::value, {.doc = "The value."})
      .check([](const MetricConfig& config) -> core::Status {
        const bool valid_first =
            !config.name.empty() && (std::isdigit(static_cast<unsigned char>(config.name[0])) == 0);
        bool valid = valid_first;
        for (const char c : config.name)
          valid =
              valid && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':');
        if (!valid)
          return core::invalid_config("`name` wants letters, digits and underscores, got `" +
                                      config.name + "`");
        if (config.type != "counter" && config.value.text().empty())
          return core::invalid_config("`" + config.type + "` wants a `value`");
        return {};
      });
}

class MetricProcessor final : public core::Processor {
 public:
  MetricProcessor(MetricConfig config, const config::Resources& resources)
      : config_(std::move(config)), resources_(resources), evaluator_(resources) {
    constant_ = true;
    for (const auto& [name, value] : config_.labels) constant_ = constant_ && value.is_constant();
  }

  Batches process(Batch batch) override {
    evaluator_.context().bind(batch.messages(), 0);
    if (config_.type == "counter" && constant_) {
      if (series_ == nullptr) series_ = &resources_.counter(config_.name, *labels());
      series_->add(batch.size());
      return Batches(std::move(batch));
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      evaluator_.context().select(i);
      const core::Status done = measure();
      if (!done) {
        resources_.log().error("metric_failed", "A metric could not be set.",
                               {{"error", done.error().message}});
      }
    }
    return Batches(std::move(batch));
  }

 private:
  core::Result<core::Labels> labels() {
    core::Labels made;
    for (const auto& [name, value] : config_.labels) {
      WEIR_TRY(const std::string_view text, value.render(evaluator_.context()));
      made.emplace_back(name, text);
    }
    return made;
  }

  core::Status measure() {
    WEIR_TRY(const core::Labels with, labels());
    if (config_.type == "counter") {
      resources_.counter(config_.name, with).add();
      return {};
    }
    WEIR_TRY(const std::string_view text, config_.value.render(evaluator_.context()));
    double number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() ||
        !std::isfinite(number) || std::abs(number) >= 9.2e18) {
      return core::invalid_data("`value` is not a number: `" + std::string(text.substr(0, 100)) +
                                "`");
    }
    if (config_.type != "gauge" && number < 0)
      return core::invalid_data("`value` must not be negative: " + std::string(text));
    const auto whole = static_cast<std::int64_t>(number);
    if (config_.type == "counter_by") {
      resources_.counter(config_.name, with).add(static_cast<std::uint64_t>(whole));
    } else if (config_.type == "gauge") {
      resources_.gauge(config_.name, with).set(whole);
    } else {
      resources_.timing(config_.name, with).record(whole);
    }
    return {};
  }

  MetricConfig config_;
  config::Resources resources_;
  config::Evaluator evaluator_;
  bool constant_ = false;
  core::Counter* series_ = nullptr;
};

core::Result<std::unique_ptr<core::Processor>> make_metric(MetricConfig config,
                                                           const config::Resources& resources) {
  return std::make_unique<MetricProcessor>(std::move(config), resources);
}

}  // namespace

void add_metric(config::Registry& registry) {
  registry.add_processor(metric_spec(), make_metric);
}

}  // namespace weir::processors
