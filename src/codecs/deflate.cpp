#include <algorithm>
#include <cstring>
#include <utility>

#include <zlib.h>

#include "codecs/compression_internal.h"

namespace weir::codecs::internal {

using core::Status;

namespace {

constexpr std::size_t kLargestCall = std::size_t{1} << 30;  // zlib counts in 32 bits

int window_bits(Compression algorithm) {
  if (algorithm == Compression::kGzip) return 15 + 16;
  return algorithm == Compression::kZlib ? 15 : -15;
}

Bytef* bytes(const char* data) {
  // zlib's interface predates const; it does not write to its input.
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(data));  // NOLINT
}

class DeflateDecoder final : public Decoder {
 public:
  explicit DeflateDecoder(Compression algorithm) : algorithm_(algorithm) {
    std::memset(&stream_, 0, sizeof stream_);
    ready_ = inflateInit2(&stream_, window_bits(algorithm)) == Z_OK;
  }
  ~DeflateDecoder() override {
    if (ready_) inflateEnd(&stream_);
  }

  [[nodiscard]] bool ready() const { return ready_; }

  Status run(std::string_view& input, std::span<char>& output) override {
    if (ended_ && !input.empty()) {
      skip_after_end(input);
      if (input.empty()) return {};
    }
    const std::size_t in = std::min(input.size(), kLargestCall);
    const std::size_t out = std::min(output.size(), kLargestCall);
    stream_.next_in = bytes(input.data());
    stream_.avail_in = static_cast<uInt>(in);
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = static_cast<uInt>(out);
    const int code = ended_ ? Z_BUF_ERROR : inflate(&stream_, Z_NO_FLUSH);
    input.remove_prefix(in - stream_.avail_in);
    output = output.subspan(out - stream_.avail_out);
    switch (code) {
      case Z_OK:
      case Z_BUF_ERROR: return {};
      case Z_STREAM_END:
        ended_ = true;
        ++members_;
        return {};
      case Z_MEM_ERROR: return out_of_memory();
      case Z_NEED_DICT: return core::invalid_data("the data needs a preset dictionary");
      default: return damaged();
    }
  }

  [[nodiscard]] bool at_end() const override { return ended_; }

  void reset() override {
    inflateReset(&stream_);
    ended_ = false;
    members_ = 0;
  }

 private:
  // Another gzip member may follow, after zeros that fill a block of the medium.
  void skip_after_end(std::string_view& input) {
    if (algorithm_ != Compression::kGzip) {
      input = {};
      return;
    }
    input.remove_prefix(std::min(input.find_first_not_of('\0'), input.size()));
    if (input.empty()) return;
    inflateReset(&stream_);
    ended_ = false;
  }

  [[nodiscard]] Status damaged() const {
    // Nothing but the header was read: say what is wrong with the whole, not with a field of it.
    const bool in_header = stream_.total_out == 0 && stream_.total_in <= 10;
    if (in_header && algorithm_ == Compression::kGzip) {
      return core::invalid_data(members_ == 0
                                    ? "this is not gzip data (no gzip header)"
                                    : "what follows the last gzip member is not gzip data");
    }
    if (in_header && algorithm_ == Compression::kZlib) {
      return core::invalid_data("this is not zlib data (no zlib header)");
    }
    std::string message = "the data is damaged";
    if (stream_.msg != nullptr) message.append(" (").append(stream_.msg).append(")");
    return core::invalid_data(std::move(message));
  }

  z_stream stream_;
  Compression algorithm_;
  bool ready_ = false;
  bool ended_ = false;
  unsigned long members_ = 0;
};

class DeflateEncoder final : public Encoder {
 public:
  DeflateEncoder(Compression algorithm, int level) {
    std::memset(&stream_, 0, sizeof stream_);
    const bool huffman_only = level == -2;
    ready_ = deflateInit2(&stream_, huffman_only ? Z_DEFAULT_COMPRESSION : level, Z_DEFLATED,
                          window_bits(algorithm), 8,
                          huffman_only ? Z_HUFFMAN_ONLY : Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~DeflateEncoder() override {
    if (ready_) deflateEnd(&stream_);
  }

  [[nodiscard]] bool ready() const { return ready_; }

  Status run(std::string_view input, bool last, std::string& output) override {
    while (true) {
      const std::size_t in = std::min(input.size(), kLargestCall);
      const bool flush = last && in == input.size();
      const std::size_t start = output.size();
      const std::size_t room = std::min(
          flush ? std::size_t{deflateBound(&stream_, static_cast<uLong>(in))} : in / 2 + 64,
          kLargestCall);
      output.resize(start + room);
      stream_.next_in = bytes(input.data());
      stream_.avail_in = static_cast<uInt>(in);
      stream_.next_out = reinterpret_cast<Bytef*>(output.data() + start);
      stream_.avail_out = static_cast<uInt>(room);
      const int code = deflate(&stream_, flush ? Z_FINISH : Z_NO_FLUSH);
      output.resize(start + room - stream_.avail_out);
      input.remove_prefix(in - stream_.avail_in);
      if (code == Z_STREAM_END) {
        reset();
        return {};
      }
      if (code != Z_OK && code != Z_BUF_ERROR) {
        return core::fail(core::ErrorCode::kInternal, "zlib says " + std::to_string(code));
      }
      if (!last && input.empty() && stream_.avail_out != 0) return {};
    }
  }

  void reset() override { deflateReset(&stream_); }

 private:
  z_stream stream_;
  bool ready_ = false;
};

}  // namespace

DecoderResult make_deflate_decoder(Compression algorithm) {
  auto decoder = std::make_unique<DeflateDecoder>(algorithm);
  if (!decoder->ready()) return out_of_memory();
  return decoder;
}

EncoderResult make_deflate_encoder(Compression algorithm, int level) {
  auto encoder = std::make_unique<DeflateEncoder>(algorithm, level);
  if (!encoder->ready()) return out_of_memory();
  return encoder;
}

}  // namespace weir::codecs::internal
