#pragma once

#include <memory>
#include <string>

#include "config/resources.h"
#include "config/spec.h"
#include "core/interrupt.h"
#include "http/websocket.h"
#include "http_fields/auth_fields.h"
#include "net/tls.h"

namespace weir::http_fields {

/// What components that open a WebSocket have in common.
struct SocketFields {
  std::string url;
  std::string proxy_url;
  net::TlsOptions tls;
  AuthFields auth;
  /// To be grouped into a component's spec.
  static const config::Spec<SocketFields>& fields();
};

/// One WebSocket that is opened again whenever its owner says so. By one thread at a time.
class SocketLink {
 public:
  /// Error kInvalidConfig: keys, token URL. Opens nothing.
  [[nodiscard]] static core::Result<std::unique_ptr<SocketLink>> make(
      const SocketFields& fields, const config::Resources& resources);
  /// Cuts the connection; no handler runs afterwards.
  ~SocketLink();
  SocketLink(const SocketLink&) = delete;
  SocketLink& operator=(const SocketLink&) = delete;

  /// Gives an older connection up and waits for a new one. Errors: as WebSocketClient::connect,
  /// kCancelled when interrupted.
  [[nodiscard]] core::Result<std::shared_ptr<http::WebSocketSession>> open(
      http::WebSocketHandlers handlers, const http::WebSocketOptions& options,
      const core::Interrupt& interrupt);
  /// Cuts the connection and refuses to open another.
  void close();

 private:
  struct Impl;
  explicit SocketLink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::http_fields
