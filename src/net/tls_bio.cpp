#include "net/tls_bio.h"

#include <cerrno>
#include <cstdint>

#include <sys/socket.h>

namespace weir::net {
namespace {

// The descriptor and the "peer ended" flag share the BIO's data pointer: no allocation to free.
constexpr std::uintptr_t kEofBit = std::uintptr_t{1} << 32;

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::uintptr_t>(BIO_get_data(bio)) & 0x7fffffff);
}

bool at_eof(BIO* bio) {
  return (reinterpret_cast<std::uintptr_t>(BIO_get_data(bio)) & kEofBit) != 0;
}

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(socket_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && would_block(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(socket_of(bio), data, static_cast<std::size_t>(size), 0);
  if (got < 0 && would_block(errno)) BIO_set_retry_read(bio);
  if (got == 0) {
    const auto value = reinterpret_cast<std::uintptr_t>(BIO_get_data(bio)) | kEofBit;
    BIO_set_data(bio, reinterpret_cast<void*>(value));
  }
  return static_cast<int>(got);
}

long bio_control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP: return 1;
    case BIO_CTRL_EOF: return at_eof(bio) ? 1 : 0;
    default: return 0;
  }
}

int bio_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

BIO_METHOD* make_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weir socket");
  if (method == nullptr) return nullptr;
  BIO_meth_set_write(method, bio_write);
  BIO_meth_set_read(method, bio_read);
  BIO_meth_set_ctrl(method, bio_control);
  BIO_meth_set_create(method, bio_create);
  return method;
}

}  // namespace

BIO* make_socket_bio(int fd) {
  static BIO_METHOD* const method = make_method();  // lives as long as the process
  if (method == nullptr) return nullptr;
  BIO* bio = BIO_new(method);
  if (bio != nullptr) {
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::uintptr_t>(fd)));
  }
  return bio;
}

}  // namespace weir::net
