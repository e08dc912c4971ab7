#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::codecs {

/// Fixed-width integers in byte strings. `at` plus the width must lie within `data`.
[[nodiscard]] constexpr std::uint32_t byte_at(std::string_view data, std::size_t at) {
  return static_cast<unsigned char>(data[at]);
}
[[nodiscard]] constexpr std::uint16_t load_le16(std::string_view data, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(data, at) | byte_at(data, at + 1) << 8);
}
[[nodiscard]] constexpr std::uint32_t load_le32(std::string_view data, std::size_t at) {
  return byte_at(data, at) | byte_at(data, at + 1) << 8 | byte_at(data, at + 2) << 16 |
         byte_at(data, at + 3) << 24;
}
[[nodiscard]] constexpr std::uint32_t load_be32(std::string_view data, std::size_t at) {
  return byte_at(data, at) << 24 | byte_at(data, at + 1) << 16 | byte_at(data, at + 2) << 8 |
         byte_at(data, at + 3);
}

inline void append_le16(std::string& out, std::uint16_t value) {
  out.push_back(static_cast<char>(value & 0xFF));
  out.push_back(static_cast<char>(value >> 8));
}
inline void append_le32(std::string& out, std::uint32_t value) {
  append_le16(out, static_cast<std::uint16_t>(value & 0xFFFF));
  append_le16(out, static_cast<std::uint16_t>(value >> 16));
}
inline void append_be32(std::string& out, std::uint32_t value) {
  out.push_back(static_cast<char>(value >> 24));
  out.push_back(static_cast<char>(value >> 16 & 0xFF));
  out.push_back(static_cast<char>(value >> 8 & 0xFF));
  out.push_back(static_cast<char>(value & 0xFF));
}

}  // namespace weir::codecs
