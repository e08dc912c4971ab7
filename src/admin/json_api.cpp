#include "admin/all.h"
#include "admin/metric_text.h"

namespace weir::admin {
namespace {

struct JsonApiConfig {};

class JsonApi final : public config::MetricsExporter {
 public:
  explicit JsonApi(const core::Metrics& metrics) : metrics_(metrics) {}
  std::vector<Page> pages() override {
    const auto body = [this] { return json_metrics(metrics_); };
    return {{"/metrics", "application/json", body}, {"/stats", "application/json", body}};
  }

 private:
  const core::Metrics& metrics_;
};

core::Result<std::unique_ptr<config::MetricsExporter>> make_json_api(
    JsonApiConfig, const config::Resources& resources) {
  return std::make_unique<JsonApi>(*resources.shared().metrics);
}

}  // namespace

void add_json_api(config::Registry& registry) {
  registry.add_metrics(
      config::Spec<JsonApiConfig>("json_api")
          .summary("Serves metrics as one JSON object at `/stats` and `/metrics`."),
      make_json_api);
}

}  // namespace weir::admin
