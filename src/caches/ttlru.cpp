#include "caches/all.h"
#include "caches/lru_map.h"

namespace weir::caches {
namespace {

struct TtlruConfig {
  std::uint64_t cap = 1024;
  std::chrono::nanoseconds default_ttl = std::chrono::minutes(5);
  std::optional<std::chrono::nanoseconds> ttl;
  InitValues init_values;
};

config::Spec<TtlruConfig> ttlru_spec() {
  return config::Spec<TtlruConfig>("ttlru")
      .summary("Keeps a number of items in memory for a time; the one used longest ago goes first.")
      .field("cap", &TtlruConfig::cap, {.doc = "Items at most.", .min = 1, .max = 1e9})
      .field("default_ttl", &TtlruConfig::default_ttl,
             {.doc = "How long items live that are stored without a time of their own. `0s`: for "
                     "ever."})
      .field("ttl", &TtlruConfig::ttl,
             {.doc = "Old name of `default_ttl`; wins when both are set.", .advanced = true})
      .field("init_values", &TtlruConfig::init_values,
             {.doc = "Items that are there at the start."})
      .ignored("optimistic", "Writes never fail here.");
}

core::Result<std::unique_ptr<core::Cache>> make_ttlru(const TtlruConfig& config,
                                                      const config::Resources& resources) {
  auto made = std::make_unique<LruMap>(config.cap, config.ttl.value_or(config.default_ttl),
                                       resources.clock());
  for (const auto& [key, value] : config.init_values) WEIR_CHECK_OK(made->set(key, value, {}));
  return made;
}

}  // namespace

void add_ttlru(config::Registry& registry) {
  registry.add_cache(ttlru_spec(), make_ttlru);
}

}  // namespace weir::caches
