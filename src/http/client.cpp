#include "http/client.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "http/detail/curl_loop.h"
#include "http/detail/curl_transfer.h"

namespace weir::http {

struct Client::Impl {
  explicit Impl(std::shared_ptr<const detail::ClientShared> options)
      : shared(std::move(options)),
        loop(std::make_shared<detail::CurlLoop>(shared->options.max_connections_per_host)) {}

  const std::shared_ptr<const detail::ClientShared> shared;
  const std::shared_ptr<detail::CurlLoop> loop;
};

void Call::cancel() {
  const auto transfer = transfer_.lock();
  const auto loop = loop_.lock();
  if (transfer == nullptr || loop == nullptr) return;
  transfer->cancelled.store(true);
  loop->nudge(transfer);
}

void Call::resume() {
  const auto transfer = transfer_.lock();
  const auto loop = loop_.lock();
  if (transfer == nullptr || loop == nullptr) return;
  transfer->resumed.store(true);
  loop->nudge(transfer);
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Client::~Client() {
  impl_->loop->stop();
}

core::Result<std::unique_ptr<Client>> Client::make(ClientOptions options) {
  auto shared = std::make_shared<detail::ClientShared>();
  auto tls = net::TlsContext::client(options.tls);
  if (!tls) return core::fail(tls.error().with_context("setting up the HTTP client"));
  shared->tls = *std::move(tls);
  if (!options.proxy_url.empty()) {
    const auto proxy = parse_url(options.proxy_url);
    if (!proxy) return core::fail(proxy.error().with_context("reading the proxy's address"));
  }
  shared->options = std::move(options);
  return std::unique_ptr<Client>(new Client(std::make_unique<Impl>(std::move(shared))));
}

Call Client::send(ClientRequest request, ResponseCallback callback) {
  auto transfer =
      std::make_shared<detail::Transfer>(impl_->shared, std::move(request), std::move(callback));
  Call call;
  call.loop_ = impl_->loop;
  call.transfer_ = transfer;
  impl_->loop->submit(std::move(transfer));
  return call;
}

Call Client::stream(ClientRequest request, StreamCallbacks callbacks) {
  auto transfer =
      std::make_shared<detail::Transfer>(impl_->shared, std::move(request), std::move(callbacks));
  Call call;
  call.loop_ = impl_->loop;
  call.transfer_ = transfer;
  impl_->loop->submit(std::move(transfer));
  return call;
}

core::Result<ClientResponse> Client::send_and_wait(ClientRequest request) {
  std::mutex mutex;
  std::condition_variable ready;
  std::optional<core::Result<ClientResponse>> answer;
  send(std::move(request), [&](core::Result<ClientResponse> result) {
    const std::lock_guard lock(mutex);
    answer = std::move(result);
    ready.notify_one();  // under the lock: the waiter owns all three and leaves at once
  });
  std::unique_lock lock(mutex);
  ready.wait(lock, [&] { return answer.has_value(); });
  return *std::move(answer);
}

}  // namespace weir::http
