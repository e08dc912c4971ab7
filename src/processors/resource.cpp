#include "processors/all.h"

namespace weir::processors {
namespace {

struct ResourceConfig {
  config::ResourceLabel<config::ComponentKind::kProcessor> label;
};

config::Spec<ResourceConfig> resource_spec() {
  return config::Spec<ResourceConfig>("resource")
      .summary("Stands for a processor of `processor_resources`.")
      .description(
          "Each place that refers to a resource has an instance of its own; caches and rate limits "
          "inside are shared.")
      .category("utility")
      .value(&ResourceConfig::label, {.doc = "The label of the processor."});
}

core::Result<std::unique_ptr<core::Processor>> make_resource(const ResourceConfig& config,
                                                             const config::Resources& resources) {
  if (config.label.empty()) return core::invalid_config("`resource` wants a label");
  if (!resources.shared().processor)
    return core::invalid_config("there are no processor resources here");
  // A resource that is made of itself would never be finished.
  thread_local unsigned depth = 0;
  constexpr unsigned kMostNested = 64;
  if (depth >= kMostNested) {
    return core::invalid_config("processor resource `" + config.label.label +
                                "` refers to itself, or resources are nested deeper than 64");
  }
  ++depth;
  auto made = resources.shared().processor(config.label.label);
  --depth;
  return made;
}

}  // namespace

void add_resource(config::Registry& registry) {
  registry.add_processor(resource_spec(), make_resource);
}

}  // namespace weir::processors
