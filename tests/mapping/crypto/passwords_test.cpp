#include "mapping/crypto/passwords.h"

#include <string>

#include <gtest/gtest.h>

namespace weir::mapping {
namespace {

const std::string kArgon = "$argon2id$v=19$m=4096,t=3,p=1$c2FsdHktbWNzYWx0ZmFjZQ$";
const std::string kDigest = "XTu19IC4rYL/ERsDZr2HOZe9bcMx88ARJ/VVfT2Lb3U";
const std::string kBcrypt = "$2y$10$ywv67wCBlpSVu.M7WrZwxuivaNrY.8fe4OF0YzQPtPomk7RS.W9aq";

TEST(Argon2, TellsTheRightPasswordFromOthers) {
  EXPECT_TRUE(*matches_argon2("some-fancy-secret", kArgon + kDigest));
  EXPECT_FALSE(*matches_argon2("some-fancy-secreT", kArgon + kDigest));
  EXPECT_FALSE(*matches_argon2("", kArgon + kDigest));
}

TEST(Argon2, MalformedHashesAreErrors) {
  for (const std::string& hash :
       {std::string(), std::string("plain"), "$lol" + kArgon + kDigest, kArgon,
        kArgon + kDigest + "$x", "$argon2d$v=19$m=4096,t=3,p=1$c2FsdHktbWNzYWx0ZmFjZQ$" + kDigest,
        "$argon2id$v=16$m=4096,t=3,p=1$c2FsdHktbWNzYWx0ZmFjZQ$" + kDigest,
        "$argon2id$v=19$m=4096,t=3,p=137174$c2FsdHktbWNzYWx0ZmFjZQ$" + kDigest,
        "$argon2id$v=19$m=4096,t=3,p=1lol$c2FsdHktbWNzYWx0ZmFjZQ$" + kDigest,
        "$argon2id$v=19$m=-1,t=3,p=1$c2FsdHktbWNzYWx0ZmFjZQ$" + kDigest,
        "$argon2id$v=19$m=4096,t=0,p=1$c2FsdHktbWNzYWx0ZmFjZQ$" + kDigest,
        "$argon2id$v=19$m=1,t=1,p=1$c2FsdHktbWNzYWx0ZmFjZQ$" + kDigest,
        "$argon2id$v=19$m=4096,t=3,p=1$!!!$" + kDigest}) {
    EXPECT_FALSE(matches_argon2("x", hash)) << hash;
  }
}

TEST(Argon2, CostsAreCapped) {
  for (const char* const costs :
       {"m=262145,t=1,p=1", "m=4294967295,t=1,p=1", "m=262144,t=65,p=1", "m=8,t=4294967295,p=1"}) {
    const auto result = matches_argon2(
        "x", "$argon2id$v=19$" + std::string(costs) + "$c2FsdHktbWNzYWx0ZmFjZQ$" + kDigest);
    ASSERT_FALSE(result) << costs;
    EXPECT_EQ(result.error().code, core::ErrorCode::kLimit) << costs;
  }
}

TEST(Bcrypt, TellsTheRightPasswordFromOthers) {
  EXPECT_TRUE(*matches_bcrypt("some-fancy-secret", kBcrypt));
  EXPECT_FALSE(*matches_bcrypt("some-fancy-secreT", kBcrypt));
  EXPECT_FALSE(*matches_bcrypt("", kBcrypt));
}

TEST(Bcrypt, OtherHashesAndZeroBytesAreErrors) {
  for (const std::string& hash :
       {std::string(), std::string("plain"), std::string("$6$salt$hash"), kBcrypt + "x",
        "$2x" + kBcrypt.substr(3), "$2y$xx" + kBcrypt.substr(6), "$2y$03" + kBcrypt.substr(6)}) {
    EXPECT_FALSE(matches_bcrypt("x", hash)) << hash;
  }
  EXPECT_FALSE(matches_bcrypt(std::string_view("some-fancy-secret\0x", 19), kBcrypt));
  const auto slow = matches_bcrypt("x", "$2y$17" + kBcrypt.substr(6));
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, core::ErrorCode::kLimit);
}

}  // namespace
}  // namespace weir::mapping
