#include "admin/all.h"
#include "admin/metric_text.h"

namespace weir::admin {
namespace {

struct PrometheusConfig {
  bool use_histogram_timing = false;
};

config::Spec<PrometheusConfig> prometheus_spec() {
  const char* const push = "Pushing is not supported: let Prometheus scrape `/metrics`.";
  return config::Spec<PrometheusConfig>("prometheus")
      .summary("Serves metrics at `/metrics` (and `/stats`) in the Prometheus text format.")
      .field("use_histogram_timing", &PrometheusConfig::use_histogram_timing,
             {.doc = "Timings as histograms in seconds; otherwise as summaries in nanoseconds, as "
                     "the family has them."})
      .ignored("histogram_buckets", "Buckets are fixed: factors of four from 2 microseconds on.")
      .ignored("summary_quantiles_objectives", "Quantiles are fixed: 0.5, 0.9, 0.99.")
      .ignored("add_process_metrics", "Process metrics are always there.")
      .ignored("add_go_metrics", "There is no Go runtime.")
      .ignored("push_url", push)
      .ignored("push_interval", push)
      .ignored("push_job_name", push)
      .ignored("push_basic_auth", push)
      .ignored("file_output_path", "Not supported.");
}

class Prometheus final : public config::MetricsExporter {
 public:
  Prometheus(PrometheusStyle style, const core::Metrics& metrics)
      : style_(std::move(style)), metrics_(metrics) {}
  std::vector<Page> pages() override {
    const auto body = [this] { return prometheus_text(metrics_, style_); };
    const char* const type = "text/plain; version=0.0.4; charset=utf-8";
    return {{"/metrics", type, body}, {"/stats", type, body}};
  }

 private:
  PrometheusStyle style_;
  const core::Metrics& metrics_;
};

core::Result<std::unique_ptr<config::MetricsExporter>> make_prometheus(
    const PrometheusConfig& config, const config::Resources& resources) {
  return std::make_unique<Prometheus>(PrometheusStyle{.histograms = config.use_histogram_timing},
                                      *resources.shared().metrics);
}

}  // namespace

void add_prometheus(config::Registry& registry) {
  registry.add_metrics(prometheus_spec(), make_prometheus);
}

}  // namespace weir::admin
