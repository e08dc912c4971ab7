// What is read does not depend on how the archive is cut.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "codecs/tar.h"
#include "window_feed.h"

namespace {

using weir::codecs::TarReader;
using weir::fuzzing::require;
using Kind = TarReader::Step::Kind;

std::string read(std::string_view data, std::uint8_t seed) {
  TarReader reader({.max_entries = 20, .max_entry_bytes = 4096});
  weir::fuzzing::WindowFeed feed(data, seed);
  std::string seen;
  std::size_t entry_bytes = 0;
  while (true) {
    const std::string_view window = feed.window();
    const auto step = reader.next(window, feed.at_end());
    switch (step.kind) {
      case Kind::kEntry:
        seen.append("\nentry ").append(reader.entry().name).append(" ");
        entry_bytes = 0;
        break;
      case Kind::kData:
        seen.append(step.data);
        entry_bytes += step.data.size();
        break;
      case Kind::kEntryEnd: require(entry_bytes == reader.entry().size); break;
      case Kind::kBadEntry: seen.append("\nbad ").append(reader.error().message); break;
      case Kind::kNeedMore:
        require(!feed.at_end());
        require(window.size() - step.consumed < TarReader::max_window());
        break;
      case Kind::kEnd: return seen;
      case Kind::kFailed: return seen.append("\nfailed ").append(reader.error().message);
    }
    feed.consume(step.consumed);
    if (step.kind == Kind::kNeedMore) feed.add();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzzing::Choices choices({reinterpret_cast<const char*>(data), size});
  const std::uint8_t seed = choices.byte();
  require(read(choices.rest(), 0) == read(choices.rest(), seed));
  return 0;
}
