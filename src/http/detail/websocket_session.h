#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "http/detail/loop.h"
#include "http/detail/transport.h"
#include "http/message.h"
#include "http/websocket.h"

namespace weir::http::detail {

/// A server connection whose request asked for a WebSocket.
struct AcceptedSocket {
  Transport transport;
  std::string remote;
  std::string input;  // already read behind the request
  Request request;
  std::shared_ptr<Slot> slot;
};

/// On the loop's thread: shakes hands, then calls the handlers.
void start_server_session(const std::shared_ptr<Loop>& loop, AcceptedSocket accepted,
                          WebSocketOptions options, WebSocketHandlers handlers);

/// A client connection that has been dialled.
struct DialledSocket {
  Transport transport;
  std::string remote;
  std::string host;     // for the Host header
  std::string target;   // path and query
  std::string display;  // of the URL, for messages
  Headers headers;
  TimePoint deadline;
};

/// On the loop's thread: TLS handshake when started on the transport, WebSocket handshake, then
/// either on_open or `failed`.
void start_client_session(const std::shared_ptr<Loop>& loop, DialledSocket dialled,
                          WebSocketOptions options, WebSocketHandlers handlers,
                          std::function<void(core::Error)> failed);

}  // namespace weir::http::detail
