#include "admin/listener.h"

#include <utility>

#include "core/buffer.h"
#include "core/json_text.h"
#include "http/server.h"

namespace weir::admin {

using http::Request;
using http::Responder;
using http::Response;

struct Listener::Impl {
  config::HttpConfig config;
  std::shared_ptr<http::Server> server;  // null: not enabled
  std::vector<http::Route> routes;
  bool stopped = false;

  core::Status add(std::string path, std::string description,
                   std::function<Response(const Request&)> answer) {
    http::RouteOptions options;
    options.path = std::move(path);
    options.methods = {"GET"};
    options.owner = "weir";
    options.description = std::move(description);
    auto route = server->add_route(
        std::move(options), [answer = std::move(answer)](Request& request, Responder responder) {
          responder.send(answer(request));
        });
    if (!route) return core::fail(std::move(route).error());
    routes.push_back(*std::move(route));
    return {};
  }
};

namespace {

std::string ready_body(const Views& views) {
  core::Buffer out;
  out.append("{\"statuses\":[");
  bool first = true;
  for (const auto& one : views.connections()) {
    if (!first) out.push(',');
    first = false;
    out.append("{\"label\":");
    core::write_json_string(one.label, out);
    out.append(",\"path\":");
    core::write_json_string(one.path, out);
    out.append(one.connected ? ",\"connected\":true}" : ",\"connected\":false}");
  }
  out.append("]}");
  return std::string(out.view());
}

std::string endpoints_body(const http::Server& server) {
  core::Buffer out;
  out.push('{');
  for (const http::RouteInfo& route : server.routes()) {
    if (out.size() > 1) out.push(',');
    core::write_json_string(route.path, out);
    out.push(':');
    core::write_json_string(route.description, out);
  }
  out.push('}');
  return std::string(out.view());
}

}  // namespace

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::~Listener() {
  stop();
}

core::Result<std::unique_ptr<Listener>> Listener::make(const config::HttpConfig& config,
                                                       config::Resources::Shared& shared) {
  auto impl = std::make_unique<Impl>();
  impl->config = config;
  if (config.enabled) {
    http::ServerOptions options;
    options.address = config.address;
    options.alias_prefix = config.root_path == "/" ? "" : config.root_path;
    options.cors = {config.cors.enabled, config.cors.allowed_origins};
    if (!config.cert_file.empty() || !config.key_file.empty()) {
      net::TlsServerOptions tls;
      tls.certificate.cert_file = config.cert_file;
      tls.certificate.key_file = config.key_file;
      options.tls = tls;
    }
    if (config.basic_auth.enabled) {
      return core::invalid_config(
          "`http.basic_auth` is not available yet; bind `http.address` to loopback instead");
    }
    auto server = http::Server::bind(std::move(options));
    if (!server) return core::fail(std::move(server).error().with_context("`http.address`"));
    impl->server = *std::move(server);
    shared.services[typeid(http::Server)] = impl->server;
  }
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

core::Status Listener::start(config::MetricsExporter& exporter, Views views) {
  if (impl_->server == nullptr) return {};
  auto shown = std::make_shared<const Views>(std::move(views));
  const auto pong = [](const Request&) { return Response::text(200, "pong"); };
  const auto alive = [](const Request&) { return Response::text(200, "ok"); };
  const auto ready = [shown](const Request&) {
    return Response::json(shown->ready() ? 200 : 503, ready_body(*shown));
  };
  WEIR_CHECK_OK(impl_->add("/ping", "Always answers pong.", pong));
  WEIR_CHECK_OK(impl_->add("/livez", "The process answers.", alive));
  WEIR_CHECK_OK(impl_->add("/healthz", "The process answers.", alive));
  WEIR_CHECK_OK(impl_->add(
      "/ready", "200 when all inputs are connected, else 503; with the state of each.", ready));
  WEIR_CHECK_OK(impl_->add(
      "/readyz", "200 when all inputs are connected, else 503; with the state of each.", ready));
  WEIR_CHECK_OK(impl_->add("/version", "The version of weir.", [shown](const Request&) {
    return Response::json(200, "{\"version\":\"" + shown->version + "\"}");
  }));
  WEIR_CHECK_OK(impl_->add("/endpoints", "All paths and what they are.",
                           [server = impl_->server.get()](const Request&) {
                             return Response::json(200, endpoints_body(*server));
                           }));
  for (const auto& page : exporter.pages()) {
    WEIR_CHECK_OK(impl_->add(page.path, "Metrics.", [page](const Request&) {
      Response response;
      response.headers.add("Content-Type", page.content_type);
      response.body = page.body();
      return response;
    }));
  }
  impl_->server->start();
  return {};
}

void Listener::stop() {
  if (impl_ == nullptr || impl_->server == nullptr || impl_->stopped) return;
  impl_->stopped = true;
  impl_->routes.clear();
  impl_->server->stop(std::chrono::milliseconds(500));
}

std::string Listener::address() const {
  return impl_->server == nullptr ? "" : impl_->server->address();
}

}  // namespace weir::admin
