#include "inputs/all.h"

namespace weir::inputs {
namespace {

struct ResourceConfig {
  config::ResourceLabel<config::ComponentKind::kInput> label;
};

config::Spec<ResourceConfig> resource_spec() {
  return config::Spec<ResourceConfig>("resource")
      .summary("Stands for an input of `input_resources`.")
      .description("Each place that refers to a resource reads an input of its own.")
      .category("utility")
      .value(&ResourceConfig::label, {.doc = "The label of the input."});
}

core::Result<std::unique_ptr<core::Input>> make_resource(const ResourceConfig& config,
                                                         const config::Resources& resources) {
  if (config.label.empty()) return core::invalid_config("`resource` wants a label");
  if (!resources.shared().input) return core::invalid_config("there are no input resources here");
  return resources.shared().input(config.label.label);
}

}  // namespace

void add_resource(config::Registry& registry) {
  registry.add_input(resource_spec(), make_resource);
}

}  // namespace weir::inputs
