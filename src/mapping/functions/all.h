#pragma once

namespace weir::mapping {

class Registry;

/// Registers every family of functions and methods.
void add_all_functions(Registry& registry);

// One per file of this folder.
void add_arrays(Registry& registry);
void add_bloblang(Registry& registry);
void add_bytes(Registry& registry);
void add_changelog(Registry& registry);
void add_clock(Registry& registry);
void add_coercion(Registry& registry);
void add_compression(Registry& registry);
void add_counters(Registry& registry);
void add_csv(Registry& registry);
void add_encoding(Registry& registry);
void add_encryption(Registry& registry);
void add_environment(Registry& registry);
void add_escaping(Registry& registry);
void add_format(Registry& registry);
void add_general(Registry& registry);
void add_hashing(Registry& registry);
void add_ids(Registry& registry);
void add_iteration(Registry& registry);
void add_json(Registry& registry);
void add_json_path(Registry& registry);
void add_json_schema(Registry& registry);
void add_jwt(Registry& registry);
void add_logfmt(Registry& registry);
void add_merging(Registry& registry);
void add_messages(Registry& registry);
void add_msgpack(Registry& registry);
void add_numbers(Registry& registry);
void add_objects(Registry& registry);
void add_passwords(Registry& registry);
void add_paths(Registry& registry);
void add_refused(Registry& registry);
void add_regexp(Registry& registry);
void add_schema(Registry& registry);
void add_slug(Registry& registry);
void add_sorting(Registry& registry);
void add_string_case(Registry& registry);
void add_string_edits(Registry& registry);
void add_strings(Registry& registry);
void add_strip_html(Registry& registry);
void add_time(Registry& registry);
void add_unicode_segments(Registry& registry);
void add_urls(Registry& registry);
void add_uuid_v5(Registry& registry);
void add_xml(Registry& registry);
void add_yaml(Registry& registry);

}  // namespace weir::mapping
