#include "processors/branch_step.h"

#include <algorithm>

#include "processors/lanes.h"

namespace weir::processors {

using core::Batch;
using core::Batches;
using core::Message;
using core::Outcome;

const config::Spec<BranchConfig>& BranchConfig::spec() {
  static const config::Spec<BranchConfig> made =
      config::Spec<BranchConfig>()
          .field("request_map", &BranchConfig::request_map,
                 {.doc = "A mapping that makes the request of the message. Empty: a copy of it. "
                         "`root = deleted()`: this message skips the branch. The metadata is "
                         "copied.",
                  .examples = {R"(root.id = this.user.id)"}})
          .field("processors", &BranchConfig::processors,
                 {.doc = "Processors that run on the requests of a batch. They must give back one "
                         "message for each.",
                  .required = true})
          .field("result_map", &BranchConfig::result_map,
                 {.doc = "A mapping that lays the result (`this`, `metadata()`) over the message "
                         "(`root`, `meta`, `@`). Empty: the result is thrown away.",
                  .examples = {R"(root.user.name = this.name)"}});
  return made;
}

core::Result<BranchStep> BranchStep::make(const BranchConfig& config,
                                          const config::Resources& resources) {
  auto chain = config::ProcessorChain::make(config.processors, resources);
  if (!chain) return core::fail(std::move(chain).error());
  return BranchStep(config, *std::move(chain), resources);
}

BranchStep::Requests BranchStep::request(Batch& batch,
                                         const std::function<bool(std::size_t)>& leave_out) {
  Requests made;
  made.batch = batch.sibling();
  requested_.clear();
  evaluator_->context().bind(batch.messages(), 0);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (leave_out && leave_out(i)) {
      made.skipped.push_back(i);
      continue;
    }
    Message copy = batch[i].share_copy();
    copy.tag = static_cast<std::uint32_t>(i);
    copy.clear_error();
    if (request_map_) {
      copy.set_payload_view("");
      evaluator_->context().select(i);
      const auto verdict = request_map_->map(evaluator_->context(), copy);
      if (!verdict || *verdict == mapping::Verdict::kDeleted) {
        if (!verdict) {
          made.failed.push_back({i, verdict.error().with_context("request mapping failed")});
        } else {
          made.skipped.push_back(i);
        }
        copy.lineage().resolve(Outcome::kFiltered);
        continue;
      }
    }
    requested_.push_back(copy.tag);
    made.batch.push(std::move(copy));
  }
  return made;
}

BranchStep::Results BranchStep::run(Batch requests) {
  Results results;
  const std::size_t asked = requests.size();
  if (asked == 0) return results;
  results.batch = run_joined(chain_, std::move(requests));
  if (results.batch.size() == asked) return results;
  std::string text = results.batch.empty()
                         ? "child processors resulted in zero messages"
                         : "message count from branch processors does not match request, started "
                           "with " +
                               std::to_string(asked) + " messages, finished with " +
                               std::to_string(results.batch.size());
  results.error = core::Error{core::ErrorCode::kInvalidData, std::move(text)};
  results.batch.resolve(Outcome::kFiltered);
  return results;
}

std::vector<BranchStep::Failure> BranchStep::overlay(Batch& batch, Results results) {
  std::vector<Failure> failed;
  if (results.error) {
    for (const std::uint32_t index : requested_) failed.push_back({index, *results.error});
    return failed;
  }
  std::vector<Message>& answers = results.batch.messages();
  if (answers.empty()) return failed;
  // Processors may have put the results into another order (`group_by`): their tags tell, unless
  // they were lost on the way.
  const auto by_tag = [](const Message& a, const Message& b) { return a.tag < b.tag; };
  std::vector<std::uint32_t> tags;
  for (const Message& answer : answers) tags.push_back(answer.tag);
  if (tags != requested_) {
    std::sort(tags.begin(), tags.end());
    if (tags == requested_) {
      std::sort(answers.begin(), answers.end(), by_tag);
    } else {
      for (std::size_t k = 0; k < answers.size(); ++k) answers[k].tag = requested_[k];
    }
  }
  // The result mapping sees the results at the places of their messages.
  std::vector<Message> aligned;
  const bool whole = answers.size() == batch.size();
  if (!whole) {
    for (std::size_t i = 0; i < batch.size(); ++i)
      aligned.emplace_back(batch.storage(), core::Storage::kNoBlock, "");
    for (Message& answer : answers) aligned[answer.tag] = std::move(answer);
  }
  std::vector<Message>& seen = whole ? answers : aligned;
  evaluator_->context().bind(seen, 0);
  for (const std::uint32_t index : requested_) {
    if (const core::MessageError* error = seen[index].error()) {
      failed.push_back({index, {error->code, "processors failed: " + std::string(error->text)}});
      continue;
    }
    if (!result_map_) continue;
    Message changed = batch[index].share_copy();
    evaluator_->context().select(index);
    const auto verdict = result_map_->mutate(evaluator_->context(), changed);
    if (!verdict || *verdict == mapping::Verdict::kDeleted) {
      if (!verdict)
        failed.push_back({index, verdict.error().with_context("result mapping failed")});
      changed.lineage().resolve(Outcome::kFiltered);
      continue;
    }
    batch[index].lineage().resolve(Outcome::kFiltered);  // the copy holds the same slots
    batch[index] = std::move(changed);
  }
  for (Message& answer : seen) answer.lineage().resolve(Outcome::kFiltered);
  aligned.clear();
  answers.clear();
  batch.append(std::move(results.batch));  // the messages may borrow from the results' storage
  return failed;
}

Batches BranchProcessor::process(Batch batch) {
  BranchStep::Requests requests = step_.request(batch);
  BranchStep::Results results = step_.run(std::move(requests.batch));
  const auto failed = step_.overlay(batch, std::move(results));
  for (const auto& failure : requests.failed) blame_.fail(batch[failure.index], failure.error);
  for (const auto& failure : failed) blame_.fail(batch[failure.index], failure.error);
  return Batches(std::move(batch));
}

}  // namespace weir::processors
