#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "windowing/key.h"

namespace weir::windowing {

/// Open addressing from canonical key bytes to a state that the table owns. `K` has a member
/// `std::string key`. Pointers to states stay valid until they are erased.
template <class K>
class KeyTable {
 public:
  [[nodiscard]] K* find(std::string_view key, std::uint64_t hash) const {
    if (slots_.empty()) return nullptr;
    for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.state == nullptr) return nullptr;
      if (slot.hash == hash && slot.state->key == key) return slot.state.get();
    }
  }

  /// The key is not in the table yet.
  K& insert(std::string_view key, std::uint64_t hash) {
    if ((size_ + 1) * 4 > slots_.size() * 3) grow();
    auto made = std::make_unique<K>();
    made->key = std::string(key);
    K& state = *made;
    place(Slot{hash, std::move(made)});
    ++size_;
    return state;
  }

  void erase(const K& state) {
    const std::uint64_t hash = hash_bytes(state.key);
    std::size_t i = hash & mask_;
    while (slots_[i].state.get() != &state) i = (i + 1) & mask_;
    slots_[i].state.reset();
    --size_;
    // Those behind it move up, so that no search ends too early.
    for (std::size_t next = (i + 1) & mask_; slots_[next].state != nullptr;
         next = (next + 1) & mask_) {
      const std::size_t home = slots_[next].hash & mask_;
      if (((next - home) & mask_) < ((next - i) & mask_)) continue;
      slots_[i] = std::move(slots_[next]);
      i = next;
    }
  }

  /// Brings the place of a key into the cache.
  void prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & mask_]);
  }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// In no order.
  template <class F>
  void each(F f) const {
    for (const Slot& slot : slots_) {
      if (slot.state != nullptr) f(*slot.state);
    }
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::unique_ptr<K> state;
  };
  void place(Slot slot) {
    std::size_t i = slot.hash & mask_;
    while (slots_[i].state != nullptr) i = (i + 1) & mask_;
    slots_[i] = std::move(slot);
  }
  void grow() {
    std::vector<Slot> old = std::exchange(slots_, {});
    slots_.resize(old.empty() ? 16 : old.size() * 2);
    mask_ = slots_.size() - 1;
    for (Slot& slot : old) {
      if (slot.state != nullptr) place(std::move(slot));
    }
  }

  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace weir::windowing
