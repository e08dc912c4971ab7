#pragma once

#include <cstddef>

#include "core/arena.h"
#include "core/result.h"

namespace weir::mapping {

/// How much a reader of foreign data may take of an arena. Ask it for every value made.
class ArenaBudget {
 public:
  ArenaBudget(core::Arena& arena, std::size_t bytes)
      : arena_(arena), limit_(arena.footprint() + bytes) {}

  [[nodiscard]] core::Arena& arena() const { return arena_; }
  [[nodiscard]] bool exceeded() const { return arena_.footprint() > limit_; }

 private:
  core::Arena& arena_;
  std::size_t limit_;
};

/// The error when it is exceeded.
[[nodiscard]] inline tl::unexpected<core::Error> too_much_data() {
  return core::fail(core::ErrorCode::kLimit, "the data takes more memory than allowed");
}
[[nodiscard]] inline tl::unexpected<core::Error> too_deep() {
  return core::fail(core::ErrorCode::kLimit, "the data is nested too deep");
}

}  // namespace weir::mapping
