#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "core/number_text.h"
#include "core/time.h"
#include "mapping/formats/yaml.h"
#include "mapping/text/go_layout.h"

namespace weir::mapping {

namespace {

using core::Value;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <std::size_t kCount>
bool is_one_of(std::string_view text, const std::array<std::string_view, kCount>& words) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

constexpr std::array<std::string_view, 5> kNull = {"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 3> kTrue = {"true", "True", "TRUE"};
constexpr std::array<std::string_view, 3> kFalse = {"false", "False", "FALSE"};
constexpr std::array<std::string_view, 3> kInfinity = {".inf", ".Inf", ".INF"};
constexpr std::array<std::string_view, 3> kNan = {".nan", ".NaN", ".NAN"};

/// Digits with a point, an exponent or both; a sign may stand in front.
bool has_float_shape(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > start;
  };
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const bool whole = digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits() && !whole) return false;
  } else if (!whole) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

std::optional<Value> number(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '_') digits += c;
  }
  if (const auto whole = core::parse_go_int(digits)) return Value::integer(*whole);
  if (const auto natural = core::parse_go_uint(digits)) return Value::unsigned_integer(*natural);
  if (has_float_shape(digits)) {
    if (const auto real = core::parse_go_float64(digits)) return Value::number(*real);
  }
  return std::nullopt;
}

std::optional<Value> timestamp(std::string_view text, core::Arena& arena) {
  constexpr std::size_t kLongest = 64;
  if (text.size() < 8 || text.size() > kLongest || text[4] != '-') return std::nullopt;
  for (std::size_t i = 0; i < 4; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
  }
  static const std::array<text::GoLayout, 4> kLayouts = {
      text::GoLayout("2006-1-2T15:4:5.999999999Z07:00"),
      text::GoLayout("2006-1-2t15:4:5.999999999Z07:00"),
      text::GoLayout("2006-1-2 15:4:5.999999999"), text::GoLayout("2006-1-2")};
  for (const text::GoLayout& layout : kLayouts) {
    if (const auto time = layout.parse(text))
      return Value::timestamp(arena.create<core::Timestamp>(*time));
  }
  return std::nullopt;
}

}  // namespace

Value resolve_yaml_scalar(std::string_view text, core::Arena& arena) {
  if (is_one_of(text, kNull)) return Value::null();
  if (is_one_of(text, kTrue)) return Value::boolean(true);
  if (is_one_of(text, kFalse)) return Value::boolean(false);
  const char first = text.front();
  if (is_digit(first) || first == '+' || first == '-' || first == '.') {
    if (const auto time = timestamp(text, arena)) return *time;
    if (const auto found = number(text)) return *found;
    const bool sign = first == '+' || first == '-';
    if (is_one_of(text.substr(sign ? 1 : 0), kInfinity)) {
      const double infinity = std::numeric_limits<double>::infinity();
      return Value::number(first == '-' ? -infinity : infinity);
    }
    if (is_one_of(text, kNan)) return Value::number(std::numeric_limits<double>::quiet_NaN());
  }
  return Value::string(text);
}

}  // namespace weir::mapping
