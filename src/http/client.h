#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "http/message.h"
#include "net/tls.h"

namespace weir::http {

namespace detail {
class CurlLoop;
class Transfer;
}  // namespace detail

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
  /// From the start to the last byte of the answer; for a streamed answer to its headers. 0: none.
  std::chrono::milliseconds timeout{5'000};
  std::size_t max_response_bytes = 64 << 20;  ///< whole answers; beyond: kLimit
};

struct ClientResponse {
  int status = 0;
  Headers headers;  ///< of the last answer when redirects were followed
  Body body;        ///< decoded when the server compressed it
  std::string url;  ///< the address that answered in the end
};

/// What all requests of one client have in common.
struct ClientOptions {
  net::TlsOptions tls;    ///< its `enabled` is not looked at; verification is on without it too
  std::string proxy_url;  ///< empty: `http_proxy`, `https_proxy`, `no_proxy` of the environment
  bool follow_redirects = true;  ///< at most 10, to http(s) only; credentials stay with their host
  bool http2 = true;             ///< over TLS, when the server offers it
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{90'000};  ///< of pooled connections
  std::size_t max_connections_per_host = 0;        ///< 0: no limit
  /// Refuses loopback, private and link-local addresses, judged on the address really dialled.
  bool deny_private_addresses = false;
};

/// Exactly once, on the client's thread; must not block. Errors:
/// kInvalidConfig (URL, certificate files), kUnavailable (lookup, connect, TLS, reset, timeout,
/// garbage), kLimit (answer too big), kCancelled. A status is never an error here: see RetryPolicy
/// in retry.h.
using ResponseCallback = std::function<void(core::Result<ClientResponse>)>;

/// For answers that have no end. Calls come from the client's thread, in this order.
struct StreamCallbacks {
  /// Status and headers, body empty. False gives the request up (on_done: kCancelled).
  std::function<bool(const ClientResponse&)> on_head;
  /// A piece of the body. False: pause; nothing more comes until Call::resume(). The piece is
  /// taken.
  std::function<bool(std::string_view)> on_data;
  /// Exactly once, last: ok when the server ended the body properly.
  std::function<void(core::Status)> on_done;
};

/// A request under way. Thread-safe, copyable; forgetting it changes nothing.
class Call {
 public:
  Call() = default;
  /// The callback gets kCancelled, unless the answer was faster.
  void cancel();
  void resume();

 private:
  friend class Client;
  std::weak_ptr<detail::CurlLoop> loop_;
  std::weak_ptr<detail::Transfer> transfer_;
};

/// HTTP requests, on one thread of its own that starts with the first. Connections are reused.
class Client {
 public:
  /// Error kInvalidConfig: unreadable or broken certificates, bad proxy URL.
  [[nodiscard]] static core::Result<std::unique_ptr<Client>> make(ClientOptions options);
  /// Cancels what is under way (callbacks come first), then ends the thread. Not from a callback.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Call send(ClientRequest request, ResponseCallback callback);
  Call stream(ClientRequest request, StreamCallbacks callbacks);
  /// Waits for the answer. Not from a callback.
  [[nodiscard]] core::Result<ClientResponse> send_and_wait(ClientRequest request);

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::http
