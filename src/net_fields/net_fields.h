#pragma once

#include "config/spec.h"
#include "net/socket.h"
#include "net/tls.h"

/// The shared `tls` and `tcp` blocks of configurations, as field types: a component that dials or
/// listens has a member `net::TlsOptions tls` or `net::TcpOptions tcp` and includes this.
namespace weir::net_fields {

/// `tls` of clients: `enabled`, `skip_cert_verify`, `root_cas`, `client_certs`, ...
[[nodiscard]] const config::Spec<net::TlsOptions>& tls_spec();
/// `tcp` of clients: `connect_timeout`, `keep_alive`, `tcp_user_timeout`.
[[nodiscard]] const config::Spec<net::TcpOptions>& tcp_spec();
/// `tcp` of listeners: `reuse_addr`, `reuse_port`, `keep_alive`, `tcp_user_timeout`.
struct ListenerTcp {
  net::TcpOptions options;
  [[nodiscard]] static const config::Spec<ListenerTcp>& spec();
};

}  // namespace weir::net_fields

namespace weir::config {

template <>
struct FieldType<net::TlsCertificate> {
  static void describe(FieldDoc& doc);
  static bool read(const Node& node, const ReadContext& context, net::TlsCertificate& out);
  static std::string default_json(const net::TlsCertificate&) { return ""; }
};

template <>
struct FieldType<net::TlsOptions> {
  static void describe(FieldDoc& doc);
  static bool read(const Node& node, const ReadContext& context, net::TlsOptions& out) {
    return net_fields::tls_spec().read(node, context, out);
  }
  static std::string default_json(const net::TlsOptions&) { return ""; }
};

template <>
struct FieldType<net::TcpOptions> {
  static void describe(FieldDoc& doc);
  static bool read(const Node& node, const ReadContext& context, net::TcpOptions& out) {
    return net_fields::tcp_spec().read(node, context, out);
  }
  static std::string default_json(const net::TcpOptions&) { return ""; }
};

template <>
struct FieldType<net::TcpOptions::KeepAlive> {
  static void describe(FieldDoc& doc);
  static bool read(const Node& node, const ReadContext& context, net::TcpOptions::KeepAlive& out);
  static std::string default_json(const net::TcpOptions::KeepAlive&) { return ""; }
};

}  // namespace weir::config
