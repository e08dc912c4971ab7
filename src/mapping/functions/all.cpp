#include "mapping/functions/all.h"

namespace weir::mapping {

void add_all_functions(Registry& registry) {
  add_arrays(registry);
  add_bloblang(registry);
  add_bytes(registry);
  add_changelog(registry);
  add_clock(registry);
  add_coercion(registry);
  add_compression(registry);
  add_counters(registry);
  add_csv(registry);
  add_encoding(registry);
  add_encryption(registry);
  add_environment(registry);
  add_escaping(registry);
  add_format(registry);
  add_general(registry);
  add_hashing(registry);
  add_ids(registry);
  add_iteration(registry);
  add_json(registry);
  add_json_path(registry);
  add_json_schema(registry);
  add_jwt(registry);
  add_logfmt(registry);
  add_merging(registry);
  add_messages(registry);
  add_msgpack(registry);
  add_numbers(registry);
  add_objects(registry);
  add_passwords(registry);
  add_paths(registry);
  add_refused(registry);
  add_regexp(registry);
  add_schema(registry);
  add_slug(registry);
  add_sorting(registry);
  add_string_case(registry);
  add_string_edits(registry);
  add_strings(registry);
  add_strip_html(registry);
  add_time(registry);
  add_unicode_segments(registry);
  add_urls(registry);
  add_uuid_v5(registry);
  add_xml(registry);
  add_yaml(registry);
}

}  // namespace weir::mapping
