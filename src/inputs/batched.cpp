#include "config/input_child.h"
#include "inputs/all.h"

namespace weir::inputs {
namespace {

struct BatchedConfig {
  config::Child<core::Input> child;
  config::BatchPolicyConfig policy;
};

config::Spec<BatchedConfig> batched_spec() {
  return config::Spec<BatchedConfig>("batched")
      .summary("Makes batches of what another input gives.")
      .category("utility")
      .field("child", &BatchedConfig::child, {.doc = "The input.", .required = true})
      .field("policy", &BatchedConfig::policy, {.doc = "When a batch is complete."});
}

class Batched final : public config::MergedInput {
 public:
  Batched(config::InputChild child, config::BatchPolicyConfig policy) : policy_(std::move(policy)) {
    children_.push_back(std::move(child));
  }

  std::vector<config::InputChild> take_children() override { return std::move(children_); }
  const config::BatchPolicyConfig& batching() const override { return policy_; }

 private:
  std::vector<config::InputChild> children_;
  config::BatchPolicyConfig policy_;
};

core::Result<std::unique_ptr<core::Input>> make_batched(const BatchedConfig& config,
                                                        const config::Resources& resources) {
  auto child = config::InputChild::make(config.child, resources);
  if (!child) return core::fail(std::move(child).error());
  return std::make_unique<Batched>(*std::move(child), config.policy);
}

}  // namespace

void add_batched(config::Registry& registry) {
  registry.add_input(batched_spec(), make_batched);
}

}  // namespace weir::inputs
