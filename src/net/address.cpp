#include "net/address.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace weir::net {

using core::ErrorCode;

Deadline deadline_in(std::chrono::milliseconds after) {
  return std::chrono::steady_clock::now() + after;
}

std::string system_message(int error) {
  return std::system_category().message(error);
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

core::Result<Network> parse_network(std::string_view name) {
  if (name == "tcp") return Network::kTcp;
  if (name == "udp") return Network::kUdp;
  if (name == "unix") return Network::kUnix;
  if (name == "unixgram") return Network::kUnixgram;
  if (name == "tls") return Network::kTls;
  return core::invalid_config("network `" + std::string(name) +
                              "` is not one of tcp, udp, unix, unixgram, tls");
}

core::Result<HostPort> parse_host_port(std::string_view address) {
  const auto bad = [&](std::string_view why) {
    return core::invalid_config("reading address `" + std::string(address) +
                                "`: " + std::string(why));
  };
  for (const char c : address) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
      return bad("it holds a space or control character");
  }
  HostPort result;
  std::string_view port;
  if (address.starts_with('[')) {
    const std::size_t close = address.find("]:");
    if (close == std::string_view::npos) return bad("`[` needs `]:` and a port");
    result.host = address.substr(1, close - 1);
    port = address.substr(close + 2);
  } else {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string_view::npos) return bad("a port is missing, as in `localhost:4195`");
    result.host = address.substr(0, colon);
    port = address.substr(colon + 1);
    if (result.host.find(':') != std::string::npos) {
      return bad("an IPv6 address needs brackets, as in `[::1]:4195`");
    }
  }
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (error != std::errc() || end != port.data() + port.size()) {
    return bad("the port must be a number from 0 to 65535");
  }
  return result;
}

std::string to_string(const sockaddr_storage& address, socklen_t size) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return std::string(text) + ':' + std::to_string(ntohs(v4.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof text);
      return std::string(text) + ':' + std::to_string(ntohs(v6.sin6_port));
    }
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    return '[' + std::string(text) + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  if (address.ss_family == AF_UNIX) {
    const auto& local = reinterpret_cast<const sockaddr_un&>(address);
    const std::size_t offset = offsetof(sockaddr_un, sun_path);
    std::size_t length = size > offset ? size - offset : 0;
    std::string path(local.sun_path, length);
    if (!path.empty() && path[0] == '\0') {
      path[0] = '@';
    } else {
      path.resize(std::min(path.size(), path.find('\0')));
    }
    return "unix:" + path;
  }
  return "unknown";
}

namespace {

struct Lookup {
  std::mutex mutex;
  bool done = false;
  int error = 0;
  std::vector<SocketAddress> found;
  Fd finished{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
};

int look_up(const HostPort& host, int type, int flags, std::vector<SocketAddress>& found) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = type;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const std::string service = std::to_string(host.port);
  const int error = ::getaddrinfo(host.host.empty() ? nullptr : host.host.c_str(), service.c_str(),
                                  &hints, &list);
  for (const addrinfo* entry = list; error == 0 && entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    found.push_back(address);
  }
  if (list != nullptr) ::freeaddrinfo(list);
  return error;
}

core::Result<std::vector<SocketAddress>> lookup_failed(const HostPort& host, int error) {
  return core::unavailable("looking up `" + host.host + "`: " + ::gai_strerror(error));
}

}  // namespace

core::Result<std::vector<SocketAddress>> resolve(const HostPort& host, int type, bool passive,
                                                 Deadline deadline, const Interrupt* interrupt) {
  std::vector<SocketAddress> found;
  const int passive_flag = passive ? AI_PASSIVE : 0;
  int error = look_up(host, type, passive_flag | AI_NUMERICHOST, found);
  if (error == 0) return found;
  if (error != EAI_NONAME) return lookup_failed(host, error);

  auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host, type, passive_flag] {
    std::vector<SocketAddress> addresses;
    const int result = look_up(host, type, passive_flag, addresses);
    const std::lock_guard lock(lookup->mutex);
    lookup->done = true;
    lookup->error = result;
    lookup->found = std::move(addresses);
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(lookup->finished.get(), &one, sizeof one);
  }).detach();
  if (const core::Status waited = wait_for(lookup->finished.get(), POLLIN, deadline, interrupt);
      !waited) {
    return core::fail(waited.error().with_context("looking up `" + host.host + "`"));
  }
  const std::lock_guard lock(lookup->mutex);
  if (lookup->error != 0) return lookup_failed(host, lookup->error);
  return std::move(lookup->found);
}

core::Result<SocketAddress> unix_address(const std::string& path) {
  SocketAddress result;
  auto& local = reinterpret_cast<sockaddr_un&>(result.storage);
  if (path.empty()) return core::invalid_config("reading socket path: it is empty");
  if (path.size() >= sizeof local.sun_path || path.find('\0') != std::string::npos) {
    return core::invalid_config("reading socket path `" + path + "`: it must be shorter than " +
                                std::to_string(sizeof local.sun_path) + " bytes");
  }
  local.sun_family = AF_UNIX;
  std::memcpy(local.sun_path, path.data(), path.size());
  const bool abstract = path[0] == '@';
  if (abstract) local.sun_path[0] = '\0';
  result.size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return result;
}

core::Status wait_for(int fd, short events, Deadline deadline, const Interrupt* interrupt) {
  pollfd fds[2] = {{fd, events, 0}, {interrupt != nullptr ? interrupt->fd() : -1, POLLIN, 0}};
  for (;;) {
    timespec timeout{};
    timespec* limit = nullptr;
    if (deadline != kNoDeadline) {
      const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(
          deadline - std::chrono::steady_clock::now());
      const auto count = std::max<std::int64_t>(0, left.count());
      timeout.tv_sec = count / 1'000'000'000;
      timeout.tv_nsec = count % 1'000'000'000;
      limit = &timeout;
    }
    const int ready = ::ppoll(fds, 2, limit, nullptr);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return core::unavailable("waiting: " + system_message(errno));
    if (fds[1].revents != 0) return core::fail(ErrorCode::kCancelled, "interrupted");
    if (fds[0].revents != 0) return {};
    if (limit != nullptr && std::chrono::steady_clock::now() >= deadline) {
      return core::unavailable("timed out");
    }
  }
}

namespace {

core::Result<Fd> open_socket(int family, int type) {
  Fd fd(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return core::unavailable("opening a socket: " + system_message(errno));
  return fd;
}

std::string bind_advice(int error) {
  if (error == EADDRINUSE) return " (another process listens there; choose another port)";
  if (error == EACCES) return " (ports below 1024 need a privilege)";
  return {};
}

}  // namespace

core::Result<Fd> bind_inet(const HostPort& host, int type, const TcpOptions& tcp) {
  HostPort where = host;
  if (where.host.empty()) where.host = "::";
  auto found = resolve(where, type, true, deadline_in(std::chrono::seconds(10)), nullptr);
  if (!found) return core::fail(found.error());
  // A name may have both kinds of address; one socket can serve one of them: the older kind first.
  std::stable_sort(found->begin(), found->end(), [](const auto& a, const auto& b) {
    return a.storage.ss_family == AF_INET && b.storage.ss_family != AF_INET;
  });
  const SocketAddress& address = found->front();
  auto fd = open_socket(address.storage.ss_family, type);
  if (!fd && host.host.empty()) {  // no IPv6 on this machine
    where.host = "0.0.0.0";
    return bind_inet(where, type, tcp);
  }
  if (!fd) return fd;
  const int on = 1;
  const int off = 0;
  const int socket = fd->get();
  if (address.storage.ss_family == AF_INET6 && host.host.empty()) {
    ::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (tcp.reuse_addr && type == SOCK_STREAM) {
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  if (tcp.reuse_port) ::setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (::bind(socket, address.get(), address.size) != 0 ||
      (type == SOCK_STREAM && ::listen(socket, SOMAXCONN) != 0)) {
    const int error = errno;
    if (error == EADDRNOTAVAIL && host.host.empty() && where.host == "::") {
      return bind_inet({"0.0.0.0", host.port}, type, tcp);
    }
    return core::unavailable("listening on `" + host.host + ':' + std::to_string(host.port) +
                             "`: " + system_message(error) + bind_advice(error));
  }
  return fd;
}

core::Result<Fd> bind_unix(const std::string& path, int type, unsigned mode) {
  WEIR_TRY(const SocketAddress address, unix_address(path));
  struct stat info {};
  if (path[0] != '@' && ::lstat(path.c_str(), &info) == 0) {
    if (!S_ISSOCK(info.st_mode)) {
      return core::unavailable("listening on `" + path + "`: a file of that name is in the way");
    }
    WEIR_TRY(const Fd probe, open_socket(AF_UNIX, type));
    if (::connect(probe.get(), address.get(), address.size) == 0 || errno != ECONNREFUSED) {
      return core::unavailable("listening on `" + path + "`: another process listens there");
    }
    ::unlink(path.c_str());  // left behind by a process that has ended
  }
  WEIR_TRY(Fd fd, open_socket(AF_UNIX, type));
  // Before bind: Linux gives the file the socket's own mode, so it is never open to others, not
  // even for a moment.
  ::fchmod(fd.get(), mode);
  if (::bind(fd.get(), address.get(), address.size) != 0 ||
      (type == SOCK_STREAM && ::listen(fd.get(), SOMAXCONN) != 0)) {
    return core::unavailable("listening on `" + path + "`: " + system_message(errno));
  }
  return fd;
}

namespace {

template <class GetName>
SocketAddress name_of(int fd, GetName get_name) {
  SocketAddress result;
  result.size = sizeof result.storage;
  if (get_name(fd, result.get(), &result.size) != 0) result.size = 0;
  return result;
}

}  // namespace

std::string local_address(int fd) {
  const SocketAddress address = name_of(fd, ::getsockname);
  return to_string(address.storage, address.size);
}

std::string remote_address(int fd) {
  const SocketAddress address = name_of(fd, ::getpeername);
  return to_string(address.storage, address.size);
}

std::uint16_t local_port(int fd) {
  const SocketAddress address = name_of(fd, ::getsockname);
  if (address.storage.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(address.storage).sin_port);
  }
  if (address.storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_port);
  }
  return 0;
}

void apply_tcp_options(int fd, const TcpOptions& tcp) {
  const auto set = [fd](int level, int option, int value) {
    ::setsockopt(fd, level, option, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  if (tcp.keep_alive.idle.count() > 0) {
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(tcp.keep_alive.idle.count()));
    set(IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(tcp.keep_alive.interval.count()));
    set(IPPROTO_TCP, TCP_KEEPCNT, tcp.keep_alive.count);
  }
  if (tcp.user_timeout.count() > 0) {
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(tcp.user_timeout.count()));
  }
}

}  // namespace weir::net
