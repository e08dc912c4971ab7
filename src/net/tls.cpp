#include "net/tls.h"

#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/tls_bio.h"

namespace weir::net {
namespace {

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct X509Free {
  void operator()(X509* cert) const { X509_free(cert); }
};
struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using BioPtr = std::unique_ptr<BIO, BioFree>;
using X509Ptr = std::unique_ptr<X509, X509Free>;
using KeyPtr = std::unique_ptr<EVP_PKEY, KeyFree>;

/// The oldest entry of OpenSSL's error queue, which says most; empties the queue.
std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown TLS error";
  if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "TLS error " + std::to_string(code);
}

core::Result<BioPtr> open_pem(const std::string& text, const std::string& file,
                              std::string_view what) {
  if (!file.empty()) {
    BioPtr bio(BIO_new_file(file.c_str(), "r"));
    if (!bio) {
      const int error = errno;
      ERR_clear_error();
      return core::invalid_config("reading " + std::string(what) + " `" + file +
                                  "`: " + std::strerror(error));
    }
    return bio;
  }
  BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) return core::fail(core::ErrorCode::kInternal, "out of memory");
  return bio;
}

std::string place(std::string_view what, const std::string& file) {
  return file.empty() ? std::string(what) : std::string(what) + " `" + file + "`";
}

int give_password(char* buffer, int size, int, void* user) {
  const auto& password = *static_cast<const std::string*>(user);
  if (password.empty() || password.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, password.data(), password.size());
  return static_cast<int>(password.size());
}

core::Status load_certificate(SSL_CTX* context, const TlsCertificate& options) {
  WEIR_TRY(BioPtr cert_bio, open_pem(options.cert, options.cert_file, "certificate"));
  X509Ptr leaf(PEM_read_bio_X509_AUX(cert_bio.get(), nullptr, nullptr, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return core::invalid_config("loading " + place("certificate", options.cert_file) + ": " +
                                openssl_reason());
  }
  SSL_CTX_clear_chain_certs(context);
  while (X509* next = PEM_read_bio_X509(cert_bio.get(), nullptr, nullptr, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      return core::invalid_config("loading " + place("certificate chain", options.cert_file) +
                                  ": " + openssl_reason());
    }
  }
  ERR_clear_error();  // the end of the file is an error in the queue

  WEIR_TRY(BioPtr key_bio, open_pem(options.key, options.key_file, "private key"));
  KeyPtr key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, give_password,
                                     const_cast<std::string*>(&options.password)));
  if (!key) {
    const std::string reason = openssl_reason();
    return core::invalid_config("loading " + place("private key", options.key_file) + ": " +
                                (options.password.empty() ? reason + " (is a password needed?)"
                                                          : reason + " (is the password right?)"));
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return core::invalid_config("loading " + place("private key", options.key_file) +
                                ": it does not belong to the certificate (" + openssl_reason() +
                                ")");
  }
  return {};
}

/// Adds the authorities to `store`; with `names`, their subjects too (asked of clients).
core::Status load_authorities(X509_STORE* store, const std::string& text, const std::string& file,
                              STACK_OF(X509_NAME) * names) {
  WEIR_TRY(BioPtr bio, open_pem(text, file, "certificate authorities"));
  int count = 0;
  while (X509Ptr cert{PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr)}) {
    if (X509_STORE_add_cert(store, cert.get()) != 1) {
      return core::invalid_config("loading " + place("certificate authorities", file) + ": " +
                                  openssl_reason());
    }
    if (names != nullptr) {
      X509_NAME* subject = X509_NAME_dup(X509_get_subject_name(cert.get()));
      if (subject != nullptr && sk_X509_NAME_push(names, subject) == 0) X509_NAME_free(subject);
    }
    ++count;
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = openssl_reason();
  if (!at_end || count == 0) {
    return core::invalid_config("loading " + place("certificate authorities", file) + ": " +
                                (count == 0 && at_end ? "no certificate in it" : reason));
  }
  return {};
}

void set_basics(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION);
}

bool is_ip_address(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

/// ALPN's wire form: each name after its length.
std::string alpn_wire(const std::vector<std::string>& names) {
  std::string wire;
  for (const std::string& name : names) {
    wire.push_back(static_cast<char>(name.size()));
    wire += name;
  }
  return wire;
}

void free_alpn(void*, void* pointer, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<std::string*>(pointer);
}

int alpn_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_alpn);
  return index;
}

int select_alpn(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                const unsigned char* in, unsigned in_size, void*) {
  const auto* ours =
      static_cast<const std::string*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), alpn_index()));
  unsigned char* chosen = nullptr;
  const int result =
      SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(ours->data()),
                            static_cast<unsigned>(ours->size()), in, in_size);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

core::Result<std::shared_ptr<const TlsContext>> TlsContext::client(const TlsOptions& options) {
  std::shared_ptr<TlsContext> result(new TlsContext);
  result->options_ = options;
  result->context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX* context = result->context_;
  if (context == nullptr) return core::fail(core::ErrorCode::kInternal, openssl_reason());
  set_basics(context);
  if (!options.enable_renegotiation) SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_verify(context, options.skip_cert_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                     nullptr);
  if (options.root_cas.empty() && options.root_cas_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  }
  for (const auto& [text, file] : {std::pair(options.root_cas, std::string()),
                                   std::pair(std::string(), options.root_cas_file)}) {
    if (text.empty() && file.empty()) continue;
    WEIR_CHECK_OK(load_authorities(SSL_CTX_get_cert_store(context), text, file, nullptr));
  }
  // The last one loaded of a key type counts, so that the first of the list wins.
  for (auto at = options.client_certs.rbegin(); at != options.client_certs.rend(); ++at) {
    WEIR_CHECK_OK(load_certificate(context, *at));
  }
  return result;
}

core::Result<std::shared_ptr<const TlsContext>> TlsContext::server(
    const TlsServerOptions& options) {
  std::shared_ptr<TlsContext> result(new TlsContext);
  result->server_ = true;
  result->context_ = SSL_CTX_new(TLS_server_method());
  SSL_CTX* context = result->context_;
  if (context == nullptr) return core::fail(core::ErrorCode::kInternal, openssl_reason());
  set_basics(context);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Without a context id, resumption fails when client certificates are asked for.
  static constexpr unsigned char kSessionId[] = "weir";
  SSL_CTX_set_session_id_context(context, kSessionId, sizeof kSessionId - 1);
  if (options.certificate.cert.empty() && options.certificate.cert_file.empty()) {
    return core::invalid_config("setting up TLS: a server needs a certificate and its key");
  }
  WEIR_CHECK_OK(load_certificate(context, options.certificate));
  if (!options.client_cas.empty() || !options.client_cas_file.empty()) {
    STACK_OF(X509_NAME)* names = sk_X509_NAME_new_null();
    const core::Status loaded = load_authorities(
        SSL_CTX_get_cert_store(context), options.client_cas, options.client_cas_file, names);
    SSL_CTX_set_client_CA_list(context, names);  // takes the list
    WEIR_CHECK_OK(loaded);
    SSL_CTX_set_verify(
        context,
        SSL_VERIFY_PEER | (options.require_client_cert ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
        nullptr);
  } else if (options.require_client_cert) {
    return core::invalid_config(
        "setting up TLS: requiring client certificates needs the authorities that sign them");
  }
  if (!options.alpn.empty()) {
    SSL_CTX_set_ex_data(context, alpn_index(), new std::string(alpn_wire(options.alpn)));
    SSL_CTX_set_alpn_select_cb(context, select_alpn, nullptr);
  }
  return result;
}

core::Status TlsContext::apply_to(ssl_ctx_st* other) const {
  SSL_CTX_set_min_proto_version(other, TLS1_2_VERSION);
  if (!options_.enable_renegotiation) SSL_CTX_set_options(other, SSL_OP_NO_RENEGOTIATION);
  if (!options_.root_cas.empty() || !options_.root_cas_file.empty()) {
    SSL_CTX_set1_cert_store(other, SSL_CTX_get_cert_store(context_));
  }
  for (auto at = options_.client_certs.rbegin(); at != options_.client_certs.rend(); ++at) {
    WEIR_CHECK_OK(load_certificate(other, *at));
  }
  return {};
}

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int fd, std::string_view host)
    : context_(std::move(context)), ssl_(SSL_new(context_->context_)) {
  BIO* bio = ssl_ != nullptr ? make_socket_bio(fd) : nullptr;
  if (bio == nullptr) {
    error_ = {core::ErrorCode::kInternal, "setting up TLS: " + openssl_reason()};
    return;
  }
  SSL_set_bio(ssl_, bio, bio);
  if (context_->server_) {
    SSL_set_accept_state(ssl_);
    return;
  }
  SSL_set_connect_state(ssl_);
  const TlsOptions& options = context_->options_;
  const std::string name(options.server_name.empty() ? host : options.server_name);
  if (name.empty()) return;
  if (is_ip_address(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl_, name.c_str());
    SSL_set1_host(ssl_, name.c_str());
  }
}

TlsSession::~TlsSession() {
  SSL_free(ssl_);
}

TlsSession::Outcome TlsSession::outcome(int result, std::string_view doing) {
  const int system_error = errno;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ: return {Want::kRead, 0};
    case SSL_ERROR_WANT_WRITE: return {Want::kWrite, 0};
    case SSL_ERROR_ZERO_RETURN: return {Want::kEof, 0};
    default: break;
  }
  std::string cause;
  const long verified = SSL_get_verify_result(ssl_);
  const int reason = ERR_GET_REASON(ERR_peek_error());
  // The verdict is the newest entry; below it may lie why a signature did not fit.
  const int last = ERR_GET_REASON(ERR_peek_last_error());
  if (last == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK) {
    cause = std::string("certificate not accepted: ") + X509_verify_cert_error_string(verified);
  } else if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    cause = "the peer closed the connection";
  } else if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
    cause = "the peer does not speak TLS";
  } else if (ERR_peek_error() == 0) {
    cause = system_error != 0 ? std::strerror(system_error) : "the peer closed the connection";
  } else {
    cause = openssl_reason();
  }
  ERR_clear_error();
  error_ = {core::ErrorCode::kUnavailable, std::string(doing) + ": " + cause};
  return {Want::kError, 0};
}

TlsSession::Outcome TlsSession::handshake() {
  if (ssl_ == nullptr || SSL_get_rbio(ssl_) == nullptr) return {Want::kError, 0};
  ERR_clear_error();
  errno = 0;
  const int result = SSL_do_handshake(ssl_);
  return result == 1 ? Outcome{} : outcome(result, "TLS handshake");
}

TlsSession::Outcome TlsSession::read(char* data, std::size_t size) {
  if (ssl_ == nullptr || SSL_get_rbio(ssl_) == nullptr) return {Want::kError, 0};
  ERR_clear_error();
  errno = 0;
  const int result = SSL_read(ssl_, data, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
  if (result > 0) return {Want::kNothing, static_cast<std::size_t>(result)};
  return outcome(result, "reading over TLS");
}

TlsSession::Outcome TlsSession::write(const char* data, std::size_t size) {
  if (size == 0) return {};
  if (ssl_ == nullptr || SSL_get_rbio(ssl_) == nullptr) return {Want::kError, 0};
  ERR_clear_error();
  errno = 0;
  const int result = SSL_write(ssl_, data, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
  if (result > 0) return {Want::kNothing, static_cast<std::size_t>(result)};
  return outcome(result, "writing over TLS");
}

void TlsSession::shutdown() {
  if (ssl_ == nullptr || SSL_get_rbio(ssl_) == nullptr || SSL_in_init(ssl_) != 0) return;
  if (error_.message.empty()) SSL_shutdown(ssl_);  // forbidden after a fatal error
  ERR_clear_error();
}

bool TlsSession::has_pending() const {
  return ssl_ != nullptr && SSL_has_pending(ssl_) != 0;
}

bool TlsSession::peer_verified() const {
  return ssl_ != nullptr && SSL_get0_peer_certificate(ssl_) != nullptr &&
         SSL_get_verify_mode(ssl_) != SSL_VERIFY_NONE && SSL_get_verify_result(ssl_) == X509_V_OK;
}

std::string TlsSession::peer_subject() const {
  X509* cert = ssl_ != nullptr ? SSL_get0_peer_certificate(ssl_) : nullptr;
  if (cert == nullptr) return {};
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio) return {};
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(cert), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string_view TlsSession::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  if (ssl_ != nullptr) SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace weir::net
