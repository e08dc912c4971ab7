#include <algorithm>
#include <limits>
#include <utility>

#include <snappy.h>

#include "codecs/bytes.h"
#include "codecs/compression_internal.h"
#include "codecs/crc32c.h"

namespace weir::codecs::internal {

using core::Result;
using core::Status;

// The framing format: github.com/google/snappy/blob/main/framing_format.txt

namespace {

constexpr std::string_view kStreamIdentifier{"\xff\x06\x00\x00sNaPpY", 10};
constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kLargestBlock = 65536;
constexpr std::uint32_t kCompressedChunk = 0x00;
constexpr std::uint32_t kPlainChunk = 0x01;
constexpr std::uint32_t kLastReservedUnskippable = 0x7f;
constexpr std::uint32_t kIdentifierChunk = 0xff;

std::uint32_t masked_checksum(std::string_view data) {
  const std::uint32_t crc = crc32c(data);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

class SnappyFramedDecoder final : public Decoder {
 public:
  Status run(std::string_view& input, std::span<char>& output) override {
    while (true) {
      if (drained_ < block_.size()) {
        const std::size_t size = std::min(output.size(), block_.size() - drained_);
        std::copy_n(block_.data() + drained_, size, output.data());
        output = output.subspan(size);
        drained_ += size;
        if (drained_ < block_.size()) return {};
      }
      if (input.empty()) return {};
      if (skip_ > 0) {
        const std::size_t size = std::min(skip_, input.size());
        input.remove_prefix(size);
        skip_ -= size;
        continue;
      }
      if (chunk_.size() < kHeaderBytes) {
        take(input, kHeaderBytes);
        if (chunk_.size() == kHeaderBytes) WEIR_CHECK_OK(start_chunk());
        continue;
      }
      take(input, kHeaderBytes + chunk_bytes());
      if (chunk_.size() == kHeaderBytes + chunk_bytes()) WEIR_CHECK_OK(finish_chunk());
    }
  }

  [[nodiscard]] bool at_end() const override {
    return chunk_.empty() && skip_ == 0 && drained_ == block_.size();
  }

  void reset() override {
    chunk_.clear();
    block_.clear();
    drained_ = 0;
    skip_ = 0;
    identified_ = false;
  }

 private:
  [[nodiscard]] std::uint32_t chunk_type() const { return byte_at(chunk_, 0); }
  [[nodiscard]] std::size_t chunk_bytes() const { return load_le32(chunk_, 0) >> 8; }

  void take(std::string_view& input, std::size_t up_to) {
    const std::size_t size = std::min(input.size(), up_to - chunk_.size());
    chunk_.append(input.substr(0, size));
    input.remove_prefix(size);
  }

  Status start_chunk() {
    if (!identified_ && chunk_type() != kIdentifierChunk) {
      return core::invalid_data("this is not framed snappy data (no stream identifier)");
    }
    switch (chunk_type()) {
      case kIdentifierChunk:
        if (chunk_bytes() != kStreamIdentifier.size() - kHeaderBytes) {
          return core::invalid_data("this is not framed snappy data (no stream identifier)");
        }
        return {};
      case kCompressedChunk:
        if (chunk_bytes() < kChecksumBytes ||
            chunk_bytes() > kChecksumBytes + snappy::MaxCompressedLength(kLargestBlock)) {
          return core::invalid_data("the data is damaged (bad chunk length)");
        }
        return {};
      case kPlainChunk:
        if (chunk_bytes() < kChecksumBytes || chunk_bytes() > kChecksumBytes + kLargestBlock) {
          return core::invalid_data("the data is damaged (bad chunk length)");
        }
        return {};
      default: break;
    }
    if (chunk_type() <= kLastReservedUnskippable) {
      return core::invalid_data("the data has a chunk of unknown type " +
                                std::to_string(chunk_type()));
    }
    skip_ = chunk_bytes();
    chunk_.clear();
    return {};
  }

  Status finish_chunk() {
    const std::uint32_t type = chunk_type();
    const std::string_view body = std::string_view(chunk_).substr(kHeaderBytes);
    if (type == kIdentifierChunk) {
      if (body != kStreamIdentifier.substr(kHeaderBytes)) {
        return core::invalid_data("this is not framed snappy data (no stream identifier)");
      }
      identified_ = true;
      chunk_.clear();
      return {};
    }
    const std::string_view data = body.substr(kChecksumBytes);
    std::size_t size = data.size();
    if (type == kCompressedChunk &&
        (!snappy::GetUncompressedLength(data.data(), data.size(), &size) || size > kLargestBlock)) {
      return core::invalid_data("the data is damaged (bad block length)");
    }
    block_.resize(size);
    drained_ = 0;
    if (type == kPlainChunk) {
      std::copy(data.begin(), data.end(), block_.begin());
    } else if (!snappy::RawUncompress(data.data(), data.size(), block_.data())) {
      return core::invalid_data("the data is damaged (bad block)");
    }
    if (masked_checksum(block_) != load_le32(body, 0)) {
      return core::invalid_data("the data is damaged (wrong checksum)");
    }
    chunk_.clear();
    return {};
  }

  std::string chunk_;  // header and body of the chunk being read
  std::string block_;  // decompressed, handed out up to drained_
  std::size_t drained_ = 0;
  std::size_t skip_ = 0;  // bytes left of a chunk that says it may be skipped
  bool identified_ = false;
};

class SnappyFramedEncoder final : public Encoder {
 public:
  Status run(std::string_view input, bool last, std::string& output) override {
    if (!begun_) output.append(kStreamIdentifier);
    begun_ = true;
    while (!input.empty()) {
      if (pending_.empty() && input.size() >= kLargestBlock) {
        append_chunk(input.substr(0, kLargestBlock), output);
        input.remove_prefix(kLargestBlock);
        continue;
      }
      const std::size_t size = std::min(input.size(), kLargestBlock - pending_.size());
      pending_.append(input.substr(0, size));
      input.remove_prefix(size);
      if (pending_.size() == kLargestBlock) flush(output);
    }
    if (last) {
      if (!pending_.empty()) flush(output);
      begun_ = false;
    }
    return {};
  }

  void reset() override {
    pending_.clear();
    begun_ = false;
  }

 private:
  void flush(std::string& output) {
    append_chunk(pending_, output);
    pending_.clear();
  }

  void append_chunk(std::string_view block, std::string& output) {
    snappy::Compress(block.data(), block.size(), &compressed_);
    const bool worth_it = compressed_.size() < block.size() - block.size() / 8;
    const std::string_view body = worth_it ? std::string_view(compressed_) : block;
    append_le32(output, static_cast<std::uint32_t>(body.size() + kChecksumBytes) << 8 |
                            (worth_it ? kCompressedChunk : kPlainChunk));
    append_le32(output, masked_checksum(block));
    output.append(body);
  }

  std::string pending_;
  std::string compressed_;
  bool begun_ = false;
};

}  // namespace

DecoderResult make_snappy_framed_decoder() {
  return std::make_unique<SnappyFramedDecoder>();
}

EncoderResult make_snappy_framed_encoder() {
  return std::make_unique<SnappyFramedEncoder>();
}

Result<std::string> snappy_decompress_block(std::string_view input,
                                            std::uint64_t max_output_bytes) {
  if (input.empty()) return core::invalid_data("the input is empty");
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(input.data(), input.size(), &size)) {
    return core::invalid_data("this is not snappy data (no length in front)");
  }
  if (max_output_bytes != 0 && size > max_output_bytes) return output_too_large(max_output_bytes);
  // Three bytes of input make at most 64 of output: an honest length needs no trust to allocate.
  if (size / 22 > input.size()) {
    return core::invalid_data("the data is damaged (impossible length in front)");
  }
  std::string output(size, '\0');
  if (!snappy::RawUncompress(input.data(), input.size(), output.data())) {
    return core::invalid_data("the data is damaged");
  }
  return output;
}

Result<std::string> snappy_compress_block(std::string_view input) {
  if (input.size() > std::numeric_limits<std::uint32_t>::max()) {
    return core::fail(core::ErrorCode::kLimit, "the input is larger than 4 GiB");
  }
  std::string output;
  snappy::Compress(input.data(), input.size(), &output);
  return output;
}

}  // namespace weir::codecs::internal
