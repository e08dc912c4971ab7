#include "admin/listener.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "core/buffer.h"
#include "core/json_text.h"
#include "http/access.h"
#include "http/server.h"

namespace weir::admin {

using http::Request;
using http::Responder;
using http::Response;

struct Listener::Impl {
  config::HttpConfig config;
  std::shared_ptr<http::Server> server;  // null: not enabled
  std::vector<http::Route> routes;
  bool loopback = false;  // bound to
  bool stopped = false;

  core::Status add(std::string path, std::string description,
                   std::function<Response(const Request&)> answer, bool view = false) {
    http::RouteOptions options;
    options.path = std::move(path);
    options.guard = [this, view](const Request& request) { return refusal(request, view); };
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

  core::Status add_debug(const std::shared_ptr<const Views>& shown);

  // Our own pages: not for pages of other sites. What shows more than probes (`view`) is for this
  // machine, or for who has a password.
  std::optional<Response> refusal(const Request& request, bool view) const {
    if ((loopback || view) && !config.basic_auth.enabled &&
        !http::host_allowed(request, config.allowed_hosts)) {
      return Response::text(
          403, "the service is not known by this name; `http.allowed_hosts` lists further ones");
    }
    static const std::vector<std::string> kNone;
    if (!http::origin_allowed(request, config.cors.enabled ? config.cors.allowed_origins : kNone)) {
      return Response::text(
          403, "requests from pages of other sites are refused; `http.cors` allows them");
    }
    if (view && !request.loopback && !config.basic_auth.enabled) {
      return Response::text(
          403, "this page is for the machine itself; set `http.basic_auth` to open it to others");
    }
    return std::nullopt;
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

// What each thread of the process is doing, as the kernel tells.
std::string threads_body() {
  std::string text;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    const auto line = [&](const char* name) {
      std::ifstream file(task.path() / name);
      std::string content;
      std::getline(file, content);
      return content;
    };
    text += "thread " + task.path().filename().string() + " `" + line("comm") + "`";
    const std::string stat = line("stat");
    if (const std::size_t at = stat.rfind(')'); at != std::string::npos && at + 2 < stat.size())
      text += std::string(" state ") + stat[at + 2];
    const std::string waiting = line("wchan");
    if (!waiting.empty() && waiting != "0") text += " in " + waiting;
    text += "\n";
  }
  return text;
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("[::1]");
}

core::Result<http::Guard> password_guard(const config::HttpConfig::BasicAuth& fields) {
  http::ServerBasicAuth options;
  options.realm = fields.realm;
  options.username = fields.username;
  options.password_hash = fields.password_hash;
  options.salt = fields.salt;
  WEIR_TRY(options.algorithm, http::parse_password_algorithm(fields.algorithm));
  auto auth = http::BasicAuth::make(std::move(options));
  if (!auth) return core::fail(std::move(auth).error().with_context("`http.basic_auth`"));
  return http::Guard(
      [auth = *std::move(auth)](const Request& request) { return auth->check(request); });
}

}  // namespace

core::Status Listener::Impl::add_debug(const std::shared_ptr<const Views>& shown) {
  WEIR_CHECK_OK(add(
      "/debug/config/json", "The configuration, secrets masked.",
      [shown](const Request&) {
        return Response::json(200, shown->config_json ? shown->config_json() : "{}");
      },
      true));
  WEIR_CHECK_OK(add(
      "/debug/config/yaml", "The configuration, secrets masked.",
      [shown](const Request&) {
        return Response::text(200, shown->config_yaml ? shown->config_yaml() : "");
      },
      true));
  WEIR_CHECK_OK(add(
      "/debug/stack", "The threads and what they wait for.",
      [](const Request&) { return Response::text(200, threads_body()); }, true));
  return add(
      "/debug/pprof/*", "Not served: see the text.",
      [](const Request&) {
        return Response::text(501, "profiles are taken with `perf record -p <pid>`");
      },
      true);
}

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
      WEIR_TRY(options.guard, password_guard(config.basic_auth));
    }
    auto server = http::Server::bind(std::move(options));
    if (!server) return core::fail(std::move(server).error().with_context("`http.address`"));
    impl->server = *std::move(server);
    impl->loopback = is_loopback(impl->server->address());
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
  if (impl_->config.debug_endpoints) WEIR_CHECK_OK(impl_->add_debug(shown));
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
