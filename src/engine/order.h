#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "core/component.h"

namespace weir::engine {

/// Puts batches that were processed in any order back into the order in which they were read: one
/// per partition (or input) that keeps its order. Thread-safe.
class Order {
 public:
  using Release = std::function<void(core::Batches)>;
  explicit Order(Release release) : release_(std::move(release)) {}

  /// The place of the next batch.
  [[nodiscard]] std::uint64_t next_place();
  /// What became of the batch at `place` (possibly nothing). Releases everything that is due, one
  /// call at a time.
  void complete(std::uint64_t place, core::Batches result);

 private:
  Release release_;
  std::mutex mutex_;
  std::uint64_t next_place_ = 0;
  std::uint64_t next_release_ = 0;
  std::map<std::uint64_t, core::Batches> waiting_;
  bool releasing_ = false;
};

}  // namespace weir::engine
