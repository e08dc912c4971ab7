// The output, or the failure, does not depend on how the input is cut; no limit is passed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/compression.h"
#include "window_feed.h"

namespace {

using weir::codecs::Compression;
using weir::codecs::DecompressLimits;
using weir::core::Result;
using weir::fuzzing::require;

constexpr DecompressLimits kLimits{.max_output_bytes = 1 << 20, .max_ratio = 0};

Result<std::string> in_pieces(Compression algorithm, std::string_view input, std::size_t piece,
                              std::size_t room) {
  WEIR_TRY(const auto decompressor, weir::codecs::make_decompressor(algorithm, kLimits));
  std::string output;
  std::vector<char> buffer(room);
  while (true) {
    // A buffer of its own, so that a sanitizer sees a read beyond the piece.
    const std::vector<char> exact(
        input.begin(), input.begin() + static_cast<std::ptrdiff_t>(std::min(piece, input.size())));
    std::string_view in(exact.data(), exact.size());
    input.remove_prefix(in.size());
    while (true) {
      WEIR_TRY(const auto progress, decompressor->step(in, std::span<char>(buffer)));
      in.remove_prefix(progress.consumed);
      output.append(buffer.data(), progress.produced);
      if (progress.produced < room) break;
    }
    require(in.empty());
    if (input.empty()) break;
  }
  WEIR_CHECK_OK(decompressor->finish());
  return output;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzzing::Choices choices({reinterpret_cast<const char*>(data), size});
  const auto algorithm = static_cast<Compression>(choices.byte() % 8);
  const std::size_t piece = 1 + choices.byte();
  const std::string_view input = choices.rest();
  const auto whole = weir::codecs::decompress(algorithm, input, kLimits);
  require(!whole || whole->size() <= kLimits.max_output_bytes);
  if (algorithm == Compression::kSnappy) return 0;
  const auto pieces = in_pieces(algorithm, input, piece, 1 + piece * 37);
  require(whole.has_value() == pieces.has_value());
  if (whole) require(*whole == *pieces);
  return 0;
}
