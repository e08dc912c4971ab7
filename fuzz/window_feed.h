#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::fuzzing {

/// Ends the process where a promise is broken, so that the fuzzer keeps the input.
inline void require(bool kept) {
  if (!kept) std::abort();
}

/// Hands out data in pieces, as those who read files and sockets do. Each window is a buffer of its
/// own of exactly its size, so that a sanitizer sees a read beyond it.
class WindowFeed {
 public:
  /// The pieces have 1 to 64 bytes, as the seed says; a seed of 0 gives everything at once.
  WindowFeed(std::string_view data, std::uint8_t seed) : data_(data), state_(seed) {}

  [[nodiscard]] std::string_view window() const { return {window_.data(), window_.size()}; }
  [[nodiscard]] bool at_end() const { return data_.empty(); }

  void consume(std::size_t count) {
    require(count <= window_.size());
    window_ =
        std::vector<char>(window_.begin() + static_cast<std::ptrdiff_t>(count), window_.end());
  }

  void add() {
    std::size_t size = data_.size();
    if (state_ != 0) {
      state_ = state_ * 1664525 + 1013904223;
      size = std::min<std::size_t>(size, 1 + (state_ >> 26));
    }
    std::vector<char> larger;
    larger.reserve(window_.size() + size);
    larger.insert(larger.end(), window_.begin(), window_.end());
    larger.insert(larger.end(), data_.begin(), data_.begin() + static_cast<std::ptrdiff_t>(size));
    window_ = std::move(larger);
    data_.remove_prefix(size);
  }

 private:
  std::string_view data_;
  std::uint32_t state_;
  std::vector<char> window_;
};

/// The bytes that choose options, taken off the front of the fuzzer's data.
class Choices {
 public:
  explicit Choices(std::string_view data) : data_(data) {}

  std::uint8_t byte() {
    if (data_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(data_.front());
    data_.remove_prefix(1);
    return value;
  }

  [[nodiscard]] std::string_view rest() const { return data_; }

 private:
  std::string_view data_;
};

}  // namespace weir::fuzzing
