#include "http_fields/listener_fields.h"

#include <typeindex>
#include <utility>

namespace weir::http_fields {

using Tcp = ListenerFields::Tcp;

const config::Spec<CorsFields>& CorsFields::spec() {
  static const config::Spec<CorsFields> made =
      config::Spec<CorsFields>()
          .field("enabled", &CorsFields::enabled,
                 {.doc = "Whether pages of other sites may send requests."})
          .field("allowed_origins", &CorsFields::allowed_origins,
                 {.doc = "Which ones; `*` is all.", .examples = {"[ https://app.example ]"}});
  return made;
}

const config::Spec<Tcp>& Tcp::spec() {
  static const config::Spec<Tcp> made =
      config::Spec<Tcp>()
          .field("reuse_addr", &Tcp::reuse_addr,
                 {.doc = "Listen although connections of an earlier listener linger."})
          .field("reuse_port", &Tcp::reuse_port,
                 {.doc = "Share the port with other processes that set this too."});
  return made;
}

const config::Spec<ListenerFields>& ListenerFields::fields() {
  using L = ListenerFields;
  static const config::Spec<L> made =
      config::Spec<L>()
          .field("address", &L::address,
                 {.doc = "Where to listen. Empty: on the service's own server (`http.address`).",
                  .examples = {"0.0.0.0:8080"}})
          .field("cert_file", &L::cert_file,
                 {.doc = "Certificate of TLS, with an `address`.", .advanced = true})
          .field("key_file", &L::key_file, {.doc = "Its key.", .advanced = true})
          .field("cors", &L::cors, {.doc = "Requests from pages of other sites.", .advanced = true})
          .field("tcp", &L::tcp, {.doc = "The listening socket.", .advanced = true})
          .check([](const L& fields) -> core::Status {
            if (fields.cert_file.empty() != fields.key_file.empty())
              return core::invalid_config("`cert_file` and `key_file` go together");
            if (!fields.cert_file.empty() && fields.address.empty()) {
              return core::invalid_config(
                  "`cert_file` needs an `address`; for the shared server set `http.cert_file`");
            }
            return {};
          });
  return made;
}

void lint_listener(const ListenerFields& fields, const config::Node& node,
                   const config::ReadContext& context) {
  if (!fields.address.empty()) return;
  context.warning(config::rule::kSharedListener, node.where,
                  "without `address` this is served by the service's own listener, which is bound "
                  "to loopback unless `http.address` says otherwise",
                  "set `address` here, or `http.address`");
}

core::Result<std::unique_ptr<Endpoint>> Endpoint::open(const ListenerFields& fields,
                                                       const http::Limits& limits,
                                                       const config::Resources& resources) {
  auto made = std::unique_ptr<Endpoint>(new Endpoint());
  made->cors_ = {fields.cors.enabled, fields.cors.allowed_origins};
  made->owner_ = "`" + (resources.label().empty() ? resources.path() : resources.label()) + "`";
  if (fields.address.empty()) {
    const auto& services = resources.shared().services;
    const auto found = services.find(std::type_index(typeid(http::Server)));
    if (found == services.end()) {
      return core::invalid_config(
          "without `address` the service's own server is needed, and `http.enabled` is false");
    }
    made->server_ = std::static_pointer_cast<http::Server>(found->second);
    resources.log().info("http_shared_listener",
                         "Served by the service's own listener; `address` sets another.",
                         {{"address", made->server_->address()}});
    return made;
  }
  http::ServerOptions options;
  options.address = fields.address;
  options.limits = limits;
  options.reuse_addr = fields.tcp.reuse_addr;
  options.reuse_port = fields.tcp.reuse_port;
  if (!fields.cert_file.empty()) {
    net::TlsServerOptions tls;
    tls.certificate.cert_file = fields.cert_file;
    tls.certificate.key_file = fields.key_file;
    options.tls = std::move(tls);
  }
  auto server = http::Server::bind(std::move(options));
  if (!server) {
    // A taken port stays taken, mostly; who starts a pipeline wants to know at once.
    core::Error error = std::move(server).error();
    if (error.code == core::ErrorCode::kUnavailable) error.code = core::ErrorCode::kInvalidConfig;
    return core::fail(std::move(error));
  }
  made->server_ = *std::move(server);
  made->own_ = true;
  return made;
}

Endpoint::~Endpoint() {
  stop(std::chrono::milliseconds(0));
}

core::Status Endpoint::add(http::RouteOptions options, http::Handler handler) {
  options.owner = owner_;
  options.cors = cors_;
  auto route = server_->add_route(std::move(options), std::move(handler));
  if (!route) return core::fail(std::move(route).error());
  routes_.push_back(*std::move(route));
  return {};
}

void Endpoint::start() {
  if (own_) server_->start();
}

void Endpoint::stop(std::chrono::milliseconds grace) {
  if (stopped_ || server_ == nullptr) return;
  stopped_ = true;
  if (own_) server_->stop(grace);  // first, so that late requests are hung up on, not told 404
  routes_.clear();
}

}  // namespace weir::http_fields
