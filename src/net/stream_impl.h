#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/address.h"
#include "net/socket.h"
#include "net/tls.h"

namespace weir::net {

/// What a Stream holds; for the .cpp files of this folder only.
struct Stream::Impl {
  explicit Impl(Fd socket)
      : fd(std::move(socket)), remote(remote_address(fd.get())), local(local_address(fd.get())) {}
  ~Impl();

  /// Repeats `step` (giving a TlsSession::Outcome) until it is done, waiting as it wants.
  template <class Step>
  core::Result<std::size_t> drive(std::string_view doing, Deadline deadline,
                                  const Interrupt* interrupt, Step step);
  [[nodiscard]] core::Error failed(std::string_view doing, std::string_view why) const;

  Fd fd;
  std::unique_ptr<TlsSession> tls;
  bool shaken = false;  // the TLS handshake is done
  int send_error = 0;
  std::string remote;
  std::string local;
};

/// The earlier of the two; a limit of zero is none.
[[nodiscard]] Deadline sooner(Deadline deadline, std::chrono::milliseconds limit);
/// Tries each address in turn, sharing out the time.
[[nodiscard]] core::Result<Fd> connect_any(const std::vector<SocketAddress>& addresses, int type,
                                           Deadline deadline, const Interrupt* interrupt);
[[nodiscard]] core::Status connect_fd(int fd, const SocketAddress& address, Deadline deadline,
                                      const Interrupt* interrupt);

}  // namespace weir::net
