#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::mapping {

/// The signature algorithms of JSON Web Tokens: HMAC, RSA (PKCS #1 1.5), ECDSA with SHA-2.
enum class JwtAlgorithm : std::uint8_t {
  kHs256,
  kHs384,
  kHs512,
  kRs256,
  kRs384,
  kRs512,
  kEs256,
  kEs384,
  kEs512,
};

/// `HS256`, ...
[[nodiscard]] std::string_view name(JwtAlgorithm algorithm);

/// A secret or key for one algorithm. Immutable, thread-safe.
class JwtKey {
 public:
  /// `secret` is the secret of HMAC, otherwise a private key in PEM.
  /// Error kInvalidConfig: no such key, one with a password, or one of another kind or curve.
  [[nodiscard]] static core::Result<JwtKey> for_signing(JwtAlgorithm algorithm,
                                                        std::string_view secret);
  /// The same with a public key or a certificate in PEM.
  [[nodiscard]] static core::Result<JwtKey> for_verifying(JwtAlgorithm algorithm,
                                                          std::string_view secret);

  JwtKey(JwtKey&&) noexcept;
  JwtKey& operator=(JwtKey&&) noexcept;
  ~JwtKey();

  [[nodiscard]] JwtAlgorithm algorithm() const;
  [[nodiscard]] core::Result<std::string> sign(std::string_view text) const;
  [[nodiscard]] bool verify(std::string_view text, std::string_view signature) const;

 private:
  struct Material;
  explicit JwtKey(std::unique_ptr<const Material> material);
  static core::Result<JwtKey> check(std::unique_ptr<Material> material);

  std::unique_ptr<const Material> material_;
};

}  // namespace weir::mapping
