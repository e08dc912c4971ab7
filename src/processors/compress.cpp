#include "codecs/compression.h"
#include "processors/all.h"
#include "processors/blame.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct CompressConfig {
  std::string algorithm;
  int level = codecs::kDefaultCompressionLevel;
};

config::Spec<CompressConfig> compress_spec() {
  return config::Spec<CompressConfig>("compress")
      .summary("Compresses the payload of each message.")
      .category("parsing")
      .field("algorithm", &CompressConfig::algorithm,
             {.doc = "How. `snappy` writes one raw block.",
              .required = true,
              .options = {{"bzip2"},
                          {"flate"},
                          {"gzip"},
                          {"lz4"},
                          {"pgzip", "The same as `gzip`."},
                          {"snappy"},
                          {"zlib"},
                          {"zstd"}}})
      .field("level", &CompressConfig::level,
             {.doc = "Small is fast, big is thorough; -1 is the algorithm's own default."})
      .check([](const CompressConfig& config) -> core::Status {
        WEIR_TRY(const codecs::Compression algorithm,
                 codecs::parse_compression(config.algorithm, codecs::CompressionUse::kMessage));
        return codecs::check_compression_level(algorithm, config.level);
      });
}

class Compress final : public core::Processor {
 public:
  Compress(codecs::Compression algorithm, int level, const config::Resources& resources)
      : algorithm_(algorithm), level_(level), blame_("compress", resources) {}

  Batches process(Batch batch) override {
    for (core::Message& message : batch) {
      const auto payload = message.payload();
      auto made = payload ? codecs::compress(algorithm_, *payload, level_)
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
  int level_;
  Blame blame_;
};

core::Result<std::unique_ptr<core::Processor>> make_compress(const CompressConfig& config,
                                                             const config::Resources& resources) {
  WEIR_TRY(const codecs::Compression algorithm,
           codecs::parse_compression(config.algorithm, codecs::CompressionUse::kMessage));
  return std::make_unique<Compress>(algorithm, config.level, resources);
}

}  // namespace

void add_compress(config::Registry& registry) {
  registry.add_processor(compress_spec(), make_compress);
}

}  // namespace weir::processors
