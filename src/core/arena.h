#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <type_traits>

namespace weir::core {

/// Bump allocator behind one batch: nothing is freed singly, all goes at once.
///
/// Holds only trivially destructible things. Chunks grow from 4 KiB to 64 KiB and are recycled per
/// thread; bigger requests get a chunk of their own. Not thread-safe.
class Arena {
 public:
  Arena() = default;
  ~Arena() { release(); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Uninitialised memory; `alignment` is a power of two, at most 16. Never null.
  [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment = 8) {
    const std::uintptr_t at = (cursor_ + alignment - 1) & ~(std::uintptr_t{alignment} - 1);
    if (at + bytes <= end_ && at >= cursor_) {
      cursor_ = at + bytes;
      return reinterpret_cast<void*>(at);
    }
    return allocate_slow(bytes, alignment);
  }

  template <class T>
  [[nodiscard]] T* array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  template <class T, class... Args>
  [[nodiscard]] T* create(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (allocate(sizeof(T), alignof(T))) T{static_cast<Args&&>(args)...};
  }

  /// The text, copied in.
  [[nodiscard]] std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* to = static_cast<char*>(allocate(text.size(), 1));
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  /// Gives back the tail of the latest allocation: [at, at + used) stays.
  void shrink_last(void* at, std::size_t allocated, std::size_t used) {
    const auto start = reinterpret_cast<std::uintptr_t>(at);
    if (start + allocated == cursor_) cursor_ = start + used;
  }

  /// Bytes taken from the system for this arena: what a memory budget should count.
  [[nodiscard]] std::size_t footprint() const { return footprint_; }

  void release();

 private:
  struct Chunk;
  void* allocate_slow(std::size_t bytes, std::size_t alignment);

  std::uintptr_t cursor_ = 0;
  std::uintptr_t end_ = 0;
  Chunk* chunks_ = nullptr;
  std::size_t footprint_ = 0;
  std::size_t next_size_ = 4096;
};

}  // namespace weir::core
