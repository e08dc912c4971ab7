#include <algorithm>
#include <memory>
#include <utility>

#include <zstd.h>
#include <zstd_errors.h>

#include "codecs/compression_internal.h"

namespace weir::codecs::internal {

using core::Status;

namespace {

struct Free {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : context_(ZSTD_createDCtx()) {}

  [[nodiscard]] bool ready() const { return context_ != nullptr; }

  Status run(std::string_view& input, std::span<char>& output) override {
    // Asked often without need, the library takes it for an endless loop of ours and fails.
    if (input.empty() && drained_) return {};
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    const std::size_t code = ZSTD_decompressStream(context_.get(), &out, &in);
    if (ZSTD_isError(code) != 0) return damaged(code);
    input.remove_prefix(in.pos);
    output = output.subspan(out.pos);
    drained_ = input.empty() && !output.empty();
    // Without any progress the code only says how long the next frame's header is.
    if (in.pos != 0 || out.pos != 0) {
      between_frames_ = code == 0;
      if (between_frames_) ++frames_;
    }
    return {};
  }

  [[nodiscard]] bool at_end() const override { return between_frames_; }

  void reset() override {
    ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
    between_frames_ = true;
    drained_ = true;
    frames_ = 0;
  }

 private:
  [[nodiscard]] Status damaged(std::size_t code) const {
    switch (ZSTD_getErrorCode(code)) {
      case ZSTD_error_prefix_unknown:
        return core::invalid_data(frames_ == 0 ? "this is not zstd data (no zstd header)"
                                               : "what follows the last zstd frame is not one");
      case ZSTD_error_memory_allocation: return out_of_memory();
      case ZSTD_error_frameParameter_windowTooLarge:
        return core::fail(core::ErrorCode::kLimit, "the data needs a window over 128 MiB");
      default:
        return core::invalid_data(std::string("the data is damaged (") + ZSTD_getErrorName(code) +
                                  ")");
    }
  }

  std::unique_ptr<ZSTD_DCtx, Free> context_;
  bool between_frames_ = true;  // no frame at all is a stream too
  bool drained_ = true;         // nothing comes without further input
  unsigned long frames_ = 0;
};

class ZstdEncoder final : public Encoder {
 public:
  explicit ZstdEncoder(int level) : context_(ZSTD_createCCtx()) {
    if (context_ == nullptr) return;
    // Levels from 20 on take hundreds of MiB.
    const int used = level == kDefaultCompressionLevel ? ZSTD_CLEVEL_DEFAULT : std::min(level, 19);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, used);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  }

  [[nodiscard]] bool ready() const { return context_ != nullptr; }

  Status run(std::string_view input, bool last, std::string& output) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    while (true) {
      const std::size_t start = output.size();
      const std::size_t room = last ? std::min(ZSTD_compressBound(in.size - in.pos), kLargestPiece)
                                    : ZSTD_CStreamOutSize();
      output.resize(start + room);
      ZSTD_outBuffer out{output.data() + start, room, 0};
      const std::size_t left =
          ZSTD_compressStream2(context_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      output.resize(start + out.pos);
      if (ZSTD_isError(left) != 0) {
        return core::fail(core::ErrorCode::kInternal,
                          std::string("libzstd says ") + ZSTD_getErrorName(left));
      }
      if (last ? left == 0 : in.pos == in.size) return {};
    }
  }

  void reset() override { ZSTD_CCtx_reset(context_.get(), ZSTD_reset_session_only); }

 private:
  static constexpr std::size_t kLargestPiece = std::size_t{4} << 20;

  std::unique_ptr<ZSTD_CCtx, Free> context_;
};

}  // namespace

DecoderResult make_zstd_decoder() {
  auto decoder = std::make_unique<ZstdDecoder>();
  if (!decoder->ready()) return out_of_memory();
  return decoder;
}

EncoderResult make_zstd_encoder(int level) {
  auto encoder = std::make_unique<ZstdEncoder>(level);
  if (!encoder->ready()) return out_of_memory();
  return encoder;
}

}  // namespace weir::codecs::internal
