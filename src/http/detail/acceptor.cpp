#include "http/detail/acceptor.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "http/detail/exchange.h"

namespace weir::http::detail {
namespace {

constexpr int kAcceptsInARow = 64;
constexpr Milliseconds kRest{50};
constexpr std::size_t kRefusalsAtOnce = 128;

net::Fd open_spare() {
  return net::Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/// Whom to count a connection for: the IPv4 address, or the /64 of an IPv6 one.
std::uint64_t address_key(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    return reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr;
  }
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  std::uint64_t key = 0;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    std::memcpy(&key, v6.s6_addr + 12, 4);
  } else {
    std::memcpy(&key, v6.s6_addr, sizeof key);
  }
  return key;
}

bool is_loopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    return (ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24) == 127;
  }
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

}  // namespace

Acceptor::Acceptor(std::vector<std::shared_ptr<Loop>> loops, net::Fd socket)
    : loops_(std::move(loops)),
      socket_(loops_.front()->io, socket.release()),
      timer_(loops_.front()->io),
      spare_(open_spare()) {}

void Acceptor::start() {
  loops_.front()->post([self = shared_from_this()] { self->wait(); });
}

void Acceptor::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
}

void Acceptor::wait() {
  if (!socket_.is_open()) return;
  socket_.async_wait(Transport::Descriptor::wait_read,
                     [self = shared_from_this()](boost::system::error_code error) {
                       if (!error) self->accept_some();
                     });
}

void Acceptor::accept_some() {
  for (int i = 0; i < kAcceptsInARow; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    net::Fd socket(::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&address), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.valid()) {
      take(std::move(socket), address, size);
      continue;
    }
    if (errno == EAGAIN) break;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // A client that waits in the queue would wait for ever: take it in and hang up.
      spare_.reset();
      net::Fd unlucky(::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
      if (unlucky.valid()) loops_.front()->shared->refused_connections.fetch_add(1);
      unlucky.reset();
      spare_ = open_spare();
      rest();
      return;
    }
    // Any other error is of a connection that died in the queue.
  }
  wait();
}

void Acceptor::rest() {
  timer_.expires_after(kRest);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error) self->wait();
  });
}

void Acceptor::take(net::Fd socket, const sockaddr_storage& address, socklen_t size) {
  const std::shared_ptr<Loop>& loop = loops_[next_];
  next_ = (next_ + 1) % loops_.size();
  Shared& shared = *loop->shared;
  shared.accepted.fetch_add(1, std::memory_order_relaxed);
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

  const std::uint64_t key = address_key(address);
  std::optional<Refusal> refusal;
  Slot slot;
  switch (loop->slots->take(key, shared.options.limits)) {
    case Slots::Verdict::kTaken: slot = Slot(loop->slots, key); break;
    case Slots::Verdict::kFull: refusal = {503, "too many connections"}; break;
    case Slots::Verdict::kFullForAddress:
      refusal = {503, "too many connections from your address"};
      break;
  }
  if (refusal) {
    shared.refused_connections.fetch_add(1, std::memory_order_relaxed);
    Limits limits;
    limits.connections = limits.connections_per_ip = kRefusalsAtOnce;
    if (refusals_->take(0, limits) != Slots::Verdict::kTaken) return;
    slot = Slot(refusals_, 0);
  }
  sockaddr_storage own{};
  socklen_t own_size = sizeof own;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &own_size);
  Peer peer{net::to_string(address, size), net::to_string(own, own_size),
            is_loopback(address) && is_loopback(own)};
  // Made on its own loop's thread, which alone touches its sockets.
  auto begin = [loop, socket = std::move(socket), peer = std::move(peer), slot = std::move(slot),
                refusal = std::move(refusal)]() mutable {
    const auto exchange =
        std::make_shared<Exchange>(loop, std::move(socket), std::move(peer), std::move(slot));
    exchange->start(std::move(refusal));
  };
  if (loop == loops_.front()) {
    begin();
  } else {
    loop->post(std::move(begin));
  }
}

}  // namespace weir::http::detail
