#include "http_fields/auth_fields.h"

#include "config/render.h"

namespace weir::http_fields {

using Basic = AuthFields::Basic;
using OAuth = AuthFields::OAuth;
using OAuth2 = AuthFields::OAuth2;
using Jwt = AuthFields::Jwt;

const config::Spec<Basic>& Basic::spec() {
  static const config::Spec<Basic> made =
      config::Spec<Basic>()
          .field("enabled", &Basic::enabled, {.doc = "Whether requests carry name and password."})
          .field("username", &Basic::username, {.doc = "The name."})
          .field("password", &Basic::password, {.doc = "The password.", .secret = true});
  return made;
}

const config::Spec<OAuth>& OAuth::spec() {
  static const config::Spec<OAuth> made =
      config::Spec<OAuth>()
          .field("enabled", &OAuth::enabled,
                 {.doc = "Whether requests are signed by OAuth 1.0a (HMAC-SHA1)."})
          .field("consumer_key", &OAuth::consumer_key, {.doc = "Who we are."})
          .field("consumer_secret", &OAuth::consumer_secret, {.doc = "Our secret.", .secret = true})
          .field("access_token", &OAuth::access_token, {.doc = "The user's token."})
          .field("access_token_secret", &OAuth::access_token_secret,
                 {.doc = "The token's secret.", .secret = true});
  return made;
}

const config::Spec<OAuth2>& OAuth2::spec() {
  static const config::Spec<OAuth2> made =
      config::Spec<OAuth2>()
          .field("enabled", &OAuth2::enabled,
                 {.doc = "Whether requests carry a token got by client credentials."})
          .field("client_key", &OAuth2::client_key, {.doc = "The client's id."})
          .field("client_secret", &OAuth2::client_secret,
                 {.doc = "The client's secret.", .secret = true})
          .field("token_url", &OAuth2::token_url, {.doc = "Where tokens are got."})
          .field("scopes", &OAuth2::scopes, {.doc = "What to ask for."})
          .field("endpoint_params", &OAuth2::endpoint_params,
                 {.doc = "More parameters of the token request: a text or a list of texts each.",
                  .examples = {"{ audience: [ https://api.example ] }"}})
          .check([](const OAuth2& fields) -> core::Status {
            if (fields.enabled && fields.token_url.empty())
              return core::invalid_config("`oauth2.token_url` is missing");
            return {};
          });
  return made;
}

const config::Spec<Jwt>& Jwt::spec() {
  static const config::Spec<Jwt> made =
      config::Spec<Jwt>()
          .field("enabled", &Jwt::enabled, {.doc = "Whether requests carry a token we sign."})
          .field("private_key_file", &Jwt::private_key_file,
                 {.doc = "The key, PEM; for HS256 and its like the file's bytes are the secret."})
          .field("signing_method", &Jwt::signing_method,
                 {.doc = "`RS256`, `RS384`, `RS512`, `PS..`, `ES..`, `EdDSA`, `HS..`."})
          .field("claims", &Jwt::claims, {.doc = "A map: what the token says."})
          .field("headers", &Jwt::headers, {.doc = "More headers of the token, e.g. `kid`."})
          .check([](const Jwt& fields) -> core::Status {
            if (fields.enabled && fields.private_key_file.empty())
              return core::invalid_config("`jwt.private_key_file` is missing");
            return {};
          });
  return made;
}

const config::Spec<AuthFields>& AuthFields::fields() {
  static const config::Spec<AuthFields> made =
      config::Spec<AuthFields>()
          .field("oauth", &AuthFields::oauth, {.doc = "OAuth 1.0a.", .advanced = true})
          .field("oauth2", &AuthFields::oauth2,
                 {.doc = "OAuth 2.0 with client credentials.", .advanced = true})
          .field("basic_auth", &AuthFields::basic_auth,
                 {.doc = "Name and password.", .advanced = true})
          .field("jwt", &AuthFields::jwt, {.doc = "A signed token.", .advanced = true})
          .check([](const AuthFields& all) -> core::Status {
            const int enabled =
                static_cast<int>(all.oauth.enabled) + static_cast<int>(all.oauth2.enabled) +
                static_cast<int>(all.basic_auth.enabled) + static_cast<int>(all.jwt.enabled);
            if (enabled > 1) {
              return core::invalid_config(
                  "only one of `oauth`, `oauth2`, `basic_auth`, `jwt` may be enabled");
            }
            return {};
          });
  return made;
}

http::AuthOptions AuthFields::options() const {
  http::AuthOptions made;
  if (basic_auth.enabled) made.basic = std::pair(basic_auth.username, basic_auth.password);
  if (oauth.enabled) {
    made.oauth = http::OAuth1{oauth.consumer_key, oauth.consumer_secret, oauth.access_token,
                              oauth.access_token_secret};
  }
  if (oauth2.enabled) {
    http::OAuth2 options{
        oauth2.client_key, oauth2.client_secret, oauth2.token_url, oauth2.scopes, {}};
    for (const auto& [name, value] : oauth2.endpoint_params) {
      if (!value.node.is_sequence()) {
        options.endpoint_params.emplace_back(name, value.node.scalar);
        continue;
      }
      for (const config::Node& item : value.node.items)
        options.endpoint_params.emplace_back(name, item.scalar);
    }
    made.oauth2 = std::move(options);
  }
  if (jwt.enabled) {
    http::JwtOptions options;
    options.private_key_file = jwt.private_key_file;
    options.signing_method = jwt.signing_method;
    if (jwt.claims.node.is_mapping()) options.claims_json = config::to_json(jwt.claims.node);
    options.headers = jwt.headers;
    made.jwt = std::move(options);
  }
  return made;
}

}  // namespace weir::http_fields
