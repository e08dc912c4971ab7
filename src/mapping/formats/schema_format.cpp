#include <algorithm>
#include <cctype>
#include <string>

#include <arpa/inet.h>

#include "core/time.h"
#include "mapping/formats/json_schema.h"

namespace weir::mapping {

namespace {

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
      return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; }))
      return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64) return false;
  const std::string_view name = text.substr(0, at);
  if (name.front() != '"' && std::any_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '@' || c == ',' || c == '<' || c == '>';
      })) {
    return false;
  }
  return is_host_name(text.substr(at + 1));
}

bool is_address(std::string_view text, int family) {
  unsigned char address[16];
  return text.find('\0') == std::string_view::npos &&
         inet_pton(family, std::string(text).c_str(), address) == 1;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0)
      return false;
  }
  return true;
}

bool is_uri_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\\' || c == '<' || c == '>' || c == '"' ||
           c == '^' || c == '`' || c == '{' || c == '|' || c == '}' || c == '\x7f';
  });
}

bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const std::string_view scheme = text.substr(0, colon);
  return std::isalpha(static_cast<unsigned char>(scheme[0])) != 0 &&
         std::all_of(scheme.begin(), scheme.end(),
                     [](char c) { return is_alnum(c) || c == '+' || c == '-' || c == '.'; }) &&
         is_uri_text(text);
}

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text[0] != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')))
      return false;
  }
  return true;
}

}  // namespace

bool has_schema_format(std::string_view format, std::string_view text) {
  if (format == "date-time") return core::parse_rfc3339(text).has_value();
  if (format == "date")
    return text.size() == 10 && core::parse_rfc3339(std::string(text) + "T00:00:00Z").has_value();
  if (format == "time") {
    const bool zoned = text.find_first_of("Zz+-") != std::string_view::npos;
    return core::parse_rfc3339("2000-01-01T" + std::string(text) + (zoned ? "" : "Z")).has_value();
  }
  if (format == "email" || format == "idn-email") return is_email(text);
  if (format == "hostname") return is_host_name(text);
  if (format == "ipv4") return is_address(text, AF_INET);
  if (format == "ipv6") return is_address(text, AF_INET6);
  if (format == "uuid") return is_uuid(text);
  if (format == "uri" || format == "iri") return is_uri(text);
  if (format == "uri-reference" || format == "iri-reference") return is_uri_text(text);
  if (format == "json-pointer") return is_json_pointer(text);
  if (format == "regex") return GoRegexp::compile(text).has_value();
  return true;
}

}  // namespace weir::mapping
