#include "http/signing.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "http/detail/crypto.h"
#include "http/multipart.h"
#include "http/url.h"

namespace weir::http {
namespace {

/// RFC 5849, 3.4.1.2: scheme and host in lower case, the default port left out, no query.
std::string base_url(const Url& url) {
  return url.display();
}

/// RFC 5849, 3.4.1.3: every parameter encoded, sorted, joined.
std::string normalised(const std::vector<std::pair<std::string, std::string>>& params) {
  std::vector<std::pair<std::string, std::string>> encoded;
  for (const auto& [name, value] : params) {
    encoded.emplace_back(percent_encode(name), percent_encode(value));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string result;
  for (const auto& [name, value] : encoded) {
    if (!result.empty()) result += '&';
    result.append(name).append("=").append(value);
  }
  return result;
}

}  // namespace

std::string basic_authorization(std::string_view username, std::string_view password) {
  return "Basic " + detail::base64(std::string(username) + ':' + std::string(password));
}

core::Result<std::string> oauth1_authorization(const OAuth1& oauth, const ClientRequest& request,
                                               std::int64_t unix_seconds, std::string_view nonce) {
  WEIR_TRY(const Url url, parse_url(request.url));
  std::vector<std::pair<std::string, std::string>> own = {
      {"oauth_consumer_key", oauth.consumer_key}, {"oauth_nonce", std::string(nonce)},
      {"oauth_signature_method", "HMAC-SHA1"},    {"oauth_timestamp", std::to_string(unix_seconds)},
      {"oauth_token", oauth.access_token},        {"oauth_version", "1.0"},
  };
  auto params = own;
  for (auto& param : parse_query(url.query)) params.push_back(std::move(param));
  const std::string_view type = request.headers.get("Content-Type").value_or("");
  if (media_type(type) == "application/x-www-form-urlencoded") {
    for (auto& param : parse_query(request.body)) params.push_back(std::move(param));
  }
  const std::string base = request.method + '&' + percent_encode(base_url(url)) + '&' +
                           percent_encode(normalised(params));
  const std::string key =
      percent_encode(oauth.consumer_secret) + '&' + percent_encode(oauth.access_token_secret);
  own.emplace_back("oauth_signature", detail::base64(detail::hmac("sha1", key, base)));
  std::string header = "OAuth ";
  for (const auto& [name, value] : own) {
    if (header.size() > 6) header += ", ";
    header.append(name).append("=\"").append(percent_encode(value)).append("\"");
  }
  return header;
}

struct RequestAuth::Impl {
  AuthOptions options;
  std::shared_ptr<const JwtSigner> jwt;
  std::shared_ptr<OAuth2Tokens> tokens;
};

RequestAuth::RequestAuth(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RequestAuth::~RequestAuth() = default;

core::Result<std::shared_ptr<RequestAuth>> RequestAuth::make(Client& client, AuthOptions options) {
  auto impl = std::make_unique<Impl>();
  if (options.jwt) {
    WEIR_TRY(impl->jwt, JwtSigner::make(*options.jwt));
  }
  if (options.oauth2) {
    if (auto url = parse_url(options.oauth2->token_url); !url) {
      return core::fail(url.error().with_context("reading `token_url`"));
    }
    impl->tokens = OAuth2Tokens::make(client, *options.oauth2);
  }
  impl->options = std::move(options);
  return std::shared_ptr<RequestAuth>(new RequestAuth(std::move(impl)));
}

void RequestAuth::sign(ClientRequest request,
                       std::function<void(core::Result<ClientRequest>)> ready) {
  const AuthOptions& options = impl_->options;
  if (options.basic) {
    request.headers.set("Authorization",
                        basic_authorization(options.basic->first, options.basic->second));
  }
  if (options.oauth) {
    const std::string nonce = detail::base64_url(detail::random_bytes(16));
    auto header = oauth1_authorization(*options.oauth, request, std::time(nullptr), nonce);
    if (!header) {
      ready(core::fail(header.error().with_context("signing a request")));
      return;
    }
    request.headers.set("Authorization", *header);
  }
  if (impl_->jwt != nullptr) {
    auto token = impl_->jwt->token();
    if (!token) {
      ready(core::fail(token.error()));
      return;
    }
    request.headers.set("Authorization", "Bearer " + *token);
  }
  if (impl_->tokens == nullptr) {
    ready(std::move(request));
    return;
  }
  auto shared = std::make_shared<ClientRequest>(std::move(request));
  impl_->tokens->get([shared, ready = std::move(ready)](core::Result<std::string> header) {
    if (!header) {
      ready(core::fail(header.error()));
      return;
    }
    shared->headers.set("Authorization", *header);
    ready(std::move(*shared));
  });
}

void RequestAuth::rejected() {
  if (impl_->tokens != nullptr) impl_->tokens->invalidate();
}

}  // namespace weir::http
