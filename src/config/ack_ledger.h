#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/component.h"

namespace weir::config {

/// Stands between an input and those who read it in its place (`read_until`, several references to
/// one resource): gives each read batch a number of its own as its position, and acknowledges to
/// the input, per partition and in the order of reading, once everything before has ended too,
/// whichever reader had it. Thread-safe.
class AckLedger {
 public:
  /// Renumbers a batch that `child` gave for `reader`; returns its number. Call in reading order.
  std::uint64_t admit(core::Input& child, const void* reader, core::ReadBatch& read) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(
        {++last_, reader, &child, read.partition, std::move(read.after), false, false});
    read.after = {static_cast<std::int64_t>(last_), ""};
    return last_;
  }
  /// The batch's position must not be passed on: part of it was not handed out.
  void hold(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    for (Entry& entry : entries_) {
      if (entry.number == number) entry.held = true;
    }
  }
  /// What this reader had of the partition, up to this position, has ended.
  void acknowledge(const void* reader, std::string_view partition, const core::Position& position) {
    const std::lock_guard lock(mutex_);
    for (Entry& entry : entries_) {
      if (entry.number > static_cast<std::uint64_t>(position.offset)) break;
      if (entry.reader == reader && entry.partition == partition) entry.done = true;
    }
    // Per partition, what has ended in front goes; a batch that is held stops its partition.
    for (std::size_t i = 0; i < entries_.size();) {
      if (!entries_[i].done || blocked(i)) {
        ++i;
        continue;
      }
      Entry entry = std::move(entries_[i]);
      entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
      if (entry.held) {
        held_.push_back({entry.child, entry.partition});
      } else if (!is_held(entry)) {
        entry.child->acknowledge(entry.partition, entry.after);
      }
    }
  }
  /// Nothing is on its way.
  [[nodiscard]] bool empty() const {
    const std::lock_guard lock(mutex_);
    return entries_.empty();
  }

 private:
  struct Entry {
    std::uint64_t number;
    const void* reader;
    core::Input* child;
    std::string partition;
    core::Position after;
    bool done;
    bool held;
  };
  struct Held {
    core::Input* child;
    std::string partition;
  };

  [[nodiscard]] bool blocked(std::size_t at) const {
    for (std::size_t i = 0; i < at; ++i) {
      if (entries_[i].child == entries_[at].child &&
          entries_[i].partition == entries_[at].partition)
        return true;
    }
    return false;
  }
  [[nodiscard]] bool is_held(const Entry& entry) const {
    for (const Held& held : held_) {
      if (held.child == entry.child && held.partition == entry.partition) return true;
    }
    return false;
  }

  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::deque<Entry> entries_;
  std::deque<Held> held_;  // few: what ended a reading
};

/// A ReadContext that numbers what is admitted through it: the reader becomes the owner.
class LedgerContext final : public core::ReadContext {
 public:
  LedgerContext(core::ReadContext& above, AckLedger& ledger, core::Input& reader)
      : above_(above), ledger_(ledger), reader_(reader) {}

  [[nodiscard]] const core::Interrupt& interrupt() const override { return above_.interrupt(); }
  [[nodiscard]] std::chrono::milliseconds wait_limit() const override {
    return above_.wait_limit();
  }
  [[nodiscard]] core::Batch admit(core::Input& child, core::ReadBatch read) override {
    numbers_.push_back(ledger_.admit(child, &reader_, read));
    return above_.admit(reader_, std::move(read));
  }
  /// Of the batches admitted so far.
  [[nodiscard]] const std::vector<std::uint64_t>& numbers() const { return numbers_; }

 private:
  core::ReadContext& above_;
  AckLedger& ledger_;
  core::Input& reader_;
  std::vector<std::uint64_t> numbers_;
};

}  // namespace weir::config
