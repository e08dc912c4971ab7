#pragma once

#include <string>
#include <vector>

#include <sys/socket.h>

#include "core/result.h"
#include "net/socket.h"

namespace weir::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// The addresses of a host, best first; numeric ones without a lookup. `passive` (for listeners)
/// turns an empty host into every address, otherwise it is loopback. The lookup itself cannot be
/// stopped, so it runs on a thread that is left alone when the deadline passes. Errors:
/// kUnavailable (unknown host, timeout), kCancelled.
[[nodiscard]] core::Result<std::vector<SocketAddress>> resolve(const HostPort& host, int type,
                                                               bool passive, Deadline deadline,
                                                               const Interrupt* interrupt);

/// A path as an address; `@name` is the abstract namespace. Error kInvalidConfig: empty or too
/// long.
[[nodiscard]] core::Result<SocketAddress> unix_address(const std::string& path);

/// Waits until `fd` has one of `events` (POLLIN, POLLOUT), an error or a hang-up.
/// Errors: kUnavailable ("timed out"), kCancelled.
[[nodiscard]] core::Status wait_for(int fd, short events, Deadline deadline,
                                    const Interrupt* interrupt);

/// A bound and listening (or, for datagrams, bound) socket, non-blocking, close-on-exec.
/// Errors: kInvalidConfig, kUnavailable.
[[nodiscard]] core::Result<Fd> bind_inet(const HostPort& host, int type, const TcpOptions& tcp);
[[nodiscard]] core::Result<Fd> bind_unix(const std::string& path, int type, unsigned mode);

/// No-delay, keep-alive, user timeout. Best effort: not every system allows all.
void apply_tcp_options(int fd, const TcpOptions& tcp);

/// `errno` in words.
[[nodiscard]] std::string system_message(int error);

}  // namespace weir::net
