#include <algorithm>
#include <span>
#include <utility>

#include <zlib.h>

#include "codecs/bytes.h"
#include "codecs/compression.h"
#include "codecs/zip.h"
#include "codecs/zip_internal.h"

namespace weir::codecs {

using core::ErrorCode;
using core::Result;
using core::Status;

namespace {

constexpr std::uint32_t kZip64Marker32 = 0xFFFFFFFF;
constexpr std::uint16_t kZip64Marker16 = 0xFFFF;

tl::unexpected<core::Error> damaged(std::string_view cause) {
  return core::invalid_data("the archive is damaged (" + std::string(cause) + ")");
}

tl::unexpected<core::Error> too_large(std::uint64_t limit) {
  return core::fail(ErrorCode::kLimit,
                    "output is larger than the limit of " + std::to_string(limit) + " bytes");
}

// The record at the end of the directory may have a comment after it.
std::size_t find_end_record(std::string_view archive) {
  if (archive.size() < zip::kEndBytes) return archive.npos;
  const std::size_t last = archive.size() - zip::kEndBytes;
  const std::size_t first = last - std::min(last, zip::kLongestComment);
  for (std::size_t at = last + 1; at-- > first;) {
    if (load_le32(archive, at) == zip::kEndSignature &&
        at + zip::kEndBytes + load_le16(archive, at + 20) <= archive.size()) {
      return at;
    }
  }
  return archive.npos;
}

// At most one byte more than `size`, which shows that the directory lies.
Result<std::string> inflate_up_to(std::string_view data, std::size_t size,
                                  const ZipLimits& limits) {
  constexpr std::size_t kPiece = 65536;
  WEIR_TRY(const auto decompressor,
           make_decompressor(Compression::kFlate, {.max_output_bytes = 0,
                                                   .max_ratio = limits.max_ratio,
                                                   .ratio_after_bytes = limits.ratio_after_bytes}));
  std::string content;
  while (content.size() <= size) {
    const std::size_t done = content.size();
    const std::size_t room = std::min(size + 1 - done, std::max(done, kPiece));
    content.resize(done + room);
    WEIR_TRY(const auto progress, decompressor->step(data, std::span<char>(content).subspan(done)));
    content.resize(done + progress.produced);
    data.remove_prefix(progress.consumed);
    if (progress.produced < room) {
      WEIR_CHECK_OK(decompressor->finish());
      break;
    }
  }
  return content;
}

}  // namespace

Result<ZipReader> ZipReader::open(std::string_view archive, const ZipLimits& limits) {
  ZipReader reader(archive, limits);
  auto status = reader.read_directory();
  if (!status) return core::fail(std::move(status).error().with_context("reading a zip archive"));
  return reader;
}

Status ZipReader::read_directory() {
  const std::size_t end = find_end_record(archive_);
  if (end == archive_.npos) {
    return core::invalid_data("this is not a zip archive (no directory at the end)");
  }
  const std::uint16_t disk = load_le16(archive_, end + 4);
  const std::uint16_t directory_disk = load_le16(archive_, end + 6);
  const std::uint16_t entries_here = load_le16(archive_, end + 8);
  const std::uint16_t entries = load_le16(archive_, end + 10);
  const std::uint32_t directory_bytes = load_le32(archive_, end + 12);
  const std::uint32_t directory_offset = load_le32(archive_, end + 16);
  const bool has_locator =
      end >= zip::kZip64LocatorBytes &&
      load_le32(archive_, end - zip::kZip64LocatorBytes) == zip::kZip64LocatorSignature;
  if (has_locator || entries == kZip64Marker16 || directory_bytes == kZip64Marker32 ||
      directory_offset == kZip64Marker32) {
    return core::invalid_data("zip64 archives are not supported");
  }
  if (disk != 0 || directory_disk != 0 || entries_here != entries) {
    return core::invalid_data("archives over several disks are not supported");
  }
  if (limits_.max_entries != 0 && entries > limits_.max_entries) {
    return core::fail(ErrorCode::kLimit, "its " + std::to_string(entries) +
                                             " entries are more than the limit of " +
                                             std::to_string(limits_.max_entries));
  }
  // Other data may stand in front of the archive; offsets count from where it begins.
  if (std::uint64_t{directory_offset} + directory_bytes > end) {
    return damaged("the directory lies outside");
  }
  const std::size_t directory_begin = end - directory_bytes;
  const std::size_t base = directory_begin - directory_offset;
  std::string_view directory = archive_.substr(directory_begin, directory_bytes);
  for (std::uint16_t i = 0; i < entries; ++i) {
    WEIR_CHECK_OK(read_directory_entry(directory, directory_begin, base));
  }
  return {};
}

Status ZipReader::read_directory_entry(std::string_view& directory, std::size_t directory_begin,
                                       std::size_t base) {
  if (directory.size() < zip::kDirectoryBytes ||
      load_le32(directory, 0) != zip::kDirectorySignature) {
    return damaged("a directory entry is missing");
  }
  const std::size_t name_bytes = load_le16(directory, 28);
  const std::size_t whole =
      zip::kDirectoryBytes + name_bytes + load_le16(directory, 30) + load_le16(directory, 32);
  if (directory.size() < whole) return damaged("a directory entry is cut short");
  ZipEntry entry;
  entry.encrypted_ = (load_le16(directory, 8) & zip::kEncryptedFlag) != 0;
  entry.method_ = load_le16(directory, 10);
  entry.checksum_ = load_le32(directory, 16);
  entry.compressed_size_ = load_le32(directory, 20);
  entry.size = load_le32(directory, 24);
  const std::uint32_t local_offset = load_le32(directory, 42);
  if (entry.compressed_size_ == kZip64Marker32 || entry.size == kZip64Marker32 ||
      local_offset == kZip64Marker32) {
    return core::invalid_data("zip64 archives are not supported");
  }
  entry.name = directory.substr(zip::kDirectoryBytes, name_bytes);
  entry.local_header_ = base + local_offset;
  if (entry.local_header_ + zip::kLocalBytes + entry.compressed_size_ > directory_begin) {
    return damaged("an entry lies outside");
  }
  compressed_bytes_ += zip::kLocalBytes + entry.compressed_size_;
  if (compressed_bytes_ > directory_begin - base) return damaged("entries overlap");
  const std::uint32_t made_by = load_le16(directory, 4) >> 8;
  const bool has_mode = made_by == zip::kMadeByUnix || made_by == zip::kMadeByMacOs;
  const std::uint32_t file_type = has_mode ? load_le32(directory, 38) >> 28 : 0;
  directory.remove_prefix(whole);
  constexpr std::uint32_t kRegular = 8;  // S_IFREG without its lower bits
  if (entry.name.ends_with('/') || (file_type != 0 && file_type != kRegular)) {
    ++skipped_;
    return {};
  }
  claimed_bytes_ += entry.size;
  if (limits_.max_total_bytes != 0 && claimed_bytes_ > limits_.max_total_bytes) {
    return too_large(limits_.max_total_bytes);
  }
  entries_.push_back(std::move(entry));
  return {};
}

Result<std::string> ZipReader::read(std::size_t index) const {
  const ZipEntry& entry = entries_[index];
  auto content = read_content(entry);
  if (content) return content;
  return core::fail(std::move(content).error().with_context("reading entry `" + entry.name +
                                                            "` of a zip archive"));
}

Result<std::string> ZipReader::read_content(const ZipEntry& entry) const {
  if (entry.encrypted_) return core::invalid_data("encrypted entries are not supported");
  if (entry.method_ != zip::kStored && entry.method_ != zip::kDeflated) {
    return core::invalid_data("compression method " + std::to_string(entry.method_) +
                              " is not supported");
  }
  if (limits_.max_entry_bytes != 0 && entry.size > limits_.max_entry_bytes) {
    return too_large(limits_.max_entry_bytes);
  }
  const std::size_t at = entry.local_header_;
  if (load_le32(archive_, at) != zip::kLocalSignature) return damaged("no local header");
  // Its name and extra fields may differ in length from those of the directory.
  const std::size_t begin =
      at + zip::kLocalBytes + load_le16(archive_, at + 26) + load_le16(archive_, at + 28);
  if (begin > archive_.size() || archive_.size() - begin < entry.compressed_size_) {
    return damaged("the data is cut short");
  }
  const std::string_view data = archive_.substr(begin, entry.compressed_size_);
  std::string content;
  if (entry.method_ == zip::kStored) {
    content = data;
  } else {
    WEIR_TRY(content, inflate_up_to(data, entry.size, limits_));
  }
  if (content.size() != entry.size) return damaged("the size is not as the directory says");
  const auto checksum = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (checksum != entry.checksum_) return damaged("wrong checksum");
  return content;
}

}  // namespace weir::codecs
