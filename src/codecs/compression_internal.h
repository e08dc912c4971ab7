#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "codecs/compression.h"
#include "core/result.h"

namespace weir::codecs::internal {

/// What one algorithm brings; limits, the loop and error context are in compression.cpp.
class Decoder {
 public:
  Decoder() = default;
  virtual ~Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Takes from the front of `input` and writes to the front of `output`, narrowing both.
  /// May stop early; not moving either cursor means that it waits for more of one of them.
  [[nodiscard]] virtual core::Status run(std::string_view& input, std::span<char>& output) = 0;

  /// Whether the input may end here.
  [[nodiscard]] virtual bool at_end() const = 0;
  virtual void reset() = 0;
};

class Encoder {
 public:
  Encoder() = default;
  virtual ~Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  /// Takes all of `input`, appends to `output`; `last` ends the stream and gets ready for the next.
  [[nodiscard]] virtual core::Status run(std::string_view input, bool last,
                                         std::string& output) = 0;
  virtual void reset() = 0;
};

using DecoderResult = core::Result<std::unique_ptr<Decoder>>;
using EncoderResult = core::Result<std::unique_ptr<Encoder>>;

[[nodiscard]] DecoderResult make_deflate_decoder(Compression algorithm);  // gzip, zlib, flate
[[nodiscard]] EncoderResult make_deflate_encoder(Compression algorithm, int level);
[[nodiscard]] DecoderResult make_bzip2_decoder();
[[nodiscard]] EncoderResult make_bzip2_encoder(int level);
[[nodiscard]] DecoderResult make_lz4_decoder();
[[nodiscard]] EncoderResult make_lz4_encoder(int level);
[[nodiscard]] DecoderResult make_snappy_framed_decoder();
[[nodiscard]] EncoderResult make_snappy_framed_encoder();
[[nodiscard]] DecoderResult make_zstd_decoder();
[[nodiscard]] EncoderResult make_zstd_encoder(int level);

[[nodiscard]] core::Result<std::string> snappy_decompress_block(std::string_view input,
                                                                std::uint64_t max_output_bytes);
[[nodiscard]] core::Result<std::string> snappy_compress_block(std::string_view input);

/// "output is larger than the limit of N bytes".
[[nodiscard]] tl::unexpected<core::Error> output_too_large(std::uint64_t limit);
[[nodiscard]] tl::unexpected<core::Error> out_of_memory();

}  // namespace weir::codecs::internal
