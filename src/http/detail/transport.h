#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_descriptor.hpp>
#include <sys/uio.h>

#include "net/socket.h"
#include "net/tls.h"

namespace weir::http::detail {

/// A non-blocking socket registered with an io_context, with or without TLS over it. Asio only
/// tells when the socket is ready; reading and writing are plain calls that never wait. One thread.
class Transport {
 public:
  // The executor's own type: a type-erased one costs an allocation and a virtual call per wait.
  // (basic_stream_descriptor of Boost 1.74 cannot be moved with an executor of one's own.)
  class Descriptor
      : public boost::asio::posix::basic_descriptor<boost::asio::io_context::executor_type> {
   public:
    using basic_descriptor::basic_descriptor;
  };
  enum class Status : std::uint8_t { kDone, kWantRead, kWantWrite, kEnd, kError };
  struct Io {
    Status status = Status::kDone;
    std::size_t bytes = 0;
  };

  Transport(boost::asio::io_context& io, net::Fd socket) : descriptor_(io, socket.release()) {}
  Transport(Transport&&) = default;

  void start_tls(std::shared_ptr<const net::TlsContext> context, std::string_view host);
  [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }
  [[nodiscard]] const net::TlsSession* tls() const { return tls_.get(); }

  [[nodiscard]] Io handshake();
  [[nodiscard]] Io read(char* data, std::size_t size);
  /// As much as the socket takes now of the first parts; `bytes` may be less than they hold.
  [[nodiscard]] Io write(const iovec* parts, int count);
  /// Bytes can be read though the socket may not be readable.
  [[nodiscard]] bool has_pending() const { return tls_ != nullptr && tls_->has_pending(); }
  /// Reads and throws away what came, below TLS; false at the end or on an error.
  [[nodiscard]] bool drain();

  void shutdown_write();
  void close();
  /// With a reset instead of an orderly end, so that the peer knows that something is missing.
  void abort();
  [[nodiscard]] Descriptor& descriptor() { return descriptor_; }
  /// What the last kError was, for messages.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  [[nodiscard]] Io translate(net::TlsSession::Outcome outcome);

  Descriptor descriptor_;
  std::unique_ptr<net::TlsSession> tls_;
  std::string error_;
};

}  // namespace weir::http::detail
