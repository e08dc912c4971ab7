#include "http/detail/loop.h"

#include <algorithm>
#include <ctime>

#include <pthread.h>
#include <signal.h>

namespace weir::http::detail {

void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

Slots::Verdict Slots::take(std::uint64_t address, const Limits& limits) {
  const std::lock_guard lock(mutex_);
  if (count_ >= limits.connections) return Verdict::kFull;
  std::size_t& of_address = by_address_[address];
  if (of_address >= limits.connections_per_ip) return Verdict::kFullForAddress;
  ++of_address;
  ++count_;
  return Verdict::kTaken;
}

void Slots::release(std::uint64_t address) {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  if (--found->second == 0) by_address_.erase(found);
  if (--count_ == 0) empty_.notify_all();
}

std::size_t Slots::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

bool Slots::wait_until_empty(TimePoint deadline) {
  std::unique_lock lock(mutex_);
  return empty_.wait_until(lock, deadline, [this] { return count_ == 0; });
}

Loop::Loop(std::shared_ptr<Shared> shared_state, std::shared_ptr<Slots> shared_slots)
    : shared(std::move(shared_state)),
      slots(std::move(shared_slots)),
      scratch(64 << 10),
      work_(io.get_executor()),
      timer_(io) {}

TimePoint Loop::now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);  // of the same origin as steady_clock
  return TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

void Loop::start() {
  thread_ = std::thread([this] {
    block_signals();
    pthread_setname_np(pthread_self(), "weir-http");
    id_ = std::this_thread::get_id();
    io.run();
  });
}

void Loop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  work_.reset();
  boost::asio::post(io, [this] { timer_.cancel(); });
  if (thread_.joinable()) {
    thread_.join();
  } else {
    io.run();  // never started: drop what waits
  }
  id_ = std::thread::id();
}

void Loop::add(Member& member) {
  member.next_ = first_;
  member.previous_ = nullptr;
  if (first_ != nullptr) first_->previous_ = &member;
  first_ = &member;
  if (!sweeping_) arm_sweep();
}

void Loop::remove(Member& member) {
  if (member.previous_ != nullptr) member.previous_->next_ = member.next_;
  if (member.next_ != nullptr) member.next_->previous_ = member.previous_;
  if (first_ == &member) first_ = member.next_;
  member.next_ = member.previous_ = nullptr;
}

void Loop::arm_sweep() {
  // Deadlines are looked at in turns: a timer per connection would cost more than the request does.
  // The period is a quarter of the shortest limit, so none is overrun by more than that.
  const Limits& limits = shared->options.limits;
  const Milliseconds shortest =
      std::min({limits.header_timeout, limits.body_timeout, limits.write_timeout,
                limits.idle_timeout, limits.tls_timeout});
  sweeping_ = true;
  timer_.expires_after(std::clamp(shortest / 4, Milliseconds(5), Milliseconds(500)));
  timer_.async_wait([this](boost::system::error_code error) {
    sweeping_ = false;
    if (error || first_ == nullptr) return;
    const TimePoint at = now();
    for_each([at](Member& member) { member.sweep(at); });
    if (first_ != nullptr && !sweeping_) arm_sweep();
  });
}

const std::string& Loop::date() {
  timespec now_time{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now_time);
  const std::time_t second = now_time.tv_sec;
  if (second != date_second_) {
    std::tm parts{};
    gmtime_r(&second, &parts);
    char text[40];
    const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    date_.assign(text, size);
    date_second_ = second;
  }
  return date_;
}

const RouteTable& Loop::routes() {
  const std::uint64_t version = shared->routes.version();
  if (version != routes_version_) {
    routes_ = shared->routes.table();
    routes_version_ = version;
  }
  return *routes_;
}

}  // namespace weir::http::detail
