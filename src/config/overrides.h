#pragma once
#include <string>
#include <vector>
#include "config/diagnostics.h"
#include "config/node.h"
namespace weir::config {
inline void apply_overrides(Node&, const std::vector<std::string>&, Diagnostics&) {}
inline void merge_resources(Node&, Node, Diagnostics&) {}
}  // namespace weir::config
