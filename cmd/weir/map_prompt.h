#pragma once

#include <string>

#include "mapping/mapping.h"

namespace weir::cmd {

/// What `weir map` does on a terminal: reads mappings, shows what they make of a sample document.
/// `first` is tried at once unless it is empty; `document` is the sample to begin with.
/// Exit code 0.
int map_prompt(const mapping::Environment& environment, const std::string& first,
               const std::string& document);

/// The manual of a function, a method or both, as text; empty when there is none of this name.
[[nodiscard]] std::string manual_of(const std::string& name);

}  // namespace weir::cmd
