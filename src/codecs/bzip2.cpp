#include <algorithm>
#include <cstring>
#include <utility>

#include <bzlib.h>

#include "codecs/compression_internal.h"

namespace weir::codecs::internal {

using core::Status;

namespace {

constexpr std::size_t kLargestCall = std::size_t{1} << 30;  // libbz2 counts in 32 bits

class Bzip2Decoder final : public Decoder {
 public:
  Bzip2Decoder() { start(); }
  ~Bzip2Decoder() override { stop(); }

  [[nodiscard]] bool ready() const { return ready_; }

  Status run(std::string_view& input, std::span<char>& output) override {
    if (ended_) {
      if (input.empty()) return {};
      stop();  // a further stream follows
      start();
    }
    if (!ready_) return out_of_memory();
    const std::size_t in = std::min(input.size(), kLargestCall);
    const std::size_t out = std::min(output.size(), kLargestCall);
    stream_.next_in = const_cast<char*>(input.data());  // NOLINT: not written to
    stream_.avail_in = static_cast<unsigned>(in);
    stream_.next_out = output.data();
    stream_.avail_out = static_cast<unsigned>(out);
    const int code = BZ2_bzDecompress(&stream_);
    input.remove_prefix(in - stream_.avail_in);
    output = output.subspan(out - stream_.avail_out);
    switch (code) {
      case BZ_OK: return {};
      case BZ_STREAM_END:
        ended_ = true;
        ++streams_;
        return {};
      case BZ_MEM_ERROR: return out_of_memory();
      case BZ_DATA_ERROR_MAGIC:
        return core::invalid_data(streams_ == 0
                                      ? "this is not bzip2 data (no bzip2 header)"
                                      : "what follows the last bzip2 stream is not bzip2 data");
      default: return core::invalid_data("the data is damaged");
    }
  }

  [[nodiscard]] bool at_end() const override { return ended_; }

  void reset() override {
    stop();
    start();
    streams_ = 0;
  }

 private:
  void start() {
    std::memset(&stream_, 0, sizeof stream_);
    ready_ = BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK;
    ended_ = false;
  }
  void stop() {
    if (ready_) BZ2_bzDecompressEnd(&stream_);
    ready_ = false;
  }

  bz_stream stream_;
  bool ready_ = false;
  bool ended_ = false;
  unsigned long streams_ = 0;
};

class Bzip2Encoder final : public Encoder {
 public:
  explicit Bzip2Encoder(int level) : level_(level == kDefaultCompressionLevel ? 9 : level) {
    start();
  }
  ~Bzip2Encoder() override { stop(); }

  [[nodiscard]] bool ready() const { return ready_; }

  Status run(std::string_view input, bool last, std::string& output) override {
    if (!ready_) return out_of_memory();
    while (!input.empty() || last) {
      const std::size_t in = std::min(input.size(), kLargestCall);
      const bool flush = last && in == input.size();
      const std::size_t start_size = output.size();
      const std::size_t room = std::min(in / 4 + 4096, kLargestCall);
      output.resize(start_size + room);
      stream_.next_in = const_cast<char*>(input.data());  // NOLINT: not written to
      stream_.avail_in = static_cast<unsigned>(in);
      stream_.next_out = output.data() + start_size;
      stream_.avail_out = static_cast<unsigned>(room);
      const int code = BZ2_bzCompress(&stream_, flush ? BZ_FINISH : BZ_RUN);
      output.resize(start_size + room - stream_.avail_out);
      input.remove_prefix(in - stream_.avail_in);
      if (code == BZ_STREAM_END) {
        reset();
        return {};
      }
      if (code != BZ_RUN_OK && code != BZ_FINISH_OK) {
        return core::fail(core::ErrorCode::kInternal, "libbz2 says " + std::to_string(code));
      }
    }
    return {};
  }

  void reset() override {
    stop();
    start();
  }

 private:
  void start() {
    std::memset(&stream_, 0, sizeof stream_);
    ready_ = BZ2_bzCompressInit(&stream_, level_, 0, 0) == BZ_OK;
  }
  void stop() {
    if (ready_) BZ2_bzCompressEnd(&stream_);
    ready_ = false;
  }

  bz_stream stream_;
  int level_;
  bool ready_ = false;
};

}  // namespace

DecoderResult make_bzip2_decoder() {
  auto decoder = std::make_unique<Bzip2Decoder>();
  if (!decoder->ready()) return out_of_memory();
  return decoder;
}

EncoderResult make_bzip2_encoder(int level) {
  auto encoder = std::make_unique<Bzip2Encoder>(level);
  if (!encoder->ready()) return out_of_memory();
  return encoder;
}

}  // namespace weir::codecs::internal
