#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "http/message.h"
#include "http/server.h"

namespace weir::http::detail {

/// A registered path, and the gate that lets it end: enter() before each call of the handler,
/// leave() after it. Thread-safe.
struct RouteEntry {
  struct Segment {
    enum class Kind : std::uint8_t { kLiteral, kParameter, kRest };
    Kind kind = Kind::kLiteral;
    std::string text;
  };

  RouteOptions options;
  Handler handler;
  std::vector<Segment> segments;  // of patterns; empty for exact paths

  [[nodiscard]] bool allows(std::string_view method) const;

  /// False once the gate is closed.
  [[nodiscard]] bool enter();
  void leave();
  /// Returns when nobody is inside.
  void close();

 private:
  std::atomic<int> inside_{0};
  std::atomic<bool> closed_{false};
};

/// The answer to a lookup: a route, or the methods that the path would take (405), or nothing
/// (404).
struct RouteMatch {
  std::shared_ptr<RouteEntry> entry;
  std::string allow;
};

/// The paths at one moment. Immutable.
class RouteTable {
 public:
  explicit RouteTable(std::vector<std::shared_ptr<RouteEntry>> entries);
  /// `path` is decoded; `raw_path` as sent, so that an escaped slash does not split a segment.
  /// Parameters go to `params`.
  [[nodiscard]] RouteMatch find(std::string_view method, const std::string& path,
                                std::string_view raw_path,
                                std::vector<std::pair<std::string, std::string>>& params) const;
  /// The route that a cross-origin preflight asks about, whatever its methods.
  [[nodiscard]] std::vector<std::shared_ptr<RouteEntry>> at(
      const std::string& path, std::string_view raw_path,
      std::vector<std::pair<std::string, std::string>>* params) const;
  [[nodiscard]] const std::vector<std::shared_ptr<RouteEntry>>& entries() const { return entries_; }

 private:
  std::vector<std::shared_ptr<RouteEntry>> entries_;
  std::unordered_map<std::string, std::vector<std::shared_ptr<RouteEntry>>> exact_;
  std::vector<std::shared_ptr<RouteEntry>> patterns_;  // best first
};

/// The current table; readers keep a snapshot and ask by version whether it is still the one.
class Routes {
 public:
  Routes();
  [[nodiscard]] core::Result<std::shared_ptr<RouteEntry>> add(RouteOptions options,
                                                              Handler handler);
  void remove(const std::shared_ptr<RouteEntry>& entry);
  [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  [[nodiscard]] std::shared_ptr<const RouteTable> table() const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const RouteTable> table_;
  std::atomic<std::uint64_t> version_{1};
};

/// Takes `prefix` off `path`; nothing when it does not stand there as whole segments.
[[nodiscard]] std::optional<std::string_view> without_prefix(std::string_view path,
                                                             std::string_view prefix);

}  // namespace weir::http::detail
