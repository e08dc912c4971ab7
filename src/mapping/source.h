#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mapping/mapping.h"

namespace weir::mapping {

/// A place in a text as people count: lines and characters from 1.
struct Place {
  unsigned line = 1;
  unsigned column = 1;
};
[[nodiscard]] Place place_of(std::string_view text, std::size_t offset);
[[nodiscard]] Issue issue_at(std::string_view text, std::size_t offset, std::size_t length,
                             std::string message, std::string hint = {});

/// The candidate closest to `name` when it is close enough to be meant; else empty.
class Nearest {
 public:
  explicit Nearest(std::string_view name);
  void offer(std::string_view candidate);
  [[nodiscard]] std::string_view best() const { return best_; }
  /// "did you mean `x`?", or empty.
  [[nodiscard]] std::string hint() const;

 private:
  std::string_view name_;
  std::string_view best_;
  unsigned distance_;
};

}  // namespace weir::mapping
