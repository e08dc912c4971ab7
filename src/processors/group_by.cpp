#include "config/batching.h"
#include "config/mapping_fields.h"
#include "processors/all.h"
#include "processors/blame.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct GroupConfig {
  config::MappingField check;
  config::ProcessorList processors;

  static const config::Spec<GroupConfig>& spec() {
    static const config::Spec<GroupConfig> made =
        config::Spec<GroupConfig>()
            .field("check", &GroupConfig::check,
                   {.doc = "A mapping that says whether a message belongs to the group.",
                    .required = true,
                    .examples = {R"(this.type == "order")"}})
            .field("processors", &GroupConfig::processors,
                   {.doc = "Processors that run on the group, as one batch."});
    return made;
  }
};

struct GroupByConfig {
  std::vector<GroupConfig> groups;
};

config::Spec<GroupByConfig> group_by_spec() {
  return config::Spec<GroupByConfig>("group_by")
      .summary("Divides a batch into groups, each a batch with processors of its own.")
      .description(
          "A message goes to the first group whose check is true; what is left over is a batch of "
          "its own, the last one. A message whose check fails is flagged and left over. Groups "
          "come "
          "out in the order of the list; inside, the order of the messages stays.")
      .category("composition")
      .value(&GroupByConfig::groups, {.doc = "The groups.", .required = true});
}

class GroupBy final : public core::Processor {
 public:
  struct Group {
    config::MappingField check;
    config::ProcessorChain chain;
  };
  GroupBy(std::vector<Group> groups, const config::Resources& resources)
      : groups_(std::move(groups)), evaluator_(resources), blame_("group_by", resources) {}

  Batches process(Batch batch) override {
    std::vector<std::size_t> places(batch.size(), groups_.size());
    evaluator_.context().bind(batch.messages(), 0);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      evaluator_.context().select(i);
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        const auto belongs = groups_[g].check->check(evaluator_.context());
        if (!belongs) {
          blame_.fail(batch[i], belongs.error().with_context("evaluating `check`"));
          break;
        }
        if (*belongs) {
          places[i] = g;
          break;
        }
      }
    }
    std::vector<Batch> parts;
    for (std::size_t g = 0; g <= groups_.size(); ++g) parts.push_back(batch.sibling());
    for (std::size_t i = 0; i < batch.size(); ++i) parts[places[i]].push(std::move(batch[i]));
    Batches all;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      Batches made = groups_[g].chain.run(std::move(parts[g]));
      for (std::size_t i = 0; i < made.size(); ++i) all.add(std::move(made[i]));
    }
    all.add(std::move(parts.back()));
    return all;
  }
  void close() override {
    for (Group& group : groups_) group.chain.close();
  }

 private:
  std::vector<Group> groups_;
  config::Evaluator evaluator_;
  Blame blame_;
};

core::Result<std::unique_ptr<core::Processor>> make_group_by(const GroupByConfig& config,
                                                             const config::Resources& resources) {
  std::vector<GroupBy::Group> groups;
  for (const GroupConfig& group : config.groups) {
    if (!group.check) return core::invalid_config("a group wants a `check`");
    auto chain = config::ProcessorChain::make(group.processors, resources);
    if (!chain) return core::fail(std::move(chain).error());
    groups.push_back({group.check, *std::move(chain)});
  }
  return std::make_unique<GroupBy>(std::move(groups), resources);
}

}  // namespace

void add_group_by(config::Registry& registry) {
  registry.add_processor(group_by_spec(), make_group_by);
}

}  // namespace weir::processors
