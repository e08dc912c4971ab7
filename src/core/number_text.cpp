#include "core/number_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace weir::core {
namespace {

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put_zeros(char* out, int count) {
  std::memset(out, '0', static_cast<std::size_t>(count));
  return out + count;
}

char* put_digits(char* out, const ShortestDigits& digits, int from, int to) {
  std::memcpy(out, digits.digits + from, static_cast<std::size_t>(to - from));
  return out + (to - from);
}

template <class Float>
ShortestDigits digits_of(Float value) {
  std::array<char, 32> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
  ShortestDigits result;
  if (error != std::errc{}) return result;
  const char* at = text.data();
  if (*at == '-') {
    result.negative = true;
    ++at;
  }
  for (; at != end && *at != 'e'; ++at) {
    if (*at != '.') result.digits[result.count++] = *at;
  }
  if (at == end) return result;
  ++at;
  int exponent = 0;
  if (*at == '+') ++at;
  std::from_chars(at, end, exponent);
  result.point = result.digits[0] == '0' ? 1 : exponent + 1;
  return result;
}

/// d.ddde+XX with at least `exponent_digits` digits in the exponent.
char* put_exponent_form(char* out, const ShortestDigits& digits, int exponent_digits) {
  out = put_digits(out, digits, 0, 1);
  if (digits.count > 1) {
    *out++ = '.';
    out = put_digits(out, digits, 1, digits.count);
  }
  int exponent = digits.point - 1;
  *out++ = 'e';
  *out++ = exponent < 0 ? '-' : '+';
  exponent = std::abs(exponent);
  if (exponent < 10 && exponent_digits == 2) *out++ = '0';
  return write_int64(out, exponent);
}

char* put_plain_form(char* out, const ShortestDigits& digits) {
  if (digits.point <= 0) {
    out = put(out, "0.");
    out = put_zeros(out, -digits.point);
    return put_digits(out, digits, 0, digits.count);
  }
  if (digits.point >= digits.count) {
    out = put_digits(out, digits, 0, digits.count);
    return put_zeros(out, digits.point - digits.count);
  }
  out = put_digits(out, digits, 0, digits.point);
  *out++ = '.';
  return put_digits(out, digits, digits.point, digits.count);
}

template <class Float>
char* write_json(char* out, Float value) {
  if (!std::isfinite(value)) return put(out, "null");
  // Below 2^53 a whole number is its own shortest form; this is the common case and much faster.
  constexpr Float kWhole =
      std::is_same_v<Float, double> ? Float(9007199254740992.0) : Float(16777216.0);
  if (std::abs(value) < kWhole) {
    const auto whole = static_cast<std::int64_t>(value);
    if (static_cast<Float>(whole) == value && (whole != 0 || !std::signbit(value))) {
      return write_int64(out, whole);
    }
  }
  const ShortestDigits digits = digits_of(value);
  if (digits.negative) *out++ = '-';
  const Float magnitude = std::abs(value);
  if (magnitude != 0 && (magnitude < Float(1e-6) || magnitude >= Float(1e21))) {
    return put_exponent_form(out, digits, 1);
  }
  return put_plain_form(out, digits);
}

template <class Float>
char* write_go(char* out, Float value) {
  if (std::isnan(value)) return put(out, "NaN");
  if (std::isinf(value)) return put(out, value < 0 ? "-Inf" : "+Inf");
  const ShortestDigits digits = digits_of(value);
  if (digits.negative) *out++ = '-';
  const int exponent = digits.point - 1;
  if (exponent < -4 || exponent >= 6) return put_exponent_form(out, digits, 2);
  return put_plain_form(out, digits);
}

template <class Writer, class Number>
void append_with(std::string& out, Writer writer, Number value) {
  std::array<char, kMaxNumberText> text{};
  out.append(text.data(), writer(text.data(), value));
}

}  // namespace

char* write_int64(char* out, std::int64_t value) {
  return std::to_chars(out, out + kMaxNumberText, value).ptr;
}

char* write_uint64(char* out, std::uint64_t value) {
  return std::to_chars(out, out + kMaxNumberText, value).ptr;
}

char* write_json_double(char* out, double value) {
  return write_json(out, value);
}
char* write_json_float(char* out, float value) {
  return write_json(out, value);
}
char* write_go_double(char* out, double value) {
  return write_go(out, value);
}
char* write_go_float(char* out, float value) {
  return write_go(out, value);
}

void append_int64(std::string& out, std::int64_t value) {
  append_with(out, write_int64, value);
}
void append_uint64(std::string& out, std::uint64_t value) {
  append_with(out, write_uint64, value);
}
void append_json_double(std::string& out, double value) {
  append_with(out, write_json_double, value);
}
void append_json_float(std::string& out, float value) {
  append_with(out, write_json_float, value);
}
void append_go_double(std::string& out, double value) {
  append_with(out, write_go_double, value);
}
void append_go_float(std::string& out, float value) {
  append_with(out, write_go_float, value);
}

ShortestDigits shortest_digits(double value) {
  return digits_of(value);
}
ShortestDigits shortest_digits(float value) {
  return digits_of(value);
}

}  // namespace weir::core
