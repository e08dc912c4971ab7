#pragma once

#include <vector>

#include "config/yaml_reader.h"

namespace weir::cmd {

/// Every rule that lint can report, ascending.
[[nodiscard]] std::vector<config::RuleInfo> all_rules();

}  // namespace weir::cmd
