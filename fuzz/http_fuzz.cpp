// What HTTP peers send us as text. The first byte chooses the parser, so that one corpus serves
// all.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/detail/request_parser.h"
#include "http/message.h"
#include "http/multipart.h"
#include "http/url.h"

namespace {

using namespace weir::http;

void require(bool holds) {
  if (!holds) std::abort();
}

void head(std::string_view text) {
  // As the server cuts it: up to and with the first empty line.
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return;
  Request request;
  detail::Head parsed;
  const auto refusal = detail::parse_head(text.substr(0, end + 4), 100, request, parsed);
  if (refusal) {
    require(refusal->status >= 400 && refusal->status < 600 && !refusal->text.empty());
    return;
  }
  require(!request.method.empty() && !request.target.empty() && request.path.starts_with('/'));
  require(!(parsed.chunked && parsed.content_length > 0));
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const Headers::Line line = request.headers[i];
    require(!line.name.empty());
    require(line.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
}

void chunks(std::string_view text) {
  constexpr std::size_t kLimit = 1000;
  using State = detail::ChunkDecoder::State;
  detail::ChunkDecoder whole;
  Body whole_body;
  const auto expected = whole.feed(text, whole_body, kLimit);
  require(whole_body.size() <= kLimit && expected.consumed <= text.size());
  // The same bytes one by one must come to the same end.
  detail::ChunkDecoder slow;
  Body slow_body;
  State state = State::kMore;
  std::size_t consumed = 0;
  while (state == State::kMore && consumed < text.size()) {
    const auto step = slow.feed(text.substr(consumed, 1), slow_body, kLimit);
    state = step.state;
    consumed += step.consumed;
  }
  require(state == expected.state && consumed == expected.consumed);
  require(slow_body.view() == whole_body.view());
}

void urls(std::string_view text) {
  for (const auto& [name, value] : parse_query(text)) {
    const auto again = parse_query(percent_encode(name) + '=' + percent_encode(value));
    require(name.empty() && value.empty()
                ? again.size() == 1
                : again.size() == 1 && again[0].first == name && again[0].second == value);
  }
  (void)parse_cookies(text);
  if (const auto decoded = percent_decode(text)) {
    require(percent_decode(percent_encode(*decoded)) == decoded);
  }
  if (const auto url = parse_url(text)) {
    const auto again = parse_url(url->scheme + "://" + url->authority() + url->target());
    require(again && again->host == url->host && again->port == url->port &&
            again->path == url->path && again->query == url->query);
  }
}

void multipart(std::string_view text) {
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return;
  const std::string_view type = text.substr(0, line);
  const std::string_view body = text.substr(line + 1);
  const auto parts = parse_multipart(type, body, 20);
  if (!parts) return;
  require(parts->size() <= 20);
  for (const PartView& part : *parts) {
    require(part.body.empty() ||
            (part.body.data() >= body.data() &&
             part.body.data() + part.body.size() <= body.data() + body.size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'h': head(text); break;
    case 'c': chunks(text); break;
    case 'u': urls(text); break;
    case 'm': multipart(text); break;
    default: break;
  }
  return 0;
}
