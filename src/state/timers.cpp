#include "state/timers.h"

namespace weir::state {

void Timers::set(std::int64_t time, std::string_view key) {
  Timer timer{time, std::string(key)};
  if (timers_.insert(timer).second) changed_[std::move(timer)] = true;
}

bool Timers::cancel(std::int64_t time, std::string_view key) {
  Timer timer{time, std::string(key)};
  if (timers_.erase(timer) == 0) return false;
  changed_[std::move(timer)] = false;
  return true;
}

std::optional<std::int64_t> Timers::next() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->time;
}

std::optional<Timer> Timers::pop_below(std::int64_t limit) {
  if (timers_.empty() || timers_.begin()->time >= limit) return std::nullopt;
  Timer timer = std::move(timers_.extract(timers_.begin()).value());
  changed_[timer] = false;
  return timer;
}

Timers::Delta Timers::freeze() {
  auto delta = std::make_shared<const std::map<Timer, bool>>(std::move(changed_));
  changed_.clear();
  return delta;
}

void Timers::drop_if(const std::function<bool(std::string_view)>& which) {
  std::erase_if(timers_, [&](const Timer& timer) { return which(timer.key); });
  std::erase_if(changed_, [&](const auto& one) { return which(one.first.key); });
}

}  // namespace weir::state
