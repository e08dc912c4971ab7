#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "core/arena.h"
#include "core/json_index.h"
#include "http/detail/crypto.h"
#include "http/signing.h"

namespace weir::http {
namespace {

enum class Family : std::uint8_t { kHmac, kRsa, kPss, kEcdsa, kEdDsa };

struct Method {
  const char* name;
  Family family;
  const char* digest;
  int curve_bits;  // of kEcdsa
};

constexpr std::array<Method, 13> kMethods = {{
    {"HS256", Family::kHmac, "sha256", 0},
    {"HS384", Family::kHmac, "sha384", 0},
    {"HS512", Family::kHmac, "sha512", 0},
    {"RS256", Family::kRsa, "sha256", 0},
    {"RS384", Family::kRsa, "sha384", 0},
    {"RS512", Family::kRsa, "sha512", 0},
    {"PS256", Family::kPss, "sha256", 0},
    {"PS384", Family::kPss, "sha384", 0},
    {"PS512", Family::kPss, "sha512", 0},
    {"ES256", Family::kEcdsa, "sha256", 256},
    {"ES384", Family::kEcdsa, "sha384", 384},
    {"ES512", Family::kEcdsa, "sha512", 521},
    {"EdDSA", Family::kEdDsa, nullptr, 0},
}};

const Method* find_method(const std::string& name) {
  for (const Method& method : kMethods) {
    if (name == method.name) return &method;
  }
  return nullptr;
}

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct ContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

constexpr std::size_t kMaxKeyBytes = 64 << 10;

core::Result<std::string> read_key_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             std::fclose);
  std::string text(kMaxKeyBytes + 1, '\0');
  if (file != nullptr) text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (file == nullptr || std::ferror(file.get()) != 0) {
    return core::invalid_config("reading `" + path + "`: " + std::system_category().message(errno));
  }
  if (text.size() > kMaxKeyBytes) {
    return core::invalid_config("reading `" + path + "`: it is too long for a key");
  }
  return text;
}

bool fits(const EVP_PKEY* key, const Method& method) {
  const int kind = EVP_PKEY_get_base_id(key);
  switch (method.family) {
    case Family::kRsa: return kind == EVP_PKEY_RSA;
    case Family::kPss: return kind == EVP_PKEY_RSA || kind == EVP_PKEY_RSA_PSS;
    case Family::kEcdsa: return kind == EVP_PKEY_EC && EVP_PKEY_get_bits(key) == method.curve_bits;
    case Family::kEdDsa: return kind == EVP_PKEY_ED25519;
    case Family::kHmac: break;
  }
  return false;
}

/// From OpenSSL's DER to the two numbers side by side that JWS wants (RFC 7518, 3.4).
std::string raw_ecdsa(const std::string& der, int curve_bits) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parsed(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
  if (parsed == nullptr) return {};
  const int half = (curve_bits + 7) / 8;
  std::string raw(static_cast<std::size_t>(half) * 2, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  if (BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out, half) != half ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out + half, half) != half) {
    return {};
  }
  return raw;
}

core::Status check_object(const std::string& json) {
  core::Arena arena;
  auto value = core::parse_json(json, arena);
  if (!value) return core::invalid_config("reading `claims`: " + value.error().message);
  if (!value->is(core::Kind::kObject)) {
    return core::invalid_config("reading `claims`: an object is expected");
  }
  return {};
}

}  // namespace

struct JwtSigner::Impl {
  [[nodiscard]] std::string sign(const std::string& text) const;

  const Method* method = nullptr;
  std::string prefix;  // header and claims, encoded, with the dot between
  std::string secret;  // of HS*
  std::unique_ptr<EVP_PKEY, KeyFree> key;
};

JwtSigner::JwtSigner(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JwtSigner::~JwtSigner() = default;

core::Result<std::shared_ptr<const JwtSigner>> JwtSigner::make(const JwtOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->method = find_method(options.signing_method);
  if (impl->method == nullptr) {
    return core::invalid_config("reading `signing_method`: `" + options.signing_method +
                                "` is not one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, "
                                "ES384, ES512, EdDSA, HS256, HS384, HS512");
  }
  WEIR_CHECK_OK(check_object(options.claims_json));
  WEIR_TRY(std::string text, read_key_file(options.private_key_file));
  if (impl->method->family == Family::kHmac) {
    if (text.empty()) {
      return core::invalid_config("reading `" + options.private_key_file + "`: it is empty");
    }
    impl->secret = std::move(text);
  } else {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
    // The callback keeps OpenSSL from asking for a password on the terminal.
    impl->key.reset(PEM_read_bio_PrivateKey(
        bio.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
    ERR_clear_error();
    if (impl->key == nullptr) {
      return core::invalid_config("reading `" + options.private_key_file +
                                  "`: it is not a private key in PEM form");
    }
    if (!fits(impl->key.get(), *impl->method)) {
      return core::invalid_config("reading `" + options.private_key_file +
                                  "`: this kind of key does not fit " + options.signing_method);
    }
  }
  std::string header = "{\"alg\":" + detail::json_quoted(options.signing_method);
  header += ",\"typ\":\"JWT\"";
  for (const auto& [name, value] : options.headers) {
    if (name == "alg" || name == "typ") continue;
    header += ',' + detail::json_quoted(name) + ':' + detail::json_quoted(value);
  }
  impl->prefix = detail::base64_url(header + '}') + '.' + detail::base64_url(options.claims_json);
  return std::shared_ptr<const JwtSigner>(new JwtSigner(std::move(impl)));
}

std::string JwtSigner::Impl::sign(const std::string& text) const {
  if (method->family == Family::kHmac) return detail::hmac(method->digest, secret, text);
  const std::unique_ptr<EVP_MD_CTX, ContextFree> context(EVP_MD_CTX_new());
  const EVP_MD* const md =
      method->digest != nullptr ? EVP_get_digestbyname(method->digest) : nullptr;
  EVP_PKEY_CTX* key_context = nullptr;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), &key_context, md, nullptr, key.get()) != 1) {
    return {};
  }
  if (method->family == Family::kPss &&
      (EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) <= 0 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) <= 0)) {
    return {};
  }
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (EVP_DigestSign(context.get(), nullptr, &size, data, text.size()) != 1) return {};
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data,
                     text.size()) != 1) {
    return {};
  }
  signature.resize(size);
  return method->family == Family::kEcdsa ? raw_ecdsa(signature, method->curve_bits) : signature;
}

core::Result<std::string> JwtSigner::token() const {
  const std::string signature = impl_->sign(impl_->prefix);
  if (signature.empty()) {
    ERR_clear_error();
    return core::fail(core::ErrorCode::kInternal, "signing a token: OpenSSL failed");
  }
  return impl_->prefix + '.' + detail::base64_url(signature);
}

}  // namespace weir::http
