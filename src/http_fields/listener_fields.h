#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "config/resources.h"
#include "config/spec.h"
#include "http/server.h"

namespace weir::http_fields {

/// `cors` of servers.
struct CorsFields {
  bool enabled = false;
  std::vector<std::string> allowed_origins;
  static const config::Spec<CorsFields>& spec();
};

/// What components that serve HTTP have in common.
struct ListenerFields {
  std::string address;  ///< empty: the service's own server
  std::string cert_file;
  std::string key_file;
  CorsFields cors;
  struct Tcp {
    bool reuse_addr = true;
    bool reuse_port = false;
    static const config::Spec<Tcp>& spec();
  } tcp;
  /// To be grouped into a component's spec; lint_listener() goes with it.
  static const config::Spec<ListenerFields>& fields();
};

/// Warns of the shared server.
void lint_listener(const ListenerFields& fields, const config::Node& node,
                   const config::ReadContext& context);

/// The server of one component: its own, or its routes on the service's.
class Endpoint {
 public:
  /// Errors: kInvalidConfig (no shared server, certificate), kUnavailable (address in use).
  [[nodiscard]] static core::Result<std::unique_ptr<Endpoint>> open(
      const ListenerFields& fields, const http::Limits& limits, const config::Resources& resources);
  /// stop()
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  /// Error kInvalidConfig: the path is taken.
  [[nodiscard]] core::Status add(http::RouteOptions options, http::Handler handler);
  /// Begins to answer, once all routes are there.
  void start();
  /// Takes the routes away; no handler runs afterwards.
  void stop(std::chrono::milliseconds grace);
  [[nodiscard]] const std::string& address() const { return server_->address(); }
  [[nodiscard]] bool own() const { return own_; }
  [[nodiscard]] http::ServerStats stats() const { return server_->stats(); }

 private:
  Endpoint() = default;
  std::shared_ptr<http::Server> server_;
  bool own_ = false;
  bool stopped_ = false;
  http::CorsOptions cors_;
  std::string owner_;
  std::vector<http::Route> routes_;
};

}  // namespace weir::http_fields
