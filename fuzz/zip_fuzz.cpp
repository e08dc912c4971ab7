// No entry is larger than it says, nor all together than the limit.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "codecs/zip.h"
#include "window_feed.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using weir::fuzzing::require;
  const std::vector<char> exact(data, data + size);
  constexpr weir::codecs::ZipLimits kLimits{
      .max_entries = 50, .max_entry_bytes = 1 << 16, .max_total_bytes = 1 << 18};
  const auto reader = weir::codecs::ZipReader::open({exact.data(), exact.size()}, kLimits);
  if (!reader) return 0;
  require(reader->entries().size() <= kLimits.max_entries);
  std::size_t total = 0;
  for (std::size_t i = 0; i < reader->entries().size(); ++i) {
    const auto content = reader->read(i);
    if (!content) continue;
    require(content->size() == reader->entries()[i].size);
    total += content->size();
  }
  require(total <= kLimits.max_total_bytes);
  return 0;
}
