#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir::codecs {

/// A regular file in an archive. The name is data: nobody has checked it to be a path.
struct ZipEntry {
  std::string name;
  std::uint32_t size = 0;  ///< as the archive says; reading checks it

 private:
  friend class ZipReader;
  std::uint32_t compressed_size_ = 0;
  std::uint32_t checksum_ = 0;
  std::size_t local_header_ = 0;  // offset in the archive
  std::uint16_t method_ = 0;
  bool encrypted_ = false;
};

/// 0 means unlimited.
struct ZipLimits {
  std::uint64_t max_entries = 10'000;
  std::uint64_t max_entry_bytes = std::uint64_t{64} << 20;
  std::uint64_t max_total_bytes = std::uint64_t{64} << 20;  ///< of all entries together
  /// As in DecompressLimits, for each entry.
  std::uint64_t max_ratio = 200;
  std::uint64_t ratio_after_bytes = std::uint64_t{1} << 20;
};

/// Reads a zip archive that lies in memory: entries stored or deflated. Directories, links and
/// other things that are not regular files are passed over.
/// The archive's bytes must outlive the reader. Reading entries is thread-safe.
class ZipReader {
 public:
  /// Error kInvalidData: not a zip archive, damaged, entries that overlap, or one of a kind we do
  /// not read (zip64, several disks). Error kLimit: too many entries, or they claim too much.
  [[nodiscard]] static core::Result<ZipReader> open(std::string_view archive,
                                                    const ZipLimits& limits = {});

  /// In the order of the archive's directory.
  [[nodiscard]] const std::vector<ZipEntry>& entries() const { return entries_; }

  /// The content of entries()[index], which must exist. Size and checksum are as the archive says.
  /// Error kInvalidData: encrypted, compressed otherwise, or damaged. Error kLimit: too large.
  [[nodiscard]] core::Result<std::string> read(std::size_t index) const;

  /// Entries passed over because they are not regular files.
  [[nodiscard]] std::size_t skipped_entries() const { return skipped_; }

 private:
  ZipReader(std::string_view archive, const ZipLimits& limits)
      : archive_(archive), limits_(limits) {}

  core::Status read_directory();
  core::Status read_directory_entry(std::string_view& directory, std::size_t directory_begin,
                                    std::size_t base);
  [[nodiscard]] core::Result<std::string> read_content(const ZipEntry& entry) const;

  std::string_view archive_;
  ZipLimits limits_;
  std::vector<ZipEntry> entries_;
  std::size_t skipped_ = 0;
  std::uint64_t claimed_bytes_ = 0;
  std::uint64_t compressed_bytes_ = 0;
};

enum class ZipMethod : unsigned char { kStore, kDeflate };

/// Builds a zip archive in memory.
class ZipWriter {
 public:
  /// Adds a file. kDeflate stores what does not get smaller. `modified` is in seconds since 1970,
  /// kept as UTC to two seconds.
  /// Error kInvalidData: the name is empty or holds a NUL byte. Error kLimit: a name over 65535
  /// bytes, more than 65534 entries, or an archive of 4 GiB (zip64 is not written).
  [[nodiscard]] core::Status append(std::string_view name, std::string_view data,
                                    std::int64_t modified, ZipMethod method = ZipMethod::kDeflate);

  /// The archive. The writer is as new afterwards.
  [[nodiscard]] core::Result<std::string> finish();

 private:
  std::string archive_;
  std::string directory_;
  std::size_t entries_ = 0;
};

}  // namespace weir::codecs
