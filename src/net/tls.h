#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace weir::net {

/// A certificate and its private key: each as PEM text or as a file; the file wins when both are
/// set.
struct TlsCertificate {
  std::string cert;
  std::string key;
  std::string cert_file;
  std::string key_file;
  std::string password;  ///< of an encrypted key (PKCS#1 or PKCS#8); empty: the key is plain
};

/// What a client needs to speak TLS; the fields of the shared `tls` block. Also used by
/// http::Client.
struct TlsOptions {
  bool enabled = false;
  bool skip_cert_verify = false;      ///< neither chain nor host name is checked
  bool enable_renegotiation = false;  ///< TLS 1.2 servers may renegotiate
  std::string root_cas;               ///< PEM text, replaces the system's store
  std::string root_cas_file;          ///< same, from a file
  std::vector<TlsCertificate> client_certs;
  std::string server_name;  ///< for SNI and verification; empty: the host that is dialled
};

/// What a server needs: its certificate, and optionally the authorities of its clients.
struct TlsServerOptions {
  TlsCertificate certificate;
  std::string client_cas;            ///< PEM text; not empty: clients may present a certificate
  std::string client_cas_file;       ///< same, from a file
  bool require_client_cert = false;  ///< with client authorities: a client without one is refused
  std::vector<std::string> alpn;     ///< protocols offered, best first; empty: no ALPN
};

/// A certificate and a key made on the spot, PEM text (EC P-256, valid from an hour ago for
/// `days`).
struct SelfSigned {
  std::string cert;
  std::string key;
};
/// For tests and for servers that say `self_signed`. `names` are DNS names or IP addresses.
[[nodiscard]] core::Result<SelfSigned> make_self_signed(const std::vector<std::string>& names,
                                                        int days = 365);

/// The loaded form of the options: certificates, authorities, versions (at least TLS 1.2).
/// Immutable and shared by any number of sessions and threads.
class TlsContext {
 public:
  /// Error kInvalidConfig: a file cannot be read, a PEM does not parse, key and certificate differ.
  [[nodiscard]] static core::Result<std::shared_ptr<const TlsContext>> client(
      const TlsOptions& options);
  [[nodiscard]] static core::Result<std::shared_ptr<const TlsContext>> server(
      const TlsServerOptions& options);

  /// Puts certificates, authorities and versions on a context that another library made (curl).
  [[nodiscard]] core::Status apply_to(ssl_ctx_st* other) const;

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

 private:
  friend class TlsSession;
  TlsContext() = default;

  ssl_ctx_st* context_ = nullptr;
  TlsOptions options_;  // of clients
  bool server_ = false;
};

/// TLS over a non-blocking socket, driven by its owner: each call does what can be done now.
/// Not thread-safe. Does not own the socket.
class TlsSession {
 public:
  enum class Want : unsigned char {
    kNothing,  ///< done; `bytes` is set
    kRead,     ///< call again when the socket is readable
    kWrite,    ///< call again when the socket is writable
    kEof,      ///< the peer ended its side properly (close_notify)
    kError,    ///< the session is over; error() says why
  };
  struct Outcome {
    Want want = Want::kNothing;
    std::size_t bytes = 0;
  };

  /// `host` is what is dialled (clients only): sent as SNI when it is a name, and verified.
  TlsSession(std::shared_ptr<const TlsContext> context, int fd, std::string_view host);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  [[nodiscard]] Outcome handshake();
  [[nodiscard]] Outcome read(char* data, std::size_t size);
  [[nodiscard]] Outcome write(const char* data, std::size_t size);
  /// Sends close_notify; best effort, never waits for the peer's.
  void shutdown();

  /// Bytes already decrypted: read() gives them without the socket becoming readable.
  [[nodiscard]] bool has_pending() const;
  /// The peer showed a certificate and it was verified.
  [[nodiscard]] bool peer_verified() const;
  /// Subject of the peer's certificate (RFC 2253 form), empty without one.
  [[nodiscard]] std::string peer_subject() const;
  [[nodiscard]] std::string_view alpn() const;
  /// Why the last call gave kError, e.g. "certificate has expired". kUnavailable.
  [[nodiscard]] const core::Error& error() const { return error_; }

 private:
  [[nodiscard]] Outcome outcome(int result, std::string_view doing);

  std::shared_ptr<const TlsContext> context_;
  ssl_st* ssl_ = nullptr;
  core::Error error_;
};

}  // namespace weir::net
