#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <lz4frame.h>

#include "codecs/compression_internal.h"

namespace weir::codecs::internal {

using core::Status;

namespace {

constexpr std::size_t kCompressPiece = std::size_t{1} << 20;

class Lz4Decoder final : public Decoder {
 public:
  Lz4Decoder() { ready_ = !LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)); }
  ~Lz4Decoder() override { LZ4F_freeDecompressionContext(context_); }

  [[nodiscard]] bool ready() const { return ready_; }

  Status run(std::string_view& input, std::span<char>& output) override {
    std::size_t in = input.size();
    std::size_t out = output.size();
    const std::size_t code =
        LZ4F_decompress(context_, output.data(), &out, input.data(), &in, nullptr);
    if (LZ4F_isError(code)) return damaged(code);
    input.remove_prefix(in);
    output = output.subspan(out);
    // Without any progress the code only says how long the next frame's header is.
    if (in != 0 || out != 0) {
      between_frames_ = code == 0;
      if (between_frames_) ++frames_;
    }
    return {};
  }

  [[nodiscard]] bool at_end() const override { return between_frames_; }

  void reset() override {
    LZ4F_resetDecompressionContext(context_);
    between_frames_ = true;
    frames_ = 0;
  }

 private:
  [[nodiscard]] Status damaged(std::size_t code) const {
    const std::string_view what = LZ4F_getErrorName(code);
    if (what == "ERROR_frameType_unknown") {
      return core::invalid_data(frames_ == 0 ? "this is not an LZ4 frame (no LZ4 header)"
                                             : "what follows the last LZ4 frame is not one");
    }
    if (what == "ERROR_allocation_failed") return out_of_memory();
    return core::invalid_data("the data is damaged (" + std::string(what) + ")");
  }

  LZ4F_dctx* context_ = nullptr;
  bool ready_ = false;
  bool between_frames_ = true;  // no frame at all is a stream too
  unsigned long frames_ = 0;
};

class Lz4Encoder final : public Encoder {
 public:
  explicit Lz4Encoder(int level) {
    std::memset(&preferences_, 0, sizeof preferences_);
    // Levels 1 to 9 are the family's; the library's high-compression levels begin at 3.
    preferences_.compressionLevel = level <= 0 ? 0 : level + 2;
    preferences_.frameInfo.blockSizeID = LZ4F_max256KB;
    preferences_.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    ready_ = !LZ4F_isError(LZ4F_createCompressionContext(&context_, LZ4F_VERSION));
  }
  ~Lz4Encoder() override { LZ4F_freeCompressionContext(context_); }

  [[nodiscard]] bool ready() const { return ready_; }

  Status run(std::string_view input, bool last, std::string& output) override {
    if (!begun_) {
      WEIR_CHECK_OK(append(output, LZ4F_HEADER_SIZE_MAX, [this](char* to, std::size_t room) {
        return LZ4F_compressBegin(context_, to, room, &preferences_);
      }));
      begun_ = true;
    }
    while (!input.empty()) {
      const std::string_view piece = input.substr(0, kCompressPiece);
      WEIR_CHECK_OK(append(output, LZ4F_compressBound(piece.size(), &preferences_),
                           [this, piece](char* to, std::size_t room) {
                             return LZ4F_compressUpdate(context_, to, room, piece.data(),
                                                        piece.size(), nullptr);
                           }));
      input.remove_prefix(piece.size());
    }
    if (!last) return {};
    begun_ = false;
    return append(output, LZ4F_compressBound(0, &preferences_), [this](char* to, std::size_t room) {
      return LZ4F_compressEnd(context_, to, room, nullptr);
    });
  }

  void reset() override { begun_ = false; }

 private:
  template <class Call>
  static Status append(std::string& output, std::size_t room, const Call& call) {
    const std::size_t start = output.size();
    output.resize(start + room);
    const std::size_t written = call(output.data() + start, room);
    const bool failed = LZ4F_isError(written);
    output.resize(failed ? start : start + written);
    if (!failed) return {};
    return core::fail(core::ErrorCode::kInternal,
                      std::string("liblz4 says ") + LZ4F_getErrorName(written));
  }

  LZ4F_cctx* context_ = nullptr;
  LZ4F_preferences_t preferences_;
  bool ready_ = false;
  bool begun_ = false;
};

}  // namespace

DecoderResult make_lz4_decoder() {
  auto decoder = std::make_unique<Lz4Decoder>();
  if (!decoder->ready()) return out_of_memory();
  return decoder;
}

EncoderResult make_lz4_encoder(int level) {
  auto encoder = std::make_unique<Lz4Encoder>(level);
  if (!encoder->ready()) return out_of_memory();
  return encoder;
}

}  // namespace weir::codecs::internal
