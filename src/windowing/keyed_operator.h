#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "windowing/key_table.h"
#include "windowing/operator.h"

namespace weir::windowing {

/// What every keyed state has.
struct KeyBase {
  std::string key;
  std::uint16_t group = 0;
  Micros event_timer = kBeginning;  ///< the earliest in the queue; kBeginning: none
  Micros time_timer = kBeginning;
  std::uint32_t queued = 0;  ///< entries in the queues that point here, also those that are void
};

/// Keys, timers, watermarks per key group, snapshots: what all operators share. `K` derives from
/// KeyBase. One timer per key and kind of time; what is due then follows from the key's state.
template <class K>
class KeyedOperator : public Operator {
 public:
  explicit KeyedOperator(std::uint16_t groups) : floors_(groups, kBeginning) {}

  void on_watermark(Micros watermark, Output& out) override {
    if (watermark <= watermark_) return;
    watermark_ = watermark;
    // The end of the input is as far as a timer can be.
    while (!event_queue_.empty() && event_queue_.begin()->first <= watermark) {
      clock_ = std::max(clock_, event_queue_.begin()->first);
      std::vector<K*> keys = pop(event_queue_, &KeyBase::event_timer);
      due(keys, out);
      settle(keys);
    }
    clock_ = watermark_;
  }
  void on_time(Micros now, Output& out) override {
    now_ = std::max(now_, now);
    while (!time_queue_.empty() && time_queue_.begin()->first <= now_) {
      std::vector<K*> keys = pop(time_queue_, &KeyBase::time_timer);
      due_by_time(keys, out);
      settle(keys);
    }
  }
  Micros next_due() const override {
    return time_queue_.empty() ? kEndOfTime : time_queue_.begin()->first;
  }
  Micros watermark_out() const override { return watermark_; }
  const OperatorStats& stats() const override { return stats_; }

  std::vector<StateEntry> snapshot(GroupRange range) const override {
    std::vector<StateEntry> out;
    for (std::size_t g = range.first; g < std::min<std::size_t>(range.last, floors_.size()); ++g) {
      const Micros w = std::max(watermark_, floors_[g]);
      if (w == kBeginning) continue;
      Writer value;
      value.byte(kFormat);
      value.integer(w);
      out.push_back({static_cast<std::uint16_t>(g), StateEntry::Kind::kGroup, 0, {}, value.take()});
    }
    table_.each([&](const K& k) {
      if (!range.holds(k.group) || is_empty(k)) return;
      Writer value;
      value.byte(kFormat);
      encode(k, value);
      out.push_back({k.group, StateEntry::Kind::kKey, 0, k.key, value.take()});
    });
    std::sort(out.begin(), out.end(), [](const StateEntry& a, const StateEntry& b) {
      return std::tie(a.group, a.kind, a.at, a.key) < std::tie(b.group, b.kind, b.at, b.key);
    });
    return out;
  }

  core::Status load(const StateEntry& entry) override {
    Reader in(entry.value);
    const std::uint8_t format = in.byte();
    if (format != kFormat || entry.group >= floors_.size()) {
      return core::invalid_data("loading state: written by another version");
    }
    if (entry.kind == StateEntry::Kind::kGroup) {
      floors_[entry.group] = std::max(floors_[entry.group], in.integer());
    } else {
      const std::uint64_t hash = hash_bytes(entry.key);
      if (hash % floors_.size() != entry.group || table_.find(entry.key, hash) != nullptr) {
        return core::invalid_data("loading state: a key is in the wrong group or there twice");
      }
      K& k = table_.insert(entry.key, hash);
      k.group = entry.group;
      init_key(k);
      decode(k, in);
      if (in.good() && in.at_end()) schedule(k);
    }
    if (!in.good() || !in.at_end()) return core::invalid_data("loading state: damaged");
    return {};
  }

  void drop(GroupRange range) override {
    const auto gone = [&range](const K* k) { return range.holds(k->group); };
    for (auto* queue : {&event_queue_, &time_queue_}) {
      for (auto it = queue->begin(); it != queue->end();) {
        std::erase_if(it->second, gone);
        it = it->second.empty() ? queue->erase(it) : std::next(it);
      }
    }
    std::vector<const K*> keys;
    table_.each([&](const K& k) {
      if (gone(&k)) keys.push_back(&k);
    });
    for (const K* k : keys) table_.erase(*k);
    for (std::size_t g = range.first; g < std::min<std::size_t>(range.last, floors_.size()); ++g) {
      floors_[g] = kBeginning;
    }
  }

 protected:
  static constexpr std::uint8_t kFormat = 1;

  // ---- what an operator says about its keys
  /// A new key, before anything else.
  virtual void init_key(K&) const {}
  /// Nothing worth keeping.
  [[nodiscard]] virtual bool is_empty(const K& k) const = 0;
  /// The next event time at which something is due; kEndOfTime only at the end of the input.
  [[nodiscard]] virtual std::optional<Micros> next_event(const K& k) const = 0;
  [[nodiscard]] virtual std::optional<Micros> next_time(const K&) const { return std::nullopt; }
  /// These keys have something due at `clock()`.
  virtual void due(std::vector<K*>& keys, Output& out) = 0;
  virtual void due_by_time(std::vector<K*>&, Output&) {}
  virtual void encode(const K& k, Writer& out) const = 0;
  virtual void decode(K& k, Reader& in) const = 0;

  // ---- for operators
  [[nodiscard]] std::uint16_t group(std::string_view key) const {
    return key_group(key, static_cast<std::uint16_t>(floors_.size()));
  }
  K& key_state(std::string_view key) { return key_state(key, hash_bytes(key)); }
  K& key_state(std::string_view key, std::uint64_t hash) {
    if (K* const found = table_.find(key, hash)) return *found;
    K& made = table_.insert(key, hash);
    made.group = static_cast<std::uint16_t>(hash % floors_.size());
    init_key(made);
    return made;
  }
  [[nodiscard]] K* find_key(std::string_view key) const {
    return table_.find(key, hash_bytes(key));
  }
  /// The watermark as it stands for a key: it never goes back, also where its group was elsewhere.
  [[nodiscard]] Micros watermark(const K& k) const { return std::max(clock_, floors_[k.group]); }
  /// As it stands for a key that may not exist yet.
  [[nodiscard]] Micros watermark(std::string_view key) const { return watermark(hash_bytes(key)); }
  [[nodiscard]] Micros watermark(std::uint64_t hash) const {
    return std::max(clock_, floors_[hash % floors_.size()]);
  }
  /// What has come in; clock() may be behind while timers run.
  [[nodiscard]] Micros input_watermark() const { return watermark_; }
  [[nodiscard]] Micros clock() const { return clock_; }
  [[nodiscard]] Micros now() const { return now_; }

  /// After the key's state changed: its timers, or its end.
  void schedule(K& k) {
    if (is_empty(k) && k.queued == 0) {
      table_.erase(k);
      return;
    }
    queue(k, next_event(k), event_queue_, &KeyBase::event_timer);
    queue(k, next_time(k), time_queue_, &KeyBase::time_timer);
  }
  void settle(const std::vector<K*>& keys) {
    for (K* const k : keys) schedule(*k);
  }
  /// In order of key bytes.
  static void sort_by_key(std::vector<K*>& keys) {
    std::sort(keys.begin(), keys.end(), [](const K* a, const K* b) { return a->key < b->key; });
  }

  OperatorStats stats_;
  KeyTable<K> table_;

 private:
  using Queue = std::map<Micros, std::vector<K*>>;

  void queue(K& k, std::optional<Micros> at, Queue& queue, Micros KeyBase::*timer) {
    // One that comes too early finds nothing due and is set again: cheaper than moving it on with
    // every row.
    if (!at || (k.*timer != kBeginning && k.*timer <= *at)) return;
    k.*timer = *at;
    queue[*at].push_back(&k);
    ++k.queued;
  }
  /// Takes the first bucket: the keys whose timer it is.
  std::vector<K*> pop(Queue& queue, Micros KeyBase::*timer) {
    const Micros at = queue.begin()->first;
    std::vector<K*> all = std::move(queue.begin()->second);
    queue.erase(queue.begin());
    std::vector<K*> valid;
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size(); ++i) {
      K* const k = all[i];
      --k->queued;
      if (i + 1 < all.size() && all[i + 1] == k) continue;
      if (k->*timer == at) {
        k->*timer = kBeginning;
        valid.push_back(k);
      } else if (k->queued == 0 && is_empty(*k)) {
        table_.erase(*k);
      }
    }
    sort_by_key(valid);
    return valid;
  }

  std::vector<Micros> floors_;  // watermarks that came with loaded key groups
  Queue event_queue_;
  Queue time_queue_;
  Micros watermark_ = kBeginning;
  Micros clock_ = kBeginning;
  Micros now_ = kBeginning;
};

}  // namespace weir::windowing
