#include "mapping/functions/all.h"
#include "mapping/registry.h"

namespace weir::mapping {

/// Names of the family that we do not have, each with what to do instead.
void add_refused(Registry& registry) {
  constexpr std::string_view kGeoip =
      "not in weir: it has no reader for MaxMind databases; look addresses up in a table of your "
      "own, for "
      "example with the `cache` or `sql_select` processor";
  for (const std::string_view name :
       {"geoip_anonymous_ip", "geoip_asn", "geoip_city", "geoip_connection_type", "geoip_country",
        "geoip_domain", "geoip_enterprise", "geoip_isp"}) {
    registry.refuse_method(name, kGeoip);
  }
  registry.refuse_method(
      "parse_parquet",
      "not in weir: there is no Parquet reader; convert the file to JSON lines or CSV first");
  registry.refuse_method(
      "vector",
      "not in weir: its SQL outputs take plain arrays; write the array as text in the form "
      "that the database expects, for example with `format_json`");
  registry.refuse_function(
      "fake",
      "not in weir: there is no generator of fake names and the like; use `random_int`, "
      "`uuid_v4`, or `index` on a list of your own");
}

}  // namespace weir::mapping
