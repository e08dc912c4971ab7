#include "http/detail/request_parser.h"

#include <algorithm>
#include <limits>

#include <boost/beast/http/basic_parser.hpp>

#include "http/url.h"

namespace weir::http::detail {
namespace {

namespace beast = boost::beast;
using beast::http::error;
using boost::system::error_code;
// Before Boost 1.77 Beast's views were Boost's.
using View = beast::string_view;

std::string_view to_view(View text) {
  return {text.data(), text.size()};
}

/// Beast splits the head into its parts and checks their characters; what they mean is judged
/// below.
class HeadParser : public beast::http::basic_parser<true> {
 public:
  HeadParser(Request& request, std::size_t max_lines) : request_(request), max_lines_(max_lines) {}

  bool too_many_lines = false;
  unsigned version = 11;

 private:
  void on_request_impl(beast::http::verb, View method, View target, int number,
                       error_code& code) override {
    code = {};
    request_.method = to_view(method);
    request_.target = to_view(target);
    version = static_cast<unsigned>(number);
  }
  void on_response_impl(int, View, int, error_code& code) override { code = {}; }
  void on_field_impl(beast::http::field, View name, View value, error_code& code) override {
    code = {};
    if (request_.headers.size() == max_lines_) {
      too_many_lines = true;
      code = error::header_limit;
      return;
    }
    request_.headers.add(to_view(name), to_view(value));
  }
  void on_header_impl(error_code& code) override { code = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& code) override {
    code = {};
  }
  std::size_t on_body_impl(View body, error_code& code) override {
    code = {};
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, View, error_code& code) override { code = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, View body, error_code& code) override {
    code = {};
    return body.size();
  }
  void on_finish_impl(error_code& code) override { code = {}; }

  Request& request_;
  std::size_t max_lines_;
};

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

std::optional<Refusal> read_length(const Headers& headers, Head& head) {
  std::optional<std::string_view> length;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const Headers::Line line = headers[i];
    if (equals_no_case(line.name, "Content-Length")) {
      if (length) return Refusal{400, "Content-Length is repeated"};
      length = line.value;
    } else if (equals_no_case(line.name, "Transfer-Encoding")) {
      if (head.chunked) return Refusal{400, "Transfer-Encoding is repeated"};
      if (!equals_no_case(line.value, "chunked")) {
        return Refusal{501, "of the transfer codings only `chunked` is understood"};
      }
      head.chunked = true;
    }
  }
  if (head.chunked && length) {
    return Refusal{400, "Content-Length and Transfer-Encoding exclude each other"};
  }
  if (head.chunked && !head.http_1_1) {
    return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
  }
  if (!length) return std::nullopt;
  // Nineteen digits always fit; a longer one is no length that anybody means.
  if (length->empty() || length->size() > 19 ||
      !std::all_of(length->begin(), length->end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return Refusal{400, "Content-Length is not a number"};
  }
  for (const char c : *length) {
    head.content_length = head.content_length * 10 + static_cast<unsigned>(c - '0');
  }
  return std::nullopt;
}

std::string explain(const error_code& code) {
  if (code == error::bad_version) return "the version is not HTTP/1.0 or HTTP/1.1";
  if (code == error::bad_method) return "the method is malformed";
  if (code == error::bad_target) return "the request target is malformed";
  if (code == error::bad_field) return "the name of a header is malformed";
  if (code == error::bad_value) return "the value of a header is malformed";
  if (code == error::bad_line_ending) return "a line does not end with CR LF";
  if (code == error::bad_content_length) {
    return "Content-Length is malformed, repeated, or together with Transfer-Encoding";
  }
  if (code == error::bad_transfer_encoding) {
    return "Transfer-Encoding is repeated or together with Content-Length";
  }
  return "the request is malformed";
}

}  // namespace

std::optional<Refusal> parse_head(std::string_view text, std::size_t max_lines, Request& request,
                                  Head& head) {
  head = {};
  HeadParser parser(request, max_lines);
  // The caller has bounded the text; these limits must only never be the ones to strike.
  parser.header_limit(static_cast<std::uint32_t>(text.size()) + 1);
  // (Not `none`: Boost 1.74 takes every length to be above that.)
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  error_code code;
  parser.put({text.data(), text.size()}, code);
  if (parser.too_many_lines) {
    return Refusal{431, "more than " + std::to_string(max_lines) + " headers"};
  }
  if (code || !parser.is_header_done()) {
    return Refusal{code == error::bad_version ? 505 : 400, explain(code)};
  }
  head.http_1_1 = parser.version == 11;
  if (auto refusal = split_target(request)) return refusal;
  if (auto refusal = read_length(request.headers, head)) return refusal;

  const Headers& headers = request.headers;
  std::size_t hosts = 0;
  std::optional<std::string_view> expect;
  bool close = false;
  bool keep = false;
  bool upgrade = false;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const Headers::Line line = headers[i];
    if (equals_no_case(line.name, "Host")) {
      ++hosts;
    } else if (equals_no_case(line.name, "Expect")) {
      expect = line.value;
    } else if (equals_no_case(line.name, "Connection")) {
      close = close || headers.has_token("Connection", "close");
      keep = keep || headers.has_token("Connection", "keep-alive");
      upgrade = upgrade || headers.has_token("Connection", "upgrade");
    }
  }
  if (hosts > 1 || (hosts == 0 && head.http_1_1)) {
    return Refusal{400, hosts == 0 ? "the Host header is missing" : "the Host header is repeated"};
  }
  if (expect) {
    if (!equals_no_case(*expect, "100-continue")) {
      return Refusal{417, "of the expectations only `100-continue` is understood"};
    }
    head.expect_continue = head.http_1_1;
  }
  head.keep_alive = !close && (head.http_1_1 || keep);
  request.websocket_upgrade = upgrade && head.http_1_1 && request.method == "GET" &&
                              headers.has_token("Upgrade", "websocket") &&
                              headers.contains("Sec-WebSocket-Key");
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
