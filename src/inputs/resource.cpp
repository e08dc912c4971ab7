#include "inputs/all.h"

namespace weir::inputs {
namespace {

struct ResourceConfig {
  config::ResourceLabel<config::ComponentKind::kInput> label;
};

config::Spec<ResourceConfig> resource_spec() {
  return config::Spec<ResourceConfig>("resource")
      .summary("Stands for an input of `input_resources`.")
      .description(
          "The processors beside the resource run on what it reads. When several places refer to "
          "one resource, there is one input, and each message goes to one of the places.")
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
