#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weir::state {

/// Hash of a key's canonical bytes, the same for ever: key groups and checkpoints depend on it.
[[nodiscard]] std::uint64_t hash_key(std::string_view key);
/// The key group of a hash: `xxh64(key) mod groups`.
[[nodiscard]] constexpr std::uint16_t group_of(std::uint64_t hash, std::uint32_t groups) {
  return static_cast<std::uint16_t>(hash % groups);
}

/// One key that has changed since the freeze before. Without a value: erased.
struct Change {
  std::uint16_t group = 0;
  std::string key;
  std::optional<std::string> value;
};

class Table;

/// What had changed when a table was frozen. Read by one thread, any, while the table's own goes
/// on; destroyed before the table is.
class Delta {
 public:
  ~Delta();
  Delta(const Delta&) = delete;
  Delta& operator=(const Delta&) = delete;
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// Every changed key once, sorted by group and key: the same state gives the same bytes.
  [[nodiscard]] std::vector<Change> read() const;

 private:
  friend class Table;
  Delta(Table& table, std::uint64_t epoch, std::uint32_t mark, std::vector<void*> entries)
      : table_(table), epoch_(epoch), mark_(mark), entries_(std::move(entries)) {}

  Table& table_;
  const std::uint64_t epoch_;
  const std::uint32_t mark_;  // the epoch as the entries count it
  const std::vector<void*> entries_;
};

/// Keyed state in memory: byte strings under byte strings, with what has changed per epoch.
///
/// Open addressing in 64 parts, so that growing never copies more than a 64th; an entry is one
/// cache line and holds small keys and values itself. Used by one thread; a Delta may be read by
/// another meanwhile. Knows no thread, clock or file.
class Table {
 public:
  /// `key_groups`: fixed for the life of the state.
  explicit Table(std::uint32_t key_groups = 1024);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  /// The value; it lives until the next change of the table.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view key) const {
    return get(key, hash_key(key));
  }
  [[nodiscard]] std::optional<std::string_view> get(std::string_view key, std::uint64_t hash) const;
  void put(std::string_view key, std::string_view value) { put(key, hash_key(key), value); }
  void put(std::string_view key, std::uint64_t hash, std::string_view value);
  /// False: there was none.
  bool erase(std::string_view key) { return erase(key, hash_key(key)); }
  bool erase(std::string_view key, std::uint64_t hash);
  /// The value's bytes to be changed in place, `size` of them; zeroes when the key is new (`fresh`)
  /// or had a value of another size. They live until the next change of the table.
  [[nodiscard]] std::span<char> update(std::string_view key, std::uint64_t hash, std::size_t size,
                                       bool& fresh);
  /// Fetches the entries of a batch of keys into the cache: call it before working on them.
  void prefetch(std::span<const std::uint64_t> hashes) const;

  [[nodiscard]] std::size_t size() const { return live_; }
  [[nodiscard]] std::size_t memory_bytes() const;
  /// Keys changed since the last freeze.
  [[nodiscard]] std::size_t dirty() const { return dirty_.size(); }
  /// Bytes of their keys and values when they became dirty, about: what the next epoch will write.
  [[nodiscard]] std::size_t dirty_bytes() const { return dirty_bytes_; }

  /// Ends an epoch: what has changed is frozen, what changes from now on belongs to the next. Takes
  /// the same time whatever has changed. The delta before must be gone: null otherwise.
  [[nodiscard]] std::unique_ptr<Delta> freeze(std::uint64_t epoch);

  // Restoring and moving key groups; nothing of it counts as a change.
  void load(std::string_view key, std::string_view value);
  /// Removes the keys of groups [first, last). No delta may be out.
  void drop_groups(std::uint16_t first, std::uint32_t last);
  /// All keys, in no order. The table must not change meanwhile.
  void for_each(const std::function<void(std::uint16_t group, std::string_view key,
                                         std::string_view value)>& visit) const;

 private:
  friend class Delta;

  static constexpr unsigned kPartBits = 6;
  static constexpr unsigned kChunkBits = 10;
  static constexpr std::size_t kInline = 37;

  enum State : std::uint8_t { kFree, kLive, kDead };

  /// One key: a cache line. Dead ones stay until the delta that tells of it has been read.
  struct alignas(64) Entry {
    std::uint64_t hash;
    std::uint32_t epoch;  // of the last change, counted by freezes; 0: never
    std::uint32_t number;
    std::uint32_t key_size;
    std::uint32_t value_size;
    State state;
    bool outside;         // `bytes` hold the address of key and value
    bool listed;          // in `dead_` or `told_`
    char bytes[kInline];  // key, then value

    [[nodiscard]] char* data() {
      if (!outside) return bytes;
      char* block = nullptr;
      std::memcpy(&block, bytes, sizeof block);
      return block;
    }
    [[nodiscard]] std::string_view key() { return {data(), key_size}; }
    [[nodiscard]] std::string_view value() { return {data() + key_size, value_size}; }
  };
  static_assert(sizeof(Entry) == 64);

  // An index slot: the low half of the hash, and the entry's number + 1 (0: empty).
  struct Slot {
    std::uint32_t tag;
    std::uint32_t entry;
  };
  struct Part {
    std::unique_ptr<Slot[]> slots;
    std::uint32_t mask = 0;
    std::uint32_t used = 0;
  };

  [[nodiscard]] Part& part_of(std::uint64_t hash) { return parts_[hash >> (64 - kPartBits)]; }
  [[nodiscard]] const Part& part_of(std::uint64_t hash) const {
    return parts_[hash >> (64 - kPartBits)];
  }
  [[nodiscard]] Entry& entry(std::uint32_t number) const {
    return chunks_[number >> kChunkBits][number & ((1U << kChunkBits) - 1)];
  }
  /// Live or dead; null when there is none.
  [[nodiscard]] Entry* find(std::string_view key, std::uint64_t hash) const;
  [[nodiscard]] Entry& insert(std::string_view key, std::uint64_t hash, std::size_t value_size);
  void put_in_index(const Entry& at);
  void remove_from_index(const Entry& at);
  static void grow(Part& part);
  void resize(Entry& at, std::size_t value_size);
  void release(Entry& at);
  void reclaim(std::size_t count);

  /// In front of every change of an entry: keeps its frozen value for the delta, counts it dirty.
  void touch(Entry& at) {
    if (at.epoch == epoch_) return;
    if (at.epoch == epoch_ - 1 && frozen_.load(std::memory_order_acquire)) {
      preserve(at);
    } else {
      at.epoch = epoch_;
    }
    dirty_.push_back(&at);
    dirty_bytes_ += at.key_size + at.value_size;
  }
  void preserve(Entry& at);
  [[nodiscard]] Change change_of(Entry& at) const;

  const std::uint32_t key_groups_;
  Part parts_[1U << kPartBits];
  std::vector<std::unique_ptr<Entry[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t made_ = 0;
  std::size_t live_ = 0;
  std::size_t outside_bytes_ = 0;
  std::uint32_t epoch_ = 2;   // those below are never equal to that of a loaded entry
  std::vector<void*> dirty_;  // of entries
  std::size_t dirty_bytes_ = 0;
  std::vector<Entry*> dead_;  // erased since the freeze
  std::vector<Entry*> told_;  // erased before it: released once the delta is gone

  std::atomic<bool> frozen_{false};
  // Entries of the frozen epoch are changed and read under it; others are the owner's alone.
  mutable std::mutex mutex_;
  std::unordered_map<const Entry*, Change> preserved_;
};

}  // namespace weir::state
