#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::http::detail {

[[nodiscard]] std::string base64(std::string_view bytes);
/// With `-` and `_`, without padding (RFC 4648, 5).
[[nodiscard]] std::string base64_url(std::string_view bytes);
/// Standard alphabet, padded; nothing for anything else.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

/// `md5`, `sha1`, `sha256`, `sha384`, `sha512`: raw bytes. Aborts when OpenSSL lacks it.
[[nodiscard]] std::string digest(const char* algorithm, std::string_view data);
[[nodiscard]] std::string hmac(const char* algorithm, std::string_view key, std::string_view data);
[[nodiscard]] std::string random_bytes(std::size_t count);

/// `text` between quotes, as JSON.
[[nodiscard]] std::string json_quoted(std::string_view text);

}  // namespace weir::http::detail
