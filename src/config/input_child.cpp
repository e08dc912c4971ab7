#include "config/input_child.h"

namespace weir::config {

core::Result<InputChild> InputChild::make(const Child<core::Input>& child,
                                          const Resources& resources) {
  InputChild made;
  auto input = child.make(resources);
  if (!input) return core::fail(std::move(input).error());
  auto chain = ProcessorChain::make(child.plan().processors, resources);
  if (!chain) return core::fail(std::move(chain).error());
  made.label_ = child.plan().label;
  made.path_ = child.plan().path;
  made.input_ = *std::move(input);
  made.processors_ = *std::move(chain);
  return made;
}

core::Result<core::ReadResult> InputChild::read(core::ReadContext& context) {
  auto result = input_->read(context);
  if (!result || result->status != core::ReadStatus::kBatch) return result;
  std::vector<core::Batch> admitted = std::move(result->admitted);
  if (!result->read.batch.empty())
    admitted.push_back(context.admit(*input_, std::move(result->read)));
  core::ReadResult processed;
  processed.status = core::ReadStatus::kBatch;
  for (core::Batch& batch : admitted) {
    core::Batches made = processors_.run(std::move(batch));
    for (std::size_t i = 0; i < made.size(); ++i) processed.admitted.push_back(std::move(made[i]));
  }
  return processed;
}

void InputChild::close() {
  input_->close();
  processors_.close();
}

}  // namespace weir::config
