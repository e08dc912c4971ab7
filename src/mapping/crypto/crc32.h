#pragma once

#include <cstdint>
#include <string_view>

namespace weir::mapping {

enum class Crc32Polynomial : std::uint8_t { kIeee, kCastagnoli, kKoopman };

[[nodiscard]] std::uint32_t crc32(std::string_view data, Crc32Polynomial polynomial);

}  // namespace weir::mapping
