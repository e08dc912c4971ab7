#pragma once

#include <string>
#include <string_view>

#include "config/diagnostics.h"
#include "config/references.h"
#include "config/yaml_names.h"
#include "config/yaml_reader.h"

namespace weir::config::yaml {

/// Makes the tree of a document: resolves aliases and merge keys, puts references back and replaces
/// variables, checks keys and tags. Errors go to `diagnostics`; false when a limit was passed, so
/// that the tree is not the document's.
[[nodiscard]] bool build_tree(std::string_view text, const std::string& file, Events& events,
                              const YamlLimits& limits, ReferenceExpander& expander,
                              Diagnostics& diagnostics, Node& root);

}  // namespace weir::config::yaml
