#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "core/json_text.h"
#include "core/time.h"
#include "core/value.h"

namespace weir::core {

namespace {

Result<Value> copy(Value value, Arena& to, unsigned depth) {
  switch (value.kind()) {
    case Kind::kNumber: return Value::number_text(to.copy(value.stored()));
    case Kind::kBytes: return Value::bytes(to.copy(value.stored()));
    case Kind::kString:
      if (value.is_json_safe())
        return Value::json_string(to.copy(value.stored()), value.is_escaped());
      return Value::string(to.copy(value.stored()));
    case Kind::kTimestamp: return Value::timestamp(to.create<Timestamp>(value.as_timestamp()));
    case Kind::kArray: {
      if (depth >= kMaxDepth)
        return fail(ErrorCode::kLimit, "copying: nested deeper than 128 levels");
      const ItemSpan span = items(value);
      Value made = Value::array(to, span.count);
      for (const Value& item : span) {
        WEIR_TRY(const Value copied, copy(item, to, depth + 1));
        append_item(made, copied, to);
      }
      return made;
    }
    case Kind::kObject: {
      if (depth >= kMaxDepth)
        return fail(ErrorCode::kLimit, "copying: nested deeper than 128 levels");
      const MemberSpan span = members(value);
      Value made = Value::object(to, span.count);
      for (const Member& member : span) {
        WEIR_TRY(const Value key, copy(member.key, to, depth + 1));
        WEIR_TRY(const Value copied, copy(member.value, to, depth + 1));
        append_member(made, key, copied, to);
      }
      return made;
    }
    default: return value;
  }
}

// A number as sign, digits without leading or trailing zeros, and the exponent of the last digit.
struct Decimal {
  bool negative = false;
  std::string digits;
  long long exponent = 0;
  bool operator==(const Decimal&) const = default;
};

Decimal decimal(std::string_view text) {
  Decimal d;
  std::size_t i = 0;
  if (i < text.size() && text[i] == '-') {
    d.negative = true;
    ++i;
  }
  bool point = false;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    d.digits.push_back(text[i]);
    if (point) --d.exponent;
  }
  if (i < text.size()) {
    ++i;
    if (i < text.size() && text[i] == '+') ++i;
    long long e = 0;
    const auto r = std::from_chars(text.data() + i, text.data() + text.size(), e);
    if (r.ec != std::errc()) e = text[i] == '-' ? -(1LL << 62) : (1LL << 62);
    d.exponent += e;
  }
  const std::size_t first = d.digits.find_first_not_of('0');
  if (first == std::string::npos) return {};
  d.digits.erase(0, first);
  while (d.digits.back() == '0') {
    d.digits.pop_back();
    ++d.exponent;
  }
  return d;
}

std::string number_text(Value v) {
  if (v.is(Kind::kNumber)) return std::string(v.stored());
  if (v.is(Kind::kInt)) return std::to_string(v.as_int());
  if (v.is(Kind::kUInt)) return std::to_string(v.as_uint());
  Buffer out;
  write_json_double(v.as_double(), out, v.width() == NumberWidth::k32);
  return std::string(out.view());
}

bool numbers_equal(Value a, Value b) {
  if (a.is(Kind::kDouble) && !std::isfinite(a.as_double())) return false;
  if (b.is(Kind::kDouble) && !std::isfinite(b.as_double())) return false;
  return decimal(number_text(a)) == decimal(number_text(b));
}

}  // namespace

Result<Value> deep_copy(Value value, Arena& to) {
  return copy(value, to, 0);
}

bool json_equal(Value a, Value b, Arena& scratch) {
  if (a.is_number() || b.is_number()) return a.is_number() && b.is_number() && numbers_equal(a, b);
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kBool: return a.as_bool() == b.as_bool();
    case Kind::kString:
    case Kind::kBytes: return a.text(scratch) == b.text(scratch);
    case Kind::kTimestamp: return a.as_timestamp() == b.as_timestamp();
    case Kind::kArray: {
      const ItemSpan left = items(a);
      const ItemSpan right = items(b);
      return left.count == right.count &&
             std::equal(left.begin(), left.end(), right.begin(),
                        [&](Value x, Value y) { return json_equal(x, y, scratch); });
    }
    case Kind::kObject: {
      const MemberSpan left = members(a);
      if (left.count != members(b).count) return false;
      for (const Member& member : left) {
        const Member* other = find(b, member.key.text(scratch));
        if (other == nullptr || !json_equal(member.value, other->value, scratch)) return false;
      }
      return true;
    }
    default: return true;
  }
}

}  // namespace weir::core
