#include "caches/all.h"

namespace weir::caches {
namespace {

using core::ErrorCode;
using core::Status;
using Ttl = std::optional<std::chrono::nanoseconds>;

struct MultilevelConfig {
  std::vector<config::CacheLabel> levels;
};

config::Spec<MultilevelConfig> multilevel_spec() {
  return config::Spec<MultilevelConfig>("multilevel")
      .summary("Several caches as one: the first levels are quick, the last one knows all.")
      .description(
          "Reading asks level after level and stores what it finds in those above. Writing goes to "
          "all levels, the last first. `add` succeeds when no level has the key.")
      .value(&MultilevelConfig::levels,
             {.doc = "Labels of cache resources, at least two.", .required = true})
      .check([](const MultilevelConfig& config) -> Status {
        if (config.levels.size() < 2) {
          return core::invalid_config("`multilevel` wants at least two cache labels");
        }
        return {};
      })
      .example("A small quick cache over a durable one", R"yaml(
pipeline:
  processors:
    - cache: { resource: both, operator: set, key: '${! this.id }', value: '${! content() }' }
cache_resources:
  - label: both
    multilevel: [ hot, cold ]
  - label: hot
    lru: { cap: 100 }
  - label: cold
    rocksdb: {}
)yaml");
}

class Multilevel final : public core::Cache {
 public:
  explicit Multilevel(std::vector<std::shared_ptr<core::Cache>> levels)
      : levels_(std::move(levels)) {}

  core::Result<std::string> get(std::string_view key) override {
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      auto found = levels_[i]->get(key);
      if (found) {
        for (std::size_t above = i; above-- > 0;)
          WEIR_CHECK_OK(levels_[above]->set(key, *found, {}));
        return found;
      }
      if (found.error().code != ErrorCode::kNotFound) return found;
    }
    return core::fail(ErrorCode::kNotFound, "key does not exist");
  }
  Status set(std::string_view key, std::string_view value, Ttl ttl) override {
    for (std::size_t i = levels_.size(); i-- > 0;) {
      WEIR_CHECK_OK(levels_[i]->set(key, value, ttl));
    }
    return {};
  }
  core::Result<bool> add(std::string_view key, std::string_view value, Ttl ttl) override {
    for (std::size_t i = 0; i + 1 < levels_.size(); ++i) {
      WEIR_TRY(const bool known, levels_[i]->exists(key));
      if (known) return false;
    }
    // The last level decides; the others only repeat it.
    WEIR_TRY(const bool fresh, levels_.back()->add(key, value, ttl));
    if (!fresh) return false;
    for (std::size_t i = levels_.size() - 1; i-- > 0;) {
      WEIR_CHECK_OK(levels_[i]->set(key, value, ttl));
    }
    return true;
  }
  Status remove(std::string_view key) override {
    for (const auto& level : levels_) WEIR_CHECK_OK(level->remove(key));
    return {};
  }

 private:
  std::vector<std::shared_ptr<core::Cache>> levels_;
};

core::Result<std::unique_ptr<core::Cache>> make_multilevel(const MultilevelConfig& config,
                                                           const config::Resources& resources) {
  std::vector<std::shared_ptr<core::Cache>> levels;
  for (const config::CacheLabel& label : config.levels) {
    WEIR_TRY(auto level, resources.shared().cache(label.label));
    levels.push_back(std::move(level));
  }
  return std::make_unique<Multilevel>(std::move(levels));
}

}  // namespace

void add_multilevel(config::Registry& registry) {
  registry.add_cache(multilevel_spec(), make_multilevel);
}

}  // namespace weir::caches
