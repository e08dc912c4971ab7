#include "codecs/compression.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codecs/compression_internal.h"

namespace weir::codecs {

using core::Error;
using core::ErrorCode;
using core::Result;
using core::Status;

namespace {

constexpr std::array<std::string_view, 8> kNames = {"bzip2", "flate",  "gzip", "lz4",
                                                    "pgzip", "snappy", "zlib", "zstd"};

internal::DecoderResult make_decoder(Compression algorithm) {
  switch (algorithm) {
    case Compression::kGzip:
    case Compression::kZlib:
    case Compression::kFlate: return internal::make_deflate_decoder(algorithm);
    case Compression::kBzip2: return internal::make_bzip2_decoder();
    case Compression::kLz4: return internal::make_lz4_decoder();
    case Compression::kSnappyFramed: return internal::make_snappy_framed_decoder();
    case Compression::kZstd: return internal::make_zstd_decoder();
    case Compression::kSnappy: break;
  }
  return core::invalid_config("decompressing snappy: the raw block format cannot be streamed");
}

internal::EncoderResult make_encoder(Compression algorithm, int level) {
  switch (algorithm) {
    case Compression::kGzip:
    case Compression::kZlib:
    case Compression::kFlate: return internal::make_deflate_encoder(algorithm, level);
    case Compression::kBzip2: return internal::make_bzip2_encoder(level);
    case Compression::kLz4: return internal::make_lz4_encoder(level);
    case Compression::kSnappyFramed: return internal::make_snappy_framed_encoder();
    case Compression::kZstd: return internal::make_zstd_encoder(level);
    case Compression::kSnappy: break;
  }
  return core::invalid_config("compressing snappy: the raw block format cannot be streamed");
}

std::string context(std::string_view verb, Compression algorithm) {
  return std::string(verb).append(" ").append(name(algorithm));
}

}  // namespace

namespace internal {

tl::unexpected<Error> output_too_large(std::uint64_t limit) {
  return core::fail(ErrorCode::kLimit,
                    "output is larger than the limit of " + std::to_string(limit) + " bytes");
}

tl::unexpected<Error> out_of_memory() {
  return core::unavailable("out of memory");
}

}  // namespace internal

Result<Compression> parse_compression(std::string_view text, CompressionUse use) {
  if (text == "gzip" || text == "pgzip") return Compression::kGzip;
  if (text == "zlib") return Compression::kZlib;
  if (text == "flate") return Compression::kFlate;
  if (text == "bzip2") return Compression::kBzip2;
  if (text == "lz4") return Compression::kLz4;
  if (text == "zstd") return Compression::kZstd;
  if (text == "snappy") {
    return use == CompressionUse::kMessage ? Compression::kSnappy : Compression::kSnappyFramed;
  }
  return core::invalid_config("choosing a compression: `" + std::string(text) +
                              "` is not one of bzip2, flate, gzip, lz4, pgzip, snappy, zlib, zstd");
}

std::string_view name(Compression algorithm) {
  switch (algorithm) {
    case Compression::kGzip: return "gzip";
    case Compression::kZlib: return "zlib";
    case Compression::kFlate: return "flate";
    case Compression::kBzip2: return "bzip2";
    case Compression::kLz4: return "lz4";
    case Compression::kSnappy:
    case Compression::kSnappyFramed: return "snappy";
    case Compression::kZstd: return "zstd";
  }
  return "";
}

std::span<const std::string_view> compression_names() {
  return kNames;
}

Decompressor::Decompressor(std::unique_ptr<internal::Decoder> decoder, Compression algorithm,
                           const DecompressLimits& limits)
    : decoder_(std::move(decoder)), algorithm_(algorithm), limits_(limits) {}

Decompressor::~Decompressor() = default;

Error Decompressor::in_context(Error error) const {
  return std::move(error).with_context(context("decompressing", algorithm_));
}

Status Decompressor::check_limits() const {
  if (limits_.max_output_bytes != 0 && total_out_ > limits_.max_output_bytes) {
    return internal::output_too_large(limits_.max_output_bytes);
  }
  // The size of the whole input is fairer than what was read of it so far, where it is known.
  const std::uint64_t input = std::max(total_in_, known_input_);
  if (limits_.max_ratio != 0 && total_out_ > limits_.ratio_after_bytes &&
      total_out_ / limits_.max_ratio >= input) {
    return core::fail(ErrorCode::kLimit, "output reaches the limit of " +
                                             std::to_string(limits_.max_ratio) +
                                             " times the size of the input");
  }
  return {};
}

Result<Decompressor::Progress> Decompressor::step(std::string_view input, std::span<char> output) {
  const std::size_t input_size = input.size();
  const std::size_t output_size = output.size();
  while (!output.empty()) {
    const std::size_t input_before = input.size();
    const std::size_t output_before = output.size();
    Status status = decoder_->run(input, output);
    total_in_ += input_before - input.size();
    total_out_ += output_before - output.size();
    if (status) status = check_limits();
    if (!status) return core::fail(in_context(std::move(status).error()));
    if (input.size() == input_before && output.size() == output_before) {
      if (input.empty()) break;
      return core::fail(in_context(
          Error{ErrorCode::kInternal, "the decoder stopped with input and room for output left"}));
    }
  }
  return Progress{input_size - input.size(), output_size - output.size()};
}

Status Decompressor::finish() {
  if (decoder_->at_end()) return {};
  return core::fail(in_context(Error{
      ErrorCode::kInvalidData, total_in_ == 0 ? "the input is empty" : "the data ends too early"}));
}

void Decompressor::reset() {
  decoder_->reset();
  total_in_ = 0;
  total_out_ = 0;
  known_input_ = 0;
}

Status Decompressor::decompress(std::string_view input, std::string& output) {
  constexpr std::size_t kSmallest = 4096;
  constexpr std::size_t kLargest = std::size_t{4} << 20;
  reset();
  known_input_ = input.size();
  const std::size_t start = output.size();
  std::size_t size = start;
  std::size_t room = std::clamp(input.size() * 4, kSmallest, kLargest);
  while (true) {
    output.resize(size + room);
    auto progress = step(input, std::span<char>(output).subspan(size));
    if (!progress) {
      output.resize(start);
      return core::fail(std::move(progress).error());
    }
    input.remove_prefix(progress->consumed);
    size += progress->produced;
    if (progress->produced < room) break;
    room = std::clamp(size - start, kSmallest, kLargest);
  }
  auto finished = finish();
  output.resize(finished ? size : start);
  return finished;
}

Result<std::unique_ptr<Decompressor>> make_decompressor(Compression algorithm,
                                                        const DecompressLimits& limits) {
  WEIR_TRY(auto decoder, make_decoder(algorithm));
  return std::make_unique<Decompressor>(std::move(decoder), algorithm, limits);
}

Result<std::string> decompress(Compression algorithm, std::string_view input,
                               const DecompressLimits& limits) {
  if (algorithm == Compression::kSnappy) {
    auto output = internal::snappy_decompress_block(input, limits.max_output_bytes);
    if (!output) {
      return core::fail(
          std::move(output).error().with_context(context("decompressing", algorithm)));
    }
    return output;
  }
  WEIR_TRY(auto decompressor, make_decompressor(algorithm, limits));
  std::string output;
  WEIR_CHECK_OK(decompressor->decompress(input, output));
  return output;
}

Status check_compression_level(Compression algorithm, int level) {
  int lowest = 0;
  int highest = 0;
  switch (algorithm) {
    case Compression::kGzip:
    case Compression::kZlib:
    case Compression::kFlate:
      lowest = -2;
      highest = 9;
      break;
    case Compression::kBzip2:
      lowest = 1;
      highest = 9;
      break;
    case Compression::kLz4:
      lowest = 0;
      highest = 9;
      break;
    case Compression::kZstd:
      lowest = 0;
      highest = 22;
      break;
    case Compression::kSnappy:
    case Compression::kSnappyFramed: return {};
  }
  if (level == kDefaultCompressionLevel || (level >= lowest && level <= highest)) return {};
  return core::invalid_config(context("compressing", algorithm) + ": level " +
                              std::to_string(level) + " is not -1 or between " +
                              std::to_string(lowest) + " and " + std::to_string(highest));
}

Compressor::Compressor(std::unique_ptr<internal::Encoder> encoder, Compression algorithm)
    : encoder_(std::move(encoder)), algorithm_(algorithm) {}

Compressor::~Compressor() = default;

Status Compressor::run(std::string_view input, bool last, std::string& output) {
  auto status = encoder_->run(input, last, output);
  if (status) return {};
  return core::fail(std::move(status).error().with_context(context("compressing", algorithm_)));
}

Status Compressor::write(std::string_view input, std::string& output) {
  return run(input, false, output);
}

Status Compressor::finish(std::string& output) {
  return run({}, true, output);
}

void Compressor::reset() {
  encoder_->reset();
}

Status Compressor::compress(std::string_view input, std::string& output) {
  reset();
  return run(input, true, output);
}

Result<std::unique_ptr<Compressor>> make_compressor(Compression algorithm, int level) {
  WEIR_CHECK_OK(check_compression_level(algorithm, level));
  WEIR_TRY(auto encoder, make_encoder(algorithm, level));
  return std::make_unique<Compressor>(std::move(encoder), algorithm);
}

Result<std::string> compress(Compression algorithm, std::string_view input, int level) {
  if (algorithm == Compression::kSnappy) {
    auto output = internal::snappy_compress_block(input);
    if (!output) {
      return core::fail(std::move(output).error().with_context(context("compressing", algorithm)));
    }
    return output;
  }
  WEIR_TRY(auto compressor, make_compressor(algorithm, level));
  std::string output;
  WEIR_CHECK_OK(compressor->compress(input, output));
  return output;
}

}  // namespace weir::codecs
