#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "codecs/splitter.h"
#include "core/result.h"

namespace weir::codecs {

/// How messages are told apart on a pipe to another process.
enum class Framing : unsigned char {
  kLines,                 ///< `lines`: each ends with '\n'
  kLengthPrefixedUint32,  ///< `length_prefixed_uint32_be`: four bytes of length, big-endian, first
  kNetstring,             ///< `netstring`: "5:hello,"
};

/// Error kInvalidConfig: not one of the names above.
[[nodiscard]] core::Result<Framing> parse_framing(std::string_view name);

/// Appends the frame that carries `payload`.
/// Error kInvalidData: lines, and the payload holds a line feed. Error kLimit: 4 GiB or more.
[[nodiscard]] core::Status append_frame(Framing framing, std::string_view payload,
                                        std::string& output);

/// Finds the payloads in a stream of frames; lines as make_lines_splitter does.
/// A payload of more than `max_record_bytes` is a bad record, as is one the stream ends in. A
/// malformed netstring fails the stream.
/// Error kInvalidConfig: max_record_bytes is 0 or over 1 GiB.
[[nodiscard]] core::Result<std::unique_ptr<Splitter>> make_frame_splitter(
    Framing framing, std::size_t max_record_bytes = kDefaultMaxRecordBytes);

}  // namespace weir::codecs
