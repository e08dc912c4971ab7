#include "codecs/compression.h"
#include "processors/all.h"
#include "processors/blame.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct DecompressConfig {
  std::string algorithm;
};

config::Spec<DecompressConfig> decompress_spec() {
  return config::Spec<DecompressConfig>("decompress")
      .summary("Decompresses the payload of each message.")
      .description(
          "A message that is damaged, gives more than 64 MiB, or more than 1 MiB and 200 times its "
          "own size, is flagged and stays as it is.")
      .category("parsing")
      .field("algorithm", &DecompressConfig::algorithm,
             {.doc = "How it was compressed. `snappy` reads one raw block.",
              .required = true,
              .options = {{"bzip2"},
                          {"flate"},
                          {"gzip"},
                          {"lz4"},
                          {"pgzip", "The same as `gzip`."},
                          {"snappy"},
                          {"zlib"},
                          {"zstd"}}});
}

class Decompress final : public core::Processor {
 public:
  Decompress(codecs::Compression algorithm, const config::Resources& resources)
      : algorithm_(algorithm), blame_("decompress", resources) {}

  Batches process(Batch batch) override {
    for (core::Message& message : batch) {
      const auto payload = message.payload();
      auto made = payload ? codecs::decompress(algorithm_, *payload)
                          : core::Result<std::string>(core::fail(payload.error()));
      if (made) {
        message.set_payload(*made);
      } else {
        blame_.fail(message, made.error());
      }
    }
    return Batches(std::move(batch));
  }

 private:
  codecs::Compression algorithm_;
  Blame blame_;
};

core::Result<std::unique_ptr<core::Processor>> make_decompress(const DecompressConfig& config,
                                                               const config::Resources& resources) {
  WEIR_TRY(const codecs::Compression algorithm,
           codecs::parse_compression(config.algorithm, codecs::CompressionUse::kMessage));
  return std::make_unique<Decompress>(algorithm, resources);
}

}  // namespace

void add_decompress(config::Registry& registry) {
  registry.add_processor(decompress_spec(), make_decompress);
}

}  // namespace weir::processors
