#include "http/detail/curl_loop.h"

#include <utility>

#include <pthread.h>

#include "http/detail/loop_thread.h"

namespace weir::http::detail {
namespace {

constexpr std::size_t kSpareHandles = 64;
constexpr int kPollMs = 10'000;
constexpr int kPollWithStreamsMs = 50;

core::Error stopped() {
  return {core::ErrorCode::kCancelled, "the HTTP client stops"};
}

}  // namespace

CurlLoop::CurlLoop(std::size_t max_connections_per_host) {
  init_curl();
  multi_.reset(curl_multi_init());
  curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS,
                    static_cast<long>(max_connections_per_host));
}

void CurlLoop::submit(std::shared_ptr<Transfer> transfer) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      submitted_.push_back(std::move(transfer));
      if (!std::exchange(started_, true)) thread_ = std::thread([this] { run(); });
    }
  }
  if (transfer != nullptr) {
    transfer->finish(stopped());
  } else {
    curl_multi_wakeup(multi_.get());
  }
}

void CurlLoop::nudge(std::shared_ptr<Transfer> transfer) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    nudged_.push_back(std::move(transfer));
  }
  curl_multi_wakeup(multi_.get());
}

void CurlLoop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  curl_multi_wakeup(multi_.get());
  if (thread_.joinable()) thread_.join();
}

void CurlLoop::run() {
  block_signals();
  pthread_setname_np(pthread_self(), "weir-http-out");
  for (;;) {
    take_work();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    reap();
    check_heads();
    bool streams = false;
    for (const auto& [easy, transfer] : active_) streams = streams || transfer->awaits_head();
    {
      const std::lock_guard lock(mutex_);
      if (!submitted_.empty() || !nudged_.empty()) continue;
    }
    curl_multi_poll(multi_.get(), nullptr, 0, streams ? kPollWithStreamsMs : kPollMs, nullptr);
  }
  cancel_all();
  spare_.clear();
}

void CurlLoop::take_work() {
  std::deque<std::shared_ptr<Transfer>> submitted;
  std::vector<std::shared_ptr<Transfer>> nudged;
  {
    const std::lock_guard lock(mutex_);
    submitted.swap(submitted_);
    nudged.swap(nudged_);
  }
  for (auto& transfer : submitted) begin(std::move(transfer));
  for (const auto& transfer : nudged) {
    if (active_.count(transfer->easy()) == 0) continue;  // was faster
    if (transfer->cancelled.load()) {
      end(*transfer);
      transfer->finish(transfer->failure(core::ErrorCode::kCancelled, "cancelled"));
    } else if (transfer->resumed.exchange(false)) {
      transfer->resume();
    }
  }
}

void CurlLoop::begin(std::shared_ptr<Transfer> transfer) {
  Easy easy;
  if (spare_.empty()) {
    easy.reset(curl_easy_init());
  } else {
    easy = std::move(spare_.back());
    spare_.pop_back();
  }
  if (transfer->cancelled.load()) {
    transfer->finish({core::ErrorCode::kCancelled, "cancelled before it began"});
    return;
  }
  if (easy == nullptr) {
    transfer->finish({core::ErrorCode::kInternal, "out of memory"});
    return;
  }
  const core::Status started = transfer->start(std::move(easy));
  if (!started) {
    transfer->finish(started.error());
    return;
  }
  CURL* const handle = transfer->easy();
  curl_multi_add_handle(multi_.get(), handle);
  active_.emplace(handle, std::move(transfer));
}

void CurlLoop::end(Transfer& transfer) {
  curl_multi_remove_handle(multi_.get(), transfer.easy());
  active_.erase(transfer.easy());
}

void CurlLoop::reap() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const handle = message->easy_handle;
    const CURLcode code = message->data.result;  // the message dies with the handle's removal
    const auto found = active_.find(handle);
    if (found == active_.end()) continue;
    const std::shared_ptr<Transfer> transfer = found->second;
    curl_multi_remove_handle(multi_.get(), handle);
    if (transfer->follow(code)) {
      curl_multi_add_handle(multi_.get(), handle);
      continue;
    }
    active_.erase(found);
    transfer->complete(code);
    if (spare_.size() >= kSpareHandles) continue;
    curl_easy_reset(handle);  // it points into the transfer, which ends
    spare_.push_back(transfer->take_easy());
  }
}

void CurlLoop::check_heads() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<Transfer>> overdue;
  for (const auto& [easy, transfer] : active_) {
    if (transfer->head_overdue(now)) overdue.push_back(transfer);
  }
  for (const auto& transfer : overdue) {
    end(*transfer);
    transfer->finish(transfer->failure(core::ErrorCode::kUnavailable,
                                       "timed out before the headers of the answer came"));
  }
}

void CurlLoop::cancel_all() {
  // Callbacks may submit more; by now that is refused at once.
  std::deque<std::shared_ptr<Transfer>> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(submitted_);
    nudged_.clear();
  }
  while (!active_.empty()) {
    const std::shared_ptr<Transfer> transfer = active_.begin()->second;
    end(*transfer);
    transfer->finish(stopped());
  }
  for (const auto& transfer : waiting) transfer->finish(stopped());
}

}  // namespace weir::http::detail
