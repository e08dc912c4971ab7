#include "processors/all.h"
#include "processors/branch_step.h"

namespace weir::processors {
namespace {

struct BranchFields {
  BranchConfig branch;
};

config::Spec<BranchFields> branch_spec() {
  return config::Spec<BranchFields>("branch")
      .summary("Runs processors on a request made of each message, and takes over from the result.")
      .description(
          "For enrichment: the message stays as it is but for what `result_map` assigns. When a "
          "mapping or a processor fails, the message stays unchanged and is flagged as failed. A "
          "flag from before is not carried into the branch (`error()` in `request_map` tells it), "
          "and it stays.\n\n"
          "The processors must give back as many messages as they got, in any batches; otherwise "
          "all messages of the batch that took part are flagged. Where they change the order, "
          "results still find their messages.")
      .category("composition")
      .group(&BranchFields::branch, BranchConfig::spec())
      .example("Look up a name", R"yaml(
pipeline:
  processors:
    - branch:
        request_map: root.id = this.user_id
        processors:
          - mapping: root.name = "user-" + this.id.string()
        result_map: root.user_name = this.name
)yaml");
}

core::Result<std::unique_ptr<core::Processor>> make_branch(const BranchFields& config,
                                                           const config::Resources& resources) {
  auto step = BranchStep::make(config.branch, resources);
  if (!step) return core::fail(std::move(step).error());
  return std::make_unique<BranchProcessor>(*std::move(step), resources);
}

}  // namespace

void add_branch(config::Registry& registry) {
  registry.add_processor(branch_spec(), make_branch);
}

}  // namespace weir::processors
