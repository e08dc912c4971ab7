#include "admin/all.h"

namespace weir::admin {
namespace {

struct NoneConfig {};

core::Result<std::unique_ptr<config::MetricsExporter>> make_no_metrics(NoneConfig,
                                                                       const config::Resources&) {
  return std::make_unique<config::MetricsExporter>();
}

core::Result<std::unique_ptr<config::Tracer>> make_no_tracer(NoneConfig, const config::Resources&) {
  return std::make_unique<config::Tracer>();
}

}  // namespace

void add_none(config::Registry& registry) {
  registry.add_metrics(config::Spec<NoneConfig>("none").summary("Metrics are not exposed."),
                       make_no_metrics);
  registry.add_tracer(config::Spec<NoneConfig>("none").summary("No traces."), make_no_tracer);
}

}  // namespace weir::admin
