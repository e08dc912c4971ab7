#include "http/detail/request_parser.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "http/url.h"

namespace weir::http::detail {
namespace {

enum Class : std::uint8_t { kToken = 1, kTarget = 2, kValue = 4 };

/// What each byte may be part of (RFC 9110, 5.6.2 and 5.5; RFC 9112, 3.2). Bytes above 0x7f are
/// taken in targets and values, as everyone does.
constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    const bool mark =
        std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
    std::uint8_t all = 0;
    if (c < 0x80 && (letter || digit || mark)) all |= kToken;
    if (c > ' ' && c != 0x7f) all |= kTarget;
    if ((c >= ' ' && c != 0x7f) || c == '\t') all |= kValue;
    classes[c] = all;
  }
  return classes;
}();

/// How many bytes from `at` on are of the class.
std::size_t run_of(std::string_view text, std::size_t at, Class wanted) {
  const std::size_t start = at;
  while (at < text.size() && (kClasses[static_cast<unsigned char>(text[at])] & wanted) != 0) ++at;
  return at - start;
}

/// The headers that say how the request is to be read.
struct Framing {
  std::string_view length;
  std::string_view coding;
  std::string_view expect;
  unsigned lengths = 0;
  unsigned codings = 0;
  unsigned hosts = 0;
  bool expects = false;
  bool connection = false;
  bool upgrade = false;
  bool websocket_key = false;
};

void note(std::string_view name, std::string_view value, Framing& framing) {
  switch (name.size()) {
    case 4:
      if (equals_no_case(name, "Host")) ++framing.hosts;
      break;
    case 6:
      if (!equals_no_case(name, "Expect")) break;
      framing.expects = true;
      framing.expect = value;
      break;
    case 7: framing.upgrade = framing.upgrade || equals_no_case(name, "Upgrade"); break;
    case 10: framing.connection = framing.connection || equals_no_case(name, "Connection"); break;
    case 14:
      if (!equals_no_case(name, "Content-Length")) break;
      ++framing.lengths;
      framing.length = value;
      break;
    case 17:
      if (equals_no_case(name, "Transfer-Encoding")) {
        ++framing.codings;
        framing.coding = value;
      } else if (equals_no_case(name, "Sec-WebSocket-Key")) {
        framing.websocket_key = true;
      }
      break;
    default: break;
  }
}

constexpr const char* kLineEnd = "a line does not end with CR LF";

/// `METHOD target HTTP/1.x` CR LF at the front of `text`; `at` is then the start of the next line.
std::optional<Refusal> read_request_line(std::string_view text, Request& request, Head& head,
                                         std::size_t& at) {
  const std::size_t method = run_of(text, 0, kToken);
  if (method == 0 || text[method] != ' ') return Refusal{400, "the method is malformed"};
  const std::size_t target = run_of(text, method + 1, kTarget);
  const std::size_t version = method + 1 + target + 1;
  if (target == 0 || text[version - 1] != ' ') {
    return Refusal{400, "the request target is malformed"};
  }
  const std::string_view rest = text.substr(version);
  if (!rest.starts_with("HTTP/")) return Refusal{400, "the request line is malformed"};
  head.http_1_1 = rest.starts_with("HTTP/1.1");
  if (!head.http_1_1 && !rest.starts_with("HTTP/1.0")) {
    return Refusal{505, "the version is not HTTP/1.0 or HTTP/1.1"};
  }
  if (rest.substr(8, 2) != "\r\n") return Refusal{400, kLineEnd};
  request.method.assign(text.substr(0, method));
  request.target.assign(text.substr(method + 1, target));
  at = version + 10;
  return std::nullopt;
}

/// The header lines from `at` to the empty line.
std::optional<Refusal> read_lines(std::string_view text, std::size_t at, std::size_t max_lines,
                                  std::vector<Headers::Span>& lines, Framing& framing) {
  while (text[at] != '\r') {
    if (lines.size() == max_lines) {
      return Refusal{431, "more than " + std::to_string(max_lines) + " headers"};
    }
    const std::size_t name = run_of(text, at, kToken);
    if (name == 0 || text[at + name] != ':') {  // folded lines too: RFC 9112, 5.2
      return Refusal{400, "the name of a header is malformed"};
    }
    std::size_t value = at + name + 1;
    while (text[value] == ' ' || text[value] == '\t') ++value;
    std::size_t size = run_of(text, value, kValue);
    const std::size_t next = value + size;
    if (text[next] != '\r' && text[next] != '\n') {
      return Refusal{400, "the value of a header is malformed"};
    }
    if (text.substr(next, 2) != "\r\n") return Refusal{400, kLineEnd};
    while (size > 0 && (text[value + size - 1] == ' ' || text[value + size - 1] == '\t')) --size;
    lines.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(name),
                     static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(size)});
    note(text.substr(at, name), text.substr(value, size), framing);
    at = next + 2;
  }
  return std::nullopt;
}

/// The origin form of a target, from the absolute form if need be. Empty when it is neither.
std::string_view origin_form(std::string_view target) {
  if (target.starts_with('/')) return target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() > scheme.size() && equals_no_case(target.substr(0, scheme.size()), scheme)) {
      const std::string_view rest = target.substr(scheme.size());
      const std::size_t slash = rest.find('/');
      if (slash != std::string_view::npos && slash > 0) return rest.substr(slash);
    }
  }
  return {};
}

std::optional<Refusal> split_target(Request& request) {
  const std::string_view target = origin_form(request.target);
  if (target.empty()) {
    return Refusal{400, "the request target must be a path or an absolute http URL"};
  }
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  request.query.assign(mark < target.size() ? target.substr(mark + 1) : std::string_view());
  if (path.find('%') == std::string_view::npos) {
    request.path.assign(path);
    return std::nullopt;
  }
  auto decoded = percent_decode(path);
  if (!decoded || decoded->find('\0') != std::string::npos) {
    return Refusal{400, "the path holds a broken escape"};
  }
  request.path = *std::move(decoded);
  return std::nullopt;
}

std::optional<Refusal> read_framing(const Framing& framing, Head& head) {
  if (framing.lengths > 1) return Refusal{400, "Content-Length is repeated"};
  if (framing.codings > 1) return Refusal{400, "Transfer-Encoding is repeated"};
  if (framing.codings == 1) {
    if (framing.lengths == 1) {
      return Refusal{400, "Content-Length and Transfer-Encoding exclude each other"};
    }
    if (!equals_no_case(framing.coding, "chunked")) {
      return Refusal{501, "of the transfer codings only `chunked` is understood"};
    }
    if (!head.http_1_1) return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
    head.chunked = true;
  }
  if (framing.lengths == 1) {
    // Nineteen digits always fit; a longer one is no length that anybody means.
    const std::string_view length = framing.length;
    if (length.empty() || length.size() > 19) {
      return Refusal{400, "Content-Length is not a number that could be meant"};
    }
    for (const char c : length) {
      if (c < '0' || c > '9') return Refusal{400, "Content-Length is not a number"};
      head.content_length = head.content_length * 10 + static_cast<unsigned>(c - '0');
    }
  }
  if (framing.hosts > 1) return Refusal{400, "the Host header is repeated"};
  if (framing.hosts == 0 && head.http_1_1) return Refusal{400, "the Host header is missing"};
  if (framing.expects) {
    if (!equals_no_case(framing.expect, "100-continue")) {
      return Refusal{417, "of the expectations only `100-continue` is understood"};
    }
    head.expect_continue = head.http_1_1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> parse_head(std::string_view text, std::size_t max_lines, Request& request,
                                  Head& head) {
  head = {};
  std::size_t at = 0;
  if (auto refusal = read_request_line(text, request, head, at)) return refusal;
  if (auto refusal = split_target(request)) return refusal;
  // Kept from request to request, so that the connection's own vector goes round.
  thread_local std::vector<Headers::Span> lines;
  lines.clear();
  Framing framing;
  if (auto refusal = read_lines(text, at, max_lines, lines, framing)) return refusal;
  request.headers.adopt(text, lines);
  if (auto refusal = read_framing(framing, head)) return refusal;

  const Headers& headers = request.headers;
  const bool close = framing.connection && headers.has_token("Connection", "close");
  const bool keep =
      framing.connection && !head.http_1_1 && headers.has_token("Connection", "keep-alive");
  head.keep_alive = !close && (head.http_1_1 || keep);
  request.websocket_upgrade = framing.upgrade && framing.websocket_key && framing.connection &&
                              head.http_1_1 && request.method == "GET" &&
                              headers.has_token("Connection", "upgrade") &&
                              headers.has_token("Upgrade", "websocket");
  return std::nullopt;
}

bool ChunkDecoder::step(char c) {
  constexpr std::size_t kMaxLine = 4 << 10;
  constexpr std::size_t kMaxTrailers = 16 << 10;
  if (++line_ > kMaxLine) return false;
  if (at_ >= At::kTrailerStart && ++trailers_ > kMaxTrailers) return false;
  switch (at_) {
    case At::kSize: {
      int digit = -1;
      if (c >= '0' && c <= '9') digit = c - '0';
      if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
      if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
      if (digit >= 0) {
        if (left_ >> 60 != 0) return false;  // one more digit could overflow
        left_ = left_ * 16 + static_cast<unsigned>(digit);
        digits_ = true;
        return true;
      }
      if (!digits_) return false;
      if (c == '\r') {
        at_ = At::kSizeLf;
      } else if (c == ';') {
        at_ = At::kExtension;
      } else {
        return false;
      }
      return true;
    }
    case At::kExtension:
      if (c == '\n') return false;
      if (c == '\r') at_ = At::kSizeLf;
      return true;
    case At::kSizeLf:
      last_ = left_ == 0;
      at_ = last_ ? At::kTrailerStart : At::kData;
      line_ = 0;
      return c == '\n';
    case At::kDataCr: at_ = At::kDataLf; return c == '\r';
    case At::kDataLf:
      at_ = At::kSize;
      digits_ = false;
      line_ = 0;
      return c == '\n';
    case At::kTrailerStart:
      if (c == '\n') return false;
      at_ = c == '\r' ? At::kLastLf : At::kTrailer;
      return true;
    case At::kTrailer:
      if (c == '\n') return false;
      if (c == '\r') at_ = At::kTrailerLf;
      return true;
    case At::kTrailerLf:
      at_ = At::kTrailerStart;
      line_ = 0;
      return c == '\n';
    case At::kLastLf: return c == '\n';
    case At::kData: break;
  }
  return false;
}

ChunkDecoder::Progress ChunkDecoder::feed(std::string_view input, Body& out, std::size_t limit) {
  std::size_t used = 0;
  while (used < input.size()) {
    if (at_ == At::kData) {
      const auto take =
          static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - used));
      out.append(input.substr(used, take));
      used += take;
      left_ -= take;
      if (left_ == 0) at_ = At::kDataCr;
      continue;
    }
    const bool ending = at_ == At::kLastLf;
    if (!step(input[used])) return {used, State::kBad};
    ++used;
    if (ending) return {used, State::kDone};
    // Judged by what is announced, so that an oversized chunk is never even begun.
    if (at_ == At::kData && left_ > limit - std::min(limit, out.size())) {
      return {used, State::kTooLong};
    }
  }
  return {used, State::kMore};
}

}  // namespace weir::http::detail
