#include <memory>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "net/tls.h"

namespace weir::net {
namespace {

std::string pem_text(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<std::size_t>(size)};
}

bool add_extension(X509* cert, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, cert, cert, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(cert, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool is_ip_address(const std::string& name) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, name.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

}  // namespace

core::Result<SelfSigned> make_self_signed(const std::vector<std::string>& names, int days) {
  std::string alternatives;
  for (const std::string& name : names) {
    // A comma would start another entry of the extension's text form.
    if (name.empty() || name.find_first_of(", \n\r") != std::string::npos) {
      return core::invalid_config("making a certificate: `" + name + "` is not a host name");
    }
    alternatives += alternatives.empty() ? "" : ",";
    alternatives += (is_ip_address(name) ? "IP:" : "DNS:") + name;
  }
  if (names.empty()) return core::invalid_config("making a certificate: no host name given");

  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> cert(X509_new(), X509_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> cert_bio(BIO_new(BIO_s_mem()), BIO_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> key_bio(BIO_new(BIO_s_mem()), BIO_free);
  std::uint64_t serial = 0;
  bool ok = key && cert && cert_bio && key_bio &&
            RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1;
  if (ok) {
    X509_NAME* subject = X509_get_subject_name(cert.get());
    ok = X509_set_version(cert.get(), X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert.get()), serial >> 1) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(cert.get()), -3600) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(cert.get()), days, 0, nullptr) != nullptr &&
         X509_set_pubkey(cert.get(), key.get()) == 1 &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>("weir"), -1, -1,
                                    0) == 1 &&
         X509_set_issuer_name(cert.get(), subject) == 1 &&
         add_extension(cert.get(), NID_basic_constraints, "critical,CA:TRUE") &&
         add_extension(cert.get(), NID_subject_alt_name, alternatives) &&
         X509_sign(cert.get(), key.get(), EVP_sha256()) != 0 &&
         PEM_write_bio_X509(cert_bio.get(), cert.get()) == 1 &&
         PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                       nullptr) == 1;
  }
  if (!ok) return core::fail(core::ErrorCode::kInternal, "making a certificate: OpenSSL failed");
  return SelfSigned{pem_text(cert_bio.get()), pem_text(key_bio.get())};
}

}  // namespace weir::net
