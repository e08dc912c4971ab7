#include "config/input_child.h"
#include "inputs/all.h"

namespace weir::inputs {
namespace {

struct ShardedJoin {
  std::string type = "none";

  static const config::Spec<ShardedJoin>& spec() {
    static const config::Spec<ShardedJoin> made =
        config::Spec<ShardedJoin>()
            .field("type", &ShardedJoin::type,
                   {.doc = "Only `none`: inputs are not joined here.", .options = {{"none"}}})
            .ignored("id_path", "Without a join it means nothing.")
            .ignored("iterations", "Without a join it means nothing.")
            .ignored("merge_strategy", "Without a join it means nothing.");
    return made;
  }
};

struct SequenceConfig {
  std::vector<config::Child<core::Input>> inputs;
  ShardedJoin sharded_join;
};

config::Spec<SequenceConfig> sequence_spec() {
  return config::Spec<SequenceConfig>("sequence")
      .summary(
          "Reads inputs one after the other: the next begins when the one before it has ended.")
      .category("utility")
      .field("inputs", &SequenceConfig::inputs, {.doc = "The inputs, in order.", .required = true})
      .field("sharded_join", &SequenceConfig::sharded_join,
             {.doc = "Not supported.", .advanced = true})
      .check([](const SequenceConfig& config) -> core::Status {
        if (config.inputs.empty()) return core::invalid_config("field `inputs` is empty");
        return {};
      });
}

class Sequence final : public core::Input {
 public:
  explicit Sequence(std::vector<config::InputChild> children) : children_(std::move(children)) {
    traits_ = {.finite = true, .replayable = true};
    for (config::InputChild& child : children_) {
      const core::InputTraits own = child.traits();
      traits_.finite = traits_.finite && own.finite;
      traits_.replayable = traits_.replayable && own.replayable;
      traits_.request = traits_.request || own.request;
      traits_.partitioned = traits_.partitioned || own.partitioned;
    }
  }

  core::InputTraits traits() const override { return traits_; }

  core::Status connect(core::ReadContext& context) override {
    if (at_ == children_.size()) return {};
    used_ = at_ + 1;
    return children_[at_].connect(context);
  }

  core::Result<core::ReadResult> read(core::ReadContext& context) override {
    while (at_ < children_.size()) {
      auto result = children_[at_].read(context);
      if (!result || result->status != core::ReadStatus::kEnd) return result;
      // What it gave is still on its way and will be acknowledged there: it is closed with us.
      ++at_;
      WEIR_CHECK_OK(connect(context));
    }
    return core::ReadResult::end();
  }

  void close() override {
    for (std::size_t i = 0; i < used_; ++i) children_[i].close();
  }

 private:
  std::vector<config::InputChild> children_;
  core::InputTraits traits_;
  std::size_t at_ = 0;
  std::size_t used_ = 0;  // how many have been connected
};

core::Result<std::unique_ptr<core::Input>> make_sequence(const SequenceConfig& config,
                                                         const config::Resources& resources) {
  std::vector<config::InputChild> children;
  for (const auto& input : config.inputs) {
    auto child = config::InputChild::make_nested(input, resources);
    if (!child) return core::fail(std::move(child).error());
    children.push_back(*std::move(child));
  }
  return std::make_unique<Sequence>(std::move(children));
}

}  // namespace

void add_sequence(config::Registry& registry) {
  registry.add_input(sequence_spec(), make_sequence);
}

}  // namespace weir::inputs
