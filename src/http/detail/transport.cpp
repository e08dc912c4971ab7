#include "http/detail/transport.h"

#include <cerrno>
#include <system_error>

#include <sys/socket.h>

namespace weir::http::detail {

void Transport::start_tls(std::shared_ptr<const net::TlsContext> context, std::string_view host) {
  tls_ = std::make_unique<net::TlsSession>(std::move(context), descriptor_.native_handle(), host);
}

Transport::Io Transport::translate(net::TlsSession::Outcome outcome) {
  using Want = net::TlsSession::Want;
  switch (outcome.want) {
    case Want::kNothing: return {Status::kDone, outcome.bytes};
    case Want::kRead: return {Status::kWantRead, 0};
    case Want::kWrite: return {Status::kWantWrite, 0};
    case Want::kEof: return {Status::kEnd, 0};
    case Want::kError: break;
  }
  error_ = tls_->error().message;
  return {Status::kError, 0};
}

Transport::Io Transport::handshake() {
  return tls_ == nullptr ? Io{} : translate(tls_->handshake());
}

Transport::Io Transport::read(char* data, std::size_t size) {
  if (tls_ != nullptr) return translate(tls_->read(data, size));
  for (;;) {
    const ssize_t got = ::recv(descriptor_.native_handle(), data, size, 0);
    if (got > 0) return {Status::kDone, static_cast<std::size_t>(got)};
    if (got == 0) return {Status::kEnd, 0};
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return {Status::kWantRead, 0};
    error_ = std::system_category().message(errno);
    return {Status::kError, 0};
  }
}

Transport::Io Transport::write(const iovec* parts, int count) {
  if (tls_ != nullptr) {
    return translate(tls_->write(static_cast<const char*>(parts[0].iov_base), parts[0].iov_len));
  }
  for (;;) {
    ssize_t sent = 0;
    if (count == 1) {
      sent = ::send(descriptor_.native_handle(), parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = const_cast<iovec*>(parts);
      message.msg_iovlen = static_cast<std::size_t>(count);
      sent = ::sendmsg(descriptor_.native_handle(), &message, MSG_NOSIGNAL);
    }
    if (sent >= 0) return {Status::kDone, static_cast<std::size_t>(sent)};
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return {Status::kWantWrite, 0};
    error_ = std::system_category().message(errno);
    return {Status::kError, 0};
  }
}

bool Transport::drain() {
  char buffer[16 << 10];
  // Bounded, so that a peer that sends fast does not keep the thread.
  for (int i = 0; i < 16; ++i) {
    const ssize_t got = ::recv(descriptor_.native_handle(), buffer, sizeof buffer, 0);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
  }
  return true;
}

void Transport::shutdown_write() {
  if (tls_ != nullptr) tls_->shutdown();
  ::shutdown(descriptor_.native_handle(), SHUT_WR);
}

void Transport::close() {
  if (tls_ != nullptr) tls_->shutdown();
  boost::system::error_code ignored;
  descriptor_.close(ignored);
}

void Transport::abort() {
  const linger reset{1, 0};
  ::setsockopt(descriptor_.native_handle(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  boost::system::error_code ignored;
  descriptor_.close(ignored);
}

}  // namespace weir::http::detail
