#include "core/metrics.h"

#include <algorithm>
#include <bit>

namespace weir::core {

void Timing::record(std::int64_t nanos) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(nanos, 0));
  const auto bucket =
      std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(value >> 10)), kBuckets - 1);
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(nanos, std::memory_order_relaxed);
}

std::array<std::uint64_t, Timing::kBuckets> Timing::buckets() const {
  std::array<std::uint64_t, kBuckets> copy;
  for (std::size_t i = 0; i < kBuckets; ++i) copy[i] = buckets_[i].load(std::memory_order_relaxed);
  return copy;
}

double Timing::quantile(double share) const {
  const auto copy = buckets();
  std::uint64_t total = 0;
  for (const std::uint64_t n : copy) total += n;
  if (total == 0) return 0;
  const double wanted = share * static_cast<double>(total);
  double below = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const auto here = static_cast<double>(copy[i]);
    if (below + here >= wanted && here > 0) {
      const double low = i == 0 ? 0 : static_cast<double>(bound(i - 1));
      const double high = static_cast<double>(bound(i));
      return low + (high - low) * (wanted - below) / here;
    }
    below += here;
  }
  return static_cast<double>(bound(kBuckets - 1));
}

Metrics::Entry& Metrics::entry(std::string_view name, const Labels& labels) {
  std::string key(name);
  for (const auto& [label, value] : labels)
    key.append("\x1f").append(label).append("\x1e").append(value);
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) return *found->second;
  Labels used = labels;
  if (entries_.size() >= max_series_) {
    key = std::string(name) + "\x1f__other__";
    if (const auto found = by_key_.find(key); found != by_key_.end()) return *found->second;
    used = {{"label", "__other__"}};
  }
  Entry& made = entries_.emplace_back();
  made.series.name = name;
  made.series.labels = std::move(used);
  by_key_.emplace(std::move(key), &made);
  return made;
}

Counter& Metrics::counter(std::string_view name, const Labels& labels) {
  Entry& found = entry(name, labels);
  found.series.counter = &found.counter;
  return found.counter;
}

Gauge& Metrics::gauge(std::string_view name, const Labels& labels) {
  Entry& found = entry(name, labels);
  found.series.gauge = &found.gauge;
  return found.gauge;
}

Timing& Metrics::timing(std::string_view name, const Labels& labels) {
  Entry& found = entry(name, labels);
  found.series.timing = &found.timing;
  return found.timing;
}

void Metrics::computed(std::string_view name, const Labels& labels, std::function<double()> value) {
  Entry& found = entry(name, labels);
  const std::lock_guard lock(mutex_);
  found.computed = std::move(value);
  found.series.computed = &found.computed;
}

std::vector<Metrics::Series> Metrics::series() const {
  std::vector<Series> all;
  {
    const std::lock_guard lock(mutex_);
    all.reserve(entries_.size());
    for (const Entry& one : entries_) all.push_back(one.series);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Series& a, const Series& b) { return a.name < b.name; });
  return all;
}

}  // namespace weir::core
