#include "processors/all.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct SplitConfig {
  std::uint64_t size = 1;
  config::ByteSize byte_size;
};

config::Spec<SplitConfig> split_spec() {
  return config::Spec<SplitConfig>("split")
      .summary("Cuts a batch into smaller batches.")
      .description(
          "A message longer than `byte_size` is a batch of its own. With both set, a batch ends "
          "where the first of them is reached.")
      .category("utility")
      .field("size", &SplitConfig::size, {.doc = "Messages of a batch. 0: any number."})
      .field("byte_size", &SplitConfig::byte_size,
             {.doc = "Payload bytes of a batch, at most. 0: any number."});
}

class Split final : public core::Processor {
 public:
  explicit Split(const SplitConfig& config)
      : most_(config.size), most_bytes_(config.byte_size.bytes) {}

  Batches process(Batch batch) override {
    Batches parts;
    Batch part = batch.sibling();
    std::uint64_t bytes = 0;
    for (core::Message& message : batch) {
      std::uint64_t size = 0;
      if (most_bytes_ > 0) {
        const auto payload = message.payload();
        size = payload ? payload->size() : 0;
      }
      const bool full = (most_ > 0 && part.size() >= most_) ||
                        (most_bytes_ > 0 && !part.empty() && bytes + size > most_bytes_);
      if (full) {
        parts.add(std::move(part));
        part = batch.sibling();
        bytes = 0;
      }
      part.push(std::move(message));
      bytes += size;
    }
    parts.add(std::move(part));
    return parts;
  }

 private:
  const std::uint64_t most_;
  const std::uint64_t most_bytes_;
};

core::Result<std::unique_ptr<core::Processor>> make_split(const SplitConfig& config,
                                                          const config::Resources&) {
  return std::make_unique<Split>(config);
}

}  // namespace

void add_split(config::Registry& registry) {
  registry.add_processor(split_spec(), make_split);
}

}  // namespace weir::processors
