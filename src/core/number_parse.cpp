// The reading half of number_text.h.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/number_text.h"
#include "core/quote.h"

namespace weir::core {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : 99;
}

std::size_t count_digits(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

enum class Fault { kNone, kSyntax, kRange };

/// A number of the grammar [-]digits[.digits][e[+-]digits] that from_chars called out of range:
/// true when it is too close to zero, false when it is too large.
bool is_underflow(std::string_view text) {
  const std::size_t mark = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, mark);
  std::int64_t exponent = 0;
  if (mark != std::string_view::npos) {
    std::string_view digits = text.substr(mark + 1);
    if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (read.ec != std::errc{}) return digits.front() == '-';
  }
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return true;
  const auto magnitude = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  return (exponent < 0) == (magnitude < 0) ? exponent < 0 : exponent + magnitude < 0;
}

/// `text` has been checked against the grammar; only the value remains to be found.
template <class Float>
Fault read_decimal(std::string_view text, Float& value) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range) {
    if (!is_underflow(text)) return Fault::kRange;
    value = text.front() == '-' ? -Float{0} : Float{0};
    return Fault::kNone;
  }
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? Fault::kNone
                                                                         : Fault::kSyntax;
}

/// `digits` follow the 0x and the sign; the exponent marked by p is in place.
template <class Float>
Fault read_hexadecimal(std::string_view digits, Float& value) {
  const auto read =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::hex);
  if (read.ec == std::errc::result_out_of_range) {
    // The sign of the power decides, unless the mantissa is very long; then its length does.
    const std::size_t mark = digits.find_first_of("pP");
    std::int64_t power = 0;
    std::string_view power_text = digits.substr(mark + 1);
    if (power_text.front() == '+') power_text.remove_prefix(1);
    const auto end = power_text.data() + power_text.size();
    constexpr std::int64_t kBeyondAnyMantissa = 1'000'000'000'000'000;
    if (std::from_chars(power_text.data(), end, power).ec != std::errc{}) {
      power = power_text.front() == '-' ? -kBeyondAnyMantissa : kBeyondAnyMantissa;
    }
    power = std::clamp(power, -kBeyondAnyMantissa, kBeyondAnyMantissa);
    const std::size_t point = std::min(digits.find('.'), mark);
    const std::size_t first = digits.find_first_not_of("0.");
    power += 4 * (static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first));
    if (power > 0) return Fault::kRange;
    value = 0;
    return Fault::kNone;
  }
  return read.ec == std::errc{} && read.ptr == digits.data() + digits.size() ? Fault::kNone
                                                                             : Fault::kSyntax;
}

/// Underscores may stand only between digits, or between a base prefix and a digit.
bool underscores_are_placed_well(std::string_view text) {
  char before = '^';  // ^ start, 0 digit or prefix, _ underscore, ! anything else
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  bool hexadecimal = false;
  if (text.size() >= 2 && text[0] == '0') {
    const char kind = lower(text[1]);
    if (kind == 'x' || kind == 'b' || kind == 'o') {
      hexadecimal = kind == 'x';
      before = '0';
      text.remove_prefix(2);
    }
  }
  for (const char c : text) {
    if (is_digit(c) || (hexadecimal && digit_value(c) < 16)) {
      before = '0';
    } else if (c == '_') {
      if (before != '0') return false;
      before = '_';
    } else {
      if (before == '_') return false;
      before = '!';
    }
  }
  return before != '_';
}

std::string without_underscores(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  std::copy_if(text.begin(), text.end(), std::back_inserter(plain),
               [](char c) { return c != '_'; });
  return plain;
}

/// digits[.digits] with at least one digit, from `at`; the end, or npos when there is none.
std::size_t mantissa_end(std::string_view text, bool hexadecimal) {
  std::size_t digits = 0;
  bool point = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !point) {
      point = true;
    } else if (hexadecimal ? digit_value(text[at]) < 16 : is_digit(text[at])) {
      ++digits;
    } else {
      break;
    }
  }
  return digits == 0 ? std::string_view::npos : at;
}

/// `[mark][+-]digits` to the end of the text.
bool is_exponent(std::string_view text, char mark) {
  if (text.empty() || lower(text.front()) != mark) return false;
  text.remove_prefix(1);
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return !text.empty() && count_digits(text, 0) == text.size();
}

bool same_word(std::string_view text, std::string_view word) {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char a, char b) { return lower(a) == b; });
}

template <class Float>
Fault read_go_float(std::string_view text, Float& value) {
  if (same_word(text, "nan")) {
    value = std::numeric_limits<Float>::quiet_NaN();
    return Fault::kNone;
  }
  std::string plain;
  if (text.find('_') != std::string_view::npos) {
    if (!underscores_are_placed_well(text)) return Fault::kSyntax;
    plain = without_underscores(text);
    text = plain;
  }
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  Fault fault = Fault::kNone;
  if (same_word(text, "inf") || same_word(text, "infinity")) {
    value = std::numeric_limits<Float>::infinity();
  } else if (text.size() > 2 && text[0] == '0' && lower(text[1]) == 'x') {
    text.remove_prefix(2);
    const std::size_t end = mantissa_end(text, true);
    if (end == std::string_view::npos || !is_exponent(text.substr(end), 'p')) return Fault::kSyntax;
    fault = read_hexadecimal(text, value);
  } else {
    const std::size_t end = mantissa_end(text, false);
    if (end == std::string_view::npos) return Fault::kSyntax;
    if (end != text.size() && !is_exponent(text.substr(end), 'e')) return Fault::kSyntax;
    fault = read_decimal(text, value);
  }
  if (negative) value = -value;
  return fault;
}

tl::unexpected<Error> number_error(std::string_view function, std::string_view text, Fault fault) {
  std::string message("strconv.");
  message.append(function).append(": parsing ");
  append_quoted(message, text.substr(0, 200));
  message.append(fault == Fault::kRange ? ": value out of range" : ": invalid syntax");
  return invalid_data(std::move(message));
}

template <class Float>
Result<Float> parse_go_float(std::string_view text) {
  Float value = 0;
  const Fault fault = read_go_float(text, value);
  if (fault != Fault::kNone) return number_error("ParseFloat", text, fault);
  return value;
}

/// Base prefix, digits and underscores, no sign. kRange when it exceeds `most`.
Fault read_go_magnitude(std::string_view text, std::uint64_t most, std::uint64_t& value) {
  if (text.empty()) return Fault::kSyntax;
  const std::string_view all = text;
  unsigned base = 10;
  if (text[0] == '0') {
    const char kind = text.size() >= 3 ? lower(text[1]) : '\0';
    base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
    text.remove_prefix(kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
  }
  bool underscores = false;
  value = 0;
  for (const char c : text) {
    if (c == '_') {
      underscores = true;
      continue;
    }
    const auto digit = static_cast<unsigned>(digit_value(c));
    if (digit >= base) return Fault::kSyntax;
    std::uint64_t next = 0;
    if (__builtin_mul_overflow(value, base, &next) || __builtin_add_overflow(next, digit, &next) ||
        next > most) {
      return Fault::kRange;  // as Go does, without a look at what follows
    }
    value = next;
  }
  return underscores && !underscores_are_placed_well(all) ? Fault::kSyntax : Fault::kNone;
}

/// The largest number of so many bits.
std::uint64_t largest(int bits) {
  return ~std::uint64_t{0} >> (64 - bits);
}

}  // namespace

bool is_json_number(std::string_view text) {
  std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t whole = count_digits(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = count_digits(text, at + 1);
    if (fraction == 0) return false;
    at += 1 + fraction;
  }
  return at == text.size() || is_exponent(text.substr(at), 'e');
}

std::optional<std::int64_t> json_int64(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> json_uint64(std::string_view text) {
  if (text == "-0") return 0;
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

namespace {

// `12.34` with at most 15 digits: the digits and the power of ten are exact doubles, so one
// division rounds right. False for every other form, right or wrong.
bool short_decimal(std::string_view text, double& value) {
  static constexpr std::array<double, 16> kPowers = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  if (text.size() < 3 || text.size() > 17) return false;
  const bool negative = text[0] == '-';
  std::size_t at = negative ? 1 : 0;
  const std::size_t start = at;
  std::uint64_t digits = 0;
  std::size_t point = 0;
  for (; at < text.size(); ++at) {
    const auto digit = static_cast<unsigned>(text[at] - '0');
    if (digit <= 9) {
      digits = digits * 10 + digit;
    } else if (text[at] == '.' && point == 0 && at > start) {
      point = at;
    } else {
      return false;
    }
  }
  if (point == 0 || point + 1 == text.size() || at - start > 16) return false;
  if (text[start] == '0' && point != start + 1) return false;
  const double number = static_cast<double>(digits) / kPowers[text.size() - point - 1];
  value = negative ? -number : number;
  return true;
}

}  // namespace

std::optional<double> json_double(std::string_view text) {
  double value = 0;
  if (short_decimal(text, value)) return value;
  if (!is_json_number(text) || read_decimal(text, value) != Fault::kNone) return std::nullopt;
  return value;
}

Result<double> parse_go_float64(std::string_view text) {
  return parse_go_float<double>(text);
}
Result<float> parse_go_float32(std::string_view text) {
  return parse_go_float<float>(text);
}

Result<std::int64_t> parse_go_int(std::string_view text, int bits) {
  const bool negative = !text.empty() && text.front() == '-';
  const bool sign = negative || (!text.empty() && text.front() == '+');
  std::uint64_t magnitude = 0;
  Fault fault = read_go_magnitude(text.substr(sign ? 1 : 0), largest(bits), magnitude);
  const std::uint64_t limit = std::uint64_t{1} << (bits - 1);
  if (fault == Fault::kNone && magnitude >= limit + (negative ? 1 : 0)) fault = Fault::kRange;
  if (fault != Fault::kNone) return number_error("ParseInt", text, fault);
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

Result<std::uint64_t> parse_go_uint(std::string_view text, int bits) {
  std::uint64_t value = 0;
  const Fault fault = read_go_magnitude(text, largest(bits), value);
  if (fault != Fault::kNone) return number_error("ParseUint", text, fault);
  return value;
}

}  // namespace weir::core
