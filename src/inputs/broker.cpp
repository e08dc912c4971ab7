#include "config/input_child.h"
#include "inputs/all.h"

namespace weir::inputs {
namespace {

struct BrokerConfig {
  std::uint64_t copies = 1;
  std::vector<config::Child<core::Input>> inputs;
  config::BatchPolicyConfig batching;
};

config::Spec<BrokerConfig> broker_spec() {
  return config::Spec<BrokerConfig>("broker")
      .summary(
          "Reads several inputs at the same time and merges what they give, in no particular "
          "order.")
      .category("utility")
      .field("inputs", &BrokerConfig::inputs, {.doc = "The inputs.", .required = true})
      .field("copies", &BrokerConfig::copies,
             {.doc = "How often each of them is made.", .advanced = true, .min = 1, .max = 1000})
      .field("batching", &BrokerConfig::batching,
             {.doc = "Batches made of the messages of all inputs together."})
      .check([](const BrokerConfig& config) -> core::Status {
        if (config.inputs.empty()) return core::invalid_config("field `inputs` is empty");
        return {};
      });
}

class Broker final : public config::MergedInput {
 public:
  Broker(std::vector<config::InputChild> children, config::BatchPolicyConfig batching)
      : children_(std::move(children)), batching_(std::move(batching)) {}

  std::vector<config::InputChild> take_children() override { return std::move(children_); }
  const config::BatchPolicyConfig& batching() const override { return batching_; }

 private:
  std::vector<config::InputChild> children_;
  config::BatchPolicyConfig batching_;
};

core::Result<std::unique_ptr<core::Input>> make_broker(const BrokerConfig& config,
                                                       const config::Resources& resources) {
  std::vector<config::InputChild> children;
  for (std::uint64_t copy = 0; copy < config.copies; ++copy) {
    for (const auto& input : config.inputs) {
      auto child = config::InputChild::make(input, resources);
      if (!child) return core::fail(std::move(child).error());
      children.push_back(*std::move(child));
    }
  }
  return std::make_unique<Broker>(std::move(children), config.batching);
}

}  // namespace

void add_broker(config::Registry& registry) {
  registry.add_input(broker_spec(), make_broker);
}

}  // namespace weir::inputs
