#include "mapping/crypto/crc32.h"

#include <array>
#include <cstddef>

namespace weir::mapping {

namespace {

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

// Eight tables, so that eight bytes are taken at once. The polynomials are in reversed bit order.
constexpr Tables make_tables(std::uint32_t polynomial) {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t table = 1; table < tables.size(); ++table) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[table - 1][byte];
      tables[table][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kIeee = make_tables(0xEDB88320);
constexpr Tables kCastagnoli = make_tables(0x82F63B78);
constexpr Tables kKoopman = make_tables(0xEB31D82E);

std::uint32_t byte_at(std::string_view data, std::size_t at) {
  return static_cast<unsigned char>(data[at]);
}

}  // namespace

std::uint32_t crc32(std::string_view data, Crc32Polynomial polynomial) {
  const Tables& tables = polynomial == Crc32Polynomial::kIeee         ? kIeee
                         : polynomial == Crc32Polynomial::kCastagnoli ? kCastagnoli
                                                                      : kKoopman;
  std::uint32_t crc = 0xFFFFFFFF;
  for (; data.size() >= 8; data.remove_prefix(8)) {
    std::uint32_t mixed = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      mixed ^= tables[7 - i][((crc >> (8 * i)) ^ byte_at(data, i)) & 0xFF];
      mixed ^= tables[3 - i][byte_at(data, 4 + i)];
    }
    crc = mixed;
  }
  for (std::size_t i = 0; i < data.size(); ++i) {
    crc = (crc >> 8) ^ tables[0][(crc ^ byte_at(data, i)) & 0xFF];
  }
  return ~crc;
}

}  // namespace weir::mapping
