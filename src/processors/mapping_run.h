#pragma once

#include <string>

#include "config/mapping_fields.h"
#include "core/component.h"

namespace weir::processors {

/// What `mapping` and `mutation` have in common: runs a mapping over each message of a batch, drops
/// what it deletes, flags what it fails on.
class MappingRun {
 public:
  enum class Mode { kMapping, kMutation };
  MappingRun(Mode mode, config::MappingField mapping, const config::Resources& resources);

  [[nodiscard]] core::Batches process(core::Batch batch);

 private:
  core::Result<mapping::Verdict> run(core::Message& target);

  Mode mode_;
  config::MappingField mapping_;
  config::Evaluator evaluator_;
  std::string name_;
  std::string label_;
  std::string path_;
};

}  // namespace weir::processors
