#include "caches/all.h"
#include "caches/lru_map.h"
#include "core/duration.h"

namespace weir::caches {
namespace {

struct MemoryConfig {
  std::chrono::nanoseconds default_ttl = std::chrono::minutes(5);
  std::string compaction_interval = "60s";
  InitValues init_values;
  std::uint32_t shards = 1;
  config::ByteSize max_bytes{std::uint64_t{256} << 20};
};

config::Spec<MemoryConfig> memory_spec() {
  return config::Spec<MemoryConfig>("memory")
      .summary("Keeps items in memory for a time.")
      .description(
          "Lost when the process ends. An item is gone when its time is over, whether it has been "
          "swept up yet or not. When the limit is reached and sweeping does not help, storing "
          "fails: a cache that forgets by itself is `lru` or `ttlru`.")
      .field("default_ttl", &MemoryConfig::default_ttl,
             {.doc = "How long items live that are stored without a time of their own. `0s`: for "
                     "ever."})
      .field("compaction_interval", &MemoryConfig::compaction_interval,
             {.doc = "How often ended items are swept up. Empty: items never end."})
      .field("init_values", &MemoryConfig::init_values,
             {.doc = "Items that are there at the start; they never end."})
      .field("shards", &MemoryConfig::shards,
             {.doc = "Parts with a lock of their own.", .advanced = true, .min = 1, .max = 1024})
      .field("max_bytes", &MemoryConfig::max_bytes,
             {.doc = "Bytes of keys and values at most, over all parts.", .min = 1})
      .check([](const MemoryConfig& config) -> core::Status {
        if (config.compaction_interval.empty()) return {};
        auto parsed = core::parse_duration(config.compaction_interval);
        if (!parsed)
          return core::invalid_config("`compaction_interval`: " + parsed.error().message);
        return {};
      });
}

/// One part of the cache: a map under a lock.
class Shard {
 public:
  std::mutex mutex;

  struct Item {
    std::string value;
    std::int64_t ends;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  const Item* find(std::string_view key, std::int64_t now) const {
    const auto found = items_.find(key);
    return found == items_.end() || found->second.ends <= now ? nullptr : &found->second;
  }
  core::Status store(std::string_view key, std::string_view value, std::int64_t ends,
                     std::int64_t now, std::uint64_t limit) {
    const auto found = items_.find(key);
    const std::uint64_t before = found == items_.end() ? 0 : cost(key, found->second.value);
    const std::uint64_t after = cost(key, value);
    if (bytes_ - before + after > limit) {
      sweep(now);
      if (bytes_ + after > limit) {
        return core::fail(core::ErrorCode::kUnavailable,
                          "the cache is full: raise `max_bytes`, shorten the time items live, or "
                          "use `lru`");
      }
      return store(key, value, ends, now, UINT64_MAX);
    }
    bytes_ += after - before;
    if (found == items_.end()) {
      items_.emplace(std::string(key), Item{std::string(value), ends});
    } else {
      found->second = {std::string(value), ends};
    }
    return {};
  }
  void remove(std::string_view key) {
    const auto found = items_.find(key);
    if (found == items_.end()) return;
    bytes_ -= cost(key, found->second.value);
    items_.erase(found);
  }
  void sweep(std::int64_t now) {
    swept_at = now;
    for (auto it = items_.begin(); it != items_.end();) {
      if (it->second.ends <= now) {
        bytes_ -= cost(it->first, it->second.value);
        it = items_.erase(it);
      } else {
        ++it;
      }
    }
  }
  std::int64_t swept_at = 0;

 private:
  static std::uint64_t cost(std::string_view key, std::string_view value) {
    return key.size() + value.size() + 96;
  }
  std::unordered_map<std::string, Item, Hash, std::equal_to<>> items_;
  std::uint64_t bytes_ = 0;
};

class Memory final : public core::Cache {
 public:
  Memory(const MemoryConfig& config, std::chrono::nanoseconds sweep_every, const core::Clock& clock)
      : standard_ttl_(config.default_ttl),
        sweep_every_(sweep_every),
        limit_(std::max<std::uint64_t>(config.max_bytes.bytes / config.shards, 1)),
        clock_(clock),
        shards_(config.shards) {
    for (Shard& shard : shards_) shard.swept_at = clock.mono_nanos();
  }

  core::Result<std::string> get(std::string_view key) override {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const Shard::Item* item = shard.find(key, clock_.mono_nanos());
    if (item == nullptr) return core::fail(core::ErrorCode::kNotFound, "key does not exist");
    return item->value;
  }
  core::Status set(std::string_view key, std::string_view value,
                   std::optional<std::chrono::nanoseconds> ttl) override {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    return store(shard, key, value, ttl);
  }
  core::Result<bool> add(std::string_view key, std::string_view value,
                         std::optional<std::chrono::nanoseconds> ttl) override {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    if (shard.find(key, clock_.mono_nanos()) != nullptr) return false;
    WEIR_CHECK_OK(store(shard, key, value, ttl));
    return true;
  }
  core::Status remove(std::string_view key) override {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    shard.remove(key);
    return {};
  }
  core::Status store_for_ever(const std::string& key, const std::string& value) {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    return shard.store(key, value, kNever, clock_.mono_nanos(), limit_);
  }

 private:
  Shard& shard_of(std::string_view key) {
    return shards_.size() == 1 ? shards_[0]
                               : shards_[std::hash<std::string_view>()(key) % shards_.size()];
  }
  core::Status store(Shard& shard, std::string_view key, std::string_view value,
                     std::optional<std::chrono::nanoseconds> ttl) {
    const std::int64_t now = clock_.mono_nanos();
    if (sweep_every_.count() > 0 && now - shard.swept_at >= sweep_every_.count()) shard.sweep(now);
    const std::int64_t ends = sweep_every_.count() == 0 ? kNever : expiry(now, ttl, standard_ttl_);
    return shard.store(key, value, ends, now, limit_);
  }

  const std::chrono::nanoseconds standard_ttl_;
  const std::chrono::nanoseconds sweep_every_;  // zero: nothing ever ends
  const std::uint64_t limit_;                   // per shard
  const core::Clock& clock_;
  std::vector<Shard> shards_;
};

core::Result<std::unique_ptr<core::Cache>> make_memory(const MemoryConfig& config,
                                                       const config::Resources& resources) {
  std::chrono::nanoseconds sweep_every{0};
  if (!config.compaction_interval.empty()) {
    WEIR_TRY(sweep_every, core::parse_duration(config.compaction_interval));
  }
  auto made = std::make_unique<Memory>(config, sweep_every, resources.clock());
  for (const auto& [key, value] : config.init_values) {
    WEIR_CHECK_OK(made->store_for_ever(key, value));
  }
  return made;
}

}  // namespace

void add_memory(config::Registry& registry) {
  registry.add_cache(memory_spec(), make_memory);
}

}  // namespace weir::caches
