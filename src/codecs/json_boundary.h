#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace weir::codecs {

/// Finds the end of one JSON value in text that comes in pieces, checking its grammar on the way
/// (RFC 8259; bytes within strings are not checked to be UTF-8). Builds nothing.
class JsonBoundary {
 public:
  enum class Found : unsigned char {
    kEnd,        ///< the value ends before `offset`
    kNeedMore,   ///< all text was read
    kMalformed,  ///< the byte at `offset` cannot stand there
  };

  /// Deeper values are read to their end, their grammar below that depth unchecked.
  explicit JsonBoundary(std::size_t max_depth);

  /// Before the first byte of a value; no whitespace in front.
  void start();

  /// Reads on from `offset`, and moves it to where it stopped.
  [[nodiscard]] Found scan(std::string_view text, std::size_t& offset);

  /// Whether the value is complete if no text follows: only a number at the top level is not
  /// known to be so before.
  [[nodiscard]] bool complete_at_end() const;

  /// Whether this value went deeper than max_depth.
  [[nodiscard]] bool too_deep() const { return too_deep_; }

 private:
  enum class State : unsigned char {
    kValue,
    kFirstElement,
    kFirstKey,
    kKey,
    kColon,
    kAfterValue,
    kString,
    kEscape,
    kHex,
    kLiteral,
    kMinus,
    kZero,
    kInteger,
    kPoint,
    kFraction,
    kExponent,
    kExponentSign,
    kExponentDigits,
    kTooDeep,
    kMalformed,  // no state to be in, only one to go to
  };

  [[nodiscard]] State start_value(char c);
  [[nodiscard]] State open(char bracket);
  [[nodiscard]] bool close(char bracket);

  std::size_t max_depth_;
  std::vector<char> open_;         // the brackets open, outermost first, up to max_depth
  std::size_t beyond_ = 0;         // brackets open beyond max_depth
  std::string_view literal_rest_;  // of true, false, null
  int hex_digits_left_ = 0;
  State state_ = State::kValue;
  State after_string_ = State::kAfterValue;
  bool too_deep_ = false;
};

}  // namespace weir::codecs
