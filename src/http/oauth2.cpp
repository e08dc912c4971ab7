#include <algorithm>
#include <chrono>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/arena.h"
#include "core/json_index.h"
#include "core/value.h"
#include "http/retry.h"
#include "http/signing.h"
#include "http/url.h"

namespace weir::http {
namespace {

using Clock = std::chrono::steady_clock;
using TokenCallback = std::function<void(core::Result<std::string>)>;

// A token is not used in its last seconds: it could end on the way.
constexpr std::chrono::seconds kMargin{10};
constexpr std::size_t kExcerpt = 200;

struct Token {
  std::string header;
  std::chrono::seconds lifetime{0};  // 0: not said
};

std::string text_member(core::Value object, std::string_view key, core::Arena& arena) {
  const core::Member* member = core::find(object, key);
  if (member == nullptr || !member->value.is(core::Kind::kString)) return {};
  return std::string(member->value.text(arena));
}

std::string excerpt(std::string_view text) {
  std::string result(text.substr(0, kExcerpt));
  std::replace_if(
      result.begin(), result.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; },
      ' ');
  return result;
}

/// RFC 6749, 5.1 and 5.2.
core::Result<Token> read_answer(const ClientResponse& response, const std::string& url) {
  const std::string doing = "fetching a token from `" + url + "`";
  core::Arena arena;
  auto value = core::parse_json(response.body.view(), arena);
  const bool object = value && value->is(core::Kind::kObject);
  if (response.status != 200) {
    std::string why = object ? text_member(*value, "error", arena) : std::string();
    const std::string details = object ? text_member(*value, "error_description", arena) : "";
    if (!details.empty()) why += ": " + details;
    if (why.empty()) why = excerpt(response.body.view());
    const auto code = may_pass_later(response.status) ? core::ErrorCode::kUnavailable
                                                      : core::ErrorCode::kInvalidConfig;
    return core::fail(code, doing + ": status " + std::to_string(response.status) + ", " + why);
  }
  Token token;
  const std::string access = object ? text_member(*value, "access_token", arena) : "";
  if (access.empty()) {
    return core::unavailable(doing + ": the answer holds no `access_token`");
  }
  std::string type = text_member(*value, "token_type", arena);
  if (type.empty() || equals_no_case(type, "bearer")) type = "Bearer";
  token.header = type + ' ' + access;
  if (const core::Member* member = core::find(*value, "expires_in"); member != nullptr) {
    // A number, or, against the standard, one in quotes.
    const double seconds = std::strtod(std::string(member->value.stored()).c_str(), nullptr);
    const bool number =
        member->value.is(core::Kind::kNumber) || member->value.is(core::Kind::kString);
    if (number && seconds > 0) {
      token.lifetime = std::chrono::seconds(static_cast<std::int64_t>(std::min(seconds, 1e8)));
    }
  }
  return token;
}

}  // namespace

struct OAuth2Tokens::Impl {
  Impl(Client& http_client, OAuth2 oauth) : client(http_client), options(std::move(oauth)) {}

  [[nodiscard]] ClientRequest request() const {
    std::string form = "grant_type=client_credentials";
    const auto add = [&form](const std::string& name, const std::string& value) {
      form += '&' + percent_encode(name) + '=' + percent_encode(value);
    };
    std::string scopes;
    for (const std::string& scope : options.scopes) {
      scopes.append(scopes.empty() ? "" : " ").append(scope);
    }
    if (!scopes.empty()) add("scope", scopes);
    for (const auto& [name, value] : options.endpoint_params) add(name, value);
    ClientRequest result;
    result.method = "POST";
    result.url = options.token_url;
    result.headers.add("Content-Type", "application/x-www-form-urlencoded");
    result.headers.add("Accept", "application/json");
    // RFC 6749, 2.3.1: form-encoded first, so that a colon in the name does not split it.
    result.headers.add("Authorization", basic_authorization(percent_encode(options.client_key),
                                                            percent_encode(options.client_secret)));
    result.body = std::move(form);
    result.max_response_bytes = 1 << 20;
    return result;
  }

  Client& client;
  const OAuth2 options;
  std::mutex mutex;
  std::string header;
  Clock::time_point valid_until;
  bool fetching = false;
  std::vector<TokenCallback> waiting;
};

OAuth2Tokens::OAuth2Tokens(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OAuth2Tokens::~OAuth2Tokens() = default;

std::shared_ptr<OAuth2Tokens> OAuth2Tokens::make(Client& client, OAuth2 options) {
  return std::shared_ptr<OAuth2Tokens>(
      new OAuth2Tokens(std::make_unique<Impl>(client, std::move(options))));
}

void OAuth2Tokens::get(TokenCallback callback) {
  std::string cached;
  {
    const std::lock_guard lock(impl_->mutex);
    if (!impl_->header.empty() && Clock::now() < impl_->valid_until) {
      cached = impl_->header;
    } else {
      impl_->waiting.push_back(std::move(callback));
      if (std::exchange(impl_->fetching, true)) return;
    }
  }
  if (!cached.empty()) {
    callback(std::move(cached));
    return;
  }
  impl_->client.send(
      impl_->request(), [self = shared_from_this()](core::Result<ClientResponse> response) {
        Impl& impl = *self->impl_;
        const auto token = [&]() -> core::Result<Token> {
          if (!response) return core::fail(response.error().with_context("fetching a token"));
          return read_answer(*response, impl.options.token_url);
        }();
        std::vector<TokenCallback> waiting;
        {
          const std::lock_guard lock(impl.mutex);
          impl.fetching = false;
          waiting.swap(impl.waiting);
          if (token) {
            impl.header = token->header;
            // Without a lifetime it is kept until a 401 says otherwise.
            impl.valid_until =
                token->lifetime.count() == 0
                    ? Clock::time_point::max()
                    : Clock::now() + std::max(token->lifetime - kMargin, std::chrono::seconds(0));
          }
        }
        for (const TokenCallback& each : waiting) {
          if (token) {
            each(token->header);
          } else {
            each(core::fail(token.error()));
          }
        }
      });
}

void OAuth2Tokens::invalidate() {
  const std::lock_guard lock(impl_->mutex);
  impl_->header.clear();
}

}  // namespace weir::http
