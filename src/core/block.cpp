#include "core/block.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace weir::core {

Block::Block(std::size_t capacity)
    : data_(static_cast<char*>(std::malloc(capacity + kPadding))), capacity_(capacity) {
  if (data_ == nullptr) throw std::bad_alloc();
  std::memset(data_, 0, kPadding);
}

Block::~Block() {
  std::free(data_);
}

std::shared_ptr<Block> Block::allocate(std::size_t capacity) {
  return std::shared_ptr<Block>(new Block(capacity));
}

std::shared_ptr<const Block> Block::copy_of(std::string_view text) {
  auto block = allocate(text.size());
  if (!text.empty()) std::memcpy(block->data(), text.data(), text.size());
  block->resize(text.size());
  return block;
}

void Block::resize(std::size_t size) {
  size_ = size;
  std::memset(data_ + size, 0, kPadding);
}

}  // namespace weir::core
