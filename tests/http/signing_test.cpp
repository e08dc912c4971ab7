#include "http/signing.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "http/test_server.h"

namespace weir::http::test {
namespace {

using core::ErrorCode;
using testing::HasSubstr;
using testing::StartsWith;

TEST(BasicAuthorization, encodes_both) {
  EXPECT_EQ(basic_authorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST(OAuth1Authorization, signs_query_and_form) {
  // The worked example of Twitter's documentation, "Creating a signature".
  OAuth1 oauth{"xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
               "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
               "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"};
  ClientRequest request;
  request.method = "POST";
  request.url = "https://api.twitter.com/1.1/statuses/update.json?include_entities=true";
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.body = "status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21";
  const auto header = oauth1_authorization(oauth, request, 1318622958,
                                           "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg");
  ASSERT_TRUE(header);
  EXPECT_THAT(*header, StartsWith("OAuth oauth_consumer_key=\"xvz1evFS4wEEPTGEFPHBog\", "));
  EXPECT_THAT(*header, HasSubstr("oauth_signature=\"hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D\""));
  request.url = "nonsense";
  EXPECT_FALSE(oauth1_authorization(oauth, request, 0, "x"));
}

class KeyFile {
 public:
  explicit KeyFile(const std::string& text) {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-key-XXXXXX").string();
    const int fd = ::mkstemp(pattern.data());
    path_ = pattern;
    std::ofstream(path_) << text;
    ::close(fd);
  }
  ~KeyFile() { std::filesystem::remove(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyFree>;

std::string pem(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string result(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  return result;
}

std::string from_base64_url(std::string text) {
  for (char& c : text) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string bytes(text.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                  reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  bytes.resize(bytes.size() - padding);
  return bytes;
}

/// Verifies a token with OpenSSL's own verifier, not with the code that signs.
bool verifies(EVP_PKEY* key, const std::string& method, const std::string& token) {
  const std::size_t dot = token.rfind('.');
  const std::string signed_text = token.substr(0, dot);
  std::string signature = from_base64_url(token.substr(dot + 1));
  if (method.starts_with("ES")) {
    const std::size_t half = signature.size() / 2;
    ECDSA_SIG* parts = ECDSA_SIG_new();
    const auto* raw = reinterpret_cast<const unsigned char*>(signature.data());
    ECDSA_SIG_set0(parts, BN_bin2bn(raw, static_cast<int>(half), nullptr),
                   BN_bin2bn(raw + half, static_cast<int>(half), nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(parts, &der);
    signature.assign(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    ECDSA_SIG_free(parts);
  }
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key_context = nullptr;
  const std::string digest = "SHA" + method.substr(2);
  EVP_DigestVerifyInit(context, &key_context,
                       method == "EdDSA" ? nullptr : EVP_get_digestbyname(digest.c_str()), nullptr,
                       key);
  if (method.starts_with("PS")) EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
  const int ok = EVP_DigestVerify(
      context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
      reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size());
  EVP_MD_CTX_free(context);
  return ok == 1;
}

TEST(JwtSigner, signs_with_every_kind_of_key) {
  const Key rsa(EVP_RSA_gen(2048));
  const Key p256(EVP_EC_gen("P-256"));
  const Key p384(EVP_EC_gen("P-384"));
  const Key p521(EVP_EC_gen("P-521"));
  const Key ed(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const std::vector<std::pair<std::string, EVP_PKEY*>> kinds = {
      {"RS256", rsa.get()},  {"RS384", rsa.get()}, {"RS512", rsa.get()},  {"PS256", rsa.get()},
      {"PS384", rsa.get()},  {"PS512", rsa.get()}, {"ES256", p256.get()}, {"ES384", p384.get()},
      {"ES512", p521.get()}, {"EdDSA", ed.get()}};
  for (const auto& [method, key] : kinds) {
    const KeyFile file(pem(key));
    JwtOptions options;
    options.private_key_file = file.path();
    options.signing_method = method;
    options.claims_json = R"({"sub":"user","n":1.50})";
    options.headers = {{"kid", "a \"key\""}, {"alg", "none"}};
    const auto signer = JwtSigner::make(options);
    ASSERT_TRUE(signer) << method << ": " << signer.error().message;
    const auto token = (*signer)->token();
    ASSERT_TRUE(token);
    EXPECT_TRUE(verifies(key, method, *token)) << method;
    const std::size_t dot = token->find('.');
    EXPECT_EQ(from_base64_url(token->substr(0, dot)),
              "{\"alg\":\"" + method + "\",\"typ\":\"JWT\",\"kid\":\"a \\\"key\\\"\"}");
    EXPECT_EQ(from_base64_url(token->substr(dot + 1, token->rfind('.') - dot - 1)),
              options.claims_json);
  }
}

TEST(JwtSigner, signs_with_a_shared_secret) {
  const KeyFile file("your-256-bit-secret");
  JwtOptions options;
  options.private_key_file = file.path();
  options.signing_method = "HS256";
  options.claims_json = R"({"sub":"1234567890","name":"John Doe","iat":1516239022})";
  const auto signer = JwtSigner::make(options);
  ASSERT_TRUE(signer) << signer.error().message;
  // The token that jwt.io shows to newcomers.
  EXPECT_EQ(*(*signer)->token(),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
            "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
            "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c");
}

TEST(JwtSigner, refuses_what_does_not_fit) {
  const Key p256(EVP_EC_gen("P-256"));
  const KeyFile file(pem(p256.get()));
  const KeyFile empty("");
  const auto why = [&](const std::string& method, const std::string& path,
                       const std::string& claims = "{}") {
    JwtOptions options;
    options.private_key_file = path;
    options.signing_method = method;
    options.claims_json = claims;
    const auto signer = JwtSigner::make(options);
    EXPECT_FALSE(signer) << method;
    if (signer) return std::string();
    EXPECT_EQ(signer.error().code, ErrorCode::kInvalidConfig);
    return signer.error().message;
  };
  EXPECT_THAT(why("RS256", file.path()), HasSubstr("does not fit RS256"));
  EXPECT_THAT(why("ES384", file.path()), HasSubstr("does not fit ES384"));
  EXPECT_THAT(why("none", file.path()), HasSubstr("not one of"));
  EXPECT_THAT(why("ES256", "/nonexistent"), HasSubstr("No such file"));
  EXPECT_THAT(why("ES256", empty.path()), HasSubstr("not a private key"));
  EXPECT_THAT(why("HS256", empty.path()), HasSubstr("empty"));
  EXPECT_THAT(why("ES256", file.path(), "[1]"), HasSubstr("object"));
  EXPECT_THAT(why("ES256", file.path(), "{"), HasSubstr("claims"));
}

/// A token endpoint that counts.
struct TokenServer {
  TokenServer() {
    server.route("/token", [this](Request& request, Responder responder) {
      const int number = fetched.fetch_add(1) + 1;
      form = request.body.view();
      authorization = request.headers.get("Authorization").value_or("");
      const int with_status = status.load();
      responder.send(Response::json(
          with_status, with_status != 200
                           ? R"({"error":"invalid_client","error_description":"go away"})"
                           : R"({"access_token":"t)" + std::to_string(number) +
                                 R"(","token_type":"bearer","expires_in":)" + lifetime + "}"));
    });
    client = *Client::make({});
    options.client_key = "key:x";
    options.client_secret = "sec ret";
    options.token_url = "http://127.0.0.1:" + std::to_string(server.port()) + "/token";
    options.scopes = {"a", "b"};
    options.endpoint_params = {{"audience", "x&y"}};
  }
  core::Result<std::string> get(OAuth2Tokens& tokens) {
    Mailbox<core::Result<std::string>> result;
    tokens.get([&](core::Result<std::string> header) { result.put(std::move(header)); });
    return result.take();
  }

  std::atomic<int> fetched{0};
  std::atomic<int> status{200};
  std::string lifetime = "3600";
  std::string form;
  std::string authorization;
  TestServer server;
  std::unique_ptr<Client> client;
  OAuth2 options;
};

TEST(OAuth2Tokens, are_fetched_once_and_kept) {
  TokenServer test;
  const auto tokens = OAuth2Tokens::make(*test.client, test.options);
  Mailbox<std::string> headers;
  for (int i = 0; i < 50; ++i) {
    tokens->get([&](core::Result<std::string> header) {
      headers.put(header ? *header : header.error().message);
    });
  }
  for (int i = 0; i < 50; ++i) EXPECT_EQ(headers.take(), "Bearer t1");
  EXPECT_EQ(*test.get(*tokens), "Bearer t1");
  EXPECT_EQ(test.fetched, 1);
  EXPECT_EQ(test.form, "grant_type=client_credentials&scope=a%20b&audience=x%26y");
  EXPECT_EQ(test.authorization, basic_authorization("key%3Ax", "sec%20ret"));
  tokens->invalidate();
  EXPECT_EQ(*test.get(*tokens), "Bearer t2");
}

TEST(OAuth2Tokens, are_fetched_again_shortly_before_they_end) {
  TokenServer test;
  test.lifetime = "5";  // less than the margin
  const auto tokens = OAuth2Tokens::make(*test.client, test.options);
  EXPECT_EQ(*test.get(*tokens), "Bearer t1");
  EXPECT_EQ(*test.get(*tokens), "Bearer t2");
}

TEST(OAuth2Tokens, quote_the_server_that_refuses) {
  TokenServer test;
  const auto tokens = OAuth2Tokens::make(*test.client, test.options);
  test.status = 401;
  const auto refused = test.get(*tokens);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidConfig);
  EXPECT_THAT(refused.error().message, HasSubstr("status 401, invalid_client: go away"));
  test.status = 503;
  EXPECT_EQ(test.get(*tokens).error().code, ErrorCode::kUnavailable);
  test.status = 200;
  EXPECT_TRUE(test.get(*tokens));  // a failure is not kept
}

TEST(RequestAuth, puts_every_kind_of_credential_on_a_request) {
  TokenServer test;
  const KeyFile secret("secret");
  const auto header = [&](AuthOptions options) {
    auto auth = RequestAuth::make(*test.client, std::move(options));
    EXPECT_TRUE(auth);
    Mailbox<std::string> result;
    ClientRequest request;
    request.url = "http://h/";
    (*auth)->sign(std::move(request), [&](core::Result<ClientRequest> ready) {
      result.put(ready ? std::string(ready->headers.get("Authorization").value_or("none"))
                       : ready.error().message);
    });
    return result.take();
  };
  EXPECT_EQ(header({}), "none");
  AuthOptions basic;
  basic.basic = {"u", "p"};
  EXPECT_EQ(header(basic), "Basic dTpw");
  AuthOptions oauth;
  oauth.oauth = OAuth1{"a", "b", "c", "d"};
  EXPECT_THAT(header(oauth), StartsWith("OAuth oauth_consumer_key=\"a\""));
  AuthOptions oauth2;
  oauth2.oauth2 = test.options;
  EXPECT_EQ(header(oauth2), "Bearer t1");
  AuthOptions jwt;
  jwt.jwt = JwtOptions{secret.path(), "HS256", "{}", {}};
  EXPECT_THAT(header(jwt), StartsWith("Bearer eyJ"));
  jwt.jwt->signing_method = "x";
  EXPECT_FALSE(RequestAuth::make(*test.client, jwt));
}

}  // namespace
}  // namespace weir::http::test
