#include "scanners/all.h"
#include "scanners/splitter_scanner.h"

namespace weir::scanners {
namespace {

struct JsonDocumentsConfig {
  config::ByteSize max_document_size{codecs::JsonOptions{}.max_record_bytes};
};

config::Spec<JsonDocumentsConfig> json_documents_spec() {
  return config::Spec<JsonDocumentsConfig>("json_documents")
      .summary("Reads JSON documents that stand one after the other, also over several lines.")
      .description(
          "A malformed document becomes a failed message; reading goes on at the next line that "
          "starts with a bracket.")
      .field("max_document_size", &JsonDocumentsConfig::max_document_size,
             {.doc = "Longest document.", .advanced = true, .min = 1, .max = 1 << 30});
}

core::Result<std::unique_ptr<core::Scanner>> make_json_documents(const JsonDocumentsConfig& config,
                                                                 const config::Resources&) {
  codecs::JsonOptions options;
  options.max_record_bytes = static_cast<std::size_t>(config.max_document_size.bytes);
  auto splitter = codecs::make_json_documents_splitter(options);
  if (!splitter) return core::fail(std::move(splitter).error());
  return std::make_unique<SplitterScanner>(*std::move(splitter));
}

}  // namespace

void add_json_documents(config::Registry& registry) {
  registry.add_scanner(json_documents_spec(), make_json_documents);
}

}  // namespace weir::scanners
