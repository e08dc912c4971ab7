#include "engine/budget.h"

namespace weir::engine {

bool Budget::has_room() const {
  const std::lock_guard lock(mutex_);
  return used_ < limit_;
}

std::uint64_t Budget::wakes() const {
  const std::lock_guard lock(mutex_);
  return wakes_;
}

void Budget::wait_for_room(const core::Interrupt& interrupt, std::uint64_t wakes,
                           std::chrono::nanoseconds limit) {
  std::unique_lock lock(mutex_);
  const auto over = [&] { return used_ < limit_ || wakes_ != wakes || interrupt.raised(); };
  if (limit.count() < 0) {
    room_.wait(lock, over);
  } else {
    room_.wait_for(lock, limit, over);
  }
}

void Budget::take(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  used_ += bytes;
}

void Budget::give_back(std::uint64_t bytes) {
  bool crossed = false;
  {
    const std::lock_guard lock(mutex_);
    crossed = used_ >= limit_ && used_ - bytes < limit_;
    used_ -= bytes;
  }
  if (!crossed) return;
  room_.notify_all();
  if (on_room) on_room();
}

void Budget::wake() {
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  room_.notify_all();
}

std::uint64_t Budget::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

}  // namespace weir::engine
