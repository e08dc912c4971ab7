#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir::codecs {

inline constexpr std::size_t kDefaultMaxParts = 10'000;

/// The messages in a `binary` archive: their number, then for each its length and its bytes; the
/// numbers are four bytes, big-endian. The parts lie within `blob`.
/// Error kInvalidData: the blob is cut short or longer than its parts. Error kLimit: more than
/// `max_parts` parts (0: any number).
[[nodiscard]] core::Result<std::vector<std::string_view>> parse_binary(
    std::string_view blob, std::size_t max_parts = kDefaultMaxParts);

/// Appends a `binary` archive of the messages.
/// Error kLimit: a message or their number does not fit into 32 bits.
[[nodiscard]] core::Status append_binary(std::span<const std::string_view> parts,
                                         std::string& output);

}  // namespace weir::codecs
