#include "http/multipart.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <openssl/rand.h>

namespace weir::http {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Reads a token or a quoted string at the front of `rest` and cuts it off.
std::string take_value(std::string_view& rest) {
  std::string result;
  if (!rest.starts_with('"')) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    result = trim(rest.substr(0, end));
    rest.remove_prefix(end);
    return result;
  }
  std::size_t i = 1;
  for (; i < rest.size() && rest[i] != '"'; ++i) {
    if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
    result.push_back(rest[i]);
  }
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return result;
}

constexpr std::size_t kMaxPartHeaderBytes = 16 << 10;

/// Cuts the header lines, up to and with the empty one, off the front of `part`.
core::Result<Headers> take_headers(std::string_view& part) {
  Headers headers;
  std::size_t used = 0;
  for (;;) {
    const std::size_t end = part.find('\n');
    if (end == std::string_view::npos) return core::invalid_data("its headers have no end");
    std::string_view line = part.substr(0, end);
    part.remove_prefix(end + 1);
    used += end + 1;
    if (used > kMaxPartHeaderBytes) {
      return core::fail(core::ErrorCode::kLimit, "its headers are longer than 16 KiB");
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return headers;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos ||
        !headers.add(line.substr(0, colon), trim(line.substr(colon + 1)))) {
      return core::invalid_data("a header line is broken");
    }
  }
}

}  // namespace

std::string media_type(std::string_view content_type) {
  std::string result(trim(content_type.substr(0, content_type.find(';'))));
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return result;
}

std::string header_parameter(std::string_view value, std::string_view name) {
  std::string_view rest = value.substr(std::min(value.find(';'), value.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the `;`
    const std::size_t end = rest.find_first_of("=;");
    if (end == std::string_view::npos) return {};
    const std::string_view key = trim(rest.substr(0, end));
    const bool has_value = rest[end] == '=';
    rest.remove_prefix(has_value ? end + 1 : end);
    if (!has_value) continue;
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    std::string found = take_value(rest);
    if (equals_no_case(key, name)) return found;
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  }
  return {};
}

core::Result<std::vector<PartView>> parse_multipart(std::string_view content_type,
                                                    std::string_view body, std::size_t max_parts) {
  const std::string boundary = header_parameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > 70) {
    return core::invalid_data(
        "reading a multipart body: Content-Type needs a boundary of 1 to 70 characters");
  }
  const std::string delimiter = "\r\n--" + boundary;
  // The first delimiter may stand at the very start, without the line break before it.
  std::size_t at = 0;
  if (!body.starts_with(std::string_view(delimiter).substr(2))) {
    at = body.find(delimiter);
    if (at == std::string_view::npos) {
      return core::invalid_data("reading a multipart body: the boundary does not occur");
    }
    at += 2;
  }
  std::vector<PartView> parts;
  std::string_view rest = body.substr(at + delimiter.size() - 2);
  while (!rest.starts_with("--")) {
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
    if (!rest.starts_with("\r\n")) {
      return core::invalid_data("reading a multipart body: no line break after a boundary");
    }
    if (parts.size() == max_parts) {
      return core::fail(core::ErrorCode::kLimit, "reading a multipart body: more than " +
                                                     std::to_string(max_parts) + " parts");
    }
    // The line break that ends an empty part's headers is also the delimiter's: keep it in view.
    std::string_view part = rest.substr(2);
    PartView view;
    auto headers = take_headers(part);
    if (!headers) {
      return core::fail(headers.error().with_context(
          "reading part " + std::to_string(parts.size() + 1) + " of a multipart body"));
    }
    view.headers = *std::move(headers);
    // An empty body: the delimiter's line break is the one that closed the headers.
    const std::string_view with_break(part.data() - 2, part.size() + 2);
    std::size_t end = 0;
    if (with_break.starts_with(delimiter)) {
      rest = with_break.substr(delimiter.size());
    } else {
      end = part.find(delimiter);
      if (end == std::string_view::npos) {
        return core::invalid_data("reading a multipart body: the closing boundary is missing");
      }
      rest = part.substr(end + delimiter.size());
    }
    view.body = part.substr(0, end);
    parts.push_back(std::move(view));
  }
  return parts;
}

Multipart make_multipart(const std::vector<Part>& parts, std::string_view subtype) {
  Multipart result;
  std::string boundary;
  bool occurs = true;
  while (occurs) {
    unsigned char random[16];
    if (RAND_bytes(random, sizeof random) != 1) std::abort();
    boundary = "weir-";
    for (const unsigned char byte : random) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", byte);
      boundary += digits;
    }
    occurs = std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
      return part.body.find(boundary) != std::string::npos;
    });
  }
  result.content_type = "multipart/" + std::string(subtype) + "; boundary=" + boundary;
  for (const Part& part : parts) {
    result.body.append("--").append(boundary).append("\r\n");
    for (std::size_t i = 0; i < part.headers.size(); ++i) {
      const Headers::Line line = part.headers[i];
      result.body.append(line.name).append(": ").append(line.value).append("\r\n");
    }
    result.body.append("\r\n").append(part.body).append("\r\n");
  }
  result.body.append("--").append(boundary).append("--\r\n");
  return result;
}

}  // namespace weir::http
