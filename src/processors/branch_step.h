#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/batching.h"
#include "config/mapping_fields.h"
#include "core/component.h"
#include "processors/blame.h"

namespace weir::processors {

/// The fields of a branch, alone or in a `workflow`.
struct BranchConfig {
  config::MappingField request_map;
  config::ProcessorList processors;
  config::MappingField result_map;
  static const config::Spec<BranchConfig>& spec();
};

/// One branch: makes requests of messages, runs processors on them, lays results over the messages.
/// request() and overlay() look at the batch; run() does not and may be on another thread.
class BranchStep {
 public:
  [[nodiscard]] static core::Result<BranchStep> make(const BranchConfig& config,
                                                     const config::Resources& resources);

  struct Failure {
    std::size_t index;  ///< of the message in the batch
    core::Error error;
  };
  struct Requests {
    core::Batch batch;                 ///< tags are places in the batch they were made of
    std::vector<std::size_t> skipped;  ///< `root = deleted()`, or left out
    std::vector<Failure> failed;       ///< the request mapping failed
  };
  /// `leave_out(i)`: no request for message i; may be empty.
  [[nodiscard]] Requests request(core::Batch& batch,
                                 const std::function<bool(std::size_t)>& leave_out = {});

  struct Results {
    core::Batch batch;                 ///< one for each request, in their order
    std::optional<core::Error> error;  ///< the processors changed the number of messages
  };
  [[nodiscard]] Results run(core::Batch requests);

  /// Changes the batch; gives back what failed, in no order.
  [[nodiscard]] std::vector<Failure> overlay(core::Batch& batch, Results results);

  [[nodiscard]] const config::MappingField& request_map() const { return request_map_; }
  [[nodiscard]] const config::MappingField& result_map() const { return result_map_; }
  [[nodiscard]] const std::vector<std::uint32_t>& requested() const { return requested_; }
  void close() { chain_.close(); }

 private:
  BranchStep(const BranchConfig& config, config::ProcessorChain chain,
             const config::Resources& resources)
      : request_map_(config.request_map),
        result_map_(config.result_map),
        chain_(std::move(chain)),
        evaluator_(std::make_unique<config::Evaluator>(resources)) {}

  config::MappingField request_map_;
  config::MappingField result_map_;
  config::ProcessorChain chain_;
  std::unique_ptr<config::Evaluator> evaluator_;
  std::vector<std::uint32_t> requested_;  // tags of the last requests
};

/// The `branch` processor; a class of its own so that `workflow` can use one of the resources.
class BranchProcessor final : public core::Processor {
 public:
  BranchProcessor(BranchStep step, const config::Resources& resources)
      : step_(std::move(step)), blame_("branch", resources) {}
  [[nodiscard]] core::Batches process(core::Batch batch) override;
  void close() override { step_.close(); }
  [[nodiscard]] BranchStep& step() { return step_; }

 private:
  BranchStep step_;
  Blame blame_;
};

}  // namespace weir::processors
