#include "processors/all.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct SelectPartsConfig {
  std::vector<std::int64_t> parts;
};

config::Spec<SelectPartsConfig> select_parts_spec() {
  return config::Spec<SelectPartsConfig>("select_parts")
      .summary("Keeps the messages of a batch at some places, in the order asked for.")
      .description(
          "Places count from 0, negative ones from the end (-1 is the last). Places that the batch "
          "does not have are left out; all other messages are dropped. A place named twice gives "
          "two messages.")
      .category("utility")
      .field("parts", &SelectPartsConfig::parts, {.doc = "The places.", .examples = {"[0, -1]"}});
}

class SelectParts final : public core::Processor {
 public:
  explicit SelectParts(std::vector<std::int64_t> parts) : parts_(std::move(parts)) {}

  Batches process(Batch batch) override {
    Batch kept = batch.sibling();
    const auto size = static_cast<std::int64_t>(batch.size());
    for (const std::int64_t part : parts_) {
      if (part < -size || part >= size) continue;
      kept.push(batch[static_cast<std::size_t>(part < 0 ? part + size : part)].share_copy());
    }
    batch.resolve(core::Outcome::kFiltered);  // the copies hold the slots of what is kept
    return Batches(std::move(kept));
  }

 private:
  std::vector<std::int64_t> parts_;
};

core::Result<std::unique_ptr<core::Processor>> make_select_parts(SelectPartsConfig config,
                                                                 const config::Resources&) {
  return std::make_unique<SelectParts>(std::move(config.parts));
}

}  // namespace

void add_select_parts(config::Registry& registry) {
  registry.add_processor(select_parts_spec(), make_select_parts);
}

}  // namespace weir::processors
