#include "mapping/crypto/jwt_key.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace weir::mapping {
namespace {

struct Pair {
  std::string private_pem;
  std::string public_pem;
};

std::string take(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

Pair write(EVP_PKEY* key, const EVP_CIPHER* cipher = nullptr) {
  Pair pair;
  BIO* const secret = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(secret, key, cipher, reinterpret_cast<const unsigned char*>("pw"), 2,
                           nullptr, nullptr);
  pair.private_pem = take(secret);
  BIO* const open = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(open, key);
  pair.public_pem = take(open);
  EVP_PKEY_free(key);
  return pair;
}

Pair keys_for(JwtAlgorithm algorithm) {
  switch (algorithm) {
    case JwtAlgorithm::kEs256: return write(EVP_EC_gen("P-256"));
    case JwtAlgorithm::kEs384: return write(EVP_EC_gen("P-384"));
    case JwtAlgorithm::kEs512: return write(EVP_EC_gen("P-521"));
    case JwtAlgorithm::kRs256:
    case JwtAlgorithm::kRs384:
    case JwtAlgorithm::kRs512: return write(EVP_RSA_gen(2048));
    default: return {"secret", "secret"};
  }
}

constexpr JwtAlgorithm kAll[] = {JwtAlgorithm::kHs256, JwtAlgorithm::kHs384, JwtAlgorithm::kHs512,
                                 JwtAlgorithm::kRs256, JwtAlgorithm::kRs384, JwtAlgorithm::kRs512,
                                 JwtAlgorithm::kEs256, JwtAlgorithm::kEs384, JwtAlgorithm::kEs512};

TEST(JwtKey, WhatOneSideSignsTheOtherVerifies) {
  for (const JwtAlgorithm algorithm : kAll) {
    const Pair pair = keys_for(algorithm);
    const auto signer = JwtKey::for_signing(algorithm, pair.private_pem);
    const auto verifier = JwtKey::for_verifying(algorithm, pair.public_pem);
    ASSERT_TRUE(signer && verifier) << name(algorithm);
    const auto signature = signer->sign("header.claims");
    ASSERT_TRUE(signature) << name(algorithm);
    EXPECT_TRUE(verifier->verify("header.claims", *signature)) << name(algorithm);
    EXPECT_FALSE(verifier->verify("header.claimS", *signature)) << name(algorithm);
    EXPECT_FALSE(verifier->verify("header.claims", "")) << name(algorithm);
    EXPECT_FALSE(verifier->verify("header.claims", signature->substr(1))) << name(algorithm);
    std::string bent = *signature;
    bent[bent.size() / 2] = static_cast<char>(bent[bent.size() / 2] ^ 1);
    EXPECT_FALSE(verifier->verify("header.claims", bent)) << name(algorithm);
    EXPECT_FALSE(verifier->verify("header.claims", std::string(signature->size(), '\0')))
        << name(algorithm);
  }
}

TEST(JwtKey, KeysOfAnotherKindAreRefused) {
  const Pair rsa = keys_for(JwtAlgorithm::kRs256);
  const Pair p256 = keys_for(JwtAlgorithm::kEs256);
  EXPECT_FALSE(JwtKey::for_signing(JwtAlgorithm::kEs256, rsa.private_pem));
  EXPECT_FALSE(JwtKey::for_signing(JwtAlgorithm::kRs256, p256.private_pem));
  EXPECT_FALSE(JwtKey::for_signing(JwtAlgorithm::kEs384, p256.private_pem));
  EXPECT_FALSE(JwtKey::for_verifying(JwtAlgorithm::kEs512, p256.public_pem));
  EXPECT_FALSE(JwtKey::for_signing(JwtAlgorithm::kRs256, rsa.public_pem));
  const auto none = JwtKey::for_verifying(JwtAlgorithm::kRs256, "nothing");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message,
            "failed to decode signing_secret: it is no usable key in PEM for RS256");
}

TEST(JwtKey, APublicKeyIsNoSecretOfHmac) {
  // The old trick: a token signed with HMAC and the public key as the secret.
  const Pair rsa = keys_for(JwtAlgorithm::kRs256);
  const auto forged = JwtKey::for_signing(JwtAlgorithm::kHs256, rsa.public_pem)->sign("a.b");
  EXPECT_FALSE(JwtKey::for_verifying(JwtAlgorithm::kRs256, rsa.public_pem)->verify("a.b", *forged));
}

TEST(JwtKey, AKeyWithAPasswordIsRefusedWithoutAsking) {
  const Pair locked = write(EVP_EC_gen("P-256"), EVP_aes_128_cbc());
  EXPECT_FALSE(JwtKey::for_signing(JwtAlgorithm::kEs256, locked.private_pem));
}

}  // namespace
}  // namespace weir::mapping
