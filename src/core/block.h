#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace weir::core {

/// Received bytes that messages are slices of. Written once by the input, then immutable and
/// shared.
class Block {
 public:
  /// Readable bytes behind the payload, so that SIMD readers may run over its end.
  static constexpr std::size_t kPadding = 64;

  /// A block with room for `capacity` bytes and the padding; size() is 0 until resize().
  [[nodiscard]] static std::shared_ptr<Block> allocate(std::size_t capacity);
  /// A block holding a copy of the text.
  [[nodiscard]] static std::shared_ptr<const Block> copy_of(std::string_view text);

  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  [[nodiscard]] char* data() { return data_; }
  [[nodiscard]] const char* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::string_view view() const { return {data_, size_}; }
  /// Sets how many bytes are payload (at most capacity()) and clears the padding behind them.
  void resize(std::size_t size);

 private:
  explicit Block(std::size_t capacity);

  char* data_;
  std::size_t size_ = 0;
  std::size_t capacity_;
};

}  // namespace weir::core
