#include "config/input_child.h"

#include <algorithm>

namespace weir::config {
namespace {

/// The caller's context with less time to wait.
class ShortContext final : public core::ReadContext {
 public:
  ShortContext(core::ReadContext& above, std::chrono::milliseconds limit)
      : above_(above), limit_(limit) {}
  [[nodiscard]] const core::Interrupt& interrupt() const override { return above_.interrupt(); }
  [[nodiscard]] std::chrono::milliseconds wait_limit() const override { return limit_; }
  [[nodiscard]] core::Batch admit(core::Input& child, core::ReadBatch read) override {
    return above_.admit(child, std::move(read));
  }

 private:
  core::ReadContext& above_;
  const std::chrono::milliseconds limit_;
};

}  // namespace

core::Result<InputChild> InputChild::make(const Child<core::Input>& child,
                                          const Resources& resources) {
  InputChild made;
  auto input = child.make(resources);
  if (!input) return core::fail(std::move(input).error());
  auto chain = ProcessorChain::make(child.plan().processors, resources);
  if (!chain) return core::fail(std::move(chain).error());
  made.label_ = child.plan().label;
  made.path_ = child.plan().path;
  made.type_ = child.plan().type;
  made.input_ = *std::move(input);
  made.processors_ = *std::move(chain);
  return made;
}

core::Result<InputChild> InputChild::make_nested(const Child<core::Input>& child,
                                                 const Resources& resources) {
  WEIR_TRY(InputChild made, make(child, resources));
  WEIR_CHECK_OK(made.nest());
  return made;
}

core::Status InputChild::nest() {
  auto* const merged = dynamic_cast<MergedInput*>(input_.get());
  if (merged == nullptr) return {};
  if (merged->batching().enabled() || !merged->batching().period.empty()) {
    return core::invalid_config("`" + type_ +
                                "` cannot form batches inside another input; put `batched` around "
                                "that one instead");
  }
  merged_ = merged->take_children();
  for (InputChild& child : merged_) WEIR_CHECK_OK(child.nest());
  return {};
}

core::InputTraits InputChild::traits() const {
  if (merged_.empty()) return input_->traits();
  core::InputTraits all = {.finite = true, .replayable = true};
  for (const InputChild& child : merged_) {
    const core::InputTraits own = child.traits();
    all.finite = all.finite && own.finite;
    all.replayable = all.replayable && own.replayable;
    all.request = all.request || own.request;
    all.partitioned = all.partitioned || own.partitioned;
  }
  return all;
}

core::Status InputChild::connect(core::ReadContext& context) {
  if (merged_.empty()) return input_->connect(context);
  for (InputChild& child : merged_) {
    if (child.connected_ || child.ended_) continue;
    WEIR_CHECK_OK(child.connect(context));
    child.connected_ = true;
  }
  return {};
}

core::Result<core::ReadResult> InputChild::read_merged(core::ReadContext& context) {
  const auto active = static_cast<std::int64_t>(
      std::count_if(merged_.begin(), merged_.end(), [](const auto& one) { return !one.ended_; }));
  if (active == 0) return core::ReadResult::end();
  const std::int64_t wait = context.wait_limit().count();
  ShortContext part(
      context, std::chrono::milliseconds(wait == 0 ? 0 : std::max<std::int64_t>(1, wait / active)));
  for (std::size_t i = 0; i < merged_.size(); ++i) {
    InputChild& child = merged_[next_++ % merged_.size()];
    if (child.ended_) continue;
    auto result = child.read(part);
    if (!result) {
      child.connected_ = false;
      return result;
    }
    if (result->status == core::ReadStatus::kBatch) return result;
    if (result->status == core::ReadStatus::kEnd) child.ended_ = true;
  }
  return core::ReadResult::idle();
}

core::Result<core::ReadResult> InputChild::read(core::ReadContext& context) {
  auto result = merged_.empty() ? input_->read(context) : read_merged(context);
  if (!result || result->status != core::ReadStatus::kBatch) return result;
  std::vector<core::Batch> admitted = std::move(result->admitted);
  if (!result->read.batch.empty() || (admitted.empty() && merged_.empty())) {
    // Also an empty one: it moves the position.
    core::Batch batch = context.admit(*input_, std::move(result->read));
    if (!batch.empty()) admitted.push_back(std::move(batch));
  }
  core::ReadResult processed;
  processed.status = core::ReadStatus::kBatch;
  for (core::Batch& batch : admitted) {
    core::Batches made = processors_.run(std::move(batch));
    for (std::size_t i = 0; i < made.size(); ++i) {
      if (made.size() > 1) {
        if (core::Status status = made[i].make_exclusive(); !status) {
          for (core::Message& message : made[i]) message.fail(status.error());
        }
      }
      processed.admitted.push_back(std::move(made[i]));
    }
  }
  // Nothing left of it is no reason to admit something above.
  if (processed.admitted.empty()) processed.status = core::ReadStatus::kIdle;
  return processed;
}

void InputChild::close() {
  for (InputChild& child : merged_) child.close();
  if (merged_.empty()) input_->close();
  processors_.close();
}

}  // namespace weir::config
