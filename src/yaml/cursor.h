#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::yaml {

/// A place in a YAML text that moves forward: what the quick parser knows about lines and comments.
class Cursor {
 protected:
  explicit Cursor(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\n';
  }
  [[nodiscard]] std::size_t column() const { return at_ - line_start_; }
  [[nodiscard]] bool is_dash() const {
    return peek() == '-' && (peek(1) == ' ' || peek(1) == '\n');
  }
  void skip_spaces() {
    while (peek() == ' ') {
      ++at_;
    }
  }
  void new_line() {
    ++at_;
    ++line_;
    line_start_ = at_;
  }

  // Moves over blank lines and comments to the next token. False where the line begins with
  // something that ends or directs a document.
  bool next_content() {
    while (true) {
      skip_spaces();
      if (at_end()) {
        return true;
      }
      if (peek() == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      if (peek() != '\n') {
        break;
      }
      new_line();
    }
    const std::string_view line = text_.substr(at_);
    return column() > 0 || !(line[0] == '%' || line.starts_with("---") || line.starts_with("..."));
  }

  // Behind a value: nothing but a comment may follow on its line.
  bool end_value() {
    const std::size_t behind = at_;
    skip_spaces();
    return (peek() == '\n' || (peek() == '#' && at_ > behind)) && next_content();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
};

}  // namespace weir::yaml
