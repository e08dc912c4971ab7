#include "processors/all.h"
#include "processors/mapping_run.h"

namespace weir::processors {
namespace {

struct MutationConfig {
  config::MappingField mapping;
};

config::Spec<MutationConfig> mutation_spec() {
  return config::Spec<MutationConfig>("mutation")
      .summary("Changes the document of each message in place with a mapping.")
      .description(
          "Like `mapping`, but `root` starts as the document itself: what is not assigned stays. "
          "Cheaper than "
          "`mapping` when little changes. Changes made before a failing statement remain.")
      .category("mapping")
      .value(&MutationConfig::mapping, {.doc = "The mapping.", .required = true})
      .example("Add a field, drop another", R"yaml(
pipeline:
  processors:
    - mutation: |
        root.seen = now()
        root.password = deleted()
)yaml");
}

class Mutation final : public core::Processor {
 public:
  Mutation(MutationConfig config, const config::Resources& resources)
      : run_(MappingRun::Mode::kMutation, std::move(config.mapping), resources) {}
  core::Batches process(core::Batch batch) override { return run_.process(std::move(batch)); }

 private:
  MappingRun run_;
};

core::Result<std::unique_ptr<core::Processor>> make_mutation(MutationConfig config,
                                                             const config::Resources& resources) {
  return std::make_unique<Mutation>(std::move(config), resources);
}

}  // namespace

void add_mutation(config::Registry& registry) {
  registry.add_processor(mutation_spec(), make_mutation);
}

}  // namespace weir::processors
