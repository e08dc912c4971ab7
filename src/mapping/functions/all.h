#pragma once

namespace weir::mapping {

class Registry;

/// Registers every family of functions and methods.
void add_all_functions(Registry& registry);

// One per file of this folder.
void add_strings(Registry& registry);
void add_numbers(Registry& registry);

}  // namespace weir::mapping
