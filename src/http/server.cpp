#include "http/server.h"

#include <utility>

#include "http/detail/acceptor.h"
#include "http/detail/exchange.h"
#include "http/detail/loop.h"
#include "http/detail/response_stream.h"
#include "net/socket.h"

namespace weir::http {

namespace detail {

struct ServerState {
  std::shared_ptr<Shared> shared = std::make_shared<Shared>();
  std::shared_ptr<Slots> slots = std::make_shared<Slots>();
  std::vector<std::shared_ptr<Loop>> loops;
  std::shared_ptr<Acceptor> acceptor;
  std::string address;
  std::uint16_t port = 0;
  bool started = false;
  bool stopped = false;
};

}  // namespace detail

using detail::Loop;
using detail::ServerState;

// ResponseStream

SendStatus ResponseStream::write(std::string_view bytes, Sent sent) {
  if (impl_ == nullptr || !impl_->open.load()) return SendStatus::kClosed;
  const std::size_t size = bytes.size();
  const std::size_t before = impl_->queued.fetch_add(size);
  // One piece is always taken, however long: it could never be sent otherwise.
  if (before > 0 && before + size > impl_->exchange->limits().stream_queue_bytes) {
    impl_->queued.fetch_sub(size);
    return SendStatus::kFull;
  }
  // The callback must not keep the stream alive: a stream nobody holds is to be cut.
  impl_->exchange->stream_write(
      std::string(bytes), [weak = std::weak_ptr(impl_), size, sent = std::move(sent)](bool ok) {
        if (const auto impl = weak.lock()) impl->queued.fetch_sub(size);
        if (sent) sent(ok);
      });
  return SendStatus::kQueued;
}

void ResponseStream::finish() {
  if (impl_ == nullptr || !impl_->open.exchange(false)) return;
  impl_->exchange->stream_finish();
}

bool ResponseStream::is_open() const {
  return impl_ != nullptr && impl_->open.load();
}

void ResponseStream::on_closed(std::function<void()> callback) {
  if (impl_ == nullptr) return;
  {
    const std::lock_guard lock(impl_->mutex);
    if (!impl_->ending) {
      impl_->on_closed = std::move(callback);
      return;
    }
  }
  callback();
}

// Responder

Responder::Responder(std::shared_ptr<detail::Exchange> exchange) : exchange_(std::move(exchange)) {}

Responder& Responder::operator=(Responder&& other) noexcept {
  std::swap(exchange_, other.exchange_);
  return *this;
}

Responder::~Responder() {
  if (exchange_ != nullptr) {
    send(Response::text(500, "the request was dropped without an answer"));
  }
}

void Responder::send(Response response, Sent sent) {
  if (const auto exchange = std::exchange(exchange_, nullptr)) {
    exchange->answer(std::move(response), std::move(sent));
  } else if (sent) {
    sent(false);
  }
}

ResponseStream Responder::stream(Response head) {
  ResponseStream stream;
  if (const auto exchange = std::exchange(exchange_, nullptr)) {
    stream.impl_ = std::make_shared<ResponseStream::Impl>(exchange);
    const std::string first = std::move(head.body);
    head.body.clear();
    exchange->begin_stream(stream.impl_, std::move(head));
    if (!first.empty()) (void)stream.write(first);
  }
  return stream;
}

void Responder::accept_websocket(WebSocketOptions options, WebSocketHandlers handlers) {
  if (const auto exchange = std::exchange(exchange_, nullptr)) {
    exchange->accept_websocket(std::move(options), std::move(handlers));
  }
}

// Route

Route& Route::operator=(Route&& other) noexcept {
  std::swap(server_, other.server_);
  std::swap(entry_, other.entry_);
  return *this;
}

Route::~Route() {
  if (entry_ == nullptr) return;
  if (const auto server = server_.lock()) server->shared->routes.remove(entry_);
  entry_->close();
  entry_->handler = nullptr;  // what it captured ends here, not when the last request is forgotten
  entry_->options.guard = nullptr;
}

// Server

Server::Server() : state_(std::make_shared<ServerState>()) {}

Server::~Server() {
  stop(std::chrono::milliseconds(0));
}

core::Result<std::unique_ptr<Server>> Server::bind(ServerOptions options) {
  std::unique_ptr<Server> server(new Server);
  ServerState& state = *server->state_;
  if (options.threads == 0 || options.threads > 256) {
    return core::invalid_config("starting the HTTP server: threads must be from 1 to 256");
  }
  if (options.tls) {
    options.tls->alpn = {"http/1.1"};
    auto tls = net::TlsContext::server(*options.tls);
    if (!tls) return core::fail(tls.error().with_context("starting the HTTP server"));
    state.shared->tls = *std::move(tls);
  }
  WEIR_TRY(const net::HostPort where, net::parse_host_port(options.address));
  net::TcpOptions tcp;
  tcp.reuse_addr = options.reuse_addr;
  tcp.reuse_port = options.reuse_port;
  auto socket = net::listen_socket(where, tcp);
  if (!socket) return core::fail(socket.error().with_context("starting the HTTP server"));
  state.address = net::local_address(socket->get());
  state.port = net::local_port(socket->get());
  const unsigned threads = options.threads;
  state.shared->options = std::move(options);
  for (unsigned i = 0; i < threads; ++i) {
    state.loops.push_back(std::make_shared<Loop>(state.shared, state.slots));
  }
  state.acceptor = std::make_shared<detail::Acceptor>(state.loops, *std::move(socket));
  return server;
}

void Server::start() {
  if (std::exchange(state_->started, true)) return;
  state_->acceptor->start();
  for (const auto& loop : state_->loops) loop->start();
}

core::Result<Route> Server::add_route(RouteOptions options, Handler handler) {
  Route route;
  WEIR_TRY(route.entry_, state_->shared->routes.add(std::move(options), std::move(handler)));
  route.server_ = state_;
  return route;
}

std::vector<RouteInfo> Server::routes() const {
  std::vector<RouteInfo> result;
  for (const auto& entry : state_->shared->routes.table()->entries()) {
    const RouteOptions& options = entry->options;
    result.push_back({options.path, options.methods, options.owner, options.description});
  }
  return result;
}

void Server::stop(std::chrono::milliseconds grace) {
  if (std::exchange(state_->stopped, true)) return;
  const auto deadline = std::chrono::steady_clock::now() + grace;
  state_->shared->stopping.store(true);
  for (const auto& loop : state_->loops) {
    loop->post([loop, acceptor = loop == state_->loops.front() ? state_->acceptor : nullptr] {
      if (acceptor != nullptr) acceptor->close();
      loop->for_each([](detail::Member& member) { member.on_stopping(); });
    });
  }
  if (state_->started) state_->slots->wait_until_empty(deadline);
  for (const auto& loop : state_->loops) {
    loop->post([loop] { loop->for_each([](detail::Member& member) { member.cut(); }); });
  }
  for (const auto& loop : state_->loops) loop->stop();
  state_->acceptor.reset();
  state_->loops.clear();
}

std::uint16_t Server::port() const {
  return state_->port;
}
const std::string& Server::address() const {
  return state_->address;
}

ServerStats Server::stats() const {
  const detail::Shared& shared = *state_->shared;
  ServerStats stats;
  stats.accepted = shared.accepted.load();
  stats.requests = shared.requests.load();
  stats.refused_connections = shared.refused_connections.load();
  stats.rejected_requests = shared.rejected_requests.load();
  stats.timeouts = shared.timeouts.load();
  stats.connections = state_->slots->count();
  stats.buffered_body_bytes = shared.buffered.load();
  return stats;
}

}  // namespace weir::http
