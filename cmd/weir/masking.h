#pragma once

#include "config/node.h"
#include "config/registry.h"

namespace weir::cmd {

inline constexpr std::string_view kMask = "!!!SECRET_SCRUBBED!!!";

/// Makes a configuration's tree explicit: defaults added, secrets replaced by kMask (unless they
/// are references to the environment), passwords in URLs as well.
void complete(config::Node& root, const config::Registry& registry);

}  // namespace weir::cmd
