#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/result.h"

namespace weir::codecs {

/// How an output writes messages one after the other: the `codec` field of file, stdout, socket.
class OutputCodec {
 public:
  enum class Kind : unsigned char {
    kLines,      ///< `lines`: a line feed after each
    kAppend,     ///< `append`: nothing between
    kAllBytes,   ///< `all-bytes`: each message replaces the whole file
    kDelimiter,  ///< `delim:x`: x after each
  };

  /// Error kInvalidConfig: not one of the forms above, or `delim:` without a delimiter.
  [[nodiscard]] static core::Result<OutputCodec> parse(std::string_view text);

  [[nodiscard]] Kind kind() const { return kind_; }

  /// What must follow `payload`: nothing if it ends with the delimiter already, as in the peer.
  [[nodiscard]] std::string_view suffix_for(std::string_view payload) const {
    if (delimiter_.empty() || payload.ends_with(delimiter_)) return {};
    return delimiter_;
  }

  /// Appends the payload and what must follow it.
  void write(std::string_view payload, std::string& output) const {
    output.append(payload).append(suffix_for(payload));
  }

 private:
  OutputCodec(Kind kind, std::string delimiter) : kind_(kind), delimiter_(std::move(delimiter)) {}

  Kind kind_;
  std::string delimiter_;
};

}  // namespace weir::codecs
