#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace weir::http::detail {

/// Why a request is refused: a status, and a sentence for the client.
struct Refusal {
  int status = 400;
  std::string text;
};

/// What the head of a request says about the rest of the exchange.
struct Head {
  bool http_1_1 = true;
  bool keep_alive = true;
  bool chunked = false;
  bool expect_continue = false;
  std::uint64_t content_length = 0;
};

/// Parses a whole head, from the request line to and with the empty line (the only place where CR
/// LF CR LF stands), into `request` (method, target, path, query, headers, websocket_upgrade) and
/// `head`. Strict where leniency has been used for smuggling: Content-Length with
/// Transfer-Encoding, repeated or odd lengths, any transfer coding but `chunked`, missing or
/// repeated Host, bare LF.
[[nodiscard]] std::optional<Refusal> parse_head(std::string_view text, std::size_t max_lines,
                                                Request& request, Head& head);

/// Takes the chunked coding (RFC 9112, 7.1) off a body. Extensions and trailers are read over; a
/// line of either is at most 4 KiB long, the trailers 16 KiB.
class ChunkDecoder {
 public:
  enum class State : std::uint8_t { kMore, kDone, kBad, kTooLong };
  struct Progress {
    std::size_t consumed = 0;
    State state = State::kMore;
  };
  /// Appends what `input` holds of the body to `out`, at most `limit` bytes in all.
  [[nodiscard]] Progress feed(std::string_view input, Body& out, std::size_t limit);

 private:
  enum class At : std::uint8_t {
    kSize,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,
    kTrailer,
    kTrailerLf,
    kLastLf,
  };
  [[nodiscard]] bool step(char c);

  At at_ = At::kSize;
  bool digits_ = false;  // at least one digit of the size was read
  bool last_ = false;    // the size was 0
  std::uint64_t left_ = 0;
  std::size_t line_ = 0;
  std::size_t trailers_ = 0;
};

}  // namespace weir::http::detail
