#pragma once

#include <cstddef>
#include <cstdint>

namespace weir::codecs::zip {

// PKWARE APPNOTE.TXT 6.3: 4.3.7 (local header), 4.3.12 (directory), 4.3.16 (its end).
inline constexpr std::uint32_t kLocalSignature = 0x04034b50;
inline constexpr std::uint32_t kDirectorySignature = 0x02014b50;
inline constexpr std::uint32_t kEndSignature = 0x06054b50;
inline constexpr std::uint32_t kZip64LocatorSignature = 0x07064b50;
inline constexpr std::size_t kLocalBytes = 30;
inline constexpr std::size_t kDirectoryBytes = 46;
inline constexpr std::size_t kEndBytes = 22;
inline constexpr std::size_t kZip64LocatorBytes = 20;
inline constexpr std::size_t kLongestComment = 65535;

inline constexpr std::uint16_t kEncryptedFlag = 1U << 0;
inline constexpr std::uint16_t kUtf8Flag = 1U << 11;
inline constexpr std::uint16_t kStored = 0;
inline constexpr std::uint16_t kDeflated = 8;
inline constexpr std::uint32_t kMadeByUnix = 3;
inline constexpr std::uint32_t kMadeByMacOs = 19;

}  // namespace weir::codecs::zip
