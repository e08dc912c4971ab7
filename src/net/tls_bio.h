#pragma once

#include <openssl/bio.h>

namespace weir::net {

/// A BIO over a socket that sends with MSG_NOSIGNAL: a peer that went away is an error, not a
/// SIGPIPE. Does not own the socket. Null when out of memory.
[[nodiscard]] BIO* make_socket_bio(int fd);

}  // namespace weir::net
