#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace weir::state {

/// Something to be done for a key at a time (microseconds).
struct Timer {
  std::int64_t time = 0;
  std::string key;
  auto operator<=>(const Timer&) const = default;
};

/// Timers in the order in which they fire: by time, then by key. A key may have several times, each
/// once. Used by one thread; what freeze() gives may be read by any.
class Timers {
 public:
  /// What has changed: true is set, false is gone.
  using Delta = std::shared_ptr<const std::map<Timer, bool>>;

  void set(std::int64_t time, std::string_view key);
  /// False: there was none.
  bool cancel(std::int64_t time, std::string_view key);
  /// The time of the first; nullopt when there is none.
  [[nodiscard]] std::optional<std::int64_t> next() const;
  /// Takes out the first if its time is below `limit` (a watermark is exclusive).
  [[nodiscard]] std::optional<Timer> pop_below(std::int64_t limit);
  [[nodiscard]] std::size_t size() const { return timers_.size(); }

  /// Ends an epoch, whatever has changed, at once.
  [[nodiscard]] Delta freeze();
  /// Restores one; not a change.
  void load(Timer timer) { timers_.insert(std::move(timer)); }
  /// Forgets those whose key `which` names; not a change.
  void drop_if(const std::function<bool(std::string_view key)>& which);

 private:
  std::set<Timer> timers_;
  std::map<Timer, bool> changed_;
};

}  // namespace weir::state
