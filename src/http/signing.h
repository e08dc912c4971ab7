#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "http/client.h"

namespace weir::http {

/// `Basic dXNlcjpwYXNz`.
[[nodiscard]] std::string basic_authorization(std::string_view username, std::string_view password);

/// OAuth 1.0a with HMAC-SHA1 (RFC 5849): the `oauth` block.
struct OAuth1 {
  std::string consumer_key;
  std::string consumer_secret;
  std::string access_token;
  std::string access_token_secret;
};
/// The Authorization header for a request; query parameters are signed, and the body when it is a
/// form. Error kInvalidConfig: URL.
[[nodiscard]] core::Result<std::string> oauth1_authorization(const OAuth1& oauth,
                                                             const ClientRequest& request,
                                                             std::int64_t unix_seconds,
                                                             std::string_view nonce);

/// A signing key, read once: the `jwt` block.
struct JwtOptions {
  std::string private_key_file;    ///< PEM; for HS* the file's bytes are the secret
  std::string signing_method;      ///< RS256..512, PS256..512, ES256..512, EdDSA, HS256..512
  std::string claims_json = "{}";  ///< an object
  std::vector<std::pair<std::string, std::string>> headers;  ///< besides `alg` and `typ`
};
class JwtSigner {
 public:
  /// Error kInvalidConfig: method, unreadable key, key of another kind, claims that are no object.
  [[nodiscard]] static core::Result<std::shared_ptr<const JwtSigner>> make(
      const JwtOptions& options);
  ~JwtSigner();
  /// `header.claims.signature`. Thread-safe.
  [[nodiscard]] core::Result<std::string> token() const;

 private:
  struct Impl;
  explicit JwtSigner(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Client credentials (RFC 6749, 4.4): the `oauth2` block.
struct OAuth2 {
  std::string client_key;
  std::string client_secret;
  std::string token_url;
  std::vector<std::string> scopes;
  std::vector<std::pair<std::string, std::string>> endpoint_params;
};
/// Fetches a token when needed and keeps it until shortly before its end; callers that come
/// meanwhile share one fetch. Thread-safe. The client must outlive it.
class OAuth2Tokens : public std::enable_shared_from_this<OAuth2Tokens> {
 public:
  [[nodiscard]] static std::shared_ptr<OAuth2Tokens> make(Client& client, OAuth2 options);
  ~OAuth2Tokens();
  /// The Authorization header (`Bearer ...`), on this thread when cached, else on the client's.
  /// Errors: kUnavailable, kInvalidConfig (the server refuses the credentials; its words are
  /// quoted).
  void get(std::function<void(core::Result<std::string>)> callback);
  /// Forgets the token: a 401 came.
  void invalidate();

 private:
  struct Impl;
  explicit OAuth2Tokens(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Which of the credential blocks are enabled.
struct AuthOptions {
  std::optional<std::pair<std::string, std::string>> basic;
  std::optional<OAuth1> oauth;
  std::optional<OAuth2> oauth2;
  std::optional<JwtOptions> jwt;
};
/// Puts the Authorization header on requests. Thread-safe.
class RequestAuth {
 public:
  /// Error kInvalidConfig, as the parts. The client fetches OAuth 2 tokens and must outlive it.
  [[nodiscard]] static core::Result<std::shared_ptr<RequestAuth>> make(Client& client,
                                                                       AuthOptions options);
  ~RequestAuth();
  /// Signs `request` and hands it on; on this thread unless a token has to be fetched. Requests
  /// without any credential block pass as they are.
  void sign(ClientRequest request, std::function<void(core::Result<ClientRequest>)> ready);
  /// A 401 came: fetch anew next time.
  void rejected();

 private:
  struct Impl;
  explicit RequestAuth(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::http
