#include "http/access.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <arpa/inet.h>
#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "http/detail/crypto.h"

namespace weir::http {
namespace {

using Clock = std::chrono::steady_clock;
using PasswordAlgorithm::kBcrypt;
using PasswordAlgorithm::kMd5;
using PasswordAlgorithm::kScrypt;
using PasswordAlgorithm::kSha256;

constexpr unsigned kTriesPerSecond = 5;
constexpr std::size_t kMaxAddresses = 1024;

std::string scrypt(std::string_view password, std::string_view salt) {
  std::string result(32, '\0');
  const int ok =
      EVP_PBE_scrypt(password.data(), password.size(),
                     reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), 32768, 8, 1,
                     64 << 20, reinterpret_cast<unsigned char*>(result.data()), result.size());
  return ok == 1 ? result : std::string();
}

/// The host of an authority: without port, without brackets.
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    return authority.substr(1, close == std::string_view::npos ? close : close - 1);
  }
  return authority.substr(0, authority.find(':'));
}

bool is_ip_address(std::string_view host) {
  unsigned char bytes[sizeof(in6_addr)];
  const std::string text(host);
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

}  // namespace

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

core::Result<PasswordAlgorithm> parse_password_algorithm(std::string_view name) {
  if (name == "sha256") return kSha256;
  if (name == "md5") return kMd5;
  if (name == "bcrypt") return kBcrypt;
  if (name == "scrypt") return kScrypt;
  return core::invalid_config("algorithm `" + std::string(name) +
                              "` is not one of sha256, md5, bcrypt, scrypt");
}

struct BasicAuth::Impl {
  struct Tries {
    Clock::time_point since;
    unsigned count = 0;
  };

  [[nodiscard]] bool password_matches(std::string_view password) const {
    switch (options.algorithm) {
      case kSha256: return equal_constant_time(detail::digest("sha256", password), hash);
      case kMd5: return equal_constant_time(detail::digest("md5", password), hash);
      case kScrypt: return equal_constant_time(scrypt(password, salt), hash);
      case kBcrypt: {
        // 32 KiB: too much for the stack of whoever calls.
        const auto work = std::make_unique<crypt_data>();
        const std::string text(password);
        const char* made = crypt_r(text.c_str(), hash.c_str(), work.get());
        return made != nullptr && equal_constant_time(made, hash);
      }
    }
    return false;
  }

  /// True when the address has used up its tries of this second.
  [[nodiscard]] bool exhausted(const std::string& address) {
    const std::lock_guard lock(mutex);
    const auto found = tries.find(address);
    return found != tries.end() && found->second.count >= kTriesPerSecond &&
           Clock::now() - found->second.since < std::chrono::seconds(1);
  }

  void count_failure(std::string address) {
    const std::lock_guard lock(mutex);
    const auto now = Clock::now();
    if (tries.size() >= kMaxAddresses) {
      std::erase_if(tries, [&](const auto& entry) {
        return now - entry.second.since >= std::chrono::seconds(1);
      });
      if (tries.size() >= kMaxAddresses) address.clear();  // the rest share one allowance
    }
    Tries& entry = tries[address];
    if (now - entry.since >= std::chrono::seconds(1)) entry = {now, 0};
    ++entry.count;
  }

  ServerBasicAuth options;
  std::string hash;
  std::string salt;
  const std::string secret = detail::random_bytes(32);
  std::mutex mutex;
  std::string proven;  // keyed digest of the credentials that last passed
  std::unordered_map<std::string, Tries> tries;
};

BasicAuth::BasicAuth(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BasicAuth::~BasicAuth() = default;

core::Result<std::shared_ptr<BasicAuth>> BasicAuth::make(ServerBasicAuth options) {
  auto impl = std::make_unique<Impl>();
  auto hash = detail::base64_decode(options.password_hash);
  auto salt = detail::base64_decode(options.salt);
  if (!hash || hash->empty()) {
    return core::invalid_config("reading `password_hash`: it is not base64");
  }
  if (!salt) return core::invalid_config("reading `salt`: it is not base64");
  const std::size_t expected = options.algorithm == kMd5 ? 16 : 32;
  if (options.algorithm == kBcrypt ? !hash->starts_with("$2") : hash->size() != expected) {
    return core::invalid_config(
        "reading `password_hash`: it does not fit the algorithm (" +
        std::string(options.algorithm == kBcrypt
                        ? "base64 of the `$2b$..` text is expected"
                        : std::to_string(expected) + " bytes are expected") +
        ")");
  }
  impl->hash = *std::move(hash);
  impl->salt = *std::move(salt);
  impl->options = std::move(options);
  return std::shared_ptr<BasicAuth>(new BasicAuth(std::move(impl)));
}

bool BasicAuth::matches(std::string_view username, std::string_view password) {
  const bool slow = impl_->options.algorithm == kBcrypt || impl_->options.algorithm == kScrypt;
  std::string mark;
  if (slow) {
    std::string both(username);
    both.append(1, '\0').append(password);
    mark = detail::hmac("sha256", impl_->secret, both);
    const std::lock_guard lock(impl_->mutex);
    if (equal_constant_time(mark, impl_->proven)) return true;
  }
  // Digests, so that the comparison does not tell the length of the name; both are always computed.
  const bool user_ok = equal_constant_time(detail::digest("sha256", username),
                                           detail::digest("sha256", impl_->options.username));
  const bool password_ok = impl_->password_matches(password);
  if (!(user_ok && password_ok)) return false;
  if (slow) {
    const std::lock_guard lock(impl_->mutex);
    impl_->proven = std::move(mark);
  }
  return true;
}

std::optional<Response> BasicAuth::check(const Request& request) {
  const std::string address(request.remote, 0, request.remote.rfind(':'));
  const auto challenge = [this] {
    Response response = Response::text(401, "credentials are needed");
    std::string realm = impl_->options.realm;
    std::erase_if(realm, [](char c) { return c == '"' || c == '\\'; });
    response.headers.add("WWW-Authenticate", "Basic realm=\"" + realm + "\", charset=\"UTF-8\"");
    return response;
  };
  const auto header = request.headers.get("Authorization");
  if (!header) return challenge();
  if (impl_->exhausted(address)) {
    Response response = Response::text(429, "too many wrong passwords from your address");
    response.headers.add("Retry-After", "1");
    return response;
  }
  if (header->size() > 6 && equals_no_case(header->substr(0, 6), "Basic ")) {
    const auto decoded = detail::base64_decode(header->substr(6));
    const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon != std::string::npos) {
      const std::string_view both = *decoded;
      if (matches(both.substr(0, colon), both.substr(colon + 1))) return std::nullopt;
    }
  }
  impl_->count_failure(address);
  return challenge();
}

bool host_allowed(const Request& request, const std::vector<std::string>& allowed) {
  const auto header = request.headers.get("Host");
  if (!header) return true;  // HTTP/1.0: no browser
  const std::string_view host = host_of(*header);
  return is_ip_address(host) || equals_no_case(host, "localhost") ||
         std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& name) { return equals_no_case(name, host); });
}

bool origin_allowed(const Request& request, const std::vector<std::string>& allowed) {
  const auto site = request.headers.get("Sec-Fetch-Site");
  const auto origin = request.headers.get("Origin");
  const bool listed =
      std::find(allowed.begin(), allowed.end(), "*") != allowed.end() ||
      (origin && std::find(allowed.begin(), allowed.end(), *origin) != allowed.end());
  if (listed) return true;
  if (site && *site != "same-origin" && *site != "none") return false;
  if (!origin) return true;
  const std::size_t start = origin->find("://");
  return start != std::string_view::npos &&
         equals_no_case(origin->substr(start + 3), request.headers.get("Host").value_or(""));
}

}  // namespace weir::http
