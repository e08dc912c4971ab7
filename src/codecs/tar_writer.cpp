#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "codecs/tar.h"
#include "codecs/tar_internal.h"

namespace weir::codecs {

using core::ErrorCode;
using core::Status;

namespace {

constexpr std::size_t kLongestName = 65536;
constexpr std::uint64_t kLargestData = std::uint64_t{1} << 33;  // 11 octal digits hold one less

void put(std::string& block, const tar::Field& field, std::string_view text) {
  std::copy(text.begin(), text.end(),
            block.begin() + static_cast<std::string::difference_type>(field.offset));
}

// Octal with leading zeros and a NUL at the end.
void put_octal(std::string& block, const tar::Field& field, std::uint64_t value) {
  for (std::size_t i = field.length - 1; i-- > 0;) {
    block[field.offset + i] = static_cast<char>('0' + (value & 7));
    value >>= 3;
  }
}

struct SplitName {
  std::string_view prefix;
  std::string_view name;
};

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// How ustar can hold the name, if it can.
std::optional<SplitName> fit(std::string_view name) {
  if (!is_ascii(name)) return std::nullopt;
  if (name.size() <= tar::kName.length) return SplitName{{}, name};
  const std::size_t slash = name.substr(0, tar::kPrefix.length + 1).rfind('/');
  if (slash == name.npos || slash == 0) return std::nullopt;
  const std::string_view rest = name.substr(slash + 1);
  if (rest.empty() || rest.size() > tar::kName.length) return std::nullopt;
  return SplitName{name.substr(0, slash), rest};
}

void append_header(const SplitName& name, char type, std::uint64_t size, std::int64_t modified,
                   std::string& output) {
  std::string block(tar::kBlock, '\0');
  put(block, tar::kName, name.name);
  put(block, tar::kPrefix, name.prefix);
  put_octal(block, tar::kMode, 0666);
  put_octal(block, tar::kUser, 0);
  put_octal(block, tar::kGroup, 0);
  put_octal(block, tar::kSize, size);
  constexpr std::int64_t kLatest = (std::int64_t{1} << 33) - 1;
  put_octal(block, tar::kModified,
            static_cast<std::uint64_t>(std::clamp<std::int64_t>(modified, 0, kLatest)));
  block[tar::kType.offset] = type;
  put(block, tar::kMagic, tar::kUstarMagic);
  put(block, tar::kChecksum, "        ");
  std::uint64_t sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  // Six digits, NUL, space: as every writer does it.
  put_octal(block, {tar::kChecksum.offset, 7}, sum);
  block[tar::kChecksum.offset + 6] = '\0';
  output.append(block);
}

void append_payload(std::string_view data, std::string& output) {
  output.append(data).append(tar::padding(data.size()), '\0');
}

std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;  // space, equals sign, line feed
  std::size_t length = rest + 1;
  // The length counts its own digits.
  while (length != rest + std::to_string(length).size()) ++length;
  return std::to_string(length).append(" ").append(key).append("=").append(value).append("\n");
}

}  // namespace

Status TarWriter::append(std::string_view name, std::string_view data, std::int64_t modified,
                         std::string& output) {
  const auto fail = [](ErrorCode code, std::string_view cause) {
    return core::fail(code, "writing a tar archive: " + std::string(cause));
  };
  if (name.empty()) return fail(ErrorCode::kInvalidData, "a name is empty");
  if (name.find('\0') != name.npos) return fail(ErrorCode::kInvalidData, "a name holds NUL");
  if (name.size() > kLongestName) {
    return fail(ErrorCode::kInvalidData, "a name is longer than 65536 bytes");
  }
  if (data.size() >= kLargestData) return fail(ErrorCode::kLimit, "an entry is over 8 GiB");
  auto fitted = fit(name);
  if (!fitted) {
    const std::string record = pax_record("path", name);
    append_header({{}, "PaxHeaders.0/name"}, 'x', record.size(), modified, output);
    append_payload(record, output);
    fitted = SplitName{{}, "name"};  // for readers that do not know pax
  }
  append_header(*fitted, '0', data.size(), modified, output);
  append_payload(data, output);
  return {};
}

void TarWriter::finish(std::string& output) {
  output.append(2 * tar::kBlock, '\0');
}

}  // namespace weir::codecs
