#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "config/resources.h"
#include "core/component.h"
#include "http/server.h"
#include "inputs/http_body.h"

namespace weir::inputs {

/// 200 to 599.
[[nodiscard]] std::optional<int> parse_status(std::string_view text);

/// 503 with Retry-After.
[[nodiscard]] http::Response busy(std::string_view why);

/// What stands between the I/O threads of a server and the input that is read: requests and
/// WebSocket messages wait here, within limits, until they are read, and until their deliveries
/// have ended. Thread-safe. Held by a shared_ptr.
class HttpRequests : public std::enable_shared_from_this<HttpRequests> {
 public:
  struct Options {
    std::chrono::nanoseconds timeout = std::chrono::seconds(5);
    BodySplit split = BodySplit::kAuto;
    BodyLimits body;
    std::size_t max_pending = 1024;
    std::size_t max_pending_bytes = 64 << 20;
    std::string rate_limit;  ///< label; empty: none
    std::string ws_welcome_message;
    std::string ws_rate_limit_message;
    std::function<http::Response(core::DeliveryReport)> answer;  ///< any thread
  };
  HttpRequests(Options options, const config::Resources& resources);
  ~HttpRequests();

  /// The interrupt of whoever reads: requests that come after it was raised are refused. It must
  /// outlive the last call.
  void watch(const core::Interrupt& interrupt) { interrupt_ = &interrupt; }
  /// From I/O threads.
  void take(http::Request& request, http::Responder responder);
  void open_socket(http::Request& request, http::Responder responder);
  /// For Input::read.
  [[nodiscard]] core::Result<core::ReadResult> read(core::ReadContext& context);
  /// Answers everything that waits with 503, closes WebSockets, refuses what comes.
  void close();

 private:
  struct Socket;
  struct Entry;

  [[nodiscard]] core::Result<std::chrono::nanoseconds> rate_limit_wait();
  bool push(std::shared_ptr<Entry> entry, std::size_t bytes);
  void arm(std::unique_lock<std::mutex>& lock);
  void expire();
  void finish(const std::shared_ptr<Entry>& entry, core::DeliveryReport report);
  void refuse(Entry& entry, http::Response response);
  void on_socket_message(const std::shared_ptr<Socket>& socket, http::Body body);

  const Options options_;
  const config::Resources resources_;
  core::Counter& refused_;
  const core::Interrupt* interrupt_ = nullptr;

  std::mutex mutex_;  // guards what follows, and the state of entries
  std::condition_variable wake_;
  std::shared_ptr<core::RateLimit> limit_;
  std::deque<std::shared_ptr<Entry>> queue_;      // not read yet
  std::deque<std::shared_ptr<Entry>> deadlines_;  // of requests, in order
  std::deque<std::weak_ptr<Socket>> sockets_;
  std::size_t queued_bytes_ = 0;
  bool armed_ = false;
  bool closed_ = false;
};

}  // namespace weir::inputs
