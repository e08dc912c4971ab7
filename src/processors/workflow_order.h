#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "mapping/mapping.h"

namespace weir::processors {

/// What a stage of a workflow reads of a message and what it changes.
struct StageUse {
  std::string name;
  std::vector<mapping::PathUse> reads;
  std::vector<mapping::PathUse> writes;
};

/// Stage numbers, tier by tier.
using Tiers = std::vector<std::vector<std::size_t>>;

/// Tiers so that a stage comes after all whose writes it reads. Reading the whole document asks for
/// nothing. Error kInvalidConfig names the stages that wait for each other.
[[nodiscard]] core::Result<Tiers> infer_order(const std::vector<StageUse>& stages);

/// Tiers as given by name. Error kInvalidConfig: unknown, missing or repeated stages.
[[nodiscard]] core::Result<Tiers> check_order(const std::vector<std::vector<std::string>>& order,
                                              const std::vector<StageUse>& stages);

}  // namespace weir::processors
