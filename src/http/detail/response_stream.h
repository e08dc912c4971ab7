#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "http/detail/exchange.h"
#include "http/server.h"

namespace weir::http {

/// What the copies of a ResponseStream share. Its end without finish() cuts the connection.
struct ResponseStream::Impl {
  explicit Impl(std::shared_ptr<detail::Exchange> owner) : exchange(std::move(owner)) {}
  ~Impl() { exchange->stream_abandon(); }

  /// The client has gone (`gone`), or the server stops: tells whoever asked, once.
  void closed(bool gone) {
    std::function<void()> told;
    {
      const std::lock_guard lock(mutex);
      if (gone) open = false;
      ending = true;
      told = std::exchange(on_closed, nullptr);
    }
    if (told) told();
  }

  const std::shared_ptr<detail::Exchange> exchange;
  std::atomic<std::size_t> queued{0};
  std::atomic<bool> open{true};
  std::mutex mutex;
  bool ending = false;
  std::function<void()> on_closed;
};

}  // namespace weir::http
