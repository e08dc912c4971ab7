#include "mapping/text/url_text.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

#include "core/quote.h"

namespace weir::mapping::text {
namespace {

using core::invalid_data;
using core::Status;

/// Where in a URL a text stands: it decides which bytes may stand for themselves.
enum class Place { kPath, kSegment, kQuery, kFragment, kUser, kHost, kHostZone };

bool contains(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool may_stand(char c, Place place) {
  if (is_alphanumeric(c) || contains("-_.~", c)) return true;
  switch (place) {
    case Place::kPath: return contains("$&+,/:;=@", c);
    case Place::kSegment: return contains("$&+:=@", c);
    case Place::kQuery: return false;
    case Place::kFragment: return contains("$&+,/:;=?@!()*", c);
    case Place::kUser: return contains("$&+,;=", c);
    case Place::kHost:
    case Place::kHostZone: return contains("!$&'()*+,;=:[]<>\"", c);
  }
  return false;
}

void append_escaped(std::string& out, std::string_view text, Place place) {
  constexpr char kHex[] = "0123456789ABCDEF";
  out.reserve(out.size() + text.size());
  for (const char c : text) {
    if (may_stand(c, place)) {
      out.push_back(c);
    } else if (c == ' ' && place == Place::kQuery) {
      out.push_back('+');
    } else {
      out.push_back('%');
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHex[c & 0xF]);
    }
  }
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

tl::unexpected<core::Error> with_text(std::string_view what, std::string_view text) {
  std::string message(what);
  message.push_back(' ');
  core::append_quoted(message, text);
  return invalid_data(std::move(message));
}

/// Percent-encoding in a host is for bytes outside ASCII only, and `%25` before an IPv6 zone.
bool escape_fits(int byte, bool is_percent_25, Place place) {
  if (place == Place::kHost) return byte >= 0x80 || is_percent_25;
  if (place == Place::kHostZone) {
    return is_percent_25 || byte == ' ' || may_stand(static_cast<char>(byte), Place::kHost);
  }
  return true;
}

Status append_unescaped(std::string& out, std::string_view text, Place place) {
  out.reserve(out.size() + text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '%') {
      const int high = at + 2 < text.size() ? hex_value(text[at + 1]) : -1;
      const int low = at + 2 < text.size() ? hex_value(text[at + 2]) : -1;
      const std::string_view escape = text.substr(at, 3);
      if (high < 0 || low < 0 || !escape_fits(high << 4 | low, escape == "%25", place)) {
        return with_text("invalid URL escape", escape);
      }
      out.push_back(static_cast<char>(high << 4 | low));
      at += 2;
    } else if (c == '+' && place == Place::kQuery) {
      out.push_back(' ');
    } else {
      const bool in_host = place == Place::kHost || place == Place::kHostZone;
      if (in_host && static_cast<unsigned char>(c) < 0x80 && !may_stand(c, place)) {
        std::string message("invalid character ");
        core::append_quoted(message, text.substr(at, 1));
        return invalid_data(message + " in host name");
      }
      out.push_back(c);
    }
  }
  return {};
}

/// Splits at the first `mark`; false when there is none.
bool cut(std::string_view text, char mark, std::string_view& before, std::string_view& after) {
  const std::size_t at = text.find(mark);
  before = text.substr(0, at);
  after = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return at != std::string_view::npos;
}

Status take_scheme(std::string_view& rest, std::string& scheme) {
  for (std::size_t at = 0; at < rest.size(); ++at) {
    const char c = rest[at];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (at > 0 && (is_alphanumeric(c) || contains("+-.", c)))) continue;
    if (c != ':') return {};
    if (at == 0) return invalid_data("missing protocol scheme");
    for (const char l : rest.substr(0, at)) {
      scheme.push_back(l >= 'A' && l <= 'Z' ? static_cast<char>(l - 'A' + 'a') : l);
    }
    rest.remove_prefix(at + 1);
    return {};
  }
  return {};
}

bool is_optional_port(std::string_view port) {
  return port.empty() ||
         (port.front() == ':' &&
          std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

Status bad_port(std::string_view port) {
  std::string message("invalid port ");
  core::append_quoted(message, port);
  return invalid_data(message + " after host");
}

bool is_ipv6(std::string_view text) {
  const std::string address(text.substr(0, text.find('%')));
  in6_addr parsed = {};
  if (text.size() > 100 || ::inet_pton(AF_INET6, address.c_str(), &parsed) != 1) return false;
  return text.size() == address.size() || text.size() > address.size() + 1;  // a zone is not empty
}

/// `[fe80::1%25en0]:80`
Status parse_bracketed_host(std::string_view text, std::string& host) {
  const std::size_t close = text.rfind(']');
  if (close == std::string_view::npos) return invalid_data("missing ']' in host");
  const std::string_view port = text.substr(close + 1);
  if (!is_optional_port(port)) return bad_port(port);
  const std::string_view name = text.substr(1, close - 1);
  const std::size_t zone = std::min(name.find("%25"), name.size());
  std::string decoded;
  WEIR_CHECK_OK(append_unescaped(decoded, name.substr(0, zone), Place::kHost));
  WEIR_CHECK_OK(append_unescaped(decoded, name.substr(zone), Place::kHostZone));
  if (!is_ipv6(decoded)) return with_text("invalid host:", decoded);
  host.append("[").append(decoded).append("]").append(port);
  return {};
}

Status parse_host(std::string_view scheme, std::string_view text, std::string& host) {
  const std::size_t open = text.rfind('[');
  if (open == 0) return parse_bracketed_host(text, host);
  if (open != std::string_view::npos) return invalid_data("invalid IP-literal");
  // Databases write lists of hosts with ports; the web knows one port.
  const bool web = scheme == "http" || scheme == "https";
  const std::size_t colon = web ? text.find(':') : text.rfind(':');
  if (colon != std::string_view::npos && !is_optional_port(text.substr(colon))) {
    return bad_port(text.substr(colon));
  }
  return append_unescaped(host, text, Place::kHost);
}

bool is_user_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_alphanumeric(c) || contains("-._:~!$&'()*+,;=%@", c);
  });
}

Status parse_authority(std::string_view authority, Url& url) {
  const std::size_t at = authority.rfind('@');
  const std::size_t host_begin = at == std::string_view::npos ? 0 : at + 1;
  WEIR_CHECK_OK(parse_host(url.scheme, authority.substr(host_begin), url.host));
  if (host_begin == 0) return {};
  const std::string_view info = authority.substr(0, at);
  if (!is_user_text(info)) return invalid_data("net/url: invalid userinfo");
  std::string_view name;
  std::string_view password;
  const bool has_password = cut(info, ':', name, password);
  Url::User& user = url.user.emplace();
  WEIR_CHECK_OK(append_unescaped(user.name, name, Place::kUser));
  if (has_password)
    WEIR_CHECK_OK(append_unescaped(user.password.emplace(), password, Place::kUser));
  return {};
}

/// Decodes; `raw` is set only where encoding the result would not give the text back.
Status decode_part(std::string_view text, Place place, std::string& decoded, std::string& raw) {
  WEIR_CHECK_OK(append_unescaped(decoded, text, place));
  std::string encoded;
  append_escaped(encoded, decoded, place);
  if (encoded != text) raw = text;
  return {};
}

Status parse_without_fragment(std::string_view rest, Url& url) {
  for (const char c : rest) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      return invalid_data("net/url: invalid control character in URL");
    }
  }
  if (rest == "*") {
    url.path = "*";
    return {};
  }
  WEIR_CHECK_OK(take_scheme(rest, url.scheme));
  std::string_view query;
  cut(rest, '?', rest, query);
  url.raw_query = query;
  if (!rest.starts_with('/')) {
    if (!url.scheme.empty()) {
      url.opaque = rest;
      return {};
    }
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos) {
      return invalid_data("first path segment in URL cannot contain colon");
    }
  }
  if (rest.starts_with("//") && (!url.scheme.empty() || !rest.starts_with("///"))) {
    const std::size_t end = std::min(rest.find('/', 2), rest.size());
    WEIR_CHECK_OK(parse_authority(rest.substr(2, end - 2), url));
    rest.remove_prefix(end);
  }
  return decode_part(rest, Place::kPath, url.path, url.raw_path);
}

tl::unexpected<core::Error> parse_error(std::string_view text, const core::Error& cause) {
  constexpr std::size_t kMaxShown = 512;
  std::string message("parse ");
  core::append_quoted(message, text.substr(0, kMaxShown));
  return invalid_data(message.append(": ").append(cause.message));
}

}  // namespace

void append_escaped_url_path(std::string& out, std::string_view text) {
  append_escaped(out, text, Place::kSegment);
}

void append_escaped_url_query(std::string& out, std::string_view text) {
  append_escaped(out, text, Place::kQuery);
}

Status append_unescaped_url_path(std::string& out, std::string_view text) {
  return append_unescaped(out, text, Place::kSegment);
}

Status append_unescaped_url_query(std::string& out, std::string_view text) {
  return append_unescaped(out, text, Place::kQuery);
}

core::Result<Url> parse_url(std::string_view text) {
  Url url;
  std::string_view rest;
  std::string_view fragment;
  cut(text, '#', rest, fragment);
  if (const Status status = parse_without_fragment(rest, url); !status) {
    return parse_error(rest, status.error());
  }
  const Status status = decode_part(fragment, Place::kFragment, url.fragment, url.raw_fragment);
  if (!status) return parse_error(text, status.error());
  return url;
}

core::Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text) {
  constexpr std::size_t kMaxPairs = 10'000;
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::string_view rest = text; !rest.empty();) {
    std::string_view pair;
    cut(rest, '&', pair, rest);
    if (pair.empty()) continue;
    if (pair.find(';') != std::string_view::npos) {
      return invalid_data("invalid semicolon separator in query");
    }
    if (pairs.size() == kMaxPairs) {
      return invalid_data("number of URL query parameters exceeded limit");
    }
    std::string_view key;
    std::string_view value;
    cut(pair, '=', key, value);
    auto& decoded = pairs.emplace_back();
    WEIR_CHECK_OK(append_unescaped(decoded.first, key, Place::kQuery));
    WEIR_CHECK_OK(append_unescaped(decoded.second, value, Place::kQuery));
  }
  return pairs;
}

}  // namespace weir::mapping::text
