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

enum class FrameKind : std::uint8_t { kText, kBinary };

/// Called exactly once: true when the kernel took all bytes, false when the connection ended
/// before.
using Sent = std::function<void(bool)>;

enum class SendStatus : std::uint8_t {
  kQueued,  ///< will be sent; the `Sent` callback follows
  kFull,    ///< the queue is full: nothing was taken, no callback; wait for on_drained
  kClosed,  ///< the connection has ended: nothing was taken, no callback
};

struct WebSocketOptions {
  std::size_t max_message_bytes = 16 << 20;  ///< of one message received; beyond: closed with 1009
  std::size_t max_queued_bytes = 16 << 20;   ///< of messages not yet sent
  std::chrono::milliseconds idle_timeout{
      60'000};              ///< a ping goes out at half of it, no pong: closed
  std::string subprotocol;  ///< answered or asked for, when not empty
};

/// How a WebSocket ended: the code of the close frame (1006 when there was none) and its text.
struct WebSocketClose {
  std::uint16_t code = 1006;
  std::string reason;
};

/// An open WebSocket, at either end. Thread-safe.
class WebSocketSession {
 public:
  virtual ~WebSocketSession() = default;
  /// Queues one message.
  virtual SendStatus send(FrameKind kind, std::string message, Sent sent = nullptr) = 0;
  /// Stops reading until resume(): the peer is held up by TCP. Up to one more message may come.
  virtual void pause() = 0;
  virtual void resume() = 0;
  /// Sends what is queued, then a close frame. on_close follows; a peer that does not answer is cut
  /// off after 5 s. Doing it twice is harmless.
  virtual void close(std::uint16_t code = 1000, std::string_view reason = {}) = 0;
  [[nodiscard]] virtual bool is_open() const = 0;
  [[nodiscard]] virtual const std::string& remote() const = 0;
};

/// All calls come from one I/O thread, one after the other, and must not block.
struct WebSocketHandlers {
  std::function<void(const std::shared_ptr<WebSocketSession>&)> on_open;
  std::function<void(FrameKind, Body)> on_message;
  /// The queue is empty again after a send gave kFull.
  std::function<void()> on_drained;
  /// Exactly once after on_open, and the last call.
  std::function<void(const WebSocketClose&)> on_close;
};

struct WebSocketConnectOptions {
  std::string url;  ///< `ws://host[:port]/path?query` or `wss://`
  Headers headers;
  net::TlsOptions tls;                                ///< for `wss`; its `enabled` is not looked at
  std::chrono::milliseconds connect_timeout{10'000};  ///< name lookup to end of handshake
  WebSocketOptions websocket;
};

/// Opens WebSockets to servers. One I/O thread for all of them, started with the first.
/// Reconnecting is the caller's business.
class WebSocketClient {
 public:
  WebSocketClient();
  /// Ends every connection (on_close or the failure callback still comes), then the thread.
  ~WebSocketClient();
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  /// Either handlers.on_open or `failed` is called, once. Errors: kInvalidConfig (URL,
  /// certificates), kUnavailable (names host and cause; a server that answers with another status
  /// is quoted).
  void connect(WebSocketConnectOptions options, WebSocketHandlers handlers,
               std::function<void(core::Error)> failed);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::http
