#include "mapping/formats/json_extent.h"

#include <string>
#include <vector>

#include "core/quote.h"

namespace weir::mapping {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/// Steps through a value. Each step that returns false has set the error.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  core::Result<std::size_t> run() {
    skip_blanks();
    if (at_ == text_.size()) return core::invalid_data("EOF");
    if (!value()) return core::invalid_data(std::move(error_));
    while (!open_.empty()) {
      if (!next_in_container()) return core::invalid_data(std::move(error_));
    }
    return at_;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) {
      ++at_;
    }
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

  bool fail(std::string_view where) {
    if (at_end()) {
      error_ = "unexpected EOF";
      return false;
    }
    error_ = "invalid character ";
    const char c = text_[at_];
    if (c == '\'') {
      error_ += "'\\''";
    } else if (c == '"') {
      error_ += "'\"'";
    } else {
      core::append_quoted_char(error_, static_cast<unsigned char>(c));
    }
    error_.append(" ").append(where);
    return false;
  }

  /// The start of a value; containers are left open.
  bool value() {
    switch (peek()) {
      case '{':
        ++at_;
        open_.push_back('{');
        fresh_ = true;
        return true;
      case '[':
        ++at_;
        open_.push_back('[');
        fresh_ = true;
        return true;
      case '"': return string();
      case 't': return literal("true");
      case 'f': return literal("false");
      case 'n': return literal("null");
      default:
        if (at_end() || (peek() != '-' && !is_digit(peek())))
          return fail("looking for beginning of value");
        return number();
    }
  }

  /// One member or element of the innermost container, or its end.
  bool next_in_container() {
    const bool object = open_.back() == '{';
    const bool first = fresh_;
    fresh_ = false;
    skip_blanks();
    if (peek() == (object ? '}' : ']')) {
      ++at_;
      open_.pop_back();
      return true;
    }
    if (!first) {
      if (peek() != ',')
        return fail(object ? "after object key:value pair" : "after array element");
      ++at_;
      skip_blanks();
    }
    if (!object) return value();
    if (peek() != '"') return fail("looking for beginning of object key string");
    if (!string()) return false;
    skip_blanks();
    if (peek() != ':') return fail("after object key");
    ++at_;
    skip_blanks();
    return value();
  }

  bool literal(std::string_view word) {
    for (const char expected : word) {
      if (peek() != expected) {
        std::string where = "in literal ";
        where.append(word).append(" (expecting '").append(1, expected).append("')");
        return fail(where);
      }
      ++at_;
    }
    return true;
  }

  bool string() {
    for (++at_; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return fail("in string literal");
      if (c != '\\') continue;
      ++at_;
      if (peek() == 'u') {
        for (int i = 0; i < 4; ++i) {
          ++at_;
          if (!is_hex(peek())) return fail("in \\u hexadecimal character escape");
        }
      } else if (at_end() ||
                 std::string_view("\"\\/bfnrt").find(peek()) == std::string_view::npos) {
        return fail("in string escape code");
      }
    }
    return fail({});
  }

  bool number() {
    if (peek() == '-') {
      ++at_;
      if (!is_digit(peek())) return fail("in numeric literal");
    }
    if (peek() == '0') {
      ++at_;
    } else {
      digits();
    }
    if (peek() == '.') {
      ++at_;
      if (!is_digit(peek())) return fail("after decimal point in numeric literal");
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!is_digit(peek())) return fail("in exponent of numeric literal");
      digits();
    }
    return true;
  }

  void digits() {
    while (is_digit(peek())) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string open_;    // the brackets that are open
  bool fresh_ = false;  // the innermost one has just been opened
  std::string error_;
};

}  // namespace

core::Result<std::size_t> first_json_value(std::string_view text) {
  return JsonScanner(text).run();
}

}  // namespace weir::mapping
