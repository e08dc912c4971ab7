#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::scanners {

/// Bytes put in at the back and dropped from the front: for scanners that copy what they hand out.
class ByteWindow {
 public:
  char* prepare(std::size_t size) {
    if (front_ > 0) {
      data_.erase(0, front_);
      front_ = 0;
    }
    end_ = data_.size();
    data_.resize(end_ + size);
    return data_.data() + end_;
  }
  void commit(std::size_t size) { data_.resize(end_ + size); }

  [[nodiscard]] std::string_view view() const { return std::string_view(data_).substr(front_); }
  void drop(std::size_t size) { front_ += size; }

 private:
  std::string data_;
  std::size_t front_ = 0;
  std::size_t end_ = 0;
};

}  // namespace weir::scanners
