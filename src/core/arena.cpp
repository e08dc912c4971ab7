#include "core/arena.h"

#include <cstdlib>

namespace weir::core {

struct Arena::Chunk {
  Chunk* next;
  std::size_t size;
};

namespace {

constexpr std::size_t kFirstChunk = 4096;
constexpr std::size_t kFullChunk = 64 * 1024;
constexpr std::size_t kMaxPooled = 64;

// Full-size chunks are worth keeping: a steady pipeline then never asks the system for memory.
struct ChunkPool {
  void* free[kMaxPooled];
  std::size_t count = 0;
  ~ChunkPool() {
    while (count > 0) std::free(free[--count]);
    count = kMaxPooled;  // late releases at thread exit go straight to the system
  }
};
thread_local ChunkPool pool;

}  // namespace

void* Arena::allocate_slow(std::size_t bytes, std::size_t alignment) {
  constexpr std::size_t header = (sizeof(Chunk) + 15) & ~std::size_t{15};
  const std::size_t need = header + bytes + alignment;
  if (need < bytes) throw std::bad_alloc();
  const bool own = need > next_size_ && need > kFullChunk / 2;
  const std::size_t size = own ? need : (need > next_size_ ? kFullChunk : next_size_);
  void* memory = nullptr;
  if (size == kFullChunk && pool.count > 0 && pool.count <= kMaxPooled - 1) {
    memory = pool.free[--pool.count];
  } else {
    memory = std::malloc(size);
    if (memory == nullptr) throw std::bad_alloc();
  }
  auto* chunk = new (memory) Chunk{chunks_, size};
  footprint_ += size;
  const auto start = reinterpret_cast<std::uintptr_t>(memory) + header;
  const std::uintptr_t at = (start + alignment - 1) & ~(std::uintptr_t{alignment} - 1);
  if (own && chunks_ != nullptr) {  // keep bumping in the current chunk
    chunk->next = chunks_->next;
    chunks_->next = chunk;
    return reinterpret_cast<void*>(at);
  }
  chunks_ = chunk;
  cursor_ = at + bytes;
  end_ = reinterpret_cast<std::uintptr_t>(memory) + size;
  if (!own && next_size_ < kFullChunk) next_size_ *= 4;
  return reinterpret_cast<void*>(at);
}

void Arena::release() {
  while (chunks_ != nullptr) {
    Chunk* next = chunks_->next;
    if (chunks_->size == kFullChunk && pool.count < kMaxPooled - 1) {
      pool.free[pool.count++] = chunks_;
    } else {
      std::free(chunks_);
    }
    chunks_ = next;
  }
  cursor_ = end_ = 0;
  footprint_ = 0;
  next_size_ = kFirstChunk;
}

}  // namespace weir::core
