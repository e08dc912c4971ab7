#include "codecs/json_boundary.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace weir::codecs {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20;
}

// The next byte that has a meaning within a string, or `end`.
const char* skip_plain(const char* at, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = kOnes * 0x80;
  while (end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    const std::uint64_t quote = word ^ (kOnes * '"');
    const std::uint64_t backslash = word ^ (kOnes * '\\');
    // A byte's high bit is set if it is 0 (of the first two) or below 0x20. Borrows from a lower
    // byte that is a hit can make more of them, but the lowest one is true.
    const std::uint64_t hits = (((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) |
                                ((word - kOnes * 0x20) & ~word)) &
                               kHighs;
    if (hits != 0) {
      if constexpr (std::endian::native == std::endian::little) {
        return at + std::countr_zero(hits) / 8;
      }
      break;
    }
    at += 8;
  }
  while (at != end && *at != '"' && *at != '\\' && !is_control(*at)) ++at;
  return at;
}

}  // namespace

JsonBoundary::JsonBoundary(std::size_t max_depth) : max_depth_(max_depth) {}

void JsonBoundary::start() {
  open_.clear();
  beyond_ = 0;
  too_deep_ = false;
  state_ = State::kValue;
}

bool JsonBoundary::complete_at_end() const {
  return open_.empty() && (state_ == State::kZero || state_ == State::kInteger ||
                           state_ == State::kFraction || state_ == State::kExponentDigits);
}

JsonBoundary::State JsonBoundary::open(char bracket) {
  if (open_.size() < max_depth_) {
    open_.push_back(bracket);
    return bracket == '{' ? State::kFirstKey : State::kFirstElement;
  }
  too_deep_ = true;
  beyond_ = 1;
  return State::kTooDeep;
}

bool JsonBoundary::close(char bracket) {
  if (open_.empty() || open_.back() != (bracket == '}' ? '{' : '[')) return false;
  open_.pop_back();
  return true;
}

JsonBoundary::State JsonBoundary::start_value(char c) {
  switch (c) {
    case '{':
    case '[': return open(c);
    case '"': after_string_ = State::kAfterValue; return State::kString;
    case 't': literal_rest_ = "rue"; return State::kLiteral;
    case 'f': literal_rest_ = "alse"; return State::kLiteral;
    case 'n': literal_rest_ = "ull"; return State::kLiteral;
    case '-': return State::kMinus;
    case '0': return State::kZero;
    default: return is_digit(c) ? State::kInteger : State::kMalformed;
  }
}

JsonBoundary::Found JsonBoundary::scan(std::string_view text, std::size_t& offset) {
  const char* at = text.data() + offset;
  const char* const end = text.data() + text.size();
  State state = state_;
  const auto leave = [&](Found found) {
    state_ = state;
    offset = static_cast<std::size_t>(at - text.data());
    return found;
  };
  const auto exponent = [](char c) { return c == 'e' || c == 'E'; };
  while (at != end) {
    const char c = *at;
    State next = State::kMalformed;
    switch (state) {
      case State::kMalformed: break;
      case State::kValue: next = is_space(c) ? state : start_value(c); break;
      case State::kFirstElement:
        if (c == ']') {
          next = close(c) ? State::kAfterValue : State::kMalformed;
        } else {
          next = is_space(c) ? state : start_value(c);
        }
        break;
      case State::kFirstKey:
      case State::kKey:
        if (c == '"') {
          after_string_ = State::kColon;
          next = State::kString;
        } else if (is_space(c)) {
          next = state;
        } else if (c == '}' && state == State::kFirstKey && close(c)) {
          next = State::kAfterValue;
        }
        break;
      case State::kColon:
        if (c == ':') next = State::kValue;
        if (is_space(c)) next = state;
        break;
      case State::kAfterValue:
        if (c == ',') {
          next = open_.back() == '{' ? State::kKey : State::kValue;
        } else if (is_space(c) || ((c == '}' || c == ']') && close(c))) {
          next = state;
        }
        break;
      case State::kString:
        at = skip_plain(at, end);
        if (at == end) return leave(Found::kNeedMore);
        if (*at == '"') next = after_string_;
        if (*at == '\\') next = State::kEscape;
        break;
      case State::kEscape:
        hex_digits_left_ = 4;
        if (c == 'u') next = State::kHex;
        if (c != '\0' && std::strchr("\"\\/bfnrt", c) != nullptr) next = State::kString;
        break;
      case State::kHex:
        if (is_hex(c)) next = --hex_digits_left_ == 0 ? State::kString : state;
        break;
      case State::kLiteral:
        if (c == literal_rest_.front()) {
          literal_rest_.remove_prefix(1);
          next = literal_rest_.empty() ? State::kAfterValue : state;
        }
        break;
      case State::kMinus:
        if (is_digit(c)) next = c == '0' ? State::kZero : State::kInteger;
        break;
      case State::kZero:
      case State::kInteger:
      case State::kFraction:
      case State::kExponentDigits:
        if (is_digit(c) && state != State::kZero) {
          while (end - at > 1 && is_digit(at[1])) ++at;
          next = state;
        } else if (c == '.' && (state == State::kZero || state == State::kInteger)) {
          next = State::kPoint;
        } else if (exponent(c) && state != State::kExponentDigits) {
          next = State::kExponent;
        } else {  // the number is over; this byte is looked at again
          state = State::kAfterValue;
          if (open_.empty()) return leave(Found::kEnd);
          continue;
        }
        break;
      case State::kPoint:
        if (is_digit(c)) next = State::kFraction;
        break;
      case State::kExponent:
        if (c == '+' || c == '-') next = State::kExponentSign;
        [[fallthrough]];
      case State::kExponentSign:
        if (is_digit(c)) next = State::kExponentDigits;
        break;
      case State::kTooDeep:
        next = state;
        if (c == '"') {
          after_string_ = State::kTooDeep;
          next = State::kString;
        } else if (c == '{' || c == '[') {
          ++beyond_;
        } else if ((c == '}' || c == ']') && --beyond_ == 0) {
          next = State::kAfterValue;
        }
        break;
    }
    if (next == State::kMalformed) return leave(Found::kMalformed);
    state = next;
    ++at;
    if (state == State::kAfterValue && open_.empty()) return leave(Found::kEnd);
  }
  return leave(Found::kNeedMore);
}

}  // namespace weir::codecs
