#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/spec.h"
#include "http/signing.h"

namespace weir::http_fields {

/// The blocks `oauth`, `oauth2`, `basic_auth`, `jwt` of everything that sends requests.
struct AuthFields {
  struct Basic {
    bool enabled = false;
    std::string username;
    std::string password;
    static const config::Spec<Basic>& spec();
  } basic_auth;
  struct OAuth {
    bool enabled = false;
    std::string consumer_key;
    std::string consumer_secret;
    std::string access_token;
    std::string access_token_secret;
    static const config::Spec<OAuth>& spec();
  } oauth;
  struct OAuth2 {
    bool enabled = false;
    std::string client_key;
    std::string client_secret;
    std::string token_url;
    std::vector<std::string> scopes;
    std::vector<std::pair<std::string, config::Any>> endpoint_params;
    static const config::Spec<OAuth2>& spec();
  } oauth2;
  struct Jwt {
    bool enabled = false;
    std::string private_key_file;
    std::string signing_method;
    config::Any claims;
    std::vector<std::pair<std::string, std::string>> headers;
    static const config::Spec<Jwt>& spec();
  } jwt;

  [[nodiscard]] http::AuthOptions options() const;
  /// To be grouped into a component's spec.
  static const config::Spec<AuthFields>& fields();
};

}  // namespace weir::http_fields
