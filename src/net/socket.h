#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include "core/interrupt.h"
#include "core/result.h"
#include "net/tls.h"

namespace weir::net {

using Deadline = std::chrono::steady_clock::time_point;
/// For calls that may wait for ever (until interrupted).
inline constexpr Deadline kNoDeadline = Deadline::max();
/// `after` from now.
[[nodiscard]] Deadline deadline_in(std::chrono::milliseconds after);

/// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset();

 private:
  int fd_ = -1;
};

/// Ends blocking calls of other threads, for good: once raised, every call that is given it returns
/// kCancelled at once.
using core::Interrupt;

enum class Network : std::uint8_t { kTcp, kUdp, kUnix, kUnixgram, kTls };

/// `tcp`, `udp`, `unix`, `unixgram`, `tls`. Error kInvalidConfig lists them.
[[nodiscard]] core::Result<Network> parse_network(std::string_view name);

/// A host and a port: `host:1234`, `1.2.3.4:0`, `[::1]:80`, `:4195` (empty host: every address).
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
/// Error kInvalidConfig: no port, port out of range, unbalanced brackets, control characters.
[[nodiscard]] core::Result<HostPort> parse_host_port(std::string_view address);
/// `1.2.3.4:80`, `[::1]:80`, `unix:/path`, `unix:` (unnamed).
[[nodiscard]] std::string to_string(const sockaddr_storage& address, socklen_t size);

/// The shared `tcp` block. Zero: the system's default.
struct TcpOptions {
  std::chrono::milliseconds connect_timeout{0};
  struct KeepAlive {
    std::chrono::seconds idle{15};
    std::chrono::seconds interval{15};
    int count = 9;
  } keep_alive;  ///< idle 0: keep-alive off
  std::chrono::milliseconds user_timeout{0};
  bool reuse_addr = true;   ///< listeners
  bool reuse_port = false;  ///< listeners
};

struct ConnectOptions {
  Network network = Network::kTcp;  ///< kTcp, kUnix, kTls
  std::string address;              ///< `host:port` or a path
  TlsOptions tls;                   ///< used for kTls, and for kTcp when tls.enabled
  TcpOptions tcp;
};

/// A connected byte stream: TCP, unix, or TLS over TCP. Calls block, up to a deadline or an
/// interrupt.
///
/// One thread may read while another writes on tcp and unix; with TLS all calls need one thread at
/// a time (the caller's lock). Errors: kUnavailable (reset, refused, timed out, TLS failure; the
/// text names the peer), kCancelled (interrupted).
class Stream {
 public:
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  /// Waits for at least one byte; 0 means the peer ended its side. Over TLS an end without
  /// close_notify is kUnavailable: what came may be cut short.
  [[nodiscard]] core::Result<std::size_t> read(char* data, std::size_t size,
                                               Deadline deadline = kNoDeadline,
                                               const Interrupt* interrupt = nullptr);
  /// What can be read now without waiting: nullopt when that is nothing, 0 at the peer's end. Goes
  /// on with a TLS handshake first.
  [[nodiscard]] core::Result<std::optional<std::size_t>> try_read(char* data, std::size_t size);
  /// All bytes handed to the kernel, or an error (then an unknown part was).
  [[nodiscard]] core::Status write_all(std::string_view data, Deadline deadline = kNoDeadline,
                                       const Interrupt* interrupt = nullptr);
  /// Finishes the TLS handshake now rather than in the first read or write. Nothing to do on
  /// others.
  [[nodiscard]] core::Status handshake(Deadline deadline, const Interrupt* interrupt = nullptr);
  /// No more writes: the peer reads an end. Reads go on (not over TLS).
  void shutdown_write();
  /// True when the peer has closed or reset, as far as is known without consuming data.
  [[nodiscard]] bool peer_closed() const;

  /// To be polled for reading; with has_pending() a read gives bytes at once whatever poll says.
  [[nodiscard]] int fd() const;
  [[nodiscard]] bool has_pending() const;
  [[nodiscard]] bool handshake_done() const;        ///< true without TLS
  [[nodiscard]] const std::string& remote() const;  ///< as to_string above
  [[nodiscard]] const std::string& local() const;
  [[nodiscard]] bool peer_verified() const;  ///< by a TLS certificate

 private:
  friend class Listener;
  friend core::Result<Stream> connect(const ConnectOptions& options, Deadline deadline,
                                      const Interrupt* interrupt);
  struct Impl;
  explicit Stream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Only the first half of connect(), for adapters that drive the socket themselves: a connected TCP
/// socket, non-blocking. Errors: kUnavailable, kCancelled.
[[nodiscard]] core::Result<Fd> connect_socket(const HostPort& target, const TcpOptions& tcp,
                                              Deadline deadline,
                                              const Interrupt* interrupt = nullptr);
/// And of Listener::listen: a bound, listening TCP socket, non-blocking.
[[nodiscard]] core::Result<Fd> listen_socket(const HostPort& where, const TcpOptions& tcp);
/// The addresses of a connected or bound socket, as to_string.
[[nodiscard]] std::string local_address(int fd);
[[nodiscard]] std::string remote_address(int fd);
[[nodiscard]] std::uint16_t local_port(int fd);  ///< 0 for unix

/// Resolves, connects (each address in turn), shakes hands. The name lookup obeys the deadline too.
/// Errors: kInvalidConfig (address, certificates), kUnavailable, kCancelled.
[[nodiscard]] core::Result<Stream> connect(const ConnectOptions& options, Deadline deadline,
                                           const Interrupt* interrupt = nullptr);

struct ListenOptions {
  Network network = Network::kTcp;  ///< kTcp, kUnix, kTls
  std::string address;              ///< `host:port` (port 0: any) or a path
  TlsServerOptions tls;             ///< for kTls
  TcpOptions tcp;
  unsigned unix_mode = 0600;  ///< permissions of the socket file
};

/// Accepts byte streams. A unix path that nobody listens on is replaced, and removed at the end;
/// any other file there is an error. accept() may be called by several threads.
class Listener {
 public:
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;
  ~Listener();

  /// Errors: kInvalidConfig (address, certificates), kUnavailable (in use, not permitted).
  [[nodiscard]] static core::Result<Listener> listen(const ListenOptions& options);
  /// The next connection; a TLS handshake is left to the stream, so that a slow client holds up no
  /// other. kUnavailable when out of descriptors: call again after a pause.
  [[nodiscard]] core::Result<Stream> accept(Deadline deadline = kNoDeadline,
                                            const Interrupt* interrupt = nullptr);
  [[nodiscard]] int fd() const;
  [[nodiscard]] const std::string& address() const;  ///< as bound, `127.0.0.1:34567` or the path
  [[nodiscard]] std::uint16_t port() const;          ///< 0 for unix

 private:
  struct Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Datagrams: udp or unixgram. One thread per direction.
class DatagramSocket {
 public:
  struct Datagram {
    std::size_t size = 0;
    bool truncated = false;  ///< it was longer than the buffer: the rest is lost
    std::string from;        ///< as to_string
  };

  DatagramSocket(DatagramSocket&&) noexcept;
  DatagramSocket& operator=(DatagramSocket&&) noexcept;
  ~DatagramSocket();

  /// Receives on `host:port` or a path (kUdp, kUnixgram). Errors as Listener::listen.
  [[nodiscard]] static core::Result<DatagramSocket> bind(const ListenOptions& options);
  /// Sends to one peer. Errors as connect().
  [[nodiscard]] static core::Result<DatagramSocket> connect(const ConnectOptions& options,
                                                            Deadline deadline,
                                                            const Interrupt* interrupt = nullptr);

  [[nodiscard]] core::Result<Datagram> receive(char* data, std::size_t size,
                                               Deadline deadline = kNoDeadline,
                                               const Interrupt* interrupt = nullptr);
  /// One datagram. kLimit: longer than the network allows; kUnavailable: refused, no listener.
  [[nodiscard]] core::Status send(std::string_view data, Deadline deadline = kNoDeadline,
                                  const Interrupt* interrupt = nullptr);
  [[nodiscard]] int fd() const;
  [[nodiscard]] const std::string& address() const;
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Impl;
  explicit DatagramSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::net
