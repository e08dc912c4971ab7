#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir::codecs {

/// Where a record lies within a window.
struct RecordSpan {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;

  [[nodiscard]] std::string_view in(std::string_view window) const {
    return window.substr(offset, length);
  }
  friend bool operator==(const RecordSpan&, const RecordSpan&) = default;
};

/// What a Splitter found at the front of its window.
struct SplitStep {
  enum class Kind : unsigned char {
    kRecord,     ///< [begin, end) of the window is a record
    kBadRecord,  ///< this record is lost, see Splitter::error; [begin, end) is its start
    kNeedMore,   ///< the window ends within a record
    kEnd,        ///< the stream is at its end and nothing is left
    kFailed,     ///< nothing more can be found in this stream, see Splitter::error
  };
  Kind kind = Kind::kNeedMore;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t consumed = 0;  ///< bytes to drop from the front of the window, for every kind
};

/// Finds the records in a stream of bytes, in place.
///
/// The caller keeps a window: the bytes read and not yet consumed, contiguous. After each step it
/// drops `consumed` bytes from the front and may add bytes at the back; it never changes a byte
/// that stays. `end_of_stream` says that nothing will be added any more. Records do not depend on
/// how the stream is cut into windows, unless a factory below says so.
/// Not thread-safe. Windows are smaller than 4 GiB.
class Splitter {
 public:
  Splitter() = default;
  virtual ~Splitter() = default;
  Splitter(const Splitter&) = delete;
  Splitter& operator=(const Splitter&) = delete;

  [[nodiscard]] virtual SplitStep next(std::string_view window, bool end_of_stream) = 0;

  /// Appends the records at the front of the window to `records` and returns the first step that
  /// is not a record. All offsets, `consumed` as well, are relative to this window.
  [[nodiscard]] virtual SplitStep split(std::string_view window, bool end_of_stream,
                                        std::vector<RecordSpan>& records);

  /// kNeedMore never leaves this many bytes in the window, so a buffer of this size suffices.
  [[nodiscard]] virtual std::size_t max_window() const = 0;

  /// Ready for the next stream.
  virtual void reset() = 0;

  /// Why the last step was kBadRecord (kLimit or kInvalidData) or kFailed.
  [[nodiscard]] const core::Error& error() const { return error_; }

 protected:
  SplitStep bad_record(std::size_t begin, std::size_t end, std::size_t consumed, core::Error error);
  SplitStep failed(core::Error error);

 private:
  core::Error error_;
};

/// Appends the lines that end with '\n' within the window, without it and without one '\r' before
/// it, and returns the bytes consumed: up to and with the last '\n'.
std::size_t split_lines(std::string_view window, std::vector<RecordSpan>& records);

inline constexpr std::size_t kDefaultMaxRecordBytes = 65536;  // as the peer's `max_buffer_size`
inline constexpr std::size_t kLargestMaxRecordBytes = std::size_t{1} << 30;

struct LinesOptions {
  /// Empty: '\n', and one '\r' before it is dropped. Otherwise exactly these bytes.
  std::string delimiter = {};
  /// A longer record (a '\r' counts, the delimiter does not) is a bad record; the next is fine.
  std::size_t max_record_bytes = kDefaultMaxRecordBytes;
  bool omit_empty = false;
};

/// Records between delimiters. The last one may lack its delimiter; an empty rest is no record.
/// Error kInvalidConfig: max_record_bytes is 0 or over 1 GiB, a delimiter over 4096 bytes.
[[nodiscard]] core::Result<std::unique_ptr<Splitter>> make_lines_splitter(
    const LinesOptions& options = {});

/// Pieces of `size` bytes; the last may be shorter.
/// Error kInvalidConfig: size is 0 or over 1 GiB.
[[nodiscard]] core::Result<std::unique_ptr<Splitter>> make_chunk_splitter(std::size_t size);

/// The whole stream as one record, empty if the stream is.
/// A stream of more than `max_record_bytes` is one bad record.
/// Error kInvalidConfig: max_record_bytes is 0 or over 1 GiB.
[[nodiscard]] core::Result<std::unique_ptr<Splitter>> make_whole_splitter(
    std::size_t max_record_bytes);

struct JsonOptions {
  std::size_t max_record_bytes = std::size_t{16} << 20;
  std::size_t max_depth = 128;  ///< of arrays and objects in each other, within one record
};

/// JSON documents one after the other, whitespace between them optional. Each record is one
/// well-formed document (grammar, not UTF-8) without whitespace around it.
/// A document too long or too deep is a bad record up to its end. A malformed one is a bad record
/// up to the next line that starts with `{` or `[`.
/// Error kInvalidConfig: a limit is 0, max_record_bytes over 1 GiB, max_depth over 10,000.
[[nodiscard]] core::Result<std::unique_ptr<Splitter>> make_json_documents_splitter(
    const JsonOptions& options = {});

/// The elements of a top-level JSON array, and of further arrays after it.
/// An element too long or too deep is a bad record. The stream fails where it is malformed or not
/// an array.
/// Error kInvalidConfig: as for documents.
[[nodiscard]] core::Result<std::unique_ptr<Splitter>> make_json_array_splitter(
    const JsonOptions& options = {});

/// Segments that each start where `pattern` (RE2 syntax) matches; what precedes the first match is
/// one too. A segment over `max_record_bytes` is a bad record up to the next match.
/// A match counts when it ends before the window does, so for patterns whose matches could still
/// grow or move with more input, or are over 4 KiB long, the cut may depend on the windows, as in
/// the peer.
/// Error kInvalidConfig: the pattern does not compile or is over 4096 bytes, or max_record_bytes
/// is 0 or over 1 GiB.
[[nodiscard]] core::Result<std::unique_ptr<Splitter>> make_regex_splitter(
    const std::string& pattern, std::size_t max_record_bytes = kDefaultMaxRecordBytes);

/// Bytes of the byte order mark (UTF-8, UTF-16, UTF-32) at the start of a stream, 0 if none;
/// nothing if `head` is too short to tell and more may follow.
[[nodiscard]] std::optional<std::size_t> bom_length(std::string_view head, bool end_of_stream);

}  // namespace weir::codecs
