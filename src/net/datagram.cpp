#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

#include "net/address.h"
#include "net/bound_path.h"
#include "net/socket.h"
#include "net/stream_impl.h"

namespace weir::net {

using core::ErrorCode;

struct DatagramSocket::Impl {
  Fd fd;
  std::string address;
  std::uint16_t port = 0;
  BoundPath path;
};

DatagramSocket::DatagramSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DatagramSocket::DatagramSocket(DatagramSocket&&) noexcept = default;
DatagramSocket& DatagramSocket::operator=(DatagramSocket&&) noexcept = default;
DatagramSocket::~DatagramSocket() = default;

namespace {

core::Status need_datagrams(Network network, const std::string& address) {
  if (network == Network::kUdp || network == Network::kUnixgram) return {};
  return core::invalid_config("opening `" + address + "`: stream networks have no datagrams");
}

}  // namespace

core::Result<DatagramSocket> DatagramSocket::bind(const ListenOptions& options) {
  WEIR_CHECK_OK(need_datagrams(options.network, options.address));
  auto impl = std::make_unique<Impl>();
  if (options.network == Network::kUnixgram) {
    WEIR_TRY(impl->fd, bind_unix(options.address, SOCK_DGRAM, options.unix_mode));
    impl->address = options.address;
    impl->path = BoundPath(options.address);
  } else {
    WEIR_TRY(const HostPort where, parse_host_port(options.address));
    WEIR_TRY(impl->fd, bind_inet(where, SOCK_DGRAM, options.tcp));
    impl->address = local_address(impl->fd.get());
    impl->port = local_port(impl->fd.get());
  }
  return DatagramSocket(std::move(impl));
}

core::Result<DatagramSocket> DatagramSocket::connect(const ConnectOptions& options,
                                                     Deadline deadline,
                                                     const Interrupt* interrupt) {
  WEIR_CHECK_OK(need_datagrams(options.network, options.address));
  std::vector<SocketAddress> addresses;
  if (options.network == Network::kUnixgram) {
    WEIR_TRY(const SocketAddress address, unix_address(options.address));
    addresses.push_back(address);
  } else {
    WEIR_TRY(const HostPort target, parse_host_port(options.address));
    auto found = resolve(target, SOCK_DGRAM, false, deadline, interrupt);
    if (!found) {
      return core::fail(found.error().with_context("opening `" + options.address + "`"));
    }
    addresses = *std::move(found);
  }
  auto fd = connect_any(addresses, SOCK_DGRAM, deadline, interrupt);
  if (!fd) return core::fail(fd.error().with_context("opening `" + options.address + "`"));
  auto impl = std::make_unique<Impl>();
  impl->fd = *std::move(fd);
  impl->address = options.address;
  impl->port = local_port(impl->fd.get());
  return DatagramSocket(std::move(impl));
}

core::Result<DatagramSocket::Datagram> DatagramSocket::receive(char* data, std::size_t size,
                                                               Deadline deadline,
                                                               const Interrupt* interrupt) {
  for (;;) {
    if (interrupt != nullptr && interrupt->raised()) {
      return core::fail(ErrorCode::kCancelled, "interrupted");
    }
    SocketAddress from;
    iovec part{data, size};
    msghdr message{};
    message.msg_name = from.get();
    message.msg_namelen = sizeof from.storage;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const ssize_t got = ::recvmsg(impl_->fd.get(), &message, 0);
    if (got >= 0) {
      return Datagram{static_cast<std::size_t>(got), (message.msg_flags & MSG_TRUNC) != 0,
                      message.msg_namelen > 0 ? to_string(from.storage, message.msg_namelen)
                                              : std::string("unix:")};
    }
    // A connected UDP socket hears of an earlier datagram that nobody took: not the reader's
    // concern.
    if (errno == EINTR || errno == ECONNREFUSED) continue;
    if (errno != EAGAIN) {
      return core::unavailable("receiving on `" + impl_->address + "`: " + system_message(errno));
    }
    if (core::Status waited = wait_for(impl_->fd.get(), POLLIN, deadline, interrupt); !waited) {
      return core::fail(std::move(waited).error());
    }
  }
}

core::Status DatagramSocket::send(std::string_view data, Deadline deadline,
                                  const Interrupt* interrupt) {
  for (;;) {
    if (interrupt != nullptr && interrupt->raised()) {
      return core::fail(ErrorCode::kCancelled, "interrupted");
    }
    if (::send(impl_->fd.get(), data.data(), data.size(), MSG_NOSIGNAL) >= 0) return {};
    const int error = errno;
    if (error == EINTR) continue;
    if (error == EMSGSIZE) {
      return core::fail(ErrorCode::kLimit, "sending to `" + impl_->address + "`: a datagram of " +
                                               std::to_string(data.size()) +
                                               " bytes is longer than the network takes");
    }
    if (error != EAGAIN && error != ENOBUFS) {
      return core::unavailable("sending to `" + impl_->address + "`: " + system_message(error));
    }
    if (core::Status waited = wait_for(impl_->fd.get(), POLLOUT, deadline, interrupt); !waited) {
      if (waited.error().code == ErrorCode::kCancelled) return waited;
      return core::fail(waited.error().with_context("sending to `" + impl_->address + "`"));
    }
  }
}

int DatagramSocket::fd() const {
  return impl_->fd.get();
}
const std::string& DatagramSocket::address() const {
  return impl_->address;
}
std::uint16_t DatagramSocket::port() const {
  return impl_->port;
}

}  // namespace weir::net
