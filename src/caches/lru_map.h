#pragma once

#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "caches/expiry.h"
#include "core/clock.h"
#include "core/component.h"

namespace weir::caches {

/// A cache of at most `capacity` items in memory: the one used longest ago goes first. Items end
/// with their time to live. Thread-safe.
class LruMap final : public core::Cache {
 public:
  LruMap(std::size_t capacity, std::chrono::nanoseconds standard_ttl, const core::Clock& clock)
      : capacity_(capacity), standard_ttl_(standard_ttl), clock_(clock) {}

  core::Result<std::string> get(std::string_view key) override {
    const std::lock_guard lock(mutex_);
    const auto found = find(key);
    if (found == items_.end()) return core::fail(core::ErrorCode::kNotFound, "key does not exist");
    return found->value;
  }
  core::Status set(std::string_view key, std::string_view value,
                   std::optional<std::chrono::nanoseconds> ttl) override {
    const std::lock_guard lock(mutex_);
    store(key, value, ttl);
    return {};
  }
  core::Result<bool> add(std::string_view key, std::string_view value,
                         std::optional<std::chrono::nanoseconds> ttl) override {
    const std::lock_guard lock(mutex_);
    if (find(key) != items_.end()) return false;
    store(key, value, ttl);
    return true;
  }
  core::Status remove(std::string_view key) override {
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(key); found != index_.end()) drop(found->second);
    return {};
  }

 private:
  struct Item {
    std::string key;
    std::string value;
    std::int64_t ends;
  };
  using Items = std::list<Item>;

  // The item, now the most recently used; an ended one is dropped.
  Items::iterator find(std::string_view key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return items_.end();
    const auto item = found->second;
    if (item->ends <= clock_.mono_nanos()) {
      drop(item);
      return items_.end();
    }
    items_.splice(items_.begin(), items_, item);
    return item;
  }
  void store(std::string_view key, std::string_view value,
             std::optional<std::chrono::nanoseconds> ttl) {
    const std::int64_t ends = expiry(clock_.mono_nanos(), ttl, standard_ttl_);
    if (const auto found = index_.find(key); found != index_.end()) {
      found->second->value = value;
      found->second->ends = ends;
      items_.splice(items_.begin(), items_, found->second);
      return;
    }
    if (items_.size() >= capacity_) drop(std::prev(items_.end()));
    items_.push_front({std::string(key), std::string(value), ends});
    index_.emplace(items_.front().key, items_.begin());
  }
  void drop(Items::iterator item) {
    index_.erase(item->key);
    items_.erase(item);
  }

  const std::size_t capacity_;
  const std::chrono::nanoseconds standard_ttl_;
  const core::Clock& clock_;
  std::mutex mutex_;  // guards what follows
  Items items_;       // most recently used first
  std::unordered_map<std::string_view, Items::iterator> index_;
};

/// `init_values` of the caches in memory.
using InitValues = std::vector<std::pair<std::string, std::string>>;

}  // namespace weir::caches
