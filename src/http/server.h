#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "http/message.h"
#include "http/websocket.h"
#include "net/tls.h"

namespace weir::http {

namespace detail {
class Exchange;
struct RouteEntry;
struct ServerState;
}  // namespace detail

/// A body sent piece by piece (chunked; until the end of the connection for HTTP/1.0).
/// Thread-safe, copyable; all copies are the same stream.
class ResponseStream {
 public:
  ResponseStream() = default;
  /// Queues bytes. Beyond `Limits::stream_queue_bytes`: kFull, and nothing is taken; a `sent` of an
  /// earlier write tells when to try again.
  SendStatus write(std::string_view bytes, Sent sent = nullptr);
  /// Ends the body properly once all is sent. Without it the last copy's end cuts the connection,
  /// so that the client sees that something is missing.
  void finish();
  [[nodiscard]] bool is_open() const;
  /// Called once, when the client goes away (is_open() is false) or the server begins to stop
  /// (finish() still ends the body properly, within the grace). From the I/O thread, or from here
  /// when that has already happened.
  void on_closed(std::function<void()> callback);

 private:
  friend class Responder;
  friend class detail::Exchange;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// The duty to answer one request. Move-only, may travel to any thread. Exactly one of send, stream
/// and accept_websocket may be called; destroyed before that, the client gets a 500. The server may
/// end first: then the calls do nothing.
class Responder {
 public:
  Responder() = default;
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) noexcept;
  ~Responder();

  /// `sent` (may be empty) tells whether the kernel took the whole answer.
  void send(Response response, Sent sent = nullptr);
  /// Sends the head now. `head.body` is the first piece.
  [[nodiscard]] ResponseStream stream(Response head);
  /// For requests with `websocket_upgrade`; any other gets 426. Handlers are called from then on.
  void accept_websocket(WebSocketOptions options, WebSocketHandlers handlers);
  /// False once answered, or when the server is gone.
  [[nodiscard]] bool pending() const { return exchange_ != nullptr; }

 private:
  friend class detail::Exchange;
  explicit Responder(std::shared_ptr<detail::Exchange> exchange);
  std::shared_ptr<detail::Exchange> exchange_;
};

/// Called on an I/O thread: it must not block. `request` stays the server's and is good until the
/// handler returns; move out what is needed longer (the body, or all of it).
using Handler = std::function<void(Request& request, Responder responder)>;

/// Looks at a request whose head has arrived, before its body is read. A response refuses it.
/// Called on an I/O thread.
using Guard = std::function<std::optional<Response>(const Request& request)>;

/// Which pages of other origins may call (the `cors` block). Off: no CORS header is ever sent.
struct CorsOptions {
  bool enabled = false;
  std::vector<std::string> allowed_origins;  ///< `https://a.example`, or `*`
};

/// Every limit answers with the status named and a line of text that says what was exceeded.
struct Limits {
  std::size_t header_bytes = 32 << 10;               ///< request line and headers: 431
  std::size_t header_lines = 100;                    ///< 431
  std::size_t body_bytes = 16 << 20;                 ///< 413; a route may set its own
  std::size_t buffered_body_bytes = 256 << 20;       ///< of all bodies being received: 503
  std::size_t stream_queue_bytes = 1 << 20;          ///< per streamed response
  std::chrono::milliseconds header_timeout{10'000};  ///< first byte to end of headers: 408
  std::chrono::milliseconds body_timeout{30'000};    ///< longest pause within a body: 408
  std::chrono::milliseconds write_timeout{30'000};   ///< longest pause of a client in reading: cut
  /// Least average rate of a body coming in (408) or of an answer going out (cut), the pause above
  /// granted on top.
  std::size_t min_bytes_per_second = 1024;
  std::chrono::milliseconds idle_timeout{75'000};  ///< between requests: closed without a word
  std::chrono::milliseconds tls_timeout{10'000};   ///< of the TLS handshake: closed
  std::size_t connections = 8192;                  ///< 503 and closed
  std::size_t connections_per_ip = 4096;           ///< 503 and closed
};

struct ServerOptions {
  std::string address = "127.0.0.1:4195";  ///< `host:port`; port 0: any; empty host: all addresses
  std::optional<net::TlsServerOptions> tls;
  unsigned threads = 1;  ///< I/O threads; a connection stays on one
  Limits limits;
  /// Every path is also served below this prefix (`/benthos`); empty: none.
  std::string alias_prefix;
  CorsOptions cors;  ///< for routes that set none
  Guard guard;       ///< for every request, unknown paths included; e.g. a Host allow-list
  bool reuse_addr = true;
  bool reuse_port = false;
};

struct RouteOptions {
  /// `/exact`, `/with/{param}/inside`, `/below/*` (the rest is the parameter `*`). An exact path
  /// wins, then the pattern with more literal segments, then `{param}` over `*`.
  std::string path;
  std::vector<std::string>
      methods;                     ///< empty: any. GET serves HEAD too. Others get 405 with `Allow`
  std::string owner;               ///< who to name when a path is taken: `input \`orders\``
  std::string description;         ///< for a list of endpoints
  std::size_t max_body_bytes = 0;  ///< 0: Limits::body_bytes
  std::optional<CorsOptions> cors;
  Guard guard;  ///< after the server's
};

/// A registered path; its end takes the path away, and returns only when no handler of it is
/// running and none will be called again. Must not be ended from within its own handler.
class Route {
 public:
  Route() = default;
  Route(Route&&) noexcept = default;
  Route& operator=(Route&&) noexcept;
  ~Route();

 private:
  friend class Server;
  std::weak_ptr<detail::ServerState> server_;
  std::shared_ptr<detail::RouteEntry> entry_;
};

struct RouteInfo {
  std::string path;
  std::vector<std::string> methods;
  std::string owner;
  std::string description;
};

/// Counters since the start, and gauges.
struct ServerStats {
  std::uint64_t accepted = 0;
  std::uint64_t requests = 0;             ///< handed to a handler
  std::uint64_t refused_connections = 0;  ///< by the limits on connections
  std::uint64_t rejected_requests = 0;    ///< answered by the server itself with 4xx or 5xx
  std::uint64_t timeouts = 0;
  std::size_t connections = 0;          ///< open now
  std::size_t buffered_body_bytes = 0;  ///< of bodies being received now
};

/// An HTTP/1.1 server that several components may share. Keep-alive, pipelined requests (answered
/// in order, one in work per connection), chunked bodies, `Expect: 100-continue`, TLS, WebSockets.
/// A body's Content-Encoding is the handler's business. Thread-safe.
class Server {
 public:
  /// Binds and listens; clients wait in the kernel's queue until start().
  /// Errors: kInvalidConfig (address, certificate), kUnavailable (in use, not permitted; the text
  /// says how to choose another).
  [[nodiscard]] static core::Result<std::unique_ptr<Server>> bind(ServerOptions options);
  /// Stops without grace when stop() was not called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts the I/O threads. Once.
  void start();
  /// Adds a path, before or after start(). Error kInvalidConfig: bad pattern, or taken (path and
  /// method) by another owner.
  [[nodiscard]] core::Result<Route> add_route(RouteOptions options, Handler handler);
  [[nodiscard]] std::vector<RouteInfo> routes() const;

  /// No more connections; idle ones are closed; requests under way get `grace` to be answered,
  /// streams and WebSockets are told at once; then everything is cut. Returns when all threads have
  /// ended.
  void stop(std::chrono::milliseconds grace);

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] const std::string& address() const;  ///< as bound: `127.0.0.1:34567`
  [[nodiscard]] ServerStats stats() const;

 private:
  Server();
  std::shared_ptr<detail::ServerState> state_;
};

}  // namespace weir::http
