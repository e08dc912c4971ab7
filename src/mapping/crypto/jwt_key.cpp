#include "mapping/crypto/jwt_key.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace weir::mapping {

namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* thing) const {
    kFree(thing);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using PublicOrPrivateKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

enum class Family : std::uint8_t { kHmac, kRsa, kEcdsa };

struct Traits {
  std::string_view name;
  Family family;
  const char* digest;
  std::string_view curve;
  std::size_t half_signature;  // bytes of r and of s
};

constexpr std::array<Traits, 9> kTraits = {{
    {"HS256", Family::kHmac, "SHA256", "", 0},
    {"HS384", Family::kHmac, "SHA384", "", 0},
    {"HS512", Family::kHmac, "SHA512", "", 0},
    {"RS256", Family::kRsa, "SHA256", "", 0},
    {"RS384", Family::kRsa, "SHA384", "", 0},
    {"RS512", Family::kRsa, "SHA512", "", 0},
    {"ES256", Family::kEcdsa, "SHA256", "prime256v1", 32},
    {"ES384", Family::kEcdsa, "SHA384", "secp384r1", 48},
    {"ES512", Family::kEcdsa, "SHA512", "secp521r1", 66},
}};

const Traits& traits(JwtAlgorithm algorithm) {
  return kTraits[static_cast<std::size_t>(algorithm)];
}

const EVP_MD* digest(JwtAlgorithm algorithm) {
  static const std::array<const EVP_MD*, 3> all = {EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                   EVP_MD_fetch(nullptr, "SHA384", nullptr),
                                                   EVP_MD_fetch(nullptr, "SHA512", nullptr)};
  return all[static_cast<std::size_t>(algorithm) % 3];
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

/// OpenSSL would ask for the password on the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

Bio memory_bio(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string hmac(JwtAlgorithm algorithm, std::string_view secret, std::string_view text) {
  std::string made(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (HMAC(digest(algorithm), secret.data(), static_cast<int>(secret.size()), bytes(text),
           text.size(), bytes(made), &size) == nullptr) {
    size = 0;
  }
  made.resize(size);
  return made;
}

/// ECDSA signatures are r and s side by side in a token, a DER structure for OpenSSL.
std::string to_der(std::string_view signature) {
  const std::size_t half = signature.size() / 2;
  const EcdsaSignature parts(ECDSA_SIG_new());
  if (parts == nullptr) return {};
  BIGNUM* const r = BN_bin2bn(bytes(signature), static_cast<int>(half), nullptr);
  BIGNUM* const s = BN_bin2bn(bytes(signature.substr(half)), static_cast<int>(half), nullptr);
  if (r == nullptr || s == nullptr || ECDSA_SIG_set0(parts.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  std::string der(static_cast<std::size_t>(std::max(i2d_ECDSA_SIG(parts.get(), nullptr), 0)), '\0');
  unsigned char* to = bytes(der);
  if (der.empty() || i2d_ECDSA_SIG(parts.get(), &to) <= 0) return {};
  return der;
}

std::string from_der(std::string_view der, std::size_t half) {
  const unsigned char* from = bytes(der);
  const EcdsaSignature parts(d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size())));
  std::string made(2 * half, '\0');
  if (parts == nullptr ||
      BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), bytes(made), static_cast<int>(half)) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), bytes(made) + half, static_cast<int>(half)) < 0) {
    return {};
  }
  return made;
}

}  // namespace

struct JwtKey::Material {
  JwtAlgorithm algorithm = JwtAlgorithm::kHs256;
  std::string secret;
  PublicOrPrivateKey key;
};

std::string_view name(JwtAlgorithm algorithm) {
  return traits(algorithm).name;
}

JwtKey::JwtKey(std::unique_ptr<const Material> material) : material_(std::move(material)) {}
JwtKey::JwtKey(JwtKey&&) noexcept = default;
JwtKey& JwtKey::operator=(JwtKey&&) noexcept = default;
JwtKey::~JwtKey() = default;

JwtAlgorithm JwtKey::algorithm() const {
  return material_->algorithm;
}

core::Result<JwtKey> JwtKey::check(std::unique_ptr<Material> material) {
  ERR_clear_error();
  const Traits& expected = traits(material->algorithm);
  const auto refuse = [&](std::string_view what) {
    std::string text = "failed to decode signing_secret: ";
    text.append(what).append(" for ").append(expected.name);
    return core::invalid_config(std::move(text));
  };
  if (expected.family == Family::kHmac) return JwtKey(std::move(material));
  if (material->key == nullptr) return refuse("it is no usable key in PEM");
  const char* const kind = expected.family == Family::kRsa ? "RSA" : "EC";
  if (EVP_PKEY_is_a(material->key.get(), kind) != 1)
    return refuse("it is a key of another kind than needed");
  if (expected.family == Family::kEcdsa) {
    std::array<char, 64> group{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(material->key.get(), group.data(), group.size(), &size) != 1 ||
        std::string_view(group.data(), size) != expected.curve) {
      return refuse("it is a key on another curve than needed");
    }
  }
  return JwtKey(std::move(material));
}

core::Result<JwtKey> JwtKey::for_signing(JwtAlgorithm algorithm, std::string_view secret) {
  auto material = std::make_unique<Material>();
  material->algorithm = algorithm;
  material->secret = secret;
  if (traits(algorithm).family != Family::kHmac) {
    const Bio bio = memory_bio(secret);
    material->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  }
  return check(std::move(material));
}

core::Result<JwtKey> JwtKey::for_verifying(JwtAlgorithm algorithm, std::string_view secret) {
  auto material = std::make_unique<Material>();
  material->algorithm = algorithm;
  material->secret = secret;
  if (traits(algorithm).family != Family::kHmac) {
    const Bio bio = memory_bio(secret);
    material->key.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr));
    if (material->key == nullptr) {
      const Bio again = memory_bio(secret);
      const Certificate certificate(PEM_read_bio_X509(again.get(), nullptr, no_password, nullptr));
      if (certificate != nullptr) material->key.reset(X509_get_pubkey(certificate.get()));
    }
  }
  return check(std::move(material));
}

core::Result<std::string> JwtKey::sign(std::string_view text) const {
  const Traits& how = traits(material_->algorithm);
  std::string made;
  if (how.family == Family::kHmac) {
    made = hmac(material_->algorithm, material_->secret, text);
  } else {
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t size = 0;
    if (context != nullptr &&
        EVP_DigestSignInit_ex(context.get(), nullptr, how.digest, nullptr, nullptr,
                              material_->key.get(), nullptr) == 1 &&
        EVP_DigestSign(context.get(), nullptr, &size, bytes(text), text.size()) == 1) {
      made.resize(size);
      if (EVP_DigestSign(context.get(), bytes(made), &size, bytes(text), text.size()) != 1)
        size = 0;
      made.resize(size);
    }
    ERR_clear_error();
    if (how.family == Family::kEcdsa) made = from_der(made, how.half_signature);
  }
  if (made.empty()) return core::invalid_data("failed to sign token");
  return made;
}

bool JwtKey::verify(std::string_view text, std::string_view signature) const {
  const Traits& how = traits(material_->algorithm);
  if (how.family == Family::kHmac) {
    const std::string expected = hmac(material_->algorithm, material_->secret, text);
    return !expected.empty() && expected.size() == signature.size() &&
           CRYPTO_memcmp(expected.data(), signature.data(), expected.size()) == 0;
  }
  std::string der;
  if (how.family == Family::kEcdsa) {
    if (signature.size() != 2 * how.half_signature) return false;
    der = to_der(signature);
    signature = der;
  }
  const DigestContext context(EVP_MD_CTX_new());
  const bool valid = context != nullptr &&
                     EVP_DigestVerifyInit_ex(context.get(), nullptr, how.digest, nullptr, nullptr,
                                             material_->key.get(), nullptr) == 1 &&
                     EVP_DigestVerify(context.get(), bytes(signature), signature.size(),
                                      bytes(text), text.size()) == 1;
  ERR_clear_error();
  return valid;
}

}  // namespace weir::mapping
