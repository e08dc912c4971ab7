#include "processors/all.h"
#include "processors/mapping_run.h"

namespace weir::processors {
namespace {

struct MappingConfig {
  config::MappingField mapping;
};

config::Spec<MappingConfig> mapping_spec() {
  return config::Spec<MappingConfig>("mapping")
      .summary("Builds a new document for each message with a mapping.")
      .description(
          "The mapping reads the message (`this`) and assigns what the new document shall hold "
          "(`root`). A "
          "mapping that assigns nothing leaves the message as it is; `root = deleted()` drops it. "
          "When the "
          "mapping fails, the message stays unchanged and is flagged as failed.")
      .category("mapping")
      .value(&MappingConfig::mapping, {.doc = "The mapping.", .required = true})
      .example("Keep two fields and add one", R"yaml(
pipeline:
  processors:
    - mapping: |
        root.id = this.id
        root.name = this.user.name.uppercase()
        root.seen = now()
)yaml");
}

class Mapping final : public core::Processor {
 public:
  Mapping(MappingConfig config, const config::Resources& resources)
      : run_(MappingRun::Mode::kMapping, std::move(config.mapping), resources) {}
  core::Batches process(core::Batch batch) override { return run_.process(std::move(batch)); }

 private:
  MappingRun run_;
};

core::Result<std::unique_ptr<core::Processor>> make_mapping(MappingConfig config,
                                                            const config::Resources& resources) {
  return std::make_unique<Mapping>(std::move(config), resources);
}

}  // namespace

void add_mapping(config::Registry& registry) {
  registry.add_processor(mapping_spec(), make_mapping);
  registry.alias(config::ComponentKind::kProcessor, "bloblang", "mapping");
}

}  // namespace weir::processors
