#pragma once

#include <cstdint>
#include <string_view>

namespace weir::codecs {

/// CRC-32C (Castagnoli) of `data`, as the Snappy framing format uses it. Thread-safe.
[[nodiscard]] std::uint32_t crc32c(std::string_view data);

}  // namespace weir::codecs
