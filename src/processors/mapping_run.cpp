#include "processors/mapping_run.h"

#include <utility>
#include <vector>

namespace weir::processors {

using core::Batch;
using core::Batches;
using core::Message;

MappingRun::MappingRun(Mode mode, config::MappingField mapping, const config::Resources& resources)
    : mode_(mode),
      mapping_(std::move(mapping)),
      evaluator_(resources),
      name_(mode == Mode::kMapping ? "mapping" : "mutation"),
      label_(resources.label()),
      path_(resources.path()) {}

core::Result<mapping::Verdict> MappingRun::run(Message& target) {
  return mode_ == Mode::kMapping ? mapping_->map(evaluator_.context(), target)
                                 : mapping_->mutate(evaluator_.context(), target);
}

Batches MappingRun::process(Batch batch) {
  std::vector<Message>& messages = batch.messages();
  // A mapping that looks at the batch sees it as it came; the results are put in place afterwards.
  std::vector<Message> results;
  const bool copies = mode_ == Mode::kMapping && mapping_->reads_batch();
  if (copies) {
    results.reserve(messages.size());
    for (Message& message : messages) results.push_back(message.share_copy());
  }
  std::vector<Message>& targets = copies ? results : messages;
  evaluator_.context().bind(messages, 0);
  std::vector<std::size_t> deleted;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    evaluator_.context().select(i);
    auto verdict = run(targets[i]);
    if (!verdict) {
      targets[i].fail(verdict.error().code, verdict.error().message, name_, label_, path_);
    } else if (*verdict == mapping::Verdict::kDeleted) {
      deleted.push_back(i);
    }
  }
  if (copies) {
    // The copies hold the received slots now; an earlier end of these holders changes nothing.
    batch.resolve(core::Outcome::kFiltered);
    batch.messages() = std::move(results);
  }
  if (!deleted.empty()) {
    std::vector<Message>& all = batch.messages();
    std::size_t next = 0;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (next < deleted.size() && deleted[next] == i) {
        all[i].lineage().resolve(core::Outcome::kFiltered);
        ++next;
        continue;
      }
      if (kept != i) all[kept] = std::move(all[i]);
      ++kept;
    }
    all.resize(kept);
  }
  return Batches(std::move(batch));
}

}  // namespace weir::processors
