#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "http/message.h"
#include "http/server.h"

namespace weir::http {

enum class PasswordAlgorithm : std::uint8_t { kSha256, kMd5, kBcrypt, kScrypt };
/// `sha256`, `md5`, `bcrypt`, `scrypt`. Error kInvalidConfig.
[[nodiscard]] core::Result<PasswordAlgorithm> parse_password_algorithm(std::string_view name);

/// The `basic_auth` block of a server.
struct ServerBasicAuth {
  std::string realm = "restricted";
  std::string username;
  std::string password_hash;  ///< base64 of the digest (of the `$2b$..` text for bcrypt)
  PasswordAlgorithm algorithm = PasswordAlgorithm::kSha256;
  std::string salt;  ///< base64, for scrypt (N 32768, r 8, p 1, 32 bytes)
};

/// Checks credentials in constant time; 401 with a challenge otherwise, 429 after five wrong tries
/// in a second from one address. A password proven once is remembered (as a keyed digest), so that
/// the slow algorithms cost once. Thread-safe.
class BasicAuth {
 public:
  /// Error kInvalidConfig: hash or salt is not base64, or does not fit the algorithm.
  [[nodiscard]] static core::Result<std::shared_ptr<BasicAuth>> make(ServerBasicAuth options);
  ~BasicAuth();

  /// Nothing when the request may pass.
  [[nodiscard]] std::optional<Response> check(const Request& request);
  /// Without the counting and the answer.
  [[nodiscard]] bool matches(std::string_view username, std::string_view password);

 private:
  struct Impl;
  explicit BasicAuth(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Against DNS rebinding: true when the request's Host (without port) is `localhost`, an IP
/// address, or in `allowed`.
[[nodiscard]] bool host_allowed(const Request& request, const std::vector<std::string>& allowed);

/// Against cross-site calls: true when `Origin` and `Sec-Fetch-Site`, if present, show the same
/// site, or the origin is in `allowed` (`*`: any).
[[nodiscard]] bool origin_allowed(const Request& request, const std::vector<std::string>& allowed);

/// Time depends on the lengths only.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace weir::http
