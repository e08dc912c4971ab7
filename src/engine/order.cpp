#include "engine/order.h"

namespace weir::engine {

std::uint64_t Order::next_place() {
  const std::lock_guard lock(mutex_);
  return next_place_++;
}

void Order::complete(std::uint64_t place, core::Batches result) {
  std::unique_lock lock(mutex_);
  waiting_.emplace(place, std::move(result));
  if (releasing_) return;  // whoever releases looks again
  releasing_ = true;
  while (!waiting_.empty() && waiting_.begin()->first == next_release_) {
    core::Batches due = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    ++next_release_;
    lock.unlock();
    if (!due.empty()) release_(std::move(due));
    lock.lock();
  }
  releasing_ = false;
}

}  // namespace weir::engine
