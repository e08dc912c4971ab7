#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include <openssl/evp.h>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

constexpr std::size_t kBlock = 16;
constexpr std::size_t kGcmNonce = 12;
constexpr std::size_t kGcmTag = 16;

enum class Mode : std::uint8_t { kCtr, kOfb, kCbc, kGcm };

struct Cipher {
  Mode mode = Mode::kCtr;
  const EVP_CIPHER* algorithm = nullptr;
  std::string key;
  std::string iv;
};

struct ContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, ContextFree>;

/// Fetched once per mode and key size, null when OpenSSL does not have it.
const EVP_CIPHER* algorithm(Mode mode, std::size_t key_size) {
  static const auto all = [] {
    constexpr std::array<const char*, 12> kNames = {
        "AES-128-CTR", "AES-192-CTR", "AES-256-CTR", "AES-128-OFB", "AES-192-OFB", "AES-256-OFB",
        "AES-128-CBC", "AES-192-CBC", "AES-256-CBC", "AES-128-GCM", "AES-192-GCM", "AES-256-GCM"};
    std::array<const EVP_CIPHER*, 12> fetched{};
    for (std::size_t i = 0; i < fetched.size(); ++i) {
      fetched[i] = EVP_CIPHER_fetch(nullptr, kNames[i], nullptr);
    }
    return fetched;
  }();
  return all[static_cast<std::size_t>(mode) * 3 + (key_size - 16) / 8];
}

core::Result<Prepared> choose_cipher(const PrepareCall& call, std::string_view doing) {
  auto cipher = std::make_shared<Cipher>();
  cipher->key = call.text(1);
  cipher->iv = call.text(2);
  const std::size_t key_size = cipher->key.size();
  if (key_size != 16 && key_size != 24 && key_size != 32) {
    return core::invalid_config("crypto/aes: invalid key size " + std::to_string(key_size) +
                                ", 16, 24 or 32 bytes are needed");
  }
  const std::string_view scheme = call.text(0);
  if (scheme == "ctr") {
    cipher->mode = Mode::kCtr;
  } else if (scheme == "ofb") {
    cipher->mode = Mode::kOfb;
  } else if (scheme == "cbc") {
    cipher->mode = Mode::kCbc;
  } else if (scheme == "gcm") {
    cipher->mode = Mode::kGcm;
  } else {
    std::string text = "unrecognized ";
    text.append(doing).append(" type: ").append(scheme);
    return core::invalid_config(std::move(text));
  }
  if (cipher->mode == Mode::kGcm && cipher->iv.size() != kGcmNonce) {
    return core::invalid_config("the nonce of gcm must have 12 bytes, not " +
                                std::to_string(cipher->iv.size()));
  }
  if (cipher->mode != Mode::kGcm && cipher->iv.size() != kBlock) {
    return core::invalid_config("the initialisation vector must have 16 bytes, not " +
                                std::to_string(cipher->iv.size()));
  }
  cipher->algorithm = algorithm(cipher->mode, key_size);
  if (cipher->algorithm == nullptr)
    return core::invalid_config("AES is not available on this system");
  return Prepared(std::move(cipher));
}

core::Result<Prepared> prepare_encryption(const PrepareCall& call) {
  return choose_cipher(call, "encryption");
}
core::Result<Prepared> prepare_decryption(const PrepareCall& call) {
  return choose_cipher(call, "decryption");
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// OpenSSL takes an int for a size; texts are capped far below.
int size_of(std::string_view text) {
  return static_cast<int>(text.size());
}

constexpr std::size_t kMaxInput = std::size_t{1} << 30;

Value encrypt_aes(Call& call) {
  const auto& cipher = call.prepared<Cipher>();
  const std::string_view plain = call.target_text();
  if (plain.size() > kMaxInput || !call.spend(1 + plain.size() / 16)) return call.too_big();
  if (cipher.mode == Mode::kCbc && plain.size() % kBlock != 0) {
    return call.fail("plaintext is not a multiple of the block size");
  }
  const bool gcm = cipher.mode == Mode::kGcm;
  char* const made = call.room(plain.size() + kGcmTag);
  if (made == nullptr) return call.too_big();
  auto* const out = reinterpret_cast<unsigned char*>(made);
  const CipherContext context(EVP_CIPHER_CTX_new());
  int size = 0;
  int rest = 0;
  const bool done =
      context != nullptr &&
      EVP_EncryptInit_ex2(context.get(), cipher.algorithm, bytes(cipher.key), bytes(cipher.iv),
                          nullptr) == 1 &&
      EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
      EVP_EncryptUpdate(context.get(), out, &size, bytes(plain), size_of(plain)) == 1 &&
      EVP_EncryptFinal_ex(context.get(), out + size, &rest) == 1 &&
      (!gcm ||
       EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTag, out + plain.size()) == 1);
  if (!done) return call.fail("encrypting failed");
  return Value::string({made, plain.size() + (gcm ? kGcmTag : 0)});
}

Value decrypt_aes(Call& call) {
  const auto& cipher = call.prepared<Cipher>();
  std::string_view secret = call.target_text();
  if (secret.size() > kMaxInput || !call.spend(1 + secret.size() / 16)) return call.too_big();
  if (cipher.mode == Mode::kCbc && secret.size() % kBlock != 0) {
    return call.fail("ciphertext is not a multiple of the block size");
  }
  std::string tag;
  if (cipher.mode == Mode::kGcm) {
    if (secret.size() < kGcmTag) return call.fail("ciphertext is shorter than its tag");
    tag = secret.substr(secret.size() - kGcmTag);
    secret.remove_suffix(kGcmTag);
  }
  char* const made = call.room(secret.size() + kBlock);
  if (made == nullptr) return call.too_big();
  auto* const out = reinterpret_cast<unsigned char*>(made);
  const CipherContext context(EVP_CIPHER_CTX_new());
  int size = 0;
  int rest = 0;
  const bool done =
      context != nullptr &&
      EVP_DecryptInit_ex2(context.get(), cipher.algorithm, bytes(cipher.key), bytes(cipher.iv),
                          nullptr) == 1 &&
      EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
      EVP_DecryptUpdate(context.get(), out, &size, bytes(secret), size_of(secret)) == 1 &&
      (tag.empty() ||
       EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kGcmTag, tag.data()) == 1) &&
      EVP_DecryptFinal_ex(context.get(), out + size, &rest) == 1;
  if (!done) return call.fail(tag.empty() ? "decrypting failed" : "message authentication failed");
  return Value::bytes({made, secret.size()});
}

void add_arguments(Callable& callable) {
  callable.in(Category::kEncoding)
      .on(kOnText, "string")
      .arg("scheme", ArgKind::kString, "The mode of operation: `ctr`, `gcm`, `ofb` or `cbc`.")
      .arg("key", ArgKind::kString, "The key: 16, 24 or 32 bytes.")
      .arg("iv", ArgKind::kString,
           "The initialisation vector: 16 bytes; for `gcm` the nonce, 12 bytes.")
      .costs(Cost::kHeavy);
}

}  // namespace

void add_encryption(Registry& registry) {
  Callable& encrypt = registry.method("encrypt_aes");
  add_arguments(encrypt);
  encrypt
      .says(
          "A string or byte array encrypted with AES, as a binary string: use `encode` to put it "
          "into a "
          "document. `cbc` wants whole blocks of 16 bytes, nothing is padded; `gcm` appends its "
          "tag.")
      .example(
          "let key = \"2b7e151628aed2a6abf7158809cf4f3c\".decode(\"hex\")\n"
          "let vector = \"f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff\".decode(\"hex\")\n"
          "root.encrypted = this.value.encrypt_aes(\"ctr\", $key, $vector).encode(\"hex\")",
          R"({"value":"hello world!"})", R"({"encrypted":"84e9b31ff7400bdf80be7254"})")
      .example("root = this.value.encrypt_aes(\"cbc\", \"0123456789abcdef\", \"0123456789abcdef\")",
               R"({"value":"hello world!"})",
               "error: field `this.value`: plaintext is not a multiple of the block size")
      .example("root = this.value.encrypt_aes(\"ctr\", this.key, \"0123456789abcdef\")",
               R"({"value":"x","key":"short"})", "error: crypto/aes: invalid key size 5")
      .prepared_by(prepare_encryption)
      .evaluates(encrypt_aes);

  Callable& decrypt = registry.method("decrypt_aes");
  add_arguments(decrypt);
  decrypt
      .says(
          "The bytes that `encrypt_aes` made the target of. `gcm` fails when the text was changed.")
      .example(
          "let key = \"2b7e151628aed2a6abf7158809cf4f3c\".decode(\"hex\")\n"
          "let vector = \"f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff\".decode(\"hex\")\n"
          "root.decrypted = this.value.decode(\"hex\").decrypt_aes(\"ctr\", $key, "
          "$vector).string()",
          R"({"value":"84e9b31ff7400bdf80be7254"})", R"({"decrypted":"hello world!"})")
      .example(
          "let key = \"0123456789abcdef\"\n"
          "root = this.value.encrypt_aes(\"gcm\", $key, \"0123456789ab\").decrypt_aes(\"gcm\", "
          "$key, "
          "\"ba9876543210\")",
          R"({"value":"hello"})", "error: method encrypt_aes: message authentication failed")
      .prepared_by(prepare_decryption)
      .evaluates(decrypt_aes);
}

}  // namespace weir::mapping
