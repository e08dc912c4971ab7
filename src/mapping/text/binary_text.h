#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::mapping::text {

/// Ways to write bytes as text.
enum class BinaryScheme : unsigned char {
  kBase64,        ///< RFC 4648 section 4, padded
  kBase64Url,     ///< section 5, padded
  kBase64RawUrl,  ///< section 5, without padding
  kHex,
  kAscii85,  ///< as in PostScript, without frame; four zero bytes are `z`
  kZ85,      ///< ZeroMQ RFC 32; whole groups of 4 bytes and 5 characters only
};

/// `base64`, `base64url`, `base64rawurl`, `hex`, `ascii85`, `z85`.
[[nodiscard]] std::optional<BinaryScheme> binary_scheme(std::string_view name);

/// Appends the bytes as text. Error kInvalidData: z85 of a size that is no multiple of 4.
[[nodiscard]] core::Status append_encoded(std::string& out, std::string_view bytes,
                                          BinaryScheme scheme);

/// Appends the bytes that a text stands for. Line breaks are skipped in base64, all white space in
/// ascii85. Error kInvalidData, with the place: `illegal base64 data at input byte 4` and the like;
/// `out` may then hold a part.
[[nodiscard]] core::Status append_decoded(std::string& out, std::string_view text,
                                          BinaryScheme scheme);

}  // namespace weir::mapping::text
