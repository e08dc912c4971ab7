#pragma once

#include "config/registry.h"

namespace weir::scanners {

/// Registers every scanner.
void add_all(config::Registry& registry);

// One per component, alphabetical; defined in the component's file.
void add_chunker(config::Registry& registry);
void add_csv(config::Registry& registry);
void add_decompress(config::Registry& registry);
void add_json_array(config::Registry& registry);
void add_json_documents(config::Registry& registry);
void add_lines(config::Registry& registry);
void add_re_match(config::Registry& registry);
void add_skip_bom(config::Registry& registry);
void add_switch(config::Registry& registry);
void add_tar(config::Registry& registry);
void add_to_the_end(config::Registry& registry);

}  // namespace weir::scanners
