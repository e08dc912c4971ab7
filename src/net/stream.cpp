#include <algorithm>
#include <cerrno>
#include <utility>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "net/address.h"
#include "net/socket.h"
#include "net/stream_impl.h"

namespace weir::net {

using core::ErrorCode;

Stream::Stream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() = default;

Stream::Impl::~Impl() {
  if (tls != nullptr) tls->shutdown();
}

core::Error Stream::Impl::failed(std::string_view doing, std::string_view why) const {
  return {ErrorCode::kUnavailable, std::string(doing) + " `" + remote + "`: " + std::string(why)};
}

template <class Step>
core::Result<std::size_t> Stream::Impl::drive(std::string_view doing, Deadline deadline,
                                              const Interrupt* interrupt, Step step) {
  for (;;) {
    if (interrupt != nullptr && interrupt->raised()) {
      return core::fail(ErrorCode::kCancelled, "interrupted");
    }
    const TlsSession::Outcome outcome = step();
    short events = POLLIN;
    switch (outcome.want) {
      case TlsSession::Want::kNothing: return outcome.bytes;
      case TlsSession::Want::kEof: return std::size_t{0};
      case TlsSession::Want::kError: return core::fail(failed(doing, tls->error().message));
      case TlsSession::Want::kRead: break;
      case TlsSession::Want::kWrite: events = POLLOUT; break;
    }
    if (core::Status waited = wait_for(fd.get(), events, deadline, interrupt); !waited) {
      if (waited.error().code == ErrorCode::kCancelled) return core::fail(waited.error());
      return core::fail(failed(doing, waited.error().message));
    }
  }
}

core::Status Stream::handshake(Deadline deadline, const Interrupt* interrupt) {
  if (impl_->tls == nullptr || impl_->shaken) return {};
  const auto done = impl_->drive("connecting to", deadline, interrupt,
                                 [this] { return impl_->tls->handshake(); });
  if (!done) return core::fail(done.error());
  impl_->shaken = true;
  return {};
}

core::Result<std::size_t> Stream::read(char* data, std::size_t size, Deadline deadline,
                                       const Interrupt* interrupt) {
  if (size == 0) return core::fail(ErrorCode::kInternal, "reading into an empty buffer");
  if (impl_->tls != nullptr) {
    WEIR_CHECK_OK(handshake(deadline, interrupt));
    return impl_->drive("reading from", deadline, interrupt,
                        [&] { return impl_->tls->read(data, size); });
  }
  for (;;) {
    if (interrupt != nullptr && interrupt->raised()) {
      return core::fail(ErrorCode::kCancelled, "interrupted");
    }
    const ssize_t got = ::recv(impl_->fd.get(), data, size, 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return core::fail(impl_->failed("reading from", system_message(errno)));
    if (core::Status waited = wait_for(impl_->fd.get(), POLLIN, deadline, interrupt); !waited) {
      if (waited.error().code == ErrorCode::kCancelled) return core::fail(waited.error());
      return core::fail(impl_->failed("reading from", waited.error().message));
    }
  }
}

core::Result<std::optional<std::size_t>> Stream::try_read(char* data, std::size_t size) {
  if (impl_->tls == nullptr) {
    for (;;) {
      const ssize_t got = ::recv(impl_->fd.get(), data, size, 0);
      if (got >= 0) return std::optional<std::size_t>(static_cast<std::size_t>(got));
      if (errno == EAGAIN) return std::optional<std::size_t>();
      if (errno != EINTR) return core::fail(impl_->failed("reading from", system_message(errno)));
    }
  }
  TlsSession::Outcome outcome;
  if (!impl_->shaken) {
    outcome = impl_->tls->handshake();
    impl_->shaken = outcome.want == TlsSession::Want::kNothing;
  }
  if (impl_->shaken) outcome = impl_->tls->read(data, size);
  switch (outcome.want) {
    case TlsSession::Want::kNothing: return std::optional<std::size_t>(outcome.bytes);
    case TlsSession::Want::kEof: return std::optional<std::size_t>(0);
    case TlsSession::Want::kError:
      return core::fail(impl_->failed("reading from", impl_->tls->error().message));
    case TlsSession::Want::kRead:
    case TlsSession::Want::kWrite: break;
  }
  return std::optional<std::size_t>();
}

core::Status Stream::write_all(std::string_view data, Deadline deadline,
                               const Interrupt* interrupt) {
  if (impl_->tls != nullptr) WEIR_CHECK_OK(handshake(deadline, interrupt));
  while (!data.empty()) {
    const auto sent = impl_->drive("writing to", deadline, interrupt, [&]() -> TlsSession::Outcome {
      if (impl_->tls != nullptr) return impl_->tls->write(data.data(), data.size());
      const ssize_t count = ::send(impl_->fd.get(), data.data(), data.size(), MSG_NOSIGNAL);
      if (count >= 0) return {TlsSession::Want::kNothing, static_cast<std::size_t>(count)};
      if (errno == EAGAIN || errno == EINTR) return {TlsSession::Want::kWrite, 0};
      impl_->send_error = errno;
      return {TlsSession::Want::kNothing, 0};
    });
    if (!sent) return core::fail(sent.error());
    if (*sent == 0) {
      return core::fail(impl_->failed("writing to", system_message(impl_->send_error)));
    }
    data.remove_prefix(*sent);
  }
  return {};
}

void Stream::shutdown_write() {
  if (impl_->tls != nullptr) impl_->tls->shutdown();
  ::shutdown(impl_->fd.get(), SHUT_WR);
}

bool Stream::peer_closed() const {
  pollfd poll_fd{impl_->fd.get(), POLLIN | POLLRDHUP, 0};
  if (::poll(&poll_fd, 1, 0) <= 0) return false;
  if ((poll_fd.revents & (POLLERR | POLLHUP | POLLRDHUP)) != 0) return true;
  return false;
}

int Stream::fd() const {
  return impl_->fd.get();
}
bool Stream::has_pending() const {
  return impl_->tls != nullptr && impl_->tls->has_pending();
}
bool Stream::handshake_done() const {
  return impl_->tls == nullptr || impl_->shaken;
}
const std::string& Stream::remote() const {
  return impl_->remote;
}
const std::string& Stream::local() const {
  return impl_->local;
}
bool Stream::peer_verified() const {
  return impl_->tls != nullptr && impl_->tls->peer_verified();
}

Deadline sooner(Deadline deadline, std::chrono::milliseconds limit) {
  return limit.count() > 0 ? std::min(deadline, deadline_in(limit)) : deadline;
}

core::Status connect_fd(int fd, const SocketAddress& address, Deadline deadline,
                        const Interrupt* interrupt) {
  if (::connect(fd, address.get(), address.size) == 0) return {};
  // A unix socket whose queue is full says EAGAIN at once and cannot be waited for.
  if (errno != EINPROGRESS) return core::unavailable(system_message(errno));
  WEIR_CHECK_OK(wait_for(fd, POLLOUT, deadline, interrupt));
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return core::unavailable(system_message(error));
  return {};
}

core::Result<Fd> connect_any(const std::vector<SocketAddress>& addresses, int type,
                             Deadline deadline, const Interrupt* interrupt) {
  core::Error last{ErrorCode::kUnavailable, "no address"};
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // An address that swallows packets must leave time for the next one.
    Deadline limit = deadline;
    const auto now = std::chrono::steady_clock::now();
    if (deadline != kNoDeadline && deadline > now) {
      limit = now + (deadline - now) / static_cast<long>(addresses.size() - i);
    }
    Fd fd(::socket(addresses[i].storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd.valid()) {
      last.message = system_message(errno);
      continue;
    }
    core::Status connected = connect_fd(fd.get(), addresses[i], limit, interrupt);
    if (connected) return fd;
    last = connected.error();
    if (last.code == ErrorCode::kCancelled) break;
  }
  return core::fail(last);
}

core::Result<Fd> connect_socket(const HostPort& target, const TcpOptions& tcp, Deadline deadline,
                                const Interrupt* interrupt) {
  deadline = sooner(deadline, tcp.connect_timeout);
  auto addresses = resolve(target, SOCK_STREAM, false, deadline, interrupt);
  if (!addresses) return core::fail(addresses.error());
  WEIR_TRY(Fd fd, connect_any(*addresses, SOCK_STREAM, deadline, interrupt));
  apply_tcp_options(fd.get(), tcp);
  return fd;
}

core::Result<Fd> listen_socket(const HostPort& where, const TcpOptions& tcp) {
  return bind_inet(where, SOCK_STREAM, tcp);
}

core::Result<Stream> connect(const ConnectOptions& options, Deadline deadline,
                             const Interrupt* interrupt) {
  if (options.network == Network::kUdp || options.network == Network::kUnixgram) {
    return core::invalid_config("connecting to `" + options.address +
                                "`: datagram networks have no streams");
  }
  const bool secure =
      options.network == Network::kTls || (options.network == Network::kTcp && options.tls.enabled);
  std::shared_ptr<const TlsContext> context;
  if (secure) {
    WEIR_TRY(context, TlsContext::client(options.tls));
  }
  deadline = sooner(deadline, options.tcp.connect_timeout);
  std::vector<SocketAddress> addresses;
  std::string host;
  if (options.network == Network::kUnix) {
    WEIR_TRY(const SocketAddress address, unix_address(options.address));
    addresses.push_back(address);
  } else {
    WEIR_TRY(const HostPort target, parse_host_port(options.address));
    host = target.host;
    auto found = resolve(target, SOCK_STREAM, false, deadline, interrupt);
    if (!found) {
      return core::fail(found.error().with_context("connecting to `" + options.address + "`"));
    }
    addresses = *std::move(found);
  }
  auto fd = connect_any(addresses, SOCK_STREAM, deadline, interrupt);
  if (!fd) return core::fail(fd.error().with_context("connecting to `" + options.address + "`"));
  if (options.network != Network::kUnix) apply_tcp_options(fd->get(), options.tcp);

  auto impl = std::make_unique<Stream::Impl>(*std::move(fd));
  impl->remote = options.address;
  if (secure) impl->tls = std::make_unique<TlsSession>(context, impl->fd.get(), host);
  Stream stream(std::move(impl));
  WEIR_CHECK_OK(stream.handshake(deadline, interrupt));
  return stream;
}

}  // namespace weir::net
