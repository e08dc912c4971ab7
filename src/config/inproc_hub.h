#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/component.h"

namespace weir::config {

/// The channels that connect `inproc` outputs to `inproc` inputs of one process, by id. One per
/// process (Resources::service). Thread-safe.
class InprocHub {
 public:
  struct Item {
    core::Batch batch;  ///< without lineage
    std::function<void(core::DeliveryReport)> done;
  };

  class Channel {
   public:
    /// Waits up to `limit` for an item. Several takers share what comes.
    [[nodiscard]] std::optional<Item> take(std::chrono::milliseconds limit) {
      std::unique_lock lock(mutex_);
      if (items_.empty()) changed_.wait_for(lock, limit, [&] { return !items_.empty(); });
      if (items_.empty()) return std::nullopt;
      Item item = std::move(items_.front());
      items_.pop_front();
      return item;
    }
    void put(Item item) {
      {
        const std::lock_guard lock(mutex_);
        items_.push_back(std::move(item));
      }
      changed_.notify_one();
    }
    /// Takes away what nobody has taken.
    [[nodiscard]] std::deque<Item> clear() {
      const std::lock_guard lock(mutex_);
      return std::move(items_);
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Item> items_;
  };

  [[nodiscard]] std::shared_ptr<Channel> channel(const std::string& id) {
    const std::lock_guard lock(mutex_);
    auto& slot = channels_[id];
    if (slot == nullptr) slot = std::make_shared<Channel>();
    return slot;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Channel>> channels_;
};

}  // namespace weir::config
