#include "http_fields/socket_link.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "http/url.h"
#include "net_fields/net_fields.h"

namespace weir::http_fields {

namespace {

using core::ErrorCode;
using Session = std::shared_ptr<http::WebSocketSession>;

/// A value that another thread provides. Shared by both.
template <class T>
class Later {
 public:
  void set(T value) {
    const std::lock_guard lock(mutex_);
    if (!value_) value_ = std::move(value);
    set_.notify_all();
  }
  std::optional<T> wait(const core::Interrupt& interrupt) {
    std::unique_lock lock(mutex_);
    while (!value_ && !interrupt.raised()) set_.wait_for(lock, std::chrono::milliseconds(50));
    return std::move(value_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable set_;
  std::optional<T> value_;
};

}  // namespace

const config::Spec<SocketFields>& SocketFields::fields() {
  using F = SocketFields;
  static const config::Spec<F> made =
      config::Spec<F>()
          .field("url", &F::url,
                 {.doc = "The server.", .required = true, .examples = {"wss://feed.example/v1"}})
          .field("proxy_url", &F::proxy_url, {.doc = "Not supported.", .advanced = true})
          .field("tls", &F::tls, {.doc = "TLS of `wss`.", .advanced = true})
          .group(&F::auth, AuthFields::fields())
          .check([](const F& fields) -> core::Status {
            auto url = http::parse_url(fields.url);
            if (!url) return core::fail(url.error().with_context("field `url`"));
            if (url->scheme != "ws" && url->scheme != "wss")
              return core::invalid_config("field `url` wants `ws://` or `wss://`");
            if (!fields.proxy_url.empty()) {
              return core::invalid_config(
                  "`proxy_url` is not supported for WebSockets; run a local tunnel and dial that");
            }
            return {};
          });
  return made;
}

struct SocketLink::Impl {
  SocketFields fields;
  std::unique_ptr<http::Client> tokens;  // fetches OAuth 2 tokens
  std::shared_ptr<http::RequestAuth> auth;
  std::unique_ptr<http::WebSocketClient> client;
  bool closed = false;
};

SocketLink::SocketLink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SocketLink::~SocketLink() {
  close();
}

core::Result<std::unique_ptr<SocketLink>> SocketLink::make(const SocketFields& fields,
                                                           const config::Resources& resources) {
  auto impl = std::make_unique<Impl>();
  impl->fields = fields;
  http::ClientOptions options;
  http::AuthOptions auth = fields.auth.options();
  if (resources.shared().making_only) {
    auth = {};
  } else {
    options.tls = fields.tls;
  }
  WEIR_TRY(impl->tokens, http::Client::make(std::move(options)));
  WEIR_TRY(impl->auth, http::RequestAuth::make(*impl->tokens, std::move(auth)));
  return std::unique_ptr<SocketLink>(new SocketLink(std::move(impl)));
}

core::Result<Session> SocketLink::open(http::WebSocketHandlers handlers,
                                       const http::WebSocketOptions& options,
                                       const core::Interrupt& interrupt) {
  Impl& impl = *impl_;
  if (impl.closed) return core::fail(ErrorCode::kCancelled, "closed");
  // With the client its connection goes, and with that the handlers of before.
  impl.client = std::make_unique<http::WebSocketClient>();

  http::ClientRequest request;
  request.url = "http" + impl.fields.url.substr(2);  // what signatures are made of
  auto signed_request = std::make_shared<Later<core::Result<http::ClientRequest>>>();
  impl.auth->sign(std::move(request), [signed_request](core::Result<http::ClientRequest> ready) {
    signed_request->set(std::move(ready));
  });
  auto ready = signed_request->wait(interrupt);
  if (!ready) return core::fail(ErrorCode::kCancelled, "stopping");
  if (!*ready) return core::fail(std::move(*ready).error());

  http::WebSocketConnectOptions dial;
  dial.url = impl.fields.url;
  dial.headers = std::move((*ready)->headers);
  dial.tls = impl.fields.tls;
  dial.websocket = options;
  auto opened = std::make_shared<Later<core::Result<Session>>>();
  handlers.on_open = [opened, user = std::move(handlers.on_open)](const Session& session) {
    if (user) user(session);
    opened->set(session);
  };
  impl.client->connect(std::move(dial), std::move(handlers),
                       [opened, auth = impl.auth](core::Error error) {
                         if (error.message.find("401") != std::string::npos) auth->rejected();
                         opened->set(core::fail(std::move(error)));
                       });
  auto session = opened->wait(interrupt);
  if (!session) {
    impl.client.reset();
    return core::fail(ErrorCode::kCancelled, "stopping");
  }
  return *std::move(session);
}

void SocketLink::close() {
  impl_->closed = true;
  impl_->client.reset();
  impl_->tokens.reset();
}

}  // namespace weir::http_fields
