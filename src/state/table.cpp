#include "state/table.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include <xxhash.h>

namespace weir::state {

namespace {
constexpr std::uint32_t kFirstSlots = 16;
constexpr std::size_t kReclaimStep = 4;  // per change: twice what a change can add
}  // namespace

std::uint64_t hash_key(std::string_view key) {
  return XXH64(key.data(), key.size(), 0);
}

// ---- Delta -------------------------------------------------------------------------------------

Delta::~Delta() {
  std::unordered_map<const Table::Entry*, Change> preserved;
  const std::lock_guard lock(table_.mutex_);
  preserved.swap(table_.preserved_);
  table_.frozen_.store(false, std::memory_order_release);
}

std::vector<Change> Delta::read() const {
  constexpr std::size_t kAtOnce = 256;
  std::vector<Change> all;
  all.reserve(entries_.size());
  for (std::size_t at = 0; at < entries_.size();) {
    const std::lock_guard lock(table_.mutex_);
    for (const std::size_t end = std::min(at + kAtOnce, entries_.size()); at < end; ++at) {
      auto& entry = *static_cast<Table::Entry*>(entries_[at]);
      if (entry.epoch == mark_) {
        all.push_back(table_.change_of(entry));
      } else {
        all.push_back(table_.preserved_.at(&entry));
      }
    }
  }
  std::sort(all.begin(), all.end(), [](const Change& a, const Change& b) {
    return a.group != b.group ? a.group < b.group : a.key < b.key;
  });
  return all;
}

// ---- Table -------------------------------------------------------------------------------------

Table::Table(std::uint32_t key_groups) : key_groups_(key_groups) {}

Table::~Table() {
  for (std::uint32_t i = 0; i < made_; ++i) {
    Entry& at = entry(i);
    if (at.state != kFree && at.outside) std::free(at.data());
  }
}

Table::Entry* Table::find(std::string_view key, std::uint64_t hash) const {
  const Part& part = part_of(hash);
  if (part.slots == nullptr) return nullptr;
  const auto tag = static_cast<std::uint32_t>(hash);
  for (std::uint32_t i = tag & part.mask; part.slots[i].entry != 0; i = (i + 1) & part.mask) {
    if (part.slots[i].tag != tag) continue;
    Entry& at = entry(part.slots[i].entry - 1);
    if (at.hash == hash && at.key() == key) return &at;
  }
  return nullptr;
}

void Table::grow(Part& part) {
  const std::uint32_t slots = part.slots == nullptr ? kFirstSlots : (part.mask + 1) * 2;
  Part larger;
  larger.slots = std::make_unique<Slot[]>(slots);
  larger.mask = slots - 1;
  larger.used = part.used;
  for (std::uint32_t i = 0; part.slots != nullptr && i <= part.mask; ++i) {
    const Slot slot = part.slots[i];
    if (slot.entry == 0) continue;
    std::uint32_t to = slot.tag & larger.mask;
    while (larger.slots[to].entry != 0) to = (to + 1) & larger.mask;
    larger.slots[to] = slot;
  }
  part = std::move(larger);
}

void Table::put_in_index(const Entry& at) {
  Part& part = part_of(at.hash);
  if (part.slots == nullptr || part.used >= (part.mask + 1) / 4 * 3) grow(part);
  const auto tag = static_cast<std::uint32_t>(at.hash);
  std::uint32_t to = tag & part.mask;
  while (part.slots[to].entry != 0) to = (to + 1) & part.mask;
  part.slots[to] = {tag, at.number + 1};
  ++part.used;
}

void Table::remove_from_index(const Entry& at) {
  Part& part = part_of(at.hash);
  std::uint32_t hole = static_cast<std::uint32_t>(at.hash) & part.mask;
  while (part.slots[hole].entry != at.number + 1) hole = (hole + 1) & part.mask;
  // What stands behind moves up, unless it stands between its home and the hole.
  for (std::uint32_t i = (hole + 1) & part.mask; part.slots[i].entry != 0;
       i = (i + 1) & part.mask) {
    const std::uint32_t home = part.slots[i].tag & part.mask;
    if (((i - home) & part.mask) < ((i - hole) & part.mask)) continue;
    part.slots[hole] = part.slots[i];
    hole = i;
  }
  part.slots[hole] = {};
  --part.used;
}

Table::Entry& Table::insert(std::string_view key, std::uint64_t hash, std::size_t value_size) {
  std::uint32_t number = made_;
  if (!free_.empty()) {
    number = free_.back();
    free_.pop_back();
  } else {
    if ((made_ & ((1U << kChunkBits) - 1)) == 0) {
      chunks_.push_back(std::unique_ptr<Entry[]>(new Entry[std::size_t{1} << kChunkBits]));
    }
    ++made_;
  }
  Entry& at = entry(number);
  at.hash = hash;
  at.epoch = 0;
  at.number = number;
  at.key_size = static_cast<std::uint32_t>(key.size());
  at.value_size = static_cast<std::uint32_t>(value_size);
  at.state = kLive;
  at.outside = key.size() + value_size > kInline;
  at.listed = false;
  if (at.outside) {
    auto* const block = static_cast<char*>(std::malloc(key.size() + value_size));
    if (block == nullptr) throw std::bad_alloc();
    std::memcpy(at.bytes, &block, sizeof block);
    outside_bytes_ += key.size() + value_size;
  }
  if (!key.empty()) std::memcpy(at.data(), key.data(), key.size());
  put_in_index(at);
  ++live_;
  return at;
}

// Keeps the key, not the value.
void Table::resize(Entry& at, std::size_t value_size) {
  if (at.value_size == value_size) return;
  const std::size_t before = std::size_t{at.key_size} + at.value_size;
  const std::size_t after = std::size_t{at.key_size} + value_size;
  char* const from = at.data();
  const bool was_outside = at.outside;
  if (after > kInline) {
    auto* const block = static_cast<char*>(std::malloc(after));
    if (block == nullptr) throw std::bad_alloc();
    if (at.key_size > 0) std::memcpy(block, from, at.key_size);
    std::memcpy(at.bytes, &block, sizeof block);
    at.outside = true;
    outside_bytes_ += after;
  } else if (was_outside) {
    if (at.key_size > 0) std::memcpy(at.bytes, from, at.key_size);
    at.outside = false;
  }
  if (was_outside) {
    std::free(from);
    outside_bytes_ -= before;
  }
  at.value_size = static_cast<std::uint32_t>(value_size);
}

std::optional<std::string_view> Table::get(std::string_view key, std::uint64_t hash) const {
  Entry* const at = find(key, hash);
  if (at == nullptr || at->state != kLive) return std::nullopt;
  return at->value();
}

std::span<char> Table::update(std::string_view key, std::uint64_t hash, std::size_t size,
                              bool& fresh) {
  reclaim(kReclaimStep);
  Entry* at = find(key, hash);
  fresh = at == nullptr || at->state != kLive;
  if (at == nullptr) {
    at = &insert(key, hash, size);
    touch(*at);
    if (size > 0) std::memset(at->data() + at->key_size, 0, size);
    return {at->data() + at->key_size, size};
  }
  touch(*at);
  if (fresh) {
    at->state = kLive;
    ++live_;
  }
  if (fresh || at->value_size != size) {
    resize(*at, size);
    if (size > 0) std::memset(at->data() + at->key_size, 0, size);
  }
  return {at->data() + at->key_size, size};
}

void Table::put(std::string_view key, std::uint64_t hash, std::string_view value) {
  bool fresh = false;
  const std::span<char> to = update(key, hash, value.size(), fresh);
  if (!value.empty()) std::memcpy(to.data(), value.data(), value.size());
}

bool Table::erase(std::string_view key, std::uint64_t hash) {
  reclaim(kReclaimStep);
  Entry* const at = find(key, hash);
  if (at == nullptr || at->state != kLive) return false;
  touch(*at);
  at->state = kDead;
  --live_;
  resize(*at, 0);
  if (!at->listed) {
    at->listed = true;
    dead_.push_back(at);
  }
  return true;
}

void Table::load(std::string_view key, std::string_view value) {
  const std::uint64_t hash = hash_key(key);
  Entry* at = find(key, hash);
  if (at == nullptr) {
    at = &insert(key, hash, value.size());
  } else {
    if (at->state != kLive) ++live_;
    at->state = kLive;
    resize(*at, value.size());
  }
  if (!value.empty()) std::memcpy(at->data() + at->key_size, value.data(), value.size());
}

void Table::prefetch(std::span<const std::uint64_t> hashes) const {
  for (const std::uint64_t hash : hashes) {
    const Part& part = part_of(hash);
    if (part.slots != nullptr)
      __builtin_prefetch(&part.slots[static_cast<std::uint32_t>(hash) & part.mask]);
  }
  for (const std::uint64_t hash : hashes) {
    const Part& part = part_of(hash);
    if (part.slots == nullptr) continue;
    const auto tag = static_cast<std::uint32_t>(hash);
    for (std::uint32_t i = tag & part.mask; part.slots[i].entry != 0; i = (i + 1) & part.mask) {
      if (part.slots[i].tag != tag) continue;
      __builtin_prefetch(&entry(part.slots[i].entry - 1), 1);
      break;
    }
  }
}

std::size_t Table::memory_bytes() const {
  std::size_t bytes = chunks_.size() * (sizeof(Entry) << kChunkBits) + outside_bytes_ +
                      dirty_.capacity() * sizeof(void*) + free_.capacity() * sizeof free_[0];
  for (const Part& part : parts_) {
    if (part.slots != nullptr) bytes += (std::size_t{part.mask} + 1) * sizeof(Slot);
  }
  return bytes;
}

Change Table::change_of(Entry& at) const {
  Change change;
  change.group = group_of(at.hash, key_groups_);
  change.key = at.key();
  if (at.state == kLive) change.value = std::string(at.value());
  return change;
}

void Table::preserve(Entry& at) {
  const std::lock_guard lock(mutex_);
  if (frozen_.load(std::memory_order_relaxed)) preserved_.emplace(&at, change_of(at));
  at.epoch = epoch_;
}

std::unique_ptr<Delta> Table::freeze(std::uint64_t epoch) {
  if (frozen_.load(std::memory_order_acquire)) return nullptr;
  reclaim(SIZE_MAX);  // nearly always done along with the changes since
  told_ = std::move(dead_);
  dead_.clear();
  auto delta = std::unique_ptr<Delta>(new Delta(*this, epoch, epoch_, std::move(dirty_)));
  dirty_.clear();
  dirty_bytes_ = 0;
  ++epoch_;
  frozen_.store(true, std::memory_order_release);
  return delta;
}

void Table::release(Entry& at) {
  remove_from_index(at);
  if (at.outside) {
    outside_bytes_ -= std::size_t{at.key_size} + at.value_size;
    std::free(at.data());
  }
  at.state = kFree;
  free_.push_back(at.number);
}

// Releases entries whose erasure has been told.
void Table::reclaim(std::size_t count) {
  if (told_.empty() || frozen_.load(std::memory_order_acquire)) return;
  for (; count > 0 && !told_.empty(); --count) {
    Entry& at = *told_.back();
    told_.pop_back();
    if (at.state == kDead && at.epoch == epoch_) {
      dead_.push_back(&at);  // erased once more since
    } else {
      at.listed = false;
      if (at.state == kDead) release(at);
    }
  }
}

void Table::drop_groups(std::uint16_t first, std::uint32_t last) {
  const auto goes = [&](const Entry& at) {
    const std::uint16_t group = group_of(at.hash, key_groups_);
    return at.state != kFree && group >= first && group < last;
  };
  // Nothing may point to what is released.
  std::erase_if(dirty_, [&](const void* at) { return goes(*static_cast<const Entry*>(at)); });
  std::erase_if(dead_, [&](const Entry* at) { return goes(*at); });
  std::erase_if(told_, [&](const Entry* at) { return goes(*at); });
  for (std::uint32_t i = 0; i < made_; ++i) {
    Entry& at = entry(i);
    if (!goes(at)) continue;
    if (at.state == kLive) --live_;
    release(at);
  }
}

void Table::for_each(
    const std::function<void(std::uint16_t, std::string_view, std::string_view)>& visit) const {
  for (std::uint32_t i = 0; i < made_; ++i) {
    Entry& at = entry(i);
    if (at.state == kLive) visit(group_of(at.hash, key_groups_), at.key(), at.value());
  }
}

}  // namespace weir::state
