#include <algorithm>
#include <atomic>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "http/detail/loop.h"
#include "http/detail/websocket_session.h"
#include "http/url.h"
#include "http/websocket.h"
#include "net/socket.h"

namespace weir::http {

using detail::Loop;

struct WebSocketClient::Impl {
  /// Lookup and connect block, so each gets a thread; they are rare and short.
  struct Attempt {
    std::thread thread;
    std::atomic<bool> done{false};
  };

  std::shared_ptr<Loop> running_loop() {
    const std::lock_guard lock(mutex);
    if (!started) {
      loop->start();
      started = true;
    }
    return loop;
  }

  void remember(std::function<void()> work) {
    const std::lock_guard lock(mutex);
    attempts.remove_if([](Attempt& attempt) {
      if (!attempt.done.load()) return false;
      attempt.thread.join();
      return true;
    });
    Attempt& attempt = attempts.emplace_back();
    attempt.thread = std::thread([&attempt, work = std::move(work)] {
      detail::block_signals();
      work();
      attempt.done.store(true);
    });
  }

  const std::shared_ptr<Loop> loop =
      std::make_shared<Loop>(std::make_shared<detail::Shared>(), std::make_shared<detail::Slots>());
  std::mutex mutex;
  bool started = false;
  std::list<Attempt> attempts;
  net::Interrupt interrupt;
};

WebSocketClient::WebSocketClient() : impl_(std::make_unique<Impl>()) {}

WebSocketClient::~WebSocketClient() {
  impl_->interrupt.raise();
  for (Impl::Attempt& attempt : impl_->attempts) attempt.thread.join();
  impl_->loop->shared->stopping.store(true);
  impl_->loop->post(
      [loop = impl_->loop] { loop->for_each([](detail::Member& member) { member.cut(); }); });
  impl_->loop->stop();
}

void WebSocketClient::connect(WebSocketConnectOptions options, WebSocketHandlers handlers,
                              std::function<void(core::Error)> failed) {
  const auto loop = impl_->running_loop();
  const auto deadline = net::deadline_in(options.connect_timeout);
  auto url = parse_url(options.url);
  if (url && url->scheme != "ws" && url->scheme != "wss") {
    url = core::invalid_config("reading a URL: `" + url->scheme + "` is not one of ws, wss");
  }
  std::shared_ptr<const net::TlsContext> tls;
  core::Error error;
  bool ok = true;
  if (!url) {
    error = std::move(url).error();
    ok = false;
  } else if (url->scheme == "wss") {
    auto context = net::TlsContext::client(options.tls);
    if (context) {
      tls = *std::move(context);
    } else {
      error = std::move(context).error();
      ok = false;
    }
  }
  if (!ok) {
    loop->post([failed = std::move(failed), error = std::move(error)] {
      failed(error.with_context("opening a WebSocket"));
    });
    return;
  }
  impl_->remember([this, loop, deadline, tls, url = *std::move(url), options = std::move(options),
                   handlers = std::move(handlers), failed = std::move(failed)]() mutable {
    auto socket = net::connect_socket({url.host, url.port}, {}, deadline, &impl_->interrupt);
    if (!socket) {
      const core::Error cause =
          socket.error().with_context("opening a WebSocket to `" + url.display() + "`");
      loop->post([failed = std::move(failed), cause] { failed(cause); });
      return;
    }
    auto shared_socket = std::make_shared<net::Fd>(*std::move(socket));
    loop->post([loop, deadline, tls, url = std::move(url), options = std::move(options),
                handlers = std::move(handlers), failed = std::move(failed),
                shared_socket]() mutable {
      std::string remote = net::remote_address(shared_socket->get());
      detail::Transport transport(loop->io, std::move(*shared_socket));
      if (tls != nullptr) transport.start_tls(tls, url.host);
      detail::DialledSocket dialled{
          std::move(transport), std::move(remote),          url.authority(), url.target(),
          url.display(),        std::move(options.headers), deadline};
      detail::start_client_session(loop, std::move(dialled), std::move(options.websocket),
                                   std::move(handlers), std::move(failed));
    });
  });
}

}  // namespace weir::http
