#include <algorithm>
#include <chrono>
#include <limits>
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

constexpr std::uint64_t kLargestArchive = std::numeric_limits<std::uint32_t>::max() - 1;
constexpr std::size_t kMostEntries = 65534;
constexpr std::uint32_t kRegularFile0666 = 0100666U << 16;

// Date and time as MS-DOS had them: 1980 to 2107, two seconds at a time.
std::uint32_t dos_time(std::int64_t seconds_since_1970) {
  using std::chrono::sys_seconds;
  constexpr sys_seconds kEarliest = std::chrono::sys_days{std::chrono::year{1980} / 1 / 1};
  constexpr sys_seconds kLatest =
      std::chrono::sys_days{std::chrono::year{2108} / 1 / 1} - std::chrono::seconds{2};
  const std::int64_t clamped = std::clamp<std::int64_t>(
      seconds_since_1970, kEarliest.time_since_epoch().count(), kLatest.time_since_epoch().count());
  const sys_seconds at{std::chrono::seconds{clamped}};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  const auto year = static_cast<std::uint32_t>(static_cast<int>(date.year()) - 1980);
  const std::uint32_t dos_date =
      year << 9 | static_cast<unsigned>(date.month()) << 5 | static_cast<unsigned>(date.day());
  const auto hours = static_cast<std::uint32_t>(time.hours().count());
  const auto minutes = static_cast<std::uint32_t>(time.minutes().count());
  const auto seconds = static_cast<std::uint32_t>(time.seconds().count());
  return dos_date << 16 | hours << 11 | minutes << 5 | seconds / 2;
}

}  // namespace

Status ZipWriter::append(std::string_view name, std::string_view data, std::int64_t modified,
                         ZipMethod method) {
  const auto fail = [](ErrorCode code, std::string_view cause) {
    return core::fail(code, "writing a zip archive: " + std::string(cause));
  };
  if (name.empty()) return fail(ErrorCode::kInvalidData, "a name is empty");
  if (name.find('\0') != name.npos) return fail(ErrorCode::kInvalidData, "a name holds NUL");
  if (name.size() > std::numeric_limits<std::uint16_t>::max()) {
    return fail(ErrorCode::kLimit, "a name is longer than 65535 bytes");
  }
  if (entries_ == kMostEntries) return fail(ErrorCode::kLimit, "more than 65534 entries");
  if (data.size() > kLargestArchive) return fail(ErrorCode::kLimit, "an entry is over 4 GiB");
  std::string compressed;
  if (method == ZipMethod::kDeflate) {
    WEIR_TRY(compressed, compress(Compression::kFlate, data));
  }
  const bool deflated = method == ZipMethod::kDeflate && compressed.size() < data.size();
  const std::string_view body = deflated ? std::string_view(compressed) : data;
  if (archive_.size() + zip::kLocalBytes + 2 * name.size() + body.size() + directory_.size() +
          zip::kDirectoryBytes + zip::kEndBytes >
      kLargestArchive) {
    return fail(ErrorCode::kLimit, "the archive is over 4 GiB");
  }
  const auto offset = static_cast<std::uint32_t>(archive_.size());
  // What the local header and the directory say alike.
  std::string common;
  append_le16(common, 20);  // version needed: 2.0
  append_le16(common, zip::kUtf8Flag);
  append_le16(common, deflated ? zip::kDeflated : zip::kStored);
  append_le32(common, dos_time(modified));
  append_le32(common, static_cast<std::uint32_t>(
                          crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size())));
  append_le32(common, static_cast<std::uint32_t>(body.size()));
  append_le32(common, static_cast<std::uint32_t>(data.size()));
  append_le16(common, static_cast<std::uint16_t>(name.size()));
  append_le16(common, 0);  // no extra fields

  append_le32(archive_, zip::kLocalSignature);
  archive_.append(common).append(name).append(body);

  append_le32(directory_, zip::kDirectorySignature);
  append_le16(directory_, static_cast<std::uint16_t>(zip::kMadeByUnix << 8 | 20));
  directory_.append(common);
  append_le16(directory_, 0);  // no comment
  append_le16(directory_, 0);  // disk
  append_le16(directory_, 0);  // internal attributes
  append_le32(directory_, kRegularFile0666);
  append_le32(directory_, offset);
  directory_.append(name);
  ++entries_;
  return {};
}

Result<std::string> ZipWriter::finish() {
  std::string archive = std::exchange(archive_, {});
  const std::string directory = std::exchange(directory_, {});
  const auto entries = static_cast<std::uint16_t>(std::exchange(entries_, 0));
  const auto offset = static_cast<std::uint32_t>(archive.size());
  archive.append(directory);
  append_le32(archive, zip::kEndSignature);
  append_le16(archive, 0);  // this disk
  append_le16(archive, 0);  // the directory's disk
  append_le16(archive, entries);
  append_le16(archive, entries);
  append_le32(archive, static_cast<std::uint32_t>(directory.size()));
  append_le32(archive, offset);
  append_le16(archive, 0);  // no comment
  return archive;
}

}  // namespace weir::codecs
