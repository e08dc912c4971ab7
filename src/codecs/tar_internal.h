#pragma once

#include <cstddef>
#include <string_view>

namespace weir::codecs::tar {

// POSIX.1-2017, pax, "ustar Interchange Format"; the fields of a header block.
struct Field {
  std::size_t offset;
  std::size_t length;

  [[nodiscard]] constexpr std::string_view in(std::string_view block) const {
    return block.substr(offset, length);
  }
};

inline constexpr std::size_t kBlock = 512;
inline constexpr Field kName{0, 100};
inline constexpr Field kMode{100, 8};
inline constexpr Field kUser{108, 8};
inline constexpr Field kGroup{116, 8};
inline constexpr Field kSize{124, 12};
inline constexpr Field kModified{136, 12};
inline constexpr Field kChecksum{148, 8};
inline constexpr Field kType{156, 1};
inline constexpr Field kMagic{257, 8};  // with the version
inline constexpr Field kPrefix{345, 155};

inline constexpr std::string_view kUstarMagic{"ustar\00000", 8};

/// Bytes from the end of `size` bytes to the next block.
constexpr std::size_t padding(std::size_t size) {
  return (kBlock - size % kBlock) % kBlock;
}

}  // namespace weir::codecs::tar
