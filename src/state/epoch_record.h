#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::state {

/// What an epoch's commit holds besides the state of the operators.
struct EpochRecord {
  struct Position {
    std::int64_t offset = 0;
    std::string text;
    bool operator==(const Position&) const = default;
  };
  std::uint64_t epoch = 0;
  std::uint32_t key_groups = 1024;
  std::string fingerprint;                         ///< of the configuration
  std::map<std::string, Position> sources;         ///< by input and partition
  std::map<std::string, std::int64_t> watermarks;  ///< by input and partition
  std::set<std::string> idle;                      ///< partitions that were
  std::map<std::string, std::string> fences;       ///< by output
  bool operator==(const EpochRecord&) const = default;
};

/// Bytes of a record: versioned, the same for the same record, with a checksum.
[[nodiscard]] std::string write_record(const EpochRecord& record);
/// Error kInternal: damaged, or written by a newer weir.
[[nodiscard]] core::Result<EpochRecord> read_record(std::string_view bytes);

}  // namespace weir::state
