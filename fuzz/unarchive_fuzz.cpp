// Everything `unarchive` takes apart: the first byte says how.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/arena.h"
#include "processors/unarchive_formats.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::processors;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  weir::core::Arena arena;
  std::size_t parts = 0;
  const auto take = [&](const ArchivePart& part) -> weir::core::Status {
    // Touches every byte, so that a slice of nothing shows.
    std::size_t sum = part.key.size();
    for (const char c : part.payload) sum += static_cast<unsigned char>(c);
    parts += sum == SIZE_MAX ? 0 : 1;
    if (parts > 100'000)
      return weir::core::fail(weir::core::ErrorCode::kLimit, "enough for a fuzzer");
    return {};
  };
  switch (data[0] % 6) {
    case 0: (void)unarchive_binary(bytes, take); break;
    case 1: (void)unarchive_lines(bytes, take); break;
    case 2: (void)unarchive_csv(bytes, U',', arena, take); break;
    case 3: (void)unarchive_json_documents(bytes, arena, take); break;
    case 4: (void)unarchive_tar(bytes, take); break;
    default: (void)unarchive_zip(bytes, take); break;
  }
  return 0;
}
