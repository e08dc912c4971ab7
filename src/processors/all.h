#pragma once

#include "config/registry.h"

namespace weir::processors {

/// Registers all of them, and the names of the family that weir refuses.
void add_all(config::Registry& registry);

// One per component, alphabetical; defined in the component's file.
void add_archive(config::Registry& registry);
void add_benchmark(config::Registry& registry);
void add_bounds_check(config::Registry& registry);
void add_branch(config::Registry& registry);
void add_cache(config::Registry& registry);
void add_cached(config::Registry& registry);
void add_catch(config::Registry& registry);
void add_compress(config::Registry& registry);
void add_crash(config::Registry& registry);
void add_decompress(config::Registry& registry);
void add_dedupe(config::Registry& registry);
void add_for_each(config::Registry& registry);
void add_grok(config::Registry& registry);
void add_group_by(config::Registry& registry);
void add_group_by_value(config::Registry& registry);
void add_http(config::Registry& registry);
void add_insert_part(config::Registry& registry);
void add_log(config::Registry& registry);
void add_mapping(config::Registry& registry);
void add_metric(config::Registry& registry);
void add_msgpack(config::Registry& registry);
void add_mutation(config::Registry& registry);
void add_noop(config::Registry& registry);
void add_parallel(config::Registry& registry);
void add_processors(config::Registry& registry);
void add_rate_limit(config::Registry& registry);
void add_resource(config::Registry& registry);
void add_retry(config::Registry& registry);
void add_select_parts(config::Registry& registry);
void add_sleep(config::Registry& registry);
void add_split(config::Registry& registry);
void add_switch(config::Registry& registry);
void add_sync_response(config::Registry& registry);
void add_try(config::Registry& registry);
void add_try_catch(config::Registry& registry);
void add_unarchive(config::Registry& registry);
void add_while(config::Registry& registry);
void add_workflow(config::Registry& registry);
void add_xml(config::Registry& registry);

}  // namespace weir::processors
