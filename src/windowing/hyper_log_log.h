#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "windowing/encoding.h"

namespace weir::windowing {

/// Estimates how many different 64-bit hashes it has seen: standard error 1.04 / sqrt(2^precision).
/// The result depends on the set of hashes alone.
class HyperLogLog {
 public:
  /// precision 4..18
  explicit HyperLogLog(unsigned precision) : precision_(precision) {}

  void add(std::uint64_t hash);
  /// The other has the same precision.
  void merge(const HyperLogLog& other);
  [[nodiscard]] double estimate() const;
  void encode(Writer& out) const;
  void decode(Reader& in);

 private:
  void raise(std::uint32_t index, std::uint8_t rank);
  [[nodiscard]] std::uint32_t registers() const { return 1U << precision_; }

  unsigned precision_;
  std::map<std::uint32_t, std::uint8_t> sparse_;  // until it is an eighth of the registers
  std::vector<std::uint8_t> dense_;
};

}  // namespace weir::windowing
