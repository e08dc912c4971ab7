#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/mapping_fields.h"
#include "http/multipart.h"
#include "http_fields/listener_fields.h"
#include "http_fields/metadata_filter.h"
#include "inputs/all.h"
#include "inputs/http_requests.h"

namespace weir::inputs {
namespace {

using http::Request;
using http::Responder;
using http::Response;

constexpr std::chrono::milliseconds kGrace{500};

struct SyncResponseFields {
  config::TemplateField status = config::TemplateField::literal("200");
  std::vector<std::pair<std::string, config::TemplateField>> headers = {
      {"Content-Type", config::TemplateField::literal("application/octet-stream")}};
  http_fields::MetadataFilter metadata_headers;
  static const config::Spec<SyncResponseFields>& spec();
};

const config::Spec<SyncResponseFields>& SyncResponseFields::spec() {
  static const config::Spec<SyncResponseFields> made =
      config::Spec<SyncResponseFields>()
          .field("status", &SyncResponseFields::status, {.doc = "The status of good answers."})
          .field("headers", &SyncResponseFields::headers,
                 {.doc = "Headers of answers with content."})
          .field("metadata_headers", &SyncResponseFields::metadata_headers,
                 {.doc = "Metadata of the answering message that is sent as headers."})
          .check([](const SyncResponseFields& fields) -> core::Status {
            if (!fields.status.is_constant()) return {};
            if (!parse_status(fields.status.constant())) {
              return core::invalid_config("`sync_response.status` wants 200 to 599, got `" +
                                          std::string(fields.status.constant()) + "`");
            }
            return {};
          });
  return made;
}

struct HttpServerConfig {
  http_fields::ListenerFields listener;
  std::string path = "/post";
  std::string ws_path = "/post/ws";
  std::string ws_welcome_message;
  std::string ws_rate_limit_message;
  std::vector<std::string> allowed_verbs = {"POST"};
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  config::RateLimitLabel rate_limit;
  SyncResponseFields sync_response;
  std::string split = "auto";
  config::ByteSize max_body_size{16 << 20};
  std::uint32_t max_pending = 1024;
  std::uint32_t max_connections = 8192;
};

config::Spec<HttpServerConfig> http_server_spec() {
  using C = HttpServerConfig;
  return config::Spec<C>("http_server")
      .summary("Takes messages that clients send by HTTP or over WebSockets.")
      .description(
          "A request is answered when its messages have been delivered, with 200 and what "
          "`sync_response` outputs or processors stored. Otherwise the answer says why: 400 the "
          "data is bad, 408 it was taken but not delivered within `timeout` (and may still be), "
          "413 too big, 415 unknown compression, 429 rate limit, 502 not delivered, 503 too much "
          "is "
          "waiting or the service is stopping. 429 and 503 carry Retry-After.\n\n"
          "A body is one message; the parts of a multipart body and the lines of NDJSON travel as "
          "one batch. Bodies may be compressed (gzip, deflate, zstd). Metadata: "
          "`http_server_user_agent`, `http_server_request_path`, `http_server_verb`, "
          "`http_server_remote_ip`, `http_server_tls_subject`, then headers, query parameters, "
          "path "
          "parameters (`/in/{name}`) and cookies.\n\n"
          "A WebSocket client is read no faster than its messages are delivered. When one is not "
          "delivered, the connection is closed with code 1011.")
      .category("network")
      .group(&C::listener, http_fields::ListenerFields::fields())
      .field("path", &C::path,
             {.doc = "Where requests are taken. Empty: nowhere.", .examples = {"/in/{kind}"}})
      .field("ws_path", &C::ws_path, {.doc = "Where WebSockets are opened. Empty: nowhere."})
      .field("ws_welcome_message", &C::ws_welcome_message,
             {.doc = "Sent to each WebSocket when it opens.", .advanced = true})
      .field(
          "ws_rate_limit_message", &C::ws_rate_limit_message,
          {.doc = "Sent when the rate limit drops a WebSocket message. Empty: the client is held "
                  "up instead.",
           .advanced = true})
      .field("allowed_verbs", &C::allowed_verbs, {.doc = "Verbs that `path` takes."})
      .field("timeout", &C::timeout,
             {.doc = "How long a client waits for the delivery.", .min = 0.001})
      .field("rate_limit", &C::rate_limit,
             {.doc = "A rate limit of requests and WebSocket messages."})
      .field("sync_response", &C::sync_response, {.doc = "How answers look.", .advanced = true})
      .field("split", &C::split,
             {.doc = "How a body becomes messages.",
              .advanced = true,
              .options = {{"auto", "lines when the Content-Type says NDJSON, else one message"},
                          {"none", "one message"},
                          {"lines", "each line that is not empty"},
                          {"json_array", "the elements when it is an array, else one message"}}})
      .field("max_body_size", &C::max_body_size,
             {.doc = "Longest body, also after decompression.",
              .advanced = true,
              .min = 1,
              .max = 1 << 30})
      .field("max_pending", &C::max_pending,
             {.doc = "Requests that may wait for the pipeline; further ones are answered 503.",
              .advanced = true,
              .min = 1})
      .field("max_connections", &C::max_connections,
             {.doc = "Open connections, with an `address`; further ones are answered 503.",
              .advanced = true,
              .min = 1})
      .lint([](const C& config, const config::Node& node, const config::ReadContext& context) {
        http_fields::lint_listener(config.listener, node, context);
      })
      .check([](const C& config) -> core::Status {
        if (config.path.empty() && config.ws_path.empty())
          return core::invalid_config("`path` and `ws_path` are both empty");
        if (config.path == config.ws_path)
          return core::invalid_config("`path` and `ws_path` are the same");
        if (config.allowed_verbs.empty()) return core::invalid_config("`allowed_verbs` is empty");
        return {};
      })
      .example("Requests with many messages each",
               "input:\n  http_server:\n    address: 0.0.0.0:8080\n    path: /events\n    split: "
               "lines\n");
}

BodySplit split_of(const std::string& name) {
  if (name == "none") return BodySplit::kWhole;
  if (name == "lines") return BodySplit::kLines;
  if (name == "json_array") return BodySplit::kJsonArray;
  return BodySplit::kAuto;
}

/// Writes answers as `sync_response` says.
class Answers {
 public:
  Answers(SyncResponseFields fields, const config::Resources& resources)
      : fields_(std::move(fields)), filter_(fields_.metadata_headers), evaluator_(resources) {}

  Response make(core::DeliveryReport report) {
    if (!report.delivered) return failure(report.error);
    Response response;
    if (report.responses.empty()) {
      if (fields_.status.is_constant())
        response.status = parse_status(fields_.status.constant()).value_or(200);
      return response;
    }
    std::vector<std::string> payloads;
    for (const auto& one : report.responses) payloads.push_back(one.payload);
    core::Batch batch = core::Batch::of(payloads);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      core::Arena& arena = batch[i].arena();
      for (const auto& [key, value] : report.responses[i].metadata)
        batch[i].set_metadata(arena.copy(key), core::Value::string(arena.copy(value)));
    }
    if (core::Status status = head(batch, response); !status)
      return Response::text(500, status.error().message);
    for (const auto& [key, value] : report.responses.front().metadata) {
      if (filter_.matches(key)) response.headers.set(key, value);
    }
    if (payloads.size() == 1) {
      response.body = std::move(payloads.front());
      return response;
    }
    std::vector<http::Part> parts;
    for (std::string& payload : payloads) {
      http::Part part;
      part.headers.add("Content-Type",
                       response.headers.get("Content-Type").value_or("application/octet-stream"));
      part.body = std::move(payload);
      parts.push_back(std::move(part));
    }
    http::Multipart body = http::make_multipart(parts);
    response.headers.set("Content-Type", body.content_type);
    response.body = std::move(body.body);
    return response;
  }

 private:
  static Response failure(const core::Error& error) {
    switch (error.code) {
      case core::ErrorCode::kInvalidData:
      case core::ErrorCode::kLimit: return Response::text(400, error.message);
      case core::ErrorCode::kCancelled: return busy("the service is stopping");
      default: return Response::text(502, error.message);
    }
  }

  core::Status head(core::Batch& batch, Response& response) {
    const std::lock_guard lock(mutex_);
    mapping::Context& context = evaluator_.context();
    context.bind(batch.messages(), 0);
    auto status = fields_.status.render(context);
    if (!status)
      return core::fail(
          std::move(status).error().with_context("evaluating `sync_response.status`"));
    const auto code = parse_status(*status);
    if (!code) {
      return core::invalid_data("`sync_response.status` gave `" +
                                std::string(status->substr(0, 20)) + "`, which is no status");
    }
    response.status = *code;
    for (const auto& [name, text] : fields_.headers) {
      auto value = text.render(context);
      if (!value)
        return core::fail(
            std::move(value).error().with_context("evaluating the header `" + name + "`"));
      response.headers.set(name, *value);
    }
    return {};
  }

  const SyncResponseFields fields_;
  const http_fields::NameFilter filter_;
  std::mutex mutex_;  // guards the evaluator
  config::Evaluator evaluator_;
};

class HttpServer final : public core::Input {
 public:
  HttpServer(HttpServerConfig config, const config::Resources& resources)
      : config_(std::move(config)), resources_(resources) {
    auto answers = std::make_shared<Answers>(config_.sync_response, resources);
    HttpRequests::Options options;
    options.timeout = config_.timeout;
    options.split = split_of(config_.split);
    options.body.bytes = config_.max_body_size.bytes;
    options.max_pending = config_.max_pending;
    options.rate_limit = config_.rate_limit.label;
    options.ws_welcome_message = config_.ws_welcome_message;
    options.ws_rate_limit_message = config_.ws_rate_limit_message;
    options.answer = [answers](core::DeliveryReport report) {
      return answers->make(std::move(report));
    };
    requests_ = std::make_shared<HttpRequests>(std::move(options), resources);
  }
  ~HttpServer() override { close(); }

  core::InputTraits traits() const override { return {.request = true}; }

  core::Status connect(core::ReadContext& context) override {
    if (endpoint_ != nullptr) return {};
    requests_->watch(context.interrupt());
    http::Limits limits;
    limits.body_bytes = config_.max_body_size.bytes;
    limits.connections = config_.max_connections;
    limits.connections_per_ip = config_.max_connections;
    WEIR_TRY(auto endpoint, http_fields::Endpoint::open(config_.listener, limits, resources_));
    if (!config_.path.empty()) {
      http::RouteOptions route;
      route.path = config_.path;
      route.methods = config_.allowed_verbs;
      route.description = "Takes messages.";
      route.max_body_bytes = config_.max_body_size.bytes;
      WEIR_CHECK_OK(endpoint->add(std::move(route),
                                  [requests = requests_](Request& request, Responder responder) {
                                    requests->take(request, std::move(responder));
                                  }));
    }
    if (!config_.ws_path.empty()) {
      http::RouteOptions route;
      route.path = config_.ws_path;
      route.methods = {"GET"};
      route.description = "Takes messages over a WebSocket.";
      WEIR_CHECK_OK(endpoint->add(std::move(route),
                                  [requests = requests_](Request& request, Responder responder) {
                                    requests->open_socket(request, std::move(responder));
                                  }));
    }
    endpoint->start();
    resources_.log().info("http_listening", "Listening for requests.",
                          {{"address", endpoint->address()}});
    endpoint_ = std::move(endpoint);
    return {};
  }

  core::Result<core::ReadResult> read(core::ReadContext& context) override {
    return requests_->read(context);
  }

  void close() override {
    requests_->close();
    if (endpoint_ != nullptr) endpoint_->stop(kGrace);
    endpoint_.reset();
  }

 private:
  const HttpServerConfig config_;
  const config::Resources resources_;
  std::shared_ptr<HttpRequests> requests_;
  std::unique_ptr<http_fields::Endpoint> endpoint_;
};

}  // namespace

void add_http_server(config::Registry& registry) {
  registry.add_input(
      http_server_spec(),
      [](HttpServerConfig config,
         const config::Resources& resources) -> core::Result<std::unique_ptr<core::Input>> {
        return std::make_unique<HttpServer>(std::move(config), resources);
      });
}

}  // namespace weir::inputs
