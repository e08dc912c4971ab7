#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/csv.h"
#include "codecs/splitter.h"
#include "codecs/tar.h"

namespace weir::codecs::testing {

/// Hands out data in pieces, keeping a window as callers do. Each window is a buffer of its own of
/// exactly its size, so that a sanitizer sees a read beyond it.
class WindowFeed {
 public:
  /// Pieces of the sizes given, over and over; a size of 0 gives everything at once.
  WindowFeed(std::string_view data, std::vector<std::size_t> sizes)
      : data_(data), sizes_(std::move(sizes)) {}

  [[nodiscard]] std::string_view window() const { return {window_.data(), window_.size()}; }
  [[nodiscard]] bool at_end() const { return data_.empty(); }

  void consume(std::size_t count) {
    window_ =
        std::vector<char>(window_.begin() + static_cast<std::ptrdiff_t>(count), window_.end());
  }

  void add() {
    const std::size_t wanted = sizes_[turn_++ % sizes_.size()];
    const std::size_t size = wanted == 0 ? data_.size() : std::min(wanted, data_.size());
    std::vector<char> larger;
    larger.reserve(window_.size() + size);
    larger.insert(larger.end(), window_.begin(), window_.end());
    larger.insert(larger.end(), data_.begin(), data_.begin() + static_cast<std::ptrdiff_t>(size));
    window_ = std::move(larger);
    data_.remove_prefix(size);
  }

 private:
  std::string_view data_;
  std::vector<std::size_t> sizes_;
  std::size_t turn_ = 0;
  std::vector<char> window_;
};

/// What a splitter or reader said, in a form to compare.
struct Event {
  std::string kind;  ///< record, bad, failed
  std::string text;  ///< the record, or the error

  friend bool operator==(const Event&, const Event&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Event& event) {
    return out << event.kind << "(" << event.text << ")";
  }
};

inline Event record(std::string_view text) {
  return {"record", std::string(text)};
}

enum class Drive { kNext, kSplit };

/// Everything a splitter finds in `data` cut as told; a broken promise of Splitter is an event too.
inline std::vector<Event> drive(Splitter& splitter, std::string_view data,
                                const std::vector<std::size_t>& sizes, Drive how = Drive::kNext) {
  std::vector<Event> events;
  WindowFeed feed(data, sizes);
  std::vector<RecordSpan> spans;
  for (std::size_t steps = 0; steps < 100 + 8 * data.size(); ++steps) {
    const std::string_view window = feed.window();
    SplitStep step;
    if (how == Drive::kSplit) {
      spans.clear();
      step = splitter.split(window, feed.at_end(), spans);
      for (const RecordSpan& span : spans) events.push_back(record(span.in(window)));
    } else {
      step = splitter.next(window, feed.at_end());
    }
    if (step.consumed > window.size() || step.begin > step.end || step.end > window.size()) {
      events.push_back({"broken", "offsets out of range"});
      return events;
    }
    const std::string text(window.substr(step.begin, step.end - step.begin));
    switch (step.kind) {
      case SplitStep::Kind::kRecord: events.push_back(record(text)); break;
      case SplitStep::Kind::kBadRecord: events.push_back({"bad", splitter.error().message}); break;
      case SplitStep::Kind::kNeedMore:
        if (feed.at_end()) events.push_back({"broken", "wants more than there is"});
        if (window.size() - step.consumed >= splitter.max_window()) {
          events.push_back({"broken", "wants more than max_window"});
        }
        break;
      case SplitStep::Kind::kEnd: return events;
      case SplitStep::Kind::kFailed:
        events.push_back({"failed", splitter.error().message});
        return events;
    }
    feed.consume(step.consumed);
    if (step.kind == SplitStep::Kind::kNeedMore) feed.add();
  }
  events.push_back({"broken", "never ends"});
  return events;
}

/// Deterministic piece sizes of 1 to `largest`.
inline std::vector<std::size_t> random_sizes(std::uint32_t seed, std::size_t largest) {
  std::mt19937 random(seed);
  std::vector<std::size_t> sizes(17);
  for (std::size_t& size : sizes) size = 1 + random() % largest;
  return sizes;
}

/// Deterministic bytes that compress badly.
inline std::string noise(std::size_t size, std::uint32_t seed = 1) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

/// The bytes that "1f8b.." spells.
inline std::string from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

}  // namespace weir::codecs::testing
