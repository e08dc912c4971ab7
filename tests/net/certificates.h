#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace weir::net::test {

/// A certificate authority that lives as long as the test, and what it signs.
class Authority {
 public:
  struct Wish {
    std::string names = "DNS:localhost,IP:127.0.0.1";  ///< subjectAltName; empty: none
    long valid_from = -3600;                           ///< seconds from now
    long valid_until = 86'400;
    std::string subject = "leaf";
    std::string password;  ///< encrypts the key
    bool rsa = false;
  };
  struct Issued {
    std::string cert;
    std::string key;
  };

  Authority()
      : key_(make_key(false)),
        cert_(make(key_.get(), {"", -3600, 86'400, "authority", {}}, true)) {}

  [[nodiscard]] std::string pem() const { return cert_pem(cert_.get()); }
  [[nodiscard]] Issued issue() const { return issue(Wish()); }
  [[nodiscard]] Issued issue(const Wish& wish) const {
    const Key key = make_key(wish.rsa);
    const Cert cert = make(key.get(), wish, false);
    return {cert_pem(cert.get()), key_pem(key.get(), wish.password)};
  }

 private:
  struct KeyFree {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  struct CertFree {
    void operator()(X509* cert) const { X509_free(cert); }
  };
  using Key = std::unique_ptr<EVP_PKEY, KeyFree>;
  using Cert = std::unique_ptr<X509, CertFree>;

  static void check(bool ok) {
    if (!ok) std::abort();
  }
  static Key make_key(bool rsa) {
    Key key(rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    check(key != nullptr);
    return key;
  }
  static void extend(X509* cert, int nid, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    check(extension != nullptr && X509_add_ext(cert, extension, -1) == 1);
    X509_EXTENSION_free(extension);
  }
  Cert make(EVP_PKEY* key, const Wish& wish, bool authority) const {
    Cert cert(X509_new());
    std::uint64_t serial = 0;
    check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
    X509_set_version(cert.get(), X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert.get()), serial >> 1);
    X509_gmtime_adj(X509_getm_notBefore(cert.get()), wish.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(cert.get()), wish.valid_until);
    X509_set_pubkey(cert.get(), key);
    X509_NAME* subject = X509_get_subject_name(cert.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(wish.subject.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(cert.get(), authority ? subject : X509_get_subject_name(cert_.get()));
    if (authority) extend(cert.get(), NID_basic_constraints, "critical,CA:TRUE");
    if (!wish.names.empty()) extend(cert.get(), NID_subject_alt_name, wish.names);
    check(X509_sign(cert.get(), key_.get(), EVP_sha256()) != 0);
    return cert;
  }
  static std::string cert_pem(X509* cert) {
    BIO* bio = BIO_new(BIO_s_mem());
    check(PEM_write_bio_X509(bio, cert) == 1);
    return take(bio);
  }
  static std::string key_pem(EVP_PKEY* key, const std::string& password) {
    BIO* bio = BIO_new(BIO_s_mem());
    const bool plain = password.empty();
    check(PEM_write_bio_PKCS8PrivateKey(bio, key, plain ? nullptr : EVP_aes_256_cbc(),
                                        plain ? nullptr : password.data(),
                                        static_cast<int>(password.size()), nullptr, nullptr) == 1);
    return take(bio);
  }
  static std::string take(BIO* bio) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    std::string result(text, static_cast<std::size_t>(size));
    BIO_free(bio);
    return result;
  }

  Key key_;
  Cert cert_;
};

}  // namespace weir::net::test
