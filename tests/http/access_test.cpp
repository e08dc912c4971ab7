#include "http/access.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::http {
namespace {

using testing::HasSubstr;

Request with(std::string_view name, std::string_view value) {
  Request request;
  request.remote = "10.0.0.1:1234";
  request.headers.add("Host", "localhost:4195");
  if (!name.empty()) request.headers.set(name, value);
  return request;
}

// Digests of `secret`, made with Python's hashlib and crypt.
constexpr const char* kSha256 = "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=";
constexpr const char* kMd5 = "Xr4ilOzQ4PCOq3aQ0qbuaQ==";

TEST(BasicAuth, knows_every_algorithm_of_the_config) {
  ServerBasicAuth options;
  options.username = "user";
  const auto check = [&](PasswordAlgorithm algorithm, const std::string& hash,
                         const std::string& salt = "") {
    options.algorithm = algorithm;
    options.password_hash = hash;
    options.salt = salt;
    auto auth = BasicAuth::make(options);
    ASSERT_TRUE(auth) << auth.error().message;
    for (int i = 0; i < 2; ++i) {  // the second time a slow one answers from memory
      EXPECT_TRUE((*auth)->matches("user", "secret"));
      EXPECT_FALSE((*auth)->matches("user", "secret2"));
      EXPECT_FALSE((*auth)->matches("user2", "secret"));
      EXPECT_FALSE((*auth)->matches("", ""));
    }
  };
  check(PasswordAlgorithm::kSha256, kSha256);
  check(PasswordAlgorithm::kMd5, kMd5);
  check(PasswordAlgorithm::kScrypt, "/iwU1Cll0pIBl1W396+t5YVBINB4BpUaI+5SyOgRauo=", "c2FsdA==");
  check(PasswordAlgorithm::kBcrypt,
        "JDJiJDA0JFJlR1JlR1JlR1JlR1JlR1JlR1JlR092RUNmeDAuMTV6dW1wc01rS0xFMkNMWkJBT2lLUEo2");
}

TEST(BasicAuth, refuses_hashes_that_do_not_fit) {
  ServerBasicAuth options;
  options.password_hash = "not base64!";
  EXPECT_FALSE(BasicAuth::make(options));
  options.password_hash = kMd5;
  EXPECT_FALSE(BasicAuth::make(options));
  options.algorithm = PasswordAlgorithm::kBcrypt;
  EXPECT_FALSE(BasicAuth::make(options));
  EXPECT_FALSE(parse_password_algorithm("rot13"));
}

TEST(BasicAuth, asks_for_credentials_and_takes_the_right_ones) {
  ServerBasicAuth options;
  options.username = "user";
  options.password_hash = kSha256;
  options.realm = "a \"realm\"";
  const auto auth = BasicAuth::make(options);
  ASSERT_TRUE(auth);
  const auto refused = (*auth)->check(with("", ""));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 401);
  EXPECT_EQ(refused->headers.get("WWW-Authenticate"), "Basic realm=\"a realm\", charset=\"UTF-8\"");
  EXPECT_FALSE((*auth)->check(with("Authorization", "Basic dXNlcjpzZWNyZXQ=")));
  EXPECT_FALSE((*auth)->check(with("Authorization", "bASIC dXNlcjpzZWNyZXQ=")));
  for (const char* wrong :
       {"Basic dXNlcjpzZWNyZXQ", "Basic ", "Bearer dXNlcjpzZWNyZXQ=", "Basic dXNlcg=="}) {
    EXPECT_TRUE((*auth)->check(with("Authorization", wrong))) << wrong;
  }
}

TEST(BasicAuth, slows_guessing_down_by_address) {
  ServerBasicAuth options;
  options.username = "user";
  options.password_hash = kSha256;
  const auto auth = BasicAuth::make(options);
  ASSERT_TRUE(auth);
  const Request wrong = with("Authorization", "Basic dXNlcjp3cm9uZw==");
  int limited = 0;
  for (int i = 0; i < 20; ++i) limited += (*auth)->check(wrong)->status == 429 ? 1 : 0;
  EXPECT_GE(limited, 1);
  Request other = with("Authorization", "Basic dXNlcjpzZWNyZXQ=");
  other.remote = "10.0.0.2:1";
  EXPECT_FALSE((*auth)->check(other));
}

TEST(HostAllowed, takes_addresses_localhost_and_listed_names) {
  for (const char* host :
       {"localhost", "LOCALHOST:80", "127.0.0.1:4195", "[::1]:4195", "10.1.2.3", "good.example"}) {
    EXPECT_TRUE(host_allowed(with("Host", host), {"Good.example"})) << host;
  }
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "good.example.evil", ""}) {
    EXPECT_FALSE(host_allowed(with("Host", host), {"good.example"})) << host;
  }
}

TEST(OriginAllowed, refuses_other_sites) {
  EXPECT_TRUE(origin_allowed(with("", ""), {}));
  EXPECT_TRUE(origin_allowed(with("Origin", "http://localhost:4195"), {}));
  EXPECT_FALSE(origin_allowed(with("Origin", "http://localhost:9999"), {}));
  EXPECT_FALSE(origin_allowed(with("Origin", "https://evil.example"), {}));
  EXPECT_FALSE(origin_allowed(with("Origin", "null"), {}));
  EXPECT_TRUE(origin_allowed(with("Origin", "https://a.example"), {"https://a.example"}));
  EXPECT_TRUE(origin_allowed(with("Origin", "https://a.example"), {"*"}));
  EXPECT_FALSE(origin_allowed(with("Sec-Fetch-Site", "cross-site"), {}));
  EXPECT_FALSE(origin_allowed(with("Sec-Fetch-Site", "same-site"), {}));
  EXPECT_TRUE(origin_allowed(with("Sec-Fetch-Site", "same-origin"), {}));
  EXPECT_TRUE(origin_allowed(with("Sec-Fetch-Site", "none"), {}));
}

TEST(EqualConstantTime, compares) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace weir::http
