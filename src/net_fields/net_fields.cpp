#include "net_fields/net_fields.h"

namespace weir {

namespace {

using KeepAlive = net::TcpOptions::KeepAlive;
using net::TcpOptions;
using net::TlsCertificate;
using net::TlsOptions;

const config::Spec<TlsCertificate>& certificate_spec() {
  static const config::Spec<TlsCertificate> made =
      config::Spec<TlsCertificate>()
          .field("cert", &TlsCertificate::cert, {.doc = "The certificate, PEM text."})
          .field("key", &TlsCertificate::key, {.doc = "Its key, PEM text.", .secret = true})
          .field("cert_file", &TlsCertificate::cert_file, {.doc = "The certificate's file."})
          .field("key_file", &TlsCertificate::key_file, {.doc = "The key's file."})
          .field("password", &TlsCertificate::password,
                 {.doc = "Of an encrypted key.", .secret = true});
  return made;
}

const config::Spec<KeepAlive>& keep_alive_spec() {
  static const config::Spec<KeepAlive> made =
      config::Spec<KeepAlive>()
          .field("idle", &KeepAlive::idle,
                 {.doc = "Silence before the first probe. 0 turns keep-alive off.", .min = 0})
          .field("interval", &KeepAlive::interval, {.doc = "Time between probes.", .min = 0})
          .field("count", &KeepAlive::count,
                 {.doc = "Unanswered probes after which the connection is dead.", .min = 0});
  return made;
}

void describe_as(config::FieldDoc& doc, config::FieldDoc spec) {
  doc.kind = spec.kind;
  doc.children = std::move(spec.children);
  doc.element = std::move(spec.element);
}

}  // namespace

namespace net_fields {

const config::Spec<TlsOptions>& tls_spec() {
  static const config::Spec<TlsOptions> made =
      config::Spec<TlsOptions>()
          .field("enabled", &TlsOptions::enabled, {.doc = "Whether the connection uses TLS."})
          .field("skip_cert_verify", &TlsOptions::skip_cert_verify,
                 {.doc = "Accept any certificate: for tests."})
          .field("enable_renegotiation", &TlsOptions::enable_renegotiation,
                 {.doc = "Let TLS 1.2 servers renegotiate."})
          .field("root_cas", &TlsOptions::root_cas,
                 {.doc = "Authorities to trust instead of the system's, PEM text."})
          .field("root_cas_file", &TlsOptions::root_cas_file, {.doc = "The same, as a file."})
          .field("client_certs", &TlsOptions::client_certs,
                 {.doc = "Certificates to show to servers that ask for one."})
          .field("server_name", &TlsOptions::server_name,
                 {.doc = "Name to ask for and to verify. Default: the host that is dialled."});
  return made;
}

const config::Spec<TcpOptions>& tcp_spec() {
  static const config::Spec<TcpOptions> made =
      config::Spec<TcpOptions>()
          .field("connect_timeout", &TcpOptions::connect_timeout,
                 {.doc = "How long to try to connect. 0: as long as the system does.", .min = 0})
          .field("keep_alive", &TcpOptions::keep_alive, {.doc = "Probes of silent connections."})
          .field("tcp_user_timeout", &TcpOptions::user_timeout,
                 {.doc = "Give a connection up when sent bytes stay unconfirmed for this long. 0: "
                         "the system's limit.",
                  .min = 0});
  return made;
}

const config::Spec<ListenerTcp>& ListenerTcp::spec() {
  static const config::Spec<TcpOptions> inner =
      config::Spec<TcpOptions>()
          .field("reuse_addr", &TcpOptions::reuse_addr,
                 {.doc = "Listen although connections of an earlier listener linger."})
          .field("reuse_port", &TcpOptions::reuse_port,
                 {.doc = "Share the port with other processes that set this too."})
          .field("keep_alive", &TcpOptions::keep_alive, {.doc = "Probes of silent connections."})
          .field("tcp_user_timeout", &TcpOptions::user_timeout,
                 {.doc = "Give a connection up when sent bytes stay unconfirmed for this long.",
                  .min = 0});
  static const config::Spec<ListenerTcp> made =
      config::Spec<ListenerTcp>().group(&ListenerTcp::options, inner);
  return made;
}

}  // namespace net_fields

namespace config {

void FieldType<TlsCertificate>::describe(FieldDoc& doc) {
  describe_as(doc, certificate_spec().field_doc());
}
bool FieldType<TlsCertificate>::read(const Node& node, const ReadContext& context,
                                     TlsCertificate& out) {
  return certificate_spec().read(node, context, out);
}

void FieldType<TlsOptions>::describe(FieldDoc& doc) {
  describe_as(doc, net_fields::tls_spec().field_doc());
}

void FieldType<TcpOptions>::describe(FieldDoc& doc) {
  describe_as(doc, net_fields::tcp_spec().field_doc());
}

void FieldType<KeepAlive>::describe(FieldDoc& doc) {
  describe_as(doc, keep_alive_spec().field_doc());
}
bool FieldType<KeepAlive>::read(const Node& node, const ReadContext& context, KeepAlive& out) {
  return keep_alive_spec().read(node, context, out);
}

}  // namespace config
}  // namespace weir
