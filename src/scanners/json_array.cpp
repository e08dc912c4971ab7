#include "scanners/all.h"
#include "scanners/splitter_scanner.h"

namespace weir::scanners {
namespace {

struct JsonArrayConfig {
  config::ByteSize max_element_size{codecs::JsonOptions{}.max_record_bytes};
};

config::Spec<JsonArrayConfig> json_array_spec() {
  return config::Spec<JsonArrayConfig>("json_array")
      .summary("Reads the elements of a JSON array, each a message of its own.")
      .description("Where the array is malformed, reading its stream ends with a failed message.")
      .field("max_element_size", &JsonArrayConfig::max_element_size,
             {.doc = "Longest element.", .advanced = true, .min = 1, .max = 1 << 30});
}

core::Result<std::unique_ptr<core::Scanner>> make_json_array(const JsonArrayConfig& config,
                                                             const config::Resources&) {
  codecs::JsonOptions options;
  options.max_record_bytes = static_cast<std::size_t>(config.max_element_size.bytes);
  auto splitter = codecs::make_json_array_splitter(options);
  if (!splitter) return core::fail(std::move(splitter).error());
  return std::make_unique<SplitterScanner>(*std::move(splitter), false);
}

}  // namespace

void add_json_array(config::Registry& registry) {
  registry.add_scanner(json_array_spec(), make_json_array);
}

}  // namespace weir::scanners
