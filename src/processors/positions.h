#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/message.h"

namespace weir::processors {

/// Numbers the messages of a batch by their tags, so that what processors make of them can be put
/// back in order; gives back the tags they had, for whoever numbered them before.
class Positions {
 public:
  explicit Positions(core::Batch& batch) {
    before_.reserve(batch.size());
    for (core::Message& message : batch) {
      before_.push_back(message.tag);
      message.tag = static_cast<std::uint32_t>(before_.size() - 1);
    }
  }
  static void sort(core::Batch& batch) {
    std::stable_sort(batch.begin(), batch.end(),
                     [](const core::Message& a, const core::Message& b) { return a.tag < b.tag; });
  }
  void restore(core::Batch& batch) const {
    for (core::Message& message : batch)
      message.tag = message.tag < before_.size() ? before_[message.tag] : 0;
  }

 private:
  std::vector<std::uint32_t> before_;
};

}  // namespace weir::processors
