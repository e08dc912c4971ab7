#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "config/registry.h"

namespace weir::inputs {

struct FollowOptions {
  std::vector<std::string> paths;
  config::Child<core::Scanner> scanner;
  std::chrono::nanoseconds commit_period{0};
};

/// The `file` input with `follow: true`: reads files while they grow, through renames and
/// truncation, and goes on after a restart where everything had been delivered. Each path is a
/// partition. Error kInvalidConfig: a scanner that cannot start in the middle of a file.
[[nodiscard]] core::Result<std::unique_ptr<core::Input>> make_follow_input(
    FollowOptions options, const config::Resources& resources);

}  // namespace weir::inputs
