#include <algorithm>

#include "processors/all.h"
#include "processors/branch_step.h"
#include "processors/lanes.h"
#include "processors/workflow_order.h"
#include "processors/workflow_record.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct WorkflowConfig {
  std::string meta_path = "meta.workflow";
  std::vector<std::vector<std::string>> order;
  std::vector<config::ResourceLabel<config::ComponentKind::kProcessor>> branch_resources;
  std::vector<std::pair<std::string, BranchConfig>> branches;
};

config::Spec<WorkflowConfig> workflow_spec() {
  return config::Spec<WorkflowConfig>("workflow")
      .summary("Runs several branches in the order in which they need each other.")
      .description(
          "A branch that reads what another one writes comes after it; branches of one tier run "
          "side "
          "by side. The order is told by the mappings, or written down in `order`.\n\n"
          "The document gets a record at `meta_path`: which branches `succeeded`, which were "
          "`skipped`, and which `failed` and why. A record that is there already becomes "
          "`previous` "
          "in the new one, and the branches it lists as succeeded or skipped are left out; its "
          "`apply` lists the only ones to run. With a record, failed branches do not flag the "
          "message; without one (`meta_path: ''`) they do.\n\n"
          "A branch that reads the whole document waits for no other: give an `order` if it "
          "should.")
      .category("composition")
      .field("meta_path", &WorkflowConfig::meta_path,
             {.doc = "Where the record stands in the document. Empty: no record."})
      .field("order", &WorkflowConfig::order,
             {.doc = "Branches tier by tier.", .examples = {"[[foo, bar], [baz]]"}})
      .field("branch_resources", &WorkflowConfig::branch_resources,
             {.doc = "Labels of `branch` processors in `processor_resources` to use as branches.",
              .advanced = true})
      .field("branches", &WorkflowConfig::branches, {.doc = "The branches by name."})
      .check([](const WorkflowConfig& config) -> core::Status {
        if (config.branches.empty() && config.branch_resources.empty())
          return core::invalid_config("a workflow wants `branches` or `branch_resources`");
        return {};
      })
      .example("Two look-ups, then a third that needs both", R"yaml(
pipeline:
  processors:
    - workflow:
        branches:
          user:
            request_map: root.id = this.user_id
            processors: [ { mapping: 'root.name = "u" + this.id.string()' } ]
            result_map: root.user = this
          shop:
            request_map: root.id = this.shop_id
            processors: [ { mapping: 'root.name = "s" + this.id.string()' } ]
            result_map: root.shop = this
          greeting:
            request_map: root.text = this.user.name + " at " + this.shop.name
            processors: [ { mapping: root = this } ]
            result_map: root.greeting = this.text
)yaml");
}

struct Stage {
  std::string name;
  std::unique_ptr<BranchStep> own;
  std::unique_ptr<core::Processor> resource;  // keeps a branch of the resources alive
  BranchStep* step = nullptr;
};

class Workflow final : public core::Processor {
 public:
  Workflow(const std::string& meta_path, std::vector<Stage> stages, Tiers tiers,
           const config::Resources& resources)
      : path_(split_document_path(meta_path)),
        stages_(std::move(stages)),
        tiers_(std::move(tiers)),
        blame_("workflow", resources) {
    std::size_t widest = 1;
    for (const auto& tier : tiers_) widest = std::max(widest, tier.size());
    for (const Stage& stage : stages_) names_.push_back(stage.name);
    lanes_ = std::make_unique<Lanes>(widest, resources);
  }

  Batches process(Batch batch) override {
    std::vector<std::set<std::string, std::less<>>> skip(batch.size());
    std::vector<WorkflowRecord> records(batch.size());
    if (!path_.empty()) {
      for (std::size_t i = 0; i < batch.size(); ++i)
        skip[i] = stages_to_skip(batch[i], path_, names_);
    }
    for (const auto& tier : tiers_) run_tier(tier, batch, skip, records);
    for (std::size_t i = 0; i < batch.size(); ++i) finish(batch[i], records[i]);
    return Batches(std::move(batch));
  }
  void close() override {
    for (Stage& stage : stages_) {
      if (stage.resource != nullptr) {
        stage.resource->close();
      } else {
        stage.own->close();
      }
    }
  }

 private:
  void run_tier(const std::vector<std::size_t>& tier, Batch& batch,
                const std::vector<std::set<std::string, std::less<>>>& skip,
                std::vector<WorkflowRecord>& records) {
    std::vector<BranchStep::Requests> requests;
    std::vector<BranchStep::Results> results(tier.size());
    std::vector<std::optional<core::Error>> lost(tier.size());
    const bool together = lanes_->used_for(tier.size()) > 1;
    for (std::size_t k = 0; k < tier.size(); ++k) {
      const Stage& stage = stages_[tier[k]];
      requests.push_back(
          stage.step->request(batch, [&](std::size_t i) { return skip[i].contains(stage.name); }));
      if (!together) continue;
      core::Status moved = requests[k].batch.make_exclusive();
      if (!moved) lost[k] = std::move(moved).error();
    }
    lanes_->run(tier.size(), [&](std::size_t, std::size_t k) {
      if (!lost[k]) results[k] = stages_[tier[k]].step->run(std::move(requests[k].batch));
    });
    for (std::size_t k = 0; k < tier.size(); ++k) {
      const Stage& stage = stages_[tier[k]];
      if (lost[k]) {
        requests[k].batch.resolve(core::Outcome::kFiltered);
        results[k].error = std::move(lost[k]);
      }
      for (const std::size_t i : requests[k].skipped) records[i].skipped.insert(stage.name);
      for (const std::uint32_t i : stage.step->requested()) records[i].succeeded.insert(stage.name);
      for (const auto& failure : requests[k].failed)
        records[failure.index].failed[stage.name] = failure.error.message;
      for (const auto& failure : stage.step->overlay(batch, std::move(results[k]))) {
        records[failure.index].succeeded.erase(stage.name);
        records[failure.index].failed[stage.name] = failure.error.message;
      }
    }
  }

  void finish(core::Message& message, const WorkflowRecord& record) {
    if (!path_.empty()) {
      const core::Status written = record.write(message, path_);
      if (!written) blame_.fail(message, written.error());
      return;
    }
    if (record.failed.empty()) return;
    std::string text = "workflow branches failed: ";
    bool first = true;
    for (const auto& [name, cause] : record.failed) {
      if (!first) text += "; ";
      first = false;
      text += name + ": " + cause;
    }
    blame_.fail(message, core::ErrorCode::kInvalidData, text);
  }

  std::vector<std::string> path_;
  std::vector<Stage> stages_;
  Tiers tiers_;
  std::vector<std::string> names_;
  Blame blame_;
  std::unique_ptr<Lanes> lanes_;
};

StageUse use_of(const Stage& stage) {
  StageUse use{stage.name, {}, {}};
  if (stage.step->request_map()) use.reads = stage.step->request_map()->reads();
  if (stage.step->result_map()) use.writes = stage.step->result_map()->writes();
  return use;
}

core::Result<std::unique_ptr<core::Processor>> make_workflow(const WorkflowConfig& config,
                                                             const config::Resources& resources) {
  std::vector<Stage> stages;
  for (const auto& [name, branch] : config.branches) {
    auto step = BranchStep::make(branch, resources);
    if (!step) return core::fail(std::move(step).error());
    Stage stage;
    stage.name = name;
    stage.own = std::make_unique<BranchStep>(*std::move(step));
    stage.step = stage.own.get();
    stages.push_back(std::move(stage));
  }
  for (const auto& reference : config.branch_resources) {
    const std::string& label = reference.label;
    if (!resources.shared().processor)
      return core::invalid_config("there are no processor resources here");
    auto made = resources.shared().processor(label);
    if (!made) return core::fail(std::move(made).error());
    auto* const branch = dynamic_cast<BranchProcessor*>(made->get());
    if (branch == nullptr)
      return core::invalid_config("resource `" + label + "` is not a `branch` processor");
    for (const Stage& stage : stages) {
      if (stage.name == label)
        return core::invalid_config("`" + label + "` names two branches of the workflow");
    }
    Stage stage;
    stage.name = label;
    stage.step = &branch->step();
    stage.resource = *std::move(made);
    stages.push_back(std::move(stage));
  }
  std::vector<StageUse> uses;
  for (const Stage& stage : stages) uses.push_back(use_of(stage));
  auto tiers = config.order.empty() ? infer_order(uses) : check_order(config.order, uses);
  if (!tiers) return core::fail(std::move(tiers).error());
  return std::make_unique<Workflow>(config.meta_path, std::move(stages), *std::move(tiers),
                                    resources);
}

}  // namespace

void add_workflow(config::Registry& registry) {
  registry.add_processor(workflow_spec(), make_workflow);
}

}  // namespace weir::processors
