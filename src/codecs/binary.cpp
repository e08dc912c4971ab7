#include "codecs/binary.h"

#include <limits>

#include "codecs/bytes.h"

namespace weir::codecs {

using core::ErrorCode;
using core::Result;
using core::Status;

namespace {

constexpr std::size_t kNumberBytes = 4;

}  // namespace

Result<std::vector<std::string_view>> parse_binary(std::string_view blob, std::size_t max_parts) {
  const auto cut_short = [] {
    return core::invalid_data("reading a binary archive: it is cut short");
  };
  if (blob.size() < kNumberBytes) return cut_short();
  const std::size_t count = load_be32(blob, 0);
  blob.remove_prefix(kNumberBytes);
  // Each part takes a length at least, so a wild number cannot reserve more than the blob's size.
  if (count > blob.size() / kNumberBytes) return cut_short();
  if (max_parts != 0 && count > max_parts) {
    return core::fail(ErrorCode::kLimit, "reading a binary archive: its " + std::to_string(count) +
                                             " parts are more than the limit of " +
                                             std::to_string(max_parts));
  }
  std::vector<std::string_view> parts;
  parts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (blob.size() < kNumberBytes) return cut_short();
    const std::size_t size = load_be32(blob, 0);
    blob.remove_prefix(kNumberBytes);
    if (blob.size() < size) return cut_short();
    parts.push_back(blob.substr(0, size));
    blob.remove_prefix(size);
  }
  if (!blob.empty()) {
    return core::invalid_data("reading a binary archive: " + std::to_string(blob.size()) +
                              " bytes follow its last part");
  }
  return parts;
}

Status append_binary(std::span<const std::string_view> parts, std::string& output) {
  constexpr std::size_t kLargest = std::numeric_limits<std::uint32_t>::max();
  std::size_t bytes = kNumberBytes;
  bool fits = parts.size() <= kLargest;
  for (const std::string_view part : parts) {
    fits = fits && part.size() <= kLargest;
    bytes += kNumberBytes + part.size();
  }
  if (!fits) {
    return core::fail(ErrorCode::kLimit, "writing a binary archive: a message is 4 GiB or more");
  }
  output.reserve(output.size() + bytes);
  append_be32(output, static_cast<std::uint32_t>(parts.size()));
  for (const std::string_view part : parts) {
    append_be32(output, static_cast<std::uint32_t>(part.size()));
    output.append(part);
  }
  return {};
}

}  // namespace weir::codecs
