#include "admin/all.h"

namespace weir::admin {

void add_all(config::Registry& registry) {
  add_json_api(registry);
  add_logger(registry);
  add_none(registry);
  add_prometheus(registry);

  using config::ComponentKind;
  registry.refuse(ComponentKind::kMetrics, "aws_cloudwatch",
                  "use `prometheus` and a collector that pushes to CloudWatch");
  registry.refuse(ComponentKind::kMetrics, "influxdb",
                  "use `prometheus`; Telegraf scrapes it into InfluxDB");
  registry.refuse(ComponentKind::kMetrics, "open_telemetry_collector",
                  "use `prometheus`; the collector's prometheus receiver scrapes it");
  registry.refuse(ComponentKind::kMetrics, "statsd",
                  "use `prometheus`, or `logger` with `push_interval`");
  for (const char* name : {"jaeger", "open_telemetry_collector", "gcp_cloudtrace", "redpanda"}) {
    registry.refuse(ComponentKind::kTracer, name, "weir has no traces yet: use `none`");
  }
}

}  // namespace weir::admin
