#include <unordered_map>

#include "config/mapping_fields.h"
#include "processors/all.h"
#include "processors/blame.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct GroupByValueConfig {
  config::TemplateField value;
};

config::Spec<GroupByValueConfig> group_by_value_spec() {
  return config::Spec<GroupByValueConfig>("group_by_value")
      .summary("Divides a batch into batches of messages with the same value.")
      .description(
          "The batches come in the order in which their values first appear. Messages whose value "
          "cannot be evaluated are flagged and make a batch of their own, the last one.")
      .category("composition")
      .field("value", &GroupByValueConfig::value,
             {.doc = "The value.",
              .required = true,
              .examples = {R"(${! meta("kafka_key") })", "${! this.user.id }"}});
}

class GroupByValue final : public core::Processor {
 public:
  GroupByValue(config::TemplateField value, const config::Resources& resources)
      : value_(std::move(value)), evaluator_(resources), blame_("group_by_value", resources) {}

  Batches process(Batch batch) override {
    std::vector<Batch> groups;
    std::unordered_map<std::string_view, std::size_t> places;  // the values are in the arena
    std::vector<std::size_t> place_of(batch.size());
    constexpr auto kFailed = static_cast<std::size_t>(-1);
    evaluator_.context().bind(batch.messages(), 0);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      evaluator_.context().select(i);
      const auto value = value_.render(evaluator_.context());
      if (!value) {
        blame_.fail(batch[i], value.error().with_context("evaluating `value`"));
        place_of[i] = kFailed;
        continue;
      }
      const auto [at, fresh] = places.emplace(*value, groups.size());
      if (fresh) groups.push_back(batch.sibling());
      place_of[i] = at->second;
    }
    Batch failed = batch.sibling();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Batch& to = place_of[i] == kFailed ? failed : groups[place_of[i]];
      to.push(std::move(batch[i]));
    }
    Batches all;
    for (Batch& group : groups) all.add(std::move(group));
    all.add(std::move(failed));
    return all;
  }

 private:
  config::TemplateField value_;
  config::Evaluator evaluator_;
  Blame blame_;
};

core::Result<std::unique_ptr<core::Processor>> make_group_by_value(
    GroupByValueConfig config, const config::Resources& resources) {
  return std::make_unique<GroupByValue>(std::move(config.value), resources);
}

}  // namespace

void add_group_by_value(config::Registry& registry) {
  registry.add_processor(group_by_value_spec(), make_group_by_value);
}

}  // namespace weir::processors
