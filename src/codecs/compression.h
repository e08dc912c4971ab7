#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::codecs {

enum class Compression : unsigned char {
  kGzip,   ///< RFC 1952, any number of members; also called `pgzip`
  kZlib,   ///< RFC 1950
  kFlate,  ///< RFC 1951, no header and no checksum
  kBzip2,
  kLz4,           ///< LZ4 frames; legacy frames are refused
  kSnappy,        ///< one raw Snappy block: whole messages only, cannot be streamed
  kSnappyFramed,  ///< the Snappy framing format: streams
  kZstd,          ///< Zstandard frames, skippable ones included
};

/// `snappy` names the raw block where a message is (de)compressed and the framing format where a
/// stream is; all other names mean the same in both places.
enum class CompressionUse : unsigned char { kMessage, kStream };

/// `gzip`, `pgzip`, `zlib`, `flate`, `bzip2`, `lz4`, `snappy`, `zstd`.
/// Error kInvalidConfig: any other name.
[[nodiscard]] core::Result<Compression> parse_compression(std::string_view name,
                                                          CompressionUse use);

/// The name in configs: `gzip`, ..., both Snappy forms are `snappy`.
[[nodiscard]] std::string_view name(Compression algorithm);

/// The names parse_compression accepts, sorted.
[[nodiscard]] std::span<const std::string_view> compression_names();

/// How often compressed data may be wrapped in compressed data; for callers that nest.
inline constexpr int kMaxCompressionStages = 2;

/// Limits on what a decompression may produce. 0 means unlimited.
struct DecompressLimits {
  std::uint64_t max_output_bytes = std::uint64_t{64} << 20;
  /// Refuses output larger than `max_ratio` times the input, once it is over `ratio_after_bytes`.
  std::uint64_t max_ratio = 200;
  std::uint64_t ratio_after_bytes = std::uint64_t{1} << 20;
};

namespace internal {
class Decoder;
class Encoder;
}  // namespace internal

/// One decompression, fed and drained in pieces; memory does not depend on the amount of data.
/// Not thread-safe. After an error only `reset` may be called.
class Decompressor {
 public:
  struct Progress {
    std::size_t consumed = 0;  ///< bytes taken from the front of the input
    std::size_t produced = 0;  ///< bytes written to the front of the output
  };

  Decompressor(std::unique_ptr<internal::Decoder> decoder, Compression algorithm,
               const DecompressLimits& limits);
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  /// Works until the input is used up or the output is full. A full output may hide more: call
  /// again, with empty input if none is left, until less than the output is produced.
  /// Error kInvalidData: the data is damaged or is not of this algorithm.
  /// Error kLimit: more output than the limits allow; output of this call must not be used.
  [[nodiscard]] core::Result<Progress> step(std::string_view input, std::span<char> output);

  /// Call when the input is at its end and everything is drained.
  /// Error kInvalidData: the compressed data ends too early. No data at all is too early, but for
  /// lz4, framed Snappy and zstd, whose streams are any number of frames.
  [[nodiscard]] core::Status finish();

  /// Ready for the next stream, with the same limits.
  void reset();

  /// Appends the whole of `input`, decompressed, to `output`; resets first.
  /// `output` is as before on error. Errors as in `step` and `finish`.
  [[nodiscard]] core::Status decompress(std::string_view input, std::string& output);

  [[nodiscard]] std::uint64_t total_in() const { return total_in_; }
  [[nodiscard]] std::uint64_t total_out() const { return total_out_; }

 private:
  [[nodiscard]] core::Status check_limits() const;
  [[nodiscard]] core::Error in_context(core::Error error) const;

  std::unique_ptr<internal::Decoder> decoder_;
  Compression algorithm_;
  DecompressLimits limits_;
  std::uint64_t total_in_ = 0;
  std::uint64_t total_out_ = 0;
  std::uint64_t known_input_ = 0;  // size of the whole input where it is known beforehand
};

/// Error kInvalidConfig: kSnappy, which cannot be streamed.
[[nodiscard]] core::Result<std::unique_ptr<Decompressor>> make_decompressor(
    Compression algorithm, const DecompressLimits& limits = {});

/// The whole of `input`, decompressed. Any algorithm, kSnappy included.
/// zlib and flate ignore bytes after the end of the stream, gzip ignores zero bytes there, the
/// others refuse what is not a further stream of the same kind.
/// Errors as in Decompressor.
[[nodiscard]] core::Result<std::string> decompress(Compression algorithm, std::string_view input,
                                                   const DecompressLimits& limits = {});

/// The algorithm's own default; for gzip, zlib and flate 6, for zstd 3.
inline constexpr int kDefaultCompressionLevel = -1;

/// Checks a level: gzip, zlib, flate -2 (Huffman only) to 9; bzip2 1 to 9; lz4 0 (fast) to 9;
/// zstd 0 to 22, of which those above 19 are taken as 19; -1 for all; snappy takes anything.
/// Error kInvalidConfig: out of range.
[[nodiscard]] core::Status check_compression_level(Compression algorithm, int level);

/// One compression. Not thread-safe. After an error only `reset` may be called.
class Compressor {
 public:
  Compressor(std::unique_ptr<internal::Encoder> encoder, Compression algorithm);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  /// Takes all of `input`; appends to `output` what is ready.
  [[nodiscard]] core::Status write(std::string_view input, std::string& output);

  /// Appends the rest and the end of the stream. The next `write` starts a new stream.
  [[nodiscard]] core::Status finish(std::string& output);

  void reset();

  /// Appends a complete stream holding `input` to `output`; resets first.
  [[nodiscard]] core::Status compress(std::string_view input, std::string& output);

 private:
  [[nodiscard]] core::Status run(std::string_view input, bool last, std::string& output);

  std::unique_ptr<internal::Encoder> encoder_;
  Compression algorithm_;
};

/// Error kInvalidConfig: kSnappy, which cannot be streamed, or a level out of range.
[[nodiscard]] core::Result<std::unique_ptr<Compressor>> make_compressor(
    Compression algorithm, int level = kDefaultCompressionLevel);

/// The whole of `input`, compressed. Any algorithm, kSnappy included.
/// Error kInvalidConfig: a level out of range. Error kLimit: more than 4 GiB for kSnappy.
[[nodiscard]] core::Result<std::string> compress(Compression algorithm, std::string_view input,
                                                 int level = kDefaultCompressionLevel);

}  // namespace weir::codecs
