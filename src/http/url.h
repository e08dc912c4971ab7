#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace weir::http {

/// `%41` to `A`. Nothing when an escape is cut short or not hexadecimal.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);
/// Everything but letters, digits and `-._~` becomes `%XX` (RFC 3986, unreserved).
[[nodiscard]] std::string percent_encode(std::string_view text);

/// Name and value pairs of a query or a form, decoded, in order: `+` is a space, broken escapes
/// stay as they are, empty pieces are left out, a piece without `=` has an empty value.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

/// Name and value pairs of a `Cookie` header.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_cookies(
    std::string_view header);

/// An absolute URL with a host.
struct Url {
  std::string scheme;      ///< lower case
  std::string user;        ///< decoded
  std::string password;    ///< decoded
  std::string host;        ///< lower case, without brackets
  std::uint16_t port = 0;  ///< as written, else the scheme's (http, ws 80; https, wss 443), else 0
  std::string path;        ///< as written, `/` when empty
  std::string query;       ///< as written, without `?`

  /// Path and query, for a request line.
  [[nodiscard]] std::string target() const;
  /// `host`, `host:port`, `[v6]:port`: without the port when it is the scheme's.
  [[nodiscard]] std::string authority() const;
  /// `scheme://authority/path`: without user, password and query, for messages.
  [[nodiscard]] std::string display() const;
};
/// Error kInvalidConfig: no scheme, no host, bad port, spaces or control characters. A fragment is
/// cut.
[[nodiscard]] core::Result<Url> parse_url(std::string_view text);

}  // namespace weir::http
