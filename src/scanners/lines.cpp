#include "scanners/all.h"
#include "scanners/splitter_scanner.h"

namespace weir::scanners {
namespace {

struct LinesConfig {
  std::string custom_delimiter;
  config::ByteSize max_buffer_size{codecs::kDefaultMaxRecordBytes};
  bool omit_empty = false;
};

config::Spec<LinesConfig> lines_spec() {
  return config::Spec<LinesConfig>("lines")
      .summary("Cuts at line breaks, or at a delimiter of your own.")
      .description(
          "A line longer than `max_buffer_size` becomes a failed message; the lines behind it are "
          "read on.")
      .field("custom_delimiter", &LinesConfig::custom_delimiter,
             {.doc = "Cut at these bytes instead of line breaks.", .examples = {R"("X")"}})
      .field("max_buffer_size", &LinesConfig::max_buffer_size,
             {.doc = "Longest line.", .min = 1, .max = 1 << 30})
      .field("omit_empty", &LinesConfig::omit_empty, {.doc = "Leave empty lines out."});
}

core::Result<std::unique_ptr<core::Scanner>> make_lines(const LinesConfig& config,
                                                        const config::Resources&) {
  auto splitter = codecs::make_lines_splitter(
      {config.custom_delimiter, static_cast<std::size_t>(config.max_buffer_size.bytes),
       config.omit_empty});
  if (!splitter) return core::fail(std::move(splitter).error());
  return std::make_unique<SplitterScanner>(*std::move(splitter));
}

}  // namespace

void add_lines(config::Registry& registry) {
  registry.add_scanner(lines_spec(), make_lines);
}

}  // namespace weir::scanners
