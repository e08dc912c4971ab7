#include "http/url.h"

#include <algorithm>
#include <charconv>

namespace weir::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The byte that the escape at `at` stands for, or -1.
int escaped_byte(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) return -1;
  const int high = hex_digit(text[at + 1]);
  const int low = hex_digit(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// Lenient: broken escapes stay.
std::string decode_form(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int byte = text[i] == '%' ? escaped_byte(text, i) : -1;
    if (byte >= 0) {
      result.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      result.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return result;
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return result;
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return 80;
  if (scheme == "https" || scheme == "wss") return 443;
  return 0;
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result.push_back(text[i]);
      continue;
    }
    const int byte = escaped_byte(text, i);
    if (byte < 0) return std::nullopt;
    result.push_back(static_cast<char>(byte));
    i += 2;
  }
  return result;
}

std::string percent_encode(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      result.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    result.push_back('%');
    result.push_back(kDigits[byte >> 4]);
    result.push_back(kDigits[byte & 15]);
  }
  return result;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> result;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view piece = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (piece.empty()) continue;
    const std::size_t equals = piece.find('=');
    if (equals == std::string_view::npos) {
      result.emplace_back(decode_form(piece), "");
    } else {
      result.emplace_back(decode_form(piece.substr(0, equals)),
                          decode_form(piece.substr(equals + 1)));
    }
  }
  return result;
}

std::vector<std::pair<std::string, std::string>> parse_cookies(std::string_view header) {
  std::vector<std::pair<std::string, std::string>> result;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    std::string_view piece = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (!piece.empty() && piece.front() == ' ') piece.remove_prefix(1);
    while (!piece.empty() && piece.back() == ' ') piece.remove_suffix(1);
    const std::size_t equals = piece.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    std::string_view value = piece.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    result.emplace_back(piece.substr(0, equals), value);
  }
  return result;
}

std::string Url::target() const {
  return query.empty() ? path : path + '?' + query;
}

std::string Url::authority() const {
  std::string result = host.find(':') == std::string::npos ? host : '[' + host + ']';
  if (port != 0 && port != default_port(scheme)) result += ':' + std::to_string(port);
  return result;
}

std::string Url::display() const {
  return scheme + "://" + authority() + path;
}

core::Result<Url> parse_url(std::string_view text) {
  const auto bad = [](std::string_view why) {
    // The text itself may hold a password: it is not repeated.
    return core::invalid_config("reading a URL: " + std::string(why));
  };
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) {
      return bad("it holds a space or a control character");
    }
  }
  Url url;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) {
    return bad("a scheme is missing, as in `http://host/path`");
  }
  url.scheme = lower_case(text.substr(0, colon));
  if (!std::all_of(url.scheme.begin(), url.scheme.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      })) {
    return bad("the scheme has a character that schemes do not have");
  }
  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  rest.remove_prefix(authority_end);

  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    const std::size_t split = user_info.find(':');
    auto user = percent_decode(user_info.substr(0, split));
    auto password = split == std::string_view::npos ? std::optional<std::string>("")
                                                    : percent_decode(user_info.substr(split + 1));
    if (!user || !password) return bad("user or password has a broken escape");
    url.user = *std::move(user);
    url.password = *std::move(password);
  }

  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return bad("`[` without `]`");
    url.host = lower_case(authority.substr(1, close - 1));
    port = authority.substr(close + 1);
    if (!port.empty() && port[0] != ':') return bad("after `]` comes `:` and a port, or nothing");
  } else {
    const std::size_t split = std::min(authority.find(':'), authority.size());
    url.host = lower_case(authority.substr(0, split));
    port = authority.substr(split);
  }
  if (url.host.empty()) return bad("a host is missing");
  const bool bracketed = authority.starts_with('[');
  const std::string_view foreign = bracketed ? "[]@" : "[]@:<>\\^`{|}\"";
  if (url.host.find_first_of(foreign) != std::string::npos) {
    return bad("the host holds a character that hosts do not have");
  }
  if (!port.empty()) {
    port.remove_prefix(1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc() || end != port.data() + port.size() || url.port == 0) {
      return bad("the port must be a number from 1 to 65535");
    }
  } else {
    url.port = default_port(url.scheme);
  }

  const std::size_t mark = std::min(rest.find('?'), rest.size());
  url.path = rest.substr(0, mark);
  if (url.path.empty()) url.path = "/";
  if (mark < rest.size()) url.query = rest.substr(mark + 1);
  return url;
}

}  // namespace weir::http
