#include "processors/all.h"
#include "processors/blame.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct BoundsCheckConfig {
  std::uint64_t max_part_size = 1073741824;
  std::uint64_t min_part_size = 1;
  std::uint64_t max_parts = 100;
  std::uint64_t min_parts = 1;
};

config::Spec<BoundsCheckConfig> bounds_check_spec() {
  return config::Spec<BoundsCheckConfig>("bounds_check")
      .summary("Drops messages that are too small or too big, and batches of too few or too many.")
      .description(
          "What is dropped counts as filtered, and in the metrics `bounds_check_dropped` with the "
          "label `bound`. Only the offending messages of a batch go (elsewhere in the family the "
          "whole batch does).")
      .category("utility")
      .field("max_part_size", &BoundsCheckConfig::max_part_size,
             {.doc = "Longest payload that passes, in bytes."})
      .field("min_part_size", &BoundsCheckConfig::min_part_size,
             {.doc = "Shortest payload that passes, in bytes."})
      .field("max_parts", &BoundsCheckConfig::max_parts,
             {.doc = "Messages of the biggest batch that passes.", .advanced = true})
      .field("min_parts", &BoundsCheckConfig::min_parts,
             {.doc = "Messages of the smallest batch that passes.", .advanced = true});
}

class BoundsCheck final : public core::Processor {
 public:
  BoundsCheck(const BoundsCheckConfig& config, const config::Resources& resources)
      : config_(config),
        too_small_(resources.counter("bounds_check_dropped", {{"bound", "min_part_size"}})),
        too_big_(resources.counter("bounds_check_dropped", {{"bound", "max_part_size"}})),
        too_few_(resources.counter("bounds_check_dropped", {{"bound", "min_parts"}})),
        too_many_(resources.counter("bounds_check_dropped", {{"bound", "max_parts"}})),
        blame_("bounds_check", resources) {}

  Batches process(Batch batch) override {
    if (batch.size() < config_.min_parts || batch.size() > config_.max_parts) {
      core::Counter& counter = batch.size() < config_.min_parts ? too_few_ : too_many_;
      counter.add(batch.size());
      batch.resolve(core::Outcome::kFiltered);
      return {};
    }
    Batch kept = batch.sibling();
    for (core::Message& message : batch) {
      const auto payload = message.payload();
      if (!payload) {
        blame_.fail(message, payload.error());
        kept.push(std::move(message));
        continue;
      }
      const bool small = payload->size() < config_.min_part_size;
      if (!small && payload->size() <= config_.max_part_size) {
        kept.push(std::move(message));
        continue;
      }
      (small ? too_small_ : too_big_).add();
      message.lineage().resolve(core::Outcome::kFiltered);
    }
    return Batches(std::move(kept));
  }

 private:
  const BoundsCheckConfig config_;
  core::Counter& too_small_;
  core::Counter& too_big_;
  core::Counter& too_few_;
  core::Counter& too_many_;
  Blame blame_;
};

core::Result<std::unique_ptr<core::Processor>> make_bounds_check(
    const BoundsCheckConfig& config, const config::Resources& resources) {
  return std::make_unique<BoundsCheck>(config, resources);
}

}  // namespace

void add_bounds_check(config::Registry& registry) {
  registry.add_processor(bounds_check_spec(), make_bounds_check);
}

}  // namespace weir::processors
