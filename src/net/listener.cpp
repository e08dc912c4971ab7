#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/address.h"
#include "net/bound_path.h"
#include "net/socket.h"
#include "net/stream_impl.h"

namespace weir::net {

using core::ErrorCode;

struct Listener::Impl {
  Fd fd;
  TcpOptions tcp;
  std::shared_ptr<const TlsContext> tls;
  std::string address;
  std::uint16_t port = 0;
  bool inet = true;
  BoundPath path;
};

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

core::Result<Listener> Listener::listen(const ListenOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->tcp = options.tcp;
  const Network network = options.network;
  if (network == Network::kUdp || network == Network::kUnixgram) {
    return core::invalid_config("listening on `" + options.address +
                                "`: datagram networks have no streams");
  }
  if (network == Network::kUnix) {
    WEIR_TRY(impl->fd, bind_unix(options.address, SOCK_STREAM, options.unix_mode));
    impl->address = options.address;
    impl->inet = false;
    impl->path = BoundPath(options.address);
    return Listener(std::move(impl));
  }
  if (network == Network::kTls) {
    WEIR_TRY(impl->tls, TlsContext::server(options.tls));
  }
  WEIR_TRY(const HostPort where, parse_host_port(options.address));
  WEIR_TRY(impl->fd, bind_inet(where, SOCK_STREAM, options.tcp));
  impl->address = local_address(impl->fd.get());
  impl->port = local_port(impl->fd.get());
  return Listener(std::move(impl));
}

core::Result<Stream> Listener::accept(Deadline deadline, const Interrupt* interrupt) {
  for (;;) {
    if (interrupt != nullptr && interrupt->raised()) {
      return core::fail(ErrorCode::kCancelled, "interrupted");
    }
    Fd fd(::accept4(impl_->fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.valid()) {
      if (impl_->inet) apply_tcp_options(fd.get(), impl_->tcp);
      auto stream = std::make_unique<Stream::Impl>(std::move(fd));
      if (impl_->tls != nullptr) {
        stream->tls = std::make_unique<TlsSession>(impl_->tls, stream->fd.get(), "");
      }
      return Stream(std::move(stream));
    }
    // The other errors belong to a connection that died in the queue (accept(2), "Error handling").
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return core::unavailable("accepting on `" + impl_->address + "`: " + system_message(errno));
    }
    if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK) {
      return core::fail(ErrorCode::kInternal,
                        "accepting on `" + impl_->address + "`: " + system_message(errno));
    }
    if (errno != EAGAIN) continue;
    if (core::Status waited = wait_for(impl_->fd.get(), POLLIN, deadline, interrupt); !waited) {
      return core::fail(std::move(waited).error());
    }
  }
}

int Listener::fd() const {
  return impl_->fd.get();
}
const std::string& Listener::address() const {
  return impl_->address;
}
std::uint16_t Listener::port() const {
  return impl_->port;
}

}  // namespace weir::net
