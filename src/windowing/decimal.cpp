#include "windowing/decimal.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/number_text.h"
#include "core/time.h"

namespace weir::windowing {

using core::Int128;
using core::Kind;
using core::Value;

namespace {

constexpr int kMaxDigits = 36;

Int128 power_of_ten(int exponent) {
  Int128 p = 1;
  for (int i = 0; i < exponent; ++i) p *= 10;
  return p;
}

std::optional<Decimal> parse(std::string_view text) {
  Decimal out;
  std::size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) ++i;
  int digits = 0;
  bool fraction = false;
  int zeros = 0;  // pending: trailing ones cost no digits
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    if (fraction) ++out.scale;
    if (c == '0') {
      if (digits > 0) ++zeros;
      continue;
    }
    digits += zeros + 1;
    if (digits > kMaxDigits) return std::nullopt;
    out.coefficient = out.coefficient * power_of_ten(zeros + 1) + (c - '0');
    zeros = 0;
  }
  out.scale -= zeros;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    bool down = false;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) down = text[i++] == '-';
    int exponent = 0;
    for (; i < text.size(); ++i) {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      exponent = exponent * 10 + (text[i] - '0');
      if (exponent > 100'000) return std::nullopt;
    }
    out.scale += down ? exponent : -exponent;
  }
  if (i != text.size()) return std::nullopt;
  if (out.coefficient == 0) out.scale = 0;
  if (negative) out.coefficient = -out.coefficient;
  return out;
}

std::optional<Decimal> of_double(double d) {
  if (!std::isfinite(d)) return std::nullopt;
  const core::ShortestDigits s = core::shortest_digits(d);
  Decimal out;
  for (int i = 0; i < s.count; ++i) out.coefficient = out.coefficient * 10 + (s.digits[i] - '0');
  out.scale = s.count - s.point;
  if (s.negative) out.coefficient = -out.coefficient;
  out.normalise();
  return out;
}

/// Both with the same scale; empty when that needs too many digits.
bool align(Decimal& a, Decimal& b) {
  if (a.coefficient == 0) a.scale = b.scale;
  if (b.coefficient == 0) b.scale = a.scale;
  Decimal& coarse = a.scale < b.scale ? a : b;
  const int target = std::max(a.scale, b.scale);
  while (coarse.scale < target) {
    Int128 scaled = 0;
    if (__builtin_mul_overflow(coarse.coefficient, Int128{10}, &scaled)) return false;
    coarse.coefficient = scaled;
    ++coarse.scale;
  }
  return true;
}

int sign(Int128 i) {
  return i < 0 ? -1 : i > 0 ? 1 : 0;
}

int rank(Value v) {
  switch (v.kind()) {
    case Kind::kNull: return 0;
    case Kind::kBool: return v.as_bool() ? 2 : 1;
    case Kind::kInt:
    case Kind::kUInt:
    case Kind::kDouble:
    case Kind::kNumber: return 3;
    case Kind::kTimestamp: return 4;
    case Kind::kString: return 5;
    case Kind::kBytes: return 6;
    case Kind::kArray: return 7;
    case Kind::kObject: return 8;
    default: return 9;
  }
}

struct SortedMember {
  std::string_view key;
  Value value;
};
std::vector<SortedMember> sorted_members(Value object, core::Arena& scratch) {
  std::vector<SortedMember> all;
  for (const core::Member& m : core::members(object)) all.push_back({m.key.text(scratch), m.value});
  std::sort(all.begin(), all.end(),
            [](const SortedMember& a, const SortedMember& b) { return a.key < b.key; });
  return all;
}

}  // namespace

void Decimal::normalise() {
  if (coefficient == 0) scale = 0;
  while (coefficient != 0 && coefficient % 10 == 0) {
    coefficient /= 10;
    --scale;
  }
}

std::optional<Decimal> decimal_of(Value number) {
  switch (number.kind()) {
    case Kind::kInt: {
      Decimal d{number.as_int(), 0};
      d.normalise();
      return d;
    }
    case Kind::kUInt: {
      Decimal d{static_cast<Int128>(number.as_uint()), 0};
      d.normalise();
      return d;
    }
    case Kind::kNumber: return parse(number.stored());
    case Kind::kDouble: return of_double(number.as_double());
    default: return std::nullopt;
  }
}

double double_of(Value number) {
  switch (number.kind()) {
    case Kind::kInt: return static_cast<double>(number.as_int());
    case Kind::kUInt: return static_cast<double>(number.as_uint());
    case Kind::kDouble: return number.as_double();
    case Kind::kNumber: return core::json_double(number.stored()).value_or(HUGE_VAL);
    default: return std::nan("");
  }
}

double to_double(const Decimal& number) {
  // Through text: rounded once.
  if (number.scale == 0 && core::fits_int64(number.coefficient)) {
    return static_cast<double>(static_cast<std::int64_t>(number.coefficient));
  }
  std::string text = to_text(Decimal{number.coefficient, 0});
  text += 'e';
  text += std::to_string(-number.scale);
  return core::json_double(text).value_or(number.coefficient < 0 ? -HUGE_VAL : HUGE_VAL);
}

std::optional<Decimal> sum(const Decimal& a, const Decimal& b) {
  Decimal x = a;
  Decimal y = b;
  if (!align(x, y)) return std::nullopt;
  Decimal out{0, x.scale};
  if (__builtin_add_overflow(x.coefficient, y.coefficient, &out.coefficient)) return std::nullopt;
  if (out.coefficient == 0) out.scale = 0;
  return out;
}

std::optional<Decimal> difference(const Decimal& a, const Decimal& b) {
  return sum(a, Decimal{-b.coefficient, b.scale});
}

std::string to_text(Decimal number) {
  const bool negative = number.coefficient < 0;
  std::string digits;
  // Digit by digit from the sign's side: the smallest value has no positive twin.
  Int128 rest = number.coefficient;
  do {
    const int digit = static_cast<int>(rest % 10);
    digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
    rest /= 10;
  } while (rest != 0);
  int scale = number.scale;
  std::string tail;
  if (scale < 0 && scale >= -20) {
    digits.insert(0, static_cast<std::size_t>(-scale), '0');
    scale = 0;
  } else if (scale < 0 || scale > 60) {
    tail = (scale < 0 ? "e+" : "e") + std::to_string(-scale);
    scale = 0;
  }
  while (static_cast<int>(digits.size()) <= scale) digits += '0';
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - static_cast<std::size_t>(scale), 1, '.');
  return (negative ? "-" : "") + digits + tail;
}

Value to_value(Decimal number, core::Arena& arena) {
  number.normalise();
  if (number.scale <= 0 && number.scale > -19) {
    Int128 whole = 0;
    if (!__builtin_mul_overflow(number.coefficient, power_of_ten(-number.scale), &whole) &&
        core::fits_int64(whole)) {
      return Value::integer(static_cast<std::int64_t>(whole));
    }
  }
  return Value::number_text(arena.copy(to_text(number)));
}

int compare_numbers(Value a, Value b) {
  if (a.is(Kind::kInt) && b.is(Kind::kInt)) {
    return a.as_int() < b.as_int() ? -1 : a.as_int() > b.as_int() ? 1 : 0;
  }
  auto x = decimal_of(a);
  auto y = decimal_of(b);
  if (x && y && align(*x, *y)) {
    return x->coefficient < y->coefficient ? -1 : x->coefficient > y->coefficient ? 1 : 0;
  }
  if (x && y && sign(x->coefficient) != sign(y->coefficient)) {
    return sign(x->coefficient) < sign(y->coefficient) ? -1 : 1;
  }
  const double p = double_of(a);
  const double q = double_of(b);
  if (std::isnan(p) || std::isnan(q)) return std::isnan(p) ? (std::isnan(q) ? 0 : -1) : 1;
  return p < q ? -1 : p > q ? 1 : 0;
}

int compare_values(Value a, Value b, core::Arena& scratch) {
  const int ranks = rank(a) - rank(b);
  if (ranks != 0) return ranks < 0 ? -1 : 1;
  switch (a.kind()) {
    case Kind::kInt:
    case Kind::kUInt:
    case Kind::kDouble:
    case Kind::kNumber: return compare_numbers(a, b);
    case Kind::kTimestamp: {
      const auto order = a.as_timestamp() <=> b.as_timestamp();
      return order < 0 ? -1 : order > 0 ? 1 : 0;
    }
    case Kind::kString:
    case Kind::kBytes: {
      const int order = a.text(scratch).compare(b.text(scratch));
      return order < 0 ? -1 : order > 0 ? 1 : 0;
    }
    case Kind::kArray: {
      const auto x = core::items(a);
      const auto y = core::items(b);
      for (std::uint32_t i = 0; i < std::min(x.count, y.count); ++i) {
        const int order = compare_values(x.first[i], y.first[i], scratch);
        if (order != 0) return order;
      }
      return x.count < y.count ? -1 : x.count > y.count ? 1 : 0;
    }
    case Kind::kObject: {
      const auto x = sorted_members(a, scratch);
      const auto y = sorted_members(b, scratch);
      for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
        if (x[i].key != y[i].key) return x[i].key < y[i].key ? -1 : 1;
        const int order = compare_values(x[i].value, y[i].value, scratch);
        if (order != 0) return order;
      }
      return x.size() < y.size() ? -1 : x.size() > y.size() ? 1 : 0;
    }
    default: return 0;
  }
}

}  // namespace weir::windowing
