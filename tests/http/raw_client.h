#pragma once

#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "net/socket.h"

namespace weir::http::test {

/// Long enough for a loaded machine: reaching it is a failure, never a part of a test.
inline net::Deadline soon() {
  return net::deadline_in(std::chrono::seconds(60));
}

/// A client that sends bytes as told and reads what comes: for input that no real client would
/// send.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, net::TlsOptions tls = {})
      : stream_(open(port, std::move(tls))) {}

  void send(std::string_view bytes) {
    const core::Status sent = stream_.write_all(bytes, soon());
    EXPECT_TRUE(sent) << sent.error().message;
  }
  /// False when the server has gone.
  [[nodiscard]] bool try_send(std::string_view bytes) {
    return stream_.write_all(bytes, soon()).has_value();
  }
  void half_close() { stream_.shutdown_write(); }

  /// One answer with its body, as Content-Length says; empty when the connection ended first.
  std::string read_response(bool has_body = true) {
    std::size_t head = std::string::npos;
    while ((head = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return std::exchange(buffer_, {});
    }
    std::size_t length = 0;
    const std::size_t at = buffer_.find("Content-Length: ");
    if (has_body && at < head) length = std::strtoul(buffer_.c_str() + at + 16, nullptr, 10);
    const std::size_t total = head + 4 + length;
    while (buffer_.size() < total) {
      if (!more()) return std::exchange(buffer_, {});
    }
    std::string response = buffer_.substr(0, total);
    buffer_.erase(0, total);
    return response;
  }
  /// Everything up to the end of the connection.
  std::string read_all() {
    while (more()) {
    }
    return std::exchange(buffer_, {});
  }
  /// Up to and with `text`; everything when the connection ends first.
  std::string read_until(std::string_view text) {
    std::size_t at = std::string::npos;
    while ((at = buffer_.find(text)) == std::string::npos) {
      if (!more()) return std::exchange(buffer_, {});
    }
    std::string found = buffer_.substr(0, at + text.size());
    buffer_.erase(0, found.size());
    return found;
  }
  /// True when the server ended the connection: properly or with a reset.
  [[nodiscard]] bool ended() { return !more(); }
  [[nodiscard]] net::Stream& stream() { return stream_; }

 private:
  static net::Stream open(std::uint16_t port, net::TlsOptions tls) {
    net::ConnectOptions options;
    options.address = "127.0.0.1:" + std::to_string(port);
    options.tls = std::move(tls);
    auto stream = net::connect(options, soon());
    if (!stream) {
      ADD_FAILURE() << stream.error().message;
      std::abort();
    }
    return *std::move(stream);
  }
  bool more() {
    char bytes[16384];
    const auto got = stream_.read(bytes, sizeof bytes, soon());
    if (!got || *got == 0) {
      EXPECT_TRUE(got || got.error().message.find("timed out") == std::string::npos)
          << got.error().message;
      return false;
    }
    buffer_.append(bytes, *got);
    return true;
  }

  net::Stream stream_;
  std::string buffer_;
};

inline int status_of(std::string_view response) {
  if (response.size() < 12 || !response.starts_with("HTTP/1.")) return 0;
  return std::atoi(std::string(response.substr(9, 3)).c_str());
}

inline std::string body_of(const std::string& response) {
  const std::size_t end = response.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : response.substr(end + 4);
}

}  // namespace weir::http::test
