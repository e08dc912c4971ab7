#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "config/spec.h"
#include "core/result.h"

namespace weir::outputs {

/// The `rotate` block of the `file` output.
struct FileRotation {
  config::ByteSize size{0};
  std::chrono::nanoseconds interval{0};
  std::uint64_t keep = 0;

  [[nodiscard]] bool enabled() const { return size.bytes > 0 || interval.count() > 0; }
  /// Whether a file of `bytes`, last written at `written_nanos`, must make room for `more` bytes.
  [[nodiscard]] bool due(std::uint64_t bytes, std::uint64_t more, std::int64_t written_nanos,
                         std::int64_t now_nanos) const;
  static const config::Spec<FileRotation>& spec();
};

/// Renames `path` to `path.20261120T214100.123456Z` (and `-1`, ... behind it when that exists) and
/// returns the new name. Error kUnavailable.
[[nodiscard]] core::Result<std::string> rename_rotated(const std::string& path,
                                                       std::int64_t now_nanos);
/// Deletes the oldest renamed files of `path` beyond `keep`; 0 keeps all. Other files stay.
void prune_rotated(const std::string& path, std::uint64_t keep);

}  // namespace weir::outputs
