#include "caches/all.h"

namespace weir::caches {

void add_all(config::Registry& registry) {
  add_file(registry);
  add_lru(registry);
  add_memory(registry);
  add_multilevel(registry);
  add_noop(registry);
  add_rocksdb(registry);
  add_ttlru(registry);

  // Known in the family: a configuration that uses one gets a better answer than "not known".
  for (const char* name : {
           "aws_dynamodb",
           "aws_s3",
           "couchbase",
           "gcp_cloud_storage",
           "memcached",
           "mongodb",
           "nats_kv",
           "redis",
           "redpanda",
           "sql",
       }) {
    registry.refuse(config::ComponentKind::kCache, name,
                    "not written yet: docs/roadmap.md lists what is missing; `rocksdb` keeps its "
                    "content over restarts");
  }
  registry.refuse(config::ComponentKind::kCache, "ristretto",
                  "use `lru` or `ttlru`: their writes can be read at once");
}

}  // namespace weir::caches
