#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>

#include "http/detail/transport.h"

namespace weir::http::detail {

/// A Transport with the asynchronous calls that Beast builds on (AsyncReadStream,
/// AsyncWriteStream).
class AsyncTransport {
 public:
  using executor_type = boost::asio::io_context::executor_type;
  using error_code = boost::system::error_code;

  /// `input` was read from the transport before and is given out first.
  AsyncTransport(Transport transport, std::string input)
      : transport_(std::move(transport)), input_(std::move(input)) {}

  [[nodiscard]] executor_type get_executor() { return transport_.descriptor().get_executor(); }
  [[nodiscard]] Transport& transport() { return transport_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    Operation operation(*this, false);
    operation.into = first_of<boost::asio::mutable_buffer>(buffers);
    return boost::asio::async_compose<Token, void(error_code, std::size_t)>(
        std::move(operation), token, transport_.descriptor());
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    Operation operation(*this, true);
    // Head and payload of a frame in one packet.
    for (auto at = boost::asio::buffer_sequence_begin(buffers);
         at != boost::asio::buffer_sequence_end(buffers) && operation.count < kParts; ++at) {
      const boost::asio::const_buffer part(*at);
      if (part.size() == 0) continue;
      operation.parts[static_cast<std::size_t>(operation.count++)] = {
          const_cast<void*>(part.data()), part.size()};
    }
    return boost::asio::async_compose<Token, void(error_code, std::size_t)>(
        std::move(operation), token, transport_.descriptor());
  }

 private:
  static constexpr int kParts = 8;

  struct Operation {
    Operation(AsyncTransport& transport, bool is_write) : owner(transport), writing(is_write) {}

    AsyncTransport& owner;
    boost::asio::mutable_buffer into;
    std::array<iovec, kParts> parts;
    bool writing;
    int count = 0;
    bool tried = false;
    bool finished = false;
    error_code result;
    std::size_t bytes = 0;

    Transport::Status attempt() {
      const Transport::Io io = writing ? owner.write(parts.data(), count) : owner.read(into);
      bytes = io.bytes;
      return io.status;
    }

    template <class Self>
    void operator()(Self& self, error_code error = {}) {
      if (finished) {
        self.complete(result, bytes);
        return;
      }
      if (error) {
        self.complete(error, 0);
        return;
      }
      switch (attempt()) {
        case Transport::Status::kWantRead:
          tried = true;
          owner.transport_.descriptor().async_wait(Transport::Descriptor::wait_read,
                                                   std::move(self));
          return;
        case Transport::Status::kWantWrite:
          tried = true;
          owner.transport_.descriptor().async_wait(Transport::Descriptor::wait_write,
                                                   std::move(self));
          return;
        case Transport::Status::kDone: break;
        case Transport::Status::kEnd: result = boost::asio::error::eof; break;
        case Transport::Status::kError: result = boost::asio::error::connection_reset; break;
      }
      finished = true;
      if (tried) {
        self.complete(result, bytes);
      } else {  // never call back from within the call that started it
        boost::asio::post(owner.get_executor(), std::move(self));
      }
    }
  };

  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    for (auto at = boost::asio::buffer_sequence_begin(buffers);
         at != boost::asio::buffer_sequence_end(buffers); ++at) {
      const Buffer part(*at);
      if (part.size() > 0) return part;
    }
    return {};
  }

  Transport::Io read(boost::asio::mutable_buffer into) {
    if (input_.empty() || into.size() == 0) {
      if (into.size() == 0) return {};
      return transport_.read(static_cast<char*>(into.data()), into.size());
    }
    const std::size_t take = std::min(input_.size(), into.size());
    std::copy_n(input_.data(), take, static_cast<char*>(into.data()));
    input_.erase(0, take);
    return {Transport::Status::kDone, take};
  }
  Transport::Io write(const iovec* parts, int count) {
    return count == 0 ? Transport::Io{} : transport_.write(parts, count);
  }

  Transport transport_;
  std::string input_;
};

// What Beast looks for beside the class, to end a connection.
inline void beast_close_socket(AsyncTransport& stream) {
  stream.transport().close();
}

inline void teardown(boost::beast::role_type, AsyncTransport& stream,
                     boost::system::error_code& error) {
  error = {};
  stream.transport().shutdown_write();
}

template <class Handler>
void async_teardown(boost::beast::role_type, AsyncTransport& stream, Handler&& handler) {
  stream.transport().shutdown_write();
  boost::asio::post(stream.get_executor(), [handler = std::forward<Handler>(handler)]() mutable {
    handler(boost::system::error_code());
  });
}

}  // namespace weir::http::detail
