#pragma once

#include <cstddef>
#include <functional>

namespace weir::mapping {

/// Bytes of the calling thread's stack that are still free, about.
[[nodiscard]] std::size_t stack_left();

/// Runs `body` on a stack of its own; false when there is none to be had.
[[nodiscard]] bool on_big_stack(const std::function<void()>& body);

/// Runs `body`, on another stack when little is left of this one: named maps may call themselves
/// thousands of levels deep, whatever stack our caller runs on. False: it did not run.
template <class Body>
[[nodiscard]] bool with_enough_stack(Body&& body) {
  // What one map may need: its expressions are at most kMaxTreeDepth deep.
  constexpr std::size_t kNeeded = std::size_t{1} << 20;
  if (stack_left() < kNeeded) return on_big_stack(std::function<void()>(std::ref(body)));
  body();
  return true;
}

}  // namespace weir::mapping
