#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::core {

/// Only grows. Add once per batch, not per message.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t v) { value_.store(v, std::memory_order_relaxed); }
  void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Distribution of durations, in nanoseconds; buckets at powers of two from 1 us to about 17 min.
class Timing {
 public:
  static constexpr std::size_t kBuckets = 32;
  void record(std::int64_t nanos);
  /// Upper bound of a bucket in nanoseconds; the last one is unbounded.
  [[nodiscard]] static std::int64_t bound(std::size_t bucket) {
    return std::int64_t{1024} << bucket;
  }
  [[nodiscard]] std::array<std::uint64_t, kBuckets> buckets() const;
  [[nodiscard]] std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t sum_nanos() const { return sum_.load(std::memory_order_relaxed); }
  /// The value below which `share` (0..1) of the records lie, interpolated within its bucket.
  [[nodiscard]] double quantile(double share) const;

 private:
  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::int64_t> sum_{0};
};

/// Label names and values, in the order in which they are to be printed.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// All metrics of a process. Asking for the same name and labels gives the same metric. References
/// stay valid as long as the registry. Thread-safe. At most `max_series`; beyond it a family folds
/// into one series labelled `__other__`.
class Metrics {
 public:
  explicit Metrics(std::size_t max_series = 10000) : max_series_(max_series) {}

  [[nodiscard]] Counter& counter(std::string_view name, const Labels& labels);
  [[nodiscard]] Gauge& gauge(std::string_view name, const Labels& labels);
  [[nodiscard]] Timing& timing(std::string_view name, const Labels& labels);
  /// A gauge whose value is asked for when somebody looks.
  void computed(std::string_view name, const Labels& labels, std::function<double()> value);

  struct Series {
    std::string name;
    Labels labels;
    const Counter* counter = nullptr;
    const Gauge* gauge = nullptr;
    const Timing* timing = nullptr;
    const std::function<double()>* computed = nullptr;
  };
  /// Sorted by name, then by first use.
  [[nodiscard]] std::vector<Series> series() const;

 private:
  struct Entry {
    Series series;
    Counter counter;
    Gauge gauge;
    Timing timing;
    std::function<double()> computed;
  };
  Entry& entry(std::string_view name, const Labels& labels);

  std::size_t max_series_;
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;
  std::map<std::string, Entry*> by_key_;
};

}  // namespace weir::core
