#pragma once

#include <cstring>
#include <string_view>

#include "core/buffer.h"

namespace weir::outputs {

/// The bytes of successive messages as an output writes them: each payload and what follows it.
///
/// As long as the payloads stand one behind the other in what was received, with the same bytes
/// between them as are to be written, nothing is copied: a file that goes through unchanged is
/// written out of the block it was read into. Payloads must live until clear().
class PayloadRun {
 public:
  void add(std::string_view payload, std::string_view suffix) {
    if (!copied_ && size() == 0) {
      body_ = payload;
      tail_ = suffix;
      return;
    }
    if (!copied_ && follows(payload)) {
      body_ = {body_.data(), body_.size() + tail_.size() + payload.size()};
      tail_ = suffix;
      return;
    }
    if (!copied_) {
      buffer_.append(body_);
      buffer_.append(tail_);
      copied_ = true;
    }
    buffer_.append(payload);
    buffer_.append(suffix);
  }

  /// To be written first.
  [[nodiscard]] std::string_view body() const { return copied_ ? buffer_.view() : body_; }
  /// To be written behind body().
  [[nodiscard]] std::string_view tail() const { return copied_ ? std::string_view() : tail_; }
  [[nodiscard]] std::size_t size() const { return body().size() + tail().size(); }

  void clear() {
    buffer_.clear();
    buffer_.trim(kKept);
    body_ = tail_ = {};
    copied_ = false;
  }

 private:
  static constexpr std::size_t kKept = std::size_t{4} << 20;

  // Payloads that come so close lie in one block or arena chunk, so what is between them is ours to
  // read.
  [[nodiscard]] bool follows(std::string_view payload) const {
    const char* const end = body_.data() + body_.size();
    return payload.data() == end + tail_.size() &&
           (tail_.empty() || std::memcmp(end, tail_.data(), tail_.size()) == 0);
  }

  core::Buffer buffer_;
  std::string_view body_;
  std::string_view tail_;
  bool copied_ = false;
};

}  // namespace weir::outputs
