#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::inputs {

/// How far a file has been read, and how to recognise it after it was renamed.
struct FilePosition {
  static constexpr std::uint32_t kHeadBytes = 256;

  std::uint64_t inode = 0;
  std::int64_t offset = 0;
  std::uint32_t head_size = 0;  ///< of the bytes at its start that `head_crc` is about
  std::uint32_t head_crc = 0;

  /// For core::Position::text.
  [[nodiscard]] std::string packed() const;
  [[nodiscard]] static FilePosition unpacked(std::string_view text);
};

/// CRC32C of the first `size` bytes (at most kHeadBytes) of an open file; `size` becomes what was
/// there.
[[nodiscard]] std::uint32_t head_checksum(int fd, std::uint32_t& size);

/// Positions by path, kept in a JSON file that is replaced as a whole. Not thread-safe.
class FilePositions {
 public:
  /// `file` empty: nothing is kept.
  explicit FilePositions(std::string file) : file_(std::move(file)) {}

  /// A missing file is no error. Error kInvalidData: the file is damaged. kUnavailable: it cannot
  /// be read.
  [[nodiscard]] core::Status load();
  /// Writes, syncs and renames; makes the folder. Nothing happens when nothing has changed.
  [[nodiscard]] core::Status save();

  [[nodiscard]] const FilePosition* find(const std::string& path) const;
  void set(const std::string& path, const FilePosition& position);
  [[nodiscard]] bool changed() const { return changed_; }

 private:
  std::string file_;
  std::map<std::string, FilePosition> positions_;
  bool changed_ = false;
};

}  // namespace weir::inputs
