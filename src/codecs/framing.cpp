#include "codecs/framing.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "codecs/bytes.h"
#include "codecs/splitter_internal.h"

namespace weir::codecs {

using core::ErrorCode;
using core::Result;
using core::Status;
using Kind = SplitStep::Kind;

namespace {

constexpr std::size_t kPrefixBytes = 4;
constexpr std::size_t kMostDigits = 10;

class FrameSplitter final : public Splitter {
 public:
  FrameSplitter(Framing framing, std::size_t max_bytes)
      : netstring_(framing == Framing::kNetstring), max_bytes_(max_bytes) {}

  SplitStep next(std::string_view window, bool end_of_stream) override {
    if (failed_) return {Kind::kFailed, 0, 0, window.size()};
    std::size_t base = 0;
    if (skip_ > 0) {
      base = std::min(skip_, window.size());
      skip_ -= base;
      if (skip_ > 0) return {end_of_stream ? Kind::kEnd : Kind::kNeedMore, 0, 0, base};
      if (netstring_ && window[base - 1] != ',') return fail("no comma ends it");
    }
    const std::string_view rest = window.substr(base);
    if (rest.empty()) return {end_of_stream ? Kind::kEnd : Kind::kNeedMore, 0, 0, base};
    const Header header = netstring_ ? read_digits(rest) : read_prefix(rest);
    if (header.malformed) return fail("it does not begin with a length and a colon");
    const std::size_t begin = base + header.bytes;
    const std::size_t trailer = netstring_ ? 1 : 0;
    if (header.bytes != 0 && header.length > max_bytes_) {
      const std::size_t consumed = std::min(begin + header.length, window.size());
      skip_ = begin + header.length + trailer - consumed;
      return bad_record(begin, begin, consumed, internal::record_too_long("frames", max_bytes_));
    }
    if (header.bytes == 0 || window.size() - begin < header.length + trailer) {
      if (!end_of_stream) return {Kind::kNeedMore, 0, 0, base};
      return bad_record(base, window.size(), window.size(),
                        {ErrorCode::kInvalidData, "splitting frames: the stream ends within one"});
    }
    const std::size_t end = begin + header.length;
    if (netstring_ && window[end] != ',') return fail("no comma ends it");
    return {Kind::kRecord, begin, end, end + trailer};
  }

  [[nodiscard]] std::size_t max_window() const override { return max_bytes_ + kMostDigits + 2; }

  void reset() override {
    skip_ = 0;
    failed_ = false;
  }

 private:
  struct Header {
    std::size_t bytes = 0;  // 0: not yet complete
    std::size_t length = 0;
    bool malformed = false;
  };

  static Header read_prefix(std::string_view rest) {
    if (rest.size() < kPrefixBytes) return {};
    return {kPrefixBytes, load_be32(rest, 0), false};
  }

  static Header read_digits(std::string_view rest) {
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits > kMostDigits) return {0, 0, true};
    if (digits == rest.size()) return {};
    if (digits == 0 || rest[digits] != ':') return {0, 0, true};
    std::size_t length = 0;
    std::from_chars(rest.data(), rest.data() + digits, length);
    return {digits + 1, length, false};
  }

  SplitStep fail(std::string_view cause) {
    failed_ = true;
    return failed({ErrorCode::kInvalidData,
                   "splitting frames: a netstring is malformed: " + std::string(cause)});
  }

  bool netstring_;
  std::size_t max_bytes_;
  std::size_t skip_ = 0;  // bytes left of a frame already reported as too long
  bool failed_ = false;
};

}  // namespace

Result<Framing> parse_framing(std::string_view name) {
  if (name == "lines") return Framing::kLines;
  if (name == "length_prefixed_uint32_be") return Framing::kLengthPrefixedUint32;
  if (name == "netstring") return Framing::kNetstring;
  return core::invalid_config("choosing a codec: `" + std::string(name) +
                              "` is not one of lines, length_prefixed_uint32_be, netstring");
}

Status append_frame(Framing framing, std::string_view payload, std::string& output) {
  if (payload.size() > std::numeric_limits<std::uint32_t>::max()) {
    return core::fail(ErrorCode::kLimit, "writing a frame: the message is 4 GiB or more");
  }
  switch (framing) {
    case Framing::kLines:
      if (payload.find('\n') != payload.npos) {
        return core::invalid_data("writing a line: the message holds a line feed");
      }
      output.append(payload).push_back('\n');
      break;
    case Framing::kLengthPrefixedUint32:
      append_be32(output, static_cast<std::uint32_t>(payload.size()));
      output.append(payload);
      break;
    case Framing::kNetstring:
      output.append(std::to_string(payload.size())).append(":").append(payload).append(",");
      break;
  }
  return {};
}

Result<std::unique_ptr<Splitter>> make_frame_splitter(Framing framing,
                                                      std::size_t max_record_bytes) {
  if (framing == Framing::kLines) {
    return make_lines_splitter({.max_record_bytes = max_record_bytes});
  }
  WEIR_CHECK_OK(internal::check_record_limit("max_buffer", max_record_bytes));
  return std::make_unique<FrameSplitter>(framing, max_record_bytes);
}

}  // namespace weir::codecs
