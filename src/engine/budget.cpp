#include "engine/budget.h"

namespace weir::engine {

bool Budget::has_room() const {
  const std::lock_guard lock(mutex_);
  return used_ < limit_;
}

bool Budget::wait_for_room(const core::Interrupt& interrupt) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] { return used_ < limit_ || interrupt.raised(); });
  return !interrupt.raised();
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
  { const std::lock_guard lock(mutex_); }
  room_.notify_all();
}

std::uint64_t Budget::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

}  // namespace weir::engine
