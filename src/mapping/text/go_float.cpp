// Float text with a verb and a precision, for go_printer.h.

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "core/number_text.h"
#include "mapping/text/go_printer.h"

namespace weir::mapping::text {
namespace {

/// No double has more digits behind the point; what is asked beyond them are zeros.
constexpr int kMaxDigits = 1100;

/// mantissa * 2^exponent, the mantissa as stored (not normalised).
struct Binary {
  std::uint64_t mantissa = 0;
  int exponent = 0;
  int mantissa_bits = 0;
};

Binary take_apart(double value, bool single) {
  Binary parts;
  if (single) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    parts.mantissa_bits = 23;
    parts.mantissa = bits & 0x7FFFFFU;
    parts.exponent = static_cast<int>(bits >> 23 & 0xFF);
  } else {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    parts.mantissa_bits = 52;
    parts.mantissa = bits & 0xFFFFFFFFFFFFFULL;
    parts.exponent = static_cast<int>(bits >> 52 & 0x7FF);
  }
  const int bias = single ? 127 : 1023;
  if (parts.exponent == 0) {
    ++parts.exponent;  // denormal
  } else {
    parts.mantissa |= std::uint64_t{1} << parts.mantissa_bits;
  }
  parts.exponent -= bias;
  return parts;
}

void append_exponent(std::string& out, int exponent, int least_digits) {
  out.push_back(exponent < 0 ? '-' : '+');
  const int magnitude = std::abs(exponent);
  if (magnitude < 10 && least_digits == 2) out.push_back('0');
  core::append_int64(out, magnitude);
}

/// 4503599627370496p-52
void append_binary(std::string& out, double value, bool single) {
  const Binary parts = take_apart(value, single);
  core::append_uint64(out, parts.mantissa);
  out.push_back('p');
  append_exponent(out, parts.exponent - parts.mantissa_bits, 1);
}

/// 0x1.8p+01
void append_hexadecimal(std::string& out, double value, char verb, int precision, bool single) {
  constexpr int kPoint = 60;  // the bit left of the point
  constexpr std::uint64_t kOne = std::uint64_t{1} << kPoint;
  Binary parts = take_apart(value, single);
  std::uint64_t mantissa = parts.mantissa << (kPoint - parts.mantissa_bits);
  if (mantissa == 0) parts.exponent = 0;
  while (mantissa != 0 && (mantissa & kOne) == 0) {
    mantissa <<= 1;
    --parts.exponent;
  }
  if (precision >= 0 && precision < 15) {  // round half to even
    const int kept = precision * 4;
    const std::uint64_t lost = (mantissa << kept) & (kOne - 1);
    mantissa >>= kPoint - kept;
    if ((lost | (mantissa & 1)) > kOne / 2) ++mantissa;
    mantissa <<= kPoint - kept;
    if ((mantissa & (kOne << 1)) != 0) {
      mantissa >>= 1;
      ++parts.exponent;
    }
  }
  const char* const hex = verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  out.push_back('0');
  out.push_back(verb);
  out.push_back(mantissa == 0 ? '0' : '1');
  mantissa <<= 4;
  if (precision < 0 ? mantissa != 0 : precision > 0) out.push_back('.');
  for (int i = 0; precision < 0 ? mantissa != 0 : i < precision; ++i) {
    out.push_back(hex[mantissa >> kPoint & 0xF]);
    mantissa <<= 4;
  }
  out.push_back(verb == 'X' ? 'P' : 'p');
  append_exponent(out, parts.exponent, 2);
}

template <class Float>
void append_decimal(std::string& out, Float value, char verb, int precision) {
  const char form = verb == 'E' ? 'e' : verb == 'G' ? 'g' : verb;
  std::array<char, kMaxDigits + 320> text{};
  char* end = text.data();
  int zeros = 0;
  if (precision < 0 && form == 'g') {
    if constexpr (std::is_same_v<Float, float>) {
      end = core::write_go_float(end, value);
    } else {
      end = core::write_go_double(end, value);
    }
  } else {
    const auto format = form == 'e'   ? std::chars_format::scientific
                        : form == 'f' ? std::chars_format::fixed
                                      : std::chars_format::general;
    const int digits = std::min(precision, kMaxDigits);
    if (form != 'g') zeros = precision < 0 ? 0 : precision - digits;
    char* const last = text.data() + text.size();
    end = precision < 0 ? std::to_chars(end, last, value, format).ptr
                        : std::to_chars(end, last, value, format, digits).ptr;
  }
  char* exponent = form == 'f' ? end : std::find(text.data(), end, 'e');
  out.append(text.data(), exponent);
  out.append(static_cast<std::size_t>(zeros), '0');
  if (exponent != end && (verb == 'E' || verb == 'G')) *exponent = 'E';
  out.append(exponent, end);
}

}  // namespace

void append_float(std::string& out, double value, char verb, int precision, bool single) {
  if (std::isnan(value)) {
    out.append("NaN");
  } else if (std::isinf(value)) {
    out.append(value < 0 ? "-Inf" : "+Inf");
  } else if (verb == 'b' || verb == 'x' || verb == 'X') {
    if (std::signbit(value)) out.push_back('-');
    if (verb == 'b') {
      append_binary(out, value, single);
    } else {
      append_hexadecimal(out, value, verb, precision, single);
    }
  } else if (single) {
    append_decimal(out, static_cast<float>(value), verb, precision);
  } else {
    append_decimal(out, value, verb, precision);
  }
}

}  // namespace weir::mapping::text
