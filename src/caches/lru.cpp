#include "caches/all.h"
#include "caches/lru_map.h"

namespace weir::caches {
namespace {

struct LruConfig {
  std::uint64_t cap = 1000;
  InitValues init_values;
  std::string algorithm = "standard";
};

config::Spec<LruConfig> lru_spec() {
  return config::Spec<LruConfig>("lru")
      .summary("Keeps a number of items in memory; the one used longest ago goes first.")
      .field("cap", &LruConfig::cap, {.doc = "Items at most.", .min = 1, .max = 1e9})
      .field("init_values", &LruConfig::init_values, {.doc = "Items that are there at the start."})
      .field("algorithm", &LruConfig::algorithm,
             {.doc = "Which item goes first. weir knows only `standard`; the others are read and "
                     "treated as such.",
              .advanced = true,
              .options = {{"standard"}, {"arc"}, {"two_queues"}}})
      .ignored("two_queues_recent_ratio", "Belongs to an algorithm that weir does not have.")
      .ignored("two_queues_ghost_ratio", "Belongs to an algorithm that weir does not have.")
      .ignored("optimistic", "Writes never fail here.");
}

core::Result<std::unique_ptr<core::Cache>> make_lru(const LruConfig& config,
                                                    const config::Resources& resources) {
  auto made = std::make_unique<LruMap>(config.cap, std::chrono::nanoseconds(0), resources.clock());
  for (const auto& [key, value] : config.init_values) WEIR_CHECK_OK(made->set(key, value, {}));
  return made;
}

}  // namespace

void add_lru(config::Registry& registry) {
  registry.add_cache(lru_spec(), make_lru);
}

}  // namespace weir::caches
