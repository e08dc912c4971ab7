#include <mutex>
#include <optional>

#include "admin/all.h"

namespace weir::admin {
namespace {

struct LoggerMetricsConfig {
  std::optional<std::chrono::nanoseconds> push_interval;
  bool flush_metrics = false;
};

config::Spec<LoggerMetricsConfig> logger_spec() {
  return config::Spec<LoggerMetricsConfig>("logger")
      .summary("Writes metrics to the log, periodically and at the end.")
      .field("push_interval", &LoggerMetricsConfig::push_interval,
             {.doc = "How often. Absent: only at the end."})
      .field("flush_metrics", &LoggerMetricsConfig::flush_metrics,
             {.doc = "Write counters as the growth since the last time."});
}

/// Logs every series as one record; on a timer of the executor.
class LoggerMetrics final : public config::MetricsExporter {
 public:
  LoggerMetrics(LoggerMetricsConfig config, const config::Resources& resources)
      : config_(std::move(config)), resources_(resources) {}

  void start() override { schedule(); }
  void stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      if (timer_) resources_.executor().cancel(*timer_);
    }
    write();
  }

 private:
  void schedule() {
    if (!config_.push_interval || config_.push_interval->count() <= 0) return;
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    timer_ = resources_.executor().post_after(*config_.push_interval, [this] {
      write();
      schedule();
    });
  }

  void write() {
    for (const auto& series : resources_.shared().metrics->series()) {
      std::string value;
      if (series.counter != nullptr) {
        const std::uint64_t now = series.counter->value();
        std::uint64_t& before = seen_[series.counter];
        value = std::to_string(config_.flush_metrics ? now - before : now);
        before = now;
      } else if (series.gauge != nullptr) {
        value = std::to_string(series.gauge->value());
      } else if (series.timing != nullptr) {
        value = std::to_string(static_cast<std::int64_t>(series.timing->quantile(0.5)));
      } else {
        continue;
      }
      core::LogFields fields = {{"name", series.name}, {"value", value}};
      for (const auto& [name, text] : series.labels) fields.emplace_back(name, text);
      resources_.log().info("metric", "metric", fields);
    }
  }

  LoggerMetricsConfig config_;
  config::Resources resources_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::optional<core::Executor::TimerId> timer_;
  std::map<const core::Counter*, std::uint64_t> seen_;
};

core::Result<std::unique_ptr<config::MetricsExporter>> make_logger(
    LoggerMetricsConfig config, const config::Resources& resources) {
  return std::make_unique<LoggerMetrics>(std::move(config), resources);
}

}  // namespace

void add_logger(config::Registry& registry) {
  registry.add_metrics(logger_spec(), make_logger);
}

}  // namespace weir::admin
