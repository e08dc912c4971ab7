#include "config/output_child.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

struct ResourceConfig {
  config::ResourceLabel<config::ComponentKind::kOutput> label;
};

config::Spec<ResourceConfig> resource_spec() {
  return config::Spec<ResourceConfig>("resource")
      .summary("Writes to an output of `output_resources`.")
      .category("utility")
      .value(&ResourceConfig::label, {.doc = "Its label.", .required = true});
}

core::Result<std::unique_ptr<core::Output>> make_resource(const ResourceConfig& config,
                                                          const config::Resources& resources) {
  return resources.shared().output(config.label.label);
}

}  // namespace

void add_resource(config::Registry& registry) {
  registry.add_output(resource_spec(), make_resource);
}

}  // namespace weir::outputs
