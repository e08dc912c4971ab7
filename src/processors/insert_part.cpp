#include "config/mapping_fields.h"
#include "processors/all.h"
#include "processors/blame.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using core::Message;

struct InsertPartConfig {
  std::int64_t index = -1;
  config::TemplateField content;
};

config::Spec<InsertPartConfig> insert_part_spec() {
  return config::Spec<InsertPartConfig>("insert_part")
      .summary("Puts a new message into each batch.")
      .description(
          "It has no metadata, and counts as part of the batch's first message. When `content` "
          "cannot be evaluated, the first message is flagged and nothing is put in.")
      .category("utility")
      .field("index", &InsertPartConfig::index,
             {.doc = "The place it has afterwards, from 0; negative: from the end, -1 is the last. "
                     "Places outside mean the nearest end."})
      .field("content", &InsertPartConfig::content,
             {.doc = "The payload, evaluated for the batch's first message."});
}

class InsertPart final : public core::Processor {
 public:
  InsertPart(InsertPartConfig config, const config::Resources& resources)
      : config_(std::move(config)), evaluator_(resources), blame_("insert_part", resources) {}

  Batches process(Batch batch) override {
    if (batch.empty()) return Batches(std::move(batch));
    evaluator_.context().bind(batch.messages(), 0);
    const auto content = config_.content.render(evaluator_.context());
    if (!content) {
      blame_.fail(batch[0], content.error().with_context("evaluating `content`"));
      return Batches(std::move(batch));
    }
    Message made(batch[0].storage(), core::Storage::kNoBlock, batch[0].arena().copy(*content));
    made.set_lineage(batch[0].lineage().share());
    made.event_time = batch[0].event_time;
    made.position = batch[0].position;
    made.tag = batch[0].tag;
    const auto size = static_cast<std::int64_t>(batch.size());
    const std::int64_t wanted = config_.index < 0 ? size + 1 + config_.index : config_.index;
    const std::int64_t at = std::min(std::max<std::int64_t>(wanted, 0), size);
    batch.messages().insert(batch.begin() + at, std::move(made));
    return Batches(std::move(batch));
  }

 private:
  InsertPartConfig config_;
  config::Evaluator evaluator_;
  Blame blame_;
};

core::Result<std::unique_ptr<core::Processor>> make_insert_part(
    InsertPartConfig config, const config::Resources& resources) {
  return std::make_unique<InsertPart>(std::move(config), resources);
}

}  // namespace

void add_insert_part(config::Registry& registry) {
  registry.add_processor(insert_part_spec(), make_insert_part);
}

}  // namespace weir::processors
