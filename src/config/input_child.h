#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "config/batching.h"
#include "config/registry.h"

namespace weir::config {

/// An input inside another (`sequence`, `read_until`, ...): reads it, and runs the `processors` that
/// stand beside it on what it reads.
class InputChild {
 public:
  [[nodiscard]] static core::Result<InputChild> make(const Child<core::Input>& child, const Resources& resources);

  [[nodiscard]] core::Input& input() { return *input_; }
  [[nodiscard]] core::Status connect(core::ReadContext& context) { return input_->connect(context); }
  /// As Input::read, but what comes is always admitted (ReadResult::admitted).
  [[nodiscard]] core::Result<core::ReadResult> read(core::ReadContext& context);
  void close();

 private:
  std::unique_ptr<core::Input> input_;
  ProcessorChain processors_;
};

}  // namespace weir::config
