#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace weir::mapping::text {

/// Appends the text percent-encoded for one path segment (blank `%20`) or a query value (blank
/// `+`).
void append_escaped_url_path(std::string& out, std::string_view text);
void append_escaped_url_query(std::string& out, std::string_view text);

/// Appends the text with percent-encoded bytes decoded; `+` is a blank in a query only.
/// Error kInvalidData: `invalid URL escape "%zz"`.
[[nodiscard]] core::Status append_unescaped_url_path(std::string& out, std::string_view text);
[[nodiscard]] core::Status append_unescaped_url_query(std::string& out, std::string_view text);

/// The pieces of a URL.
struct Url {
  struct User {
    std::string name;
    std::optional<std::string> password;
  };

  std::string scheme;  ///< lower case
  std::string opaque;  ///< what follows `mailto:` and the like
  std::optional<User> user;
  std::string host;      ///< with the port
  std::string path;      ///< decoded
  std::string raw_path;  ///< as written; only where that is not how `path` would be encoded
  std::string raw_query;
  std::string fragment;      ///< decoded
  std::string raw_fragment;  ///< as raw_path
};

/// Parses an absolute or relative URL, as Go's net/url does.
/// Error kInvalidData: `parse "http://[::1": missing ']' in host` and the like.
[[nodiscard]] core::Result<Url> parse_url(std::string_view text);

/// The decoded pairs of a query string, in order; repeated keys stay, a key without `=` has an
/// empty value. Error kInvalidData: a bad escape, a `;`, more than 10 000 pairs.
[[nodiscard]] core::Result<std::vector<std::pair<std::string, std::string>>> parse_query(
    std::string_view text);

}  // namespace weir::mapping::text
