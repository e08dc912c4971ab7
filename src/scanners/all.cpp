#include "scanners/all.h"

namespace weir::scanners {

void add_all(config::Registry& registry) {
  add_chunker(registry);
  add_csv(registry);
  add_decompress(registry);
  add_json_array(registry);
  add_json_documents(registry);
  add_lines(registry);
  add_re_match(registry);
  add_skip_bom(registry);
  add_switch(registry);
  add_tar(registry);
  add_to_the_end(registry);
  registry.refuse(config::ComponentKind::kScanner, "avro",
                  "Debian has no C++ library for Avro files and weir has no reader of its own yet; "
                  "convert them to JSON lines first, e.g. with `avro-tools tojson`");
}

}  // namespace weir::scanners
