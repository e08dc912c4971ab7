#pragma once

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "http/raw_client.h"
#include "net/socket.h"

namespace weir::http::test {

/// A server that does with each connection what it is told: for answers that no real server gives.
class ScriptedServer {
 public:
  using Script = std::function<void(net::Stream&)>;

  /// One script per connection, in order; afterwards nobody accepts.
  explicit ScriptedServer(std::vector<Script> scripts) : listener_(listen()) {
    thread_ = std::thread([this, scripts = std::move(scripts)] {
      for (const Script& script : scripts) {
        auto stream = listener_.accept(soon(), &interrupt_);
        if (!stream) return;
        script(*stream);
      }
    });
  }
  ~ScriptedServer() {
    interrupt_.raise();
    thread_.join();
  }

  [[nodiscard]] std::string url(const std::string& path = "/") const {
    return "http://" + listener_.address() + path;
  }
  [[nodiscard]] const core::Interrupt& interrupt() const { return interrupt_; }

  /// Reads a request and says `answer`. The body is read, too: closing a connection with unread
  /// bytes resets it, and the client may lose the answer.
  static Script answer(std::string text) {
    return [text = std::move(text)](net::Stream& stream) {
      const std::string head = read_head(stream);
      const std::size_t at = head.find("Content-Length: ");
      std::size_t left =
          at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
      char bytes[4096];
      while (left > 0) {
        const auto got = stream.read(bytes, std::min(left, sizeof bytes), soon());
        if (!got || *got == 0) break;
        left -= *got;
      }
      (void)stream.write_all(text, soon());
    };
  }
  static std::string read_head(net::Stream& stream) {
    std::string head;
    char byte = 0;
    while (head.find("\r\n\r\n") == std::string::npos) {
      const auto got = stream.read(&byte, 1, soon());
      if (!got || *got == 0) break;
      head.push_back(byte);
    }
    return head;
  }
  static void reset(net::Stream& stream) {
    const linger hard{1, 0};
    ::setsockopt(stream.fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }

 private:
  static net::Listener listen() {
    net::ListenOptions options;
    options.address = "127.0.0.1:0";
    auto listener = net::Listener::listen(options);
    if (!listener) {
      ADD_FAILURE() << listener.error().message;
      std::abort();
    }
    return *std::move(listener);
  }

  net::Listener listener_;
  core::Interrupt interrupt_;
  std::thread thread_;
};

}  // namespace weir::http::test
