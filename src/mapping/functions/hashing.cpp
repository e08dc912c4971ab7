#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <xxhash.h>

#include "core/number_text.h"
#include "mapping/crypto/crc32.h"
#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

/// Fetched once: finding an algorithm takes longer than hashing a short text. Null: not there.
const EVP_MD* digest(const char* name) {
  return EVP_MD_fetch(nullptr, name, nullptr);
}

const EVP_MD* digest_called(std::string_view algorithm) {
  static const EVP_MD* const md5 = digest("MD5");
  static const EVP_MD* const sha1 = digest("SHA1");
  static const EVP_MD* const sha256 = digest("SHA256");
  static const EVP_MD* const sha512 = digest("SHA512");
  static const EVP_MD* const sha3_256 = digest("SHA3-256");
  static const EVP_MD* const sha3_512 = digest("SHA3-512");
  if (algorithm == "md5") return md5;
  if (algorithm == "sha1") return sha1;
  if (algorithm == "sha256") return sha256;
  if (algorithm == "sha512") return sha512;
  if (algorithm == "sha3_256") return sha3_256;
  if (algorithm == "sha3_512") return sha3_512;
  return nullptr;
}

struct Hasher {
  enum class Family : std::uint8_t { kDigest, kHmac, kCrc32, kXxhash64, kFnv32 };
  Family family = Family::kDigest;
  const EVP_MD* digest = nullptr;
  std::string key;
  std::string polynomial;
};

core::Result<Prepared> choose_hash(const PrepareCall& call) {
  auto hasher = std::make_shared<Hasher>();
  std::string_view algorithm = call.text(0);
  if (algorithm == "crc32") {
    hasher->family = Hasher::Family::kCrc32;
    hasher->polynomial = call.text(2);
    return Prepared(std::move(hasher));
  }
  if (algorithm == "xxhash64") {
    hasher->family = Hasher::Family::kXxhash64;
    return Prepared(std::move(hasher));
  }
  if (algorithm == "fnv32") {
    hasher->family = Hasher::Family::kFnv32;
    return Prepared(std::move(hasher));
  }
  if (algorithm.starts_with("hmac_sha") || algorithm.starts_with("hmac-sha")) {
    if (!call.has(1) || call.text(1).empty()) {
      return core::invalid_config("hash algorithm " + std::string(algorithm) +
                                  " requires a key argument");
    }
    hasher->family = Hasher::Family::kHmac;
    hasher->key = call.text(1);
    algorithm.remove_prefix(5);
    if (algorithm.starts_with("sha3")) algorithm = {};
  }
  hasher->digest = digest_called(algorithm);
  if (hasher->digest == nullptr) {
    return core::invalid_config("unrecognized hash type: " + std::string(call.text(0)));
  }
  return Prepared(std::move(hasher));
}

/// FNV-1 (multiply, then mix in), as Go's fnv.New32 has it.
std::uint32_t fnv32(std::string_view data) {
  std::uint32_t hash = 2166136261U;
  for (const char c : data) hash = (hash * 16777619U) ^ static_cast<unsigned char>(c);
  return hash;
}

Value decimal(Call& call, std::uint64_t number) {
  std::array<char, core::kMaxNumberText> text;
  const char* const end = core::write_uint64(text.data(), number);
  return made_text(call, {text.data(), static_cast<std::size_t>(end - text.data())}, Kind::kBytes);
}

Value hash_crc32(Call& call, std::string_view data, const std::string& polynomial) {
  Crc32Polynomial chosen = Crc32Polynomial::kIeee;
  if (polynomial == "Castagnoli") {
    chosen = Crc32Polynomial::kCastagnoli;
  } else if (polynomial == "Koopman") {
    chosen = Crc32Polynomial::kKoopman;
  } else if (polynomial != "IEEE") {
    return call.fail("unsupported crc32 hash key \"" + polynomial + "\"");
  }
  const std::uint32_t crc = crc32(data, chosen);
  const std::array<char, 4> big_endian = {static_cast<char>(crc >> 24),
                                          static_cast<char>(crc >> 16), static_cast<char>(crc >> 8),
                                          static_cast<char>(crc)};
  return made_text(call, {big_endian.data(), big_endian.size()}, Kind::kBytes);
}

Value hash(Call& call) {
  const auto& hasher = call.prepared<Hasher>();
  const std::string_view data = call.target_text();
  if (!call.spend(1 + data.size() / 16)) return call.too_long();
  switch (hasher.family) {
    case Hasher::Family::kCrc32: return hash_crc32(call, data, hasher.polynomial);
    case Hasher::Family::kXxhash64: return decimal(call, XXH64(data.data(), data.size(), 0));
    case Hasher::Family::kFnv32: return decimal(call, fnv32(data));
    case Hasher::Family::kDigest:
    case Hasher::Family::kHmac: break;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> made;
  unsigned int size = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(data.data());
  const bool done =
      hasher.family == Hasher::Family::kHmac
          ? HMAC(hasher.digest, hasher.key.data(), static_cast<int>(hasher.key.size()), bytes,
                 data.size(), made.data(), &size) != nullptr
          : EVP_Digest(bytes, data.size(), made.data(), &size, hasher.digest, nullptr) == 1;
  if (!done) return call.fail("hashing failed");
  return made_text(call, {reinterpret_cast<const char*>(made.data()), size}, Kind::kBytes);
}

}  // namespace

void add_hashing(Registry& registry) {
  registry.method("hash")
      .in(Category::kEncoding)
      .says(
          "The hash of a string or byte array, as bytes: `md5`, `sha1`, `sha256`, `sha512`, "
          "`sha3_256`, "
          "`sha3_512`, `crc32`; with a key `hmac_sha1`, `hmac_sha256`, `hmac_sha512`; as decimal "
          "digits "
          "`xxhash64`, `fnv32`. To put one into a document use `encode(\"hex\")` or, for digits, "
          "`string()`.")
      .on(kOnText, "string")
      .arg("algorithm", ArgKind::kString, "The name of the hash.")
      .optional("key", ArgKind::kString, "The key of a `hmac_` hash.")
      .defaulted("polynomial", ArgKind::kString, "Of `crc32`: `IEEE`, `Castagnoli` or `Koopman`.",
                 "IEEE")
      .costs(Cost::kHeavy)
      .example(
          "root.h1 = this.value.hash(\"sha1\").encode(\"hex\")\n"
          "root.h2 = this.value.hash(\"hmac_sha1\",\"static-key\").encode(\"hex\")",
          R"({"value":"hello world"})",
          R"({"h1":"2aae6c35c94fcfb415dbe95f408b9ce91ee846ed",)"
          R"("h2":"d87e5f068fa08fe90bb95bc7c8344cb809179d76"})")
      .example(
          "root.h1 = this.value.hash(algorithm: \"crc32\", polynomial: "
          "\"Castagnoli\").encode(\"hex\")\n"
          "root.h2 = this.value.hash(algorithm: \"crc32\", polynomial: "
          "\"Koopman\").encode(\"hex\")",
          R"({"value":"hello world"})", R"({"h1":"c99465aa","h2":"df373d3c"})")
      .example("root = this.value.hash(\"xxhash64\").string()", R"({"value":"hello world"})",
               "raw: 5020219685658847592")
      .example("root = this.value.hash(this.how)", R"({"value":"x","how":"hmac_md5"})",
               "error: unrecognized hash type: hmac_md5")
      .prepared_by(choose_hash)
      .evaluates(hash);
}

}  // namespace weir::mapping
