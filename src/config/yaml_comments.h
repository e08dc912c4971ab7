#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/yaml_names.h"
#include "config/yaml_reader.h"

namespace weir::config::yaml {

/// True when the first line is `# WEIR LINT DISABLE` or `# BENTHOS LINT DISABLE`.
[[nodiscard]] bool disables_lint(std::string_view text);

/// The `# weir-lint-ignore` comments of a document: not what looks like one inside quotes and
/// blocks.
[[nodiscard]] std::vector<Suppression> find_suppressions(std::string_view text,
                                                         const std::string& file,
                                                         const Events& events);

}  // namespace weir::config::yaml
