#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace weir::core {

/// Growing waits between attempts, with jitter so that many clients do not come back at once.
class Backoff {
 public:
  Backoff(std::chrono::nanoseconds first, std::chrono::nanoseconds most, double factor = 2.0)
      : first_(first), most_(most), factor_(factor), next_(first) {}

  /// The wait before the next attempt: the current step less up to a fifth, chosen by `random`.
  [[nodiscard]] std::chrono::nanoseconds next(std::uint64_t random) {
    const auto step = next_;
    next_ = std::min(most_, std::chrono::nanoseconds(static_cast<std::int64_t>(
                                static_cast<double>(next_.count()) * factor_)));
    ++attempts_;
    return step - step * static_cast<std::int64_t>(random % 256) / 1280;
  }
  void reset() {
    next_ = first_;
    attempts_ = 0;
  }
  [[nodiscard]] unsigned attempts() const { return attempts_; }

 private:
  std::chrono::nanoseconds first_;
  std::chrono::nanoseconds most_;
  double factor_;
  std::chrono::nanoseconds next_;
  unsigned attempts_ = 0;
};

}  // namespace weir::core
