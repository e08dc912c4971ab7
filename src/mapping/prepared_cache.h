#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "mapping/registry.h"

namespace weir::mapping {

/// What prepare hooks made of dynamic arguments, the latest few of this thread: a pattern that
/// comes out of the data is mostly the same pattern again.
class PreparedCache {
 public:
  [[nodiscard]] static PreparedCache& of_this_thread();

  /// Runs the hook unless it ran for equal arguments lately. Errors are not kept.
  [[nodiscard]] core::Result<Prepared> get(const Callable& callable, const PrepareCall& call);

 private:
  struct Entry {
    const Callable* callable = nullptr;
    std::string key;  // the arguments, unambiguously
    Prepared prepared;
  };
  static constexpr std::size_t kEntries = 64;  // by hash; a newer one replaces an older
  std::vector<Entry> entries_{kEntries};
  std::string key_;
};

}  // namespace weir::mapping
