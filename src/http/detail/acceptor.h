#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "http/detail/loop.h"
#include "http/detail/transport.h"
#include "net/socket.h"

namespace weir::http::detail {

/// Takes connections in on the first loop and deals them out to all loops in turn.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(std::vector<std::shared_ptr<Loop>> loops, net::Fd socket);

  void start();
  /// On the first loop's thread.
  void close();

 private:
  void wait();
  void accept_some();
  void take(net::Fd socket, const sockaddr_storage& address, socklen_t size);
  void rest();

  const std::vector<std::shared_ptr<Loop>> loops_;
  Transport::Descriptor socket_;
  boost::asio::steady_timer timer_;
  net::Fd spare_;  // given up for a moment when descriptors run out, to turn a client away
  std::size_t next_ = 0;
  std::shared_ptr<Slots> refusals_ = std::make_shared<Slots>();
};

}  // namespace weir::http::detail
