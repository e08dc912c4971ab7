#include "scanners/all.h"
#include "scanners/splitter_scanner.h"

namespace weir::scanners {
namespace {

struct ChunkerConfig {
  config::ByteSize size;
};

config::Spec<ChunkerConfig> chunker_spec() {
  return config::Spec<ChunkerConfig>("chunker")
      .summary("Cuts into pieces of a fixed size; the last may be shorter.")
      .field("size", &ChunkerConfig::size,
             {.doc = "Bytes of a piece.", .required = true, .min = 1, .max = 1 << 30});
}

core::Result<std::unique_ptr<core::Scanner>> make_chunker(const ChunkerConfig& config,
                                                          const config::Resources&) {
  auto splitter = codecs::make_chunk_splitter(static_cast<std::size_t>(config.size.bytes));
  if (!splitter) return core::fail(std::move(splitter).error());
  return std::make_unique<SplitterScanner>(*std::move(splitter));
}

}  // namespace

void add_chunker(config::Registry& registry) {
  registry.add_scanner(chunker_spec(), make_chunker);
}

}  // namespace weir::scanners
