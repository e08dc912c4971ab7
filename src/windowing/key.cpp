#include "windowing/key.h"

#include <algorithm>
#include <vector>

#include <xxhash.h>

#include "core/number_text.h"
#include "core/time.h"
#include "windowing/decimal.h"

namespace weir::windowing {

using core::Kind;
using core::Value;

namespace {

// Part of the state format. Gaps are left for kinds to come.
enum Tag : std::uint8_t {
  kNull = 0x01,
  kFalse = 0x08,
  kTrue = 0x09,
  kInteger = 0x10,  // 8 bytes, ordered
  kDecimal = 0x18,  // canonical text
  kTimestamp = 0x20,
  kString = 0x28,
  kBytes = 0x30,
  kArray = 0x38,
  kObject = 0x40,
};

core::Status write_number(Value number, Writer& out) {
  if (number.is(Kind::kInt)) {
    out.byte(kInteger);
    out.ordered(number.as_int());
    return {};
  }
  auto decimal = decimal_of(number);
  if (!decimal) {
    const double d = double_of(number);
    if (!(d - d == 0)) return core::invalid_data("the key is not a finite number");
    // More digits than a decimal holds: the double it is nearest to.
    decimal = decimal_of(Value::number(d));
  }
  decimal->normalise();
  core::Arena unused;
  if (decimal->scale <= 0) {
    const Value whole = to_value(*decimal, unused);
    if (whole.is(Kind::kInt)) {
      out.byte(kInteger);
      out.ordered(whole.as_int());
      return {};
    }
  }
  out.byte(kDecimal);
  out.text(to_text(Decimal{decimal->coefficient, 0}));
  out.integer(decimal->scale);
  return {};
}

core::Status write(Value key, core::Arena& scratch, Writer& out, unsigned depth) {
  if (depth > core::kMaxDepth || out.bytes().size() > kMaxKeyBytes) {
    return core::fail(core::ErrorCode::kLimit, "the key is larger than 64 KiB or nested too deep");
  }
  switch (key.kind()) {
    case Kind::kNull: out.byte(kNull); return {};
    case Kind::kBool: out.byte(key.as_bool() ? kTrue : kFalse); return {};
    case Kind::kInt:
    case Kind::kUInt:
    case Kind::kDouble:
    case Kind::kNumber: return write_number(key, out);
    case Kind::kTimestamp:
      out.byte(kTimestamp);
      out.ordered(key.as_timestamp().seconds);
      out.fixed(static_cast<std::uint64_t>(key.as_timestamp().nanos));
      return {};
    case Kind::kString:
    case Kind::kBytes: {
      const std::string_view text = key.text(scratch);
      if (text.size() > kMaxKeyBytes) {
        return core::fail(core::ErrorCode::kLimit, "the key is larger than 64 KiB");
      }
      out.byte(key.is(Kind::kString) ? kString : kBytes);
      if (depth == 0) {
        out.raw(text);  // to the end: shorter, and sorts bytewise
      } else {
        out.text(text);
      }
      return {};
    }
    case Kind::kArray: {
      const auto items = core::items(key);
      out.byte(kArray);
      out.number(items.count);
      for (const Value item : items) WEIR_CHECK_OK(write(item, scratch, out, depth + 1));
      return {};
    }
    case Kind::kObject: {
      std::vector<std::pair<std::string_view, Value>> sorted;
      for (const core::Member& m : core::members(key)) {
        sorted.emplace_back(m.key.text(scratch), m.value);
      }
      std::sort(sorted.begin(), sorted.end(),
                [](const auto& a, const auto& b) { return a.first < b.first; });
      out.byte(kObject);
      out.number(sorted.size());
      for (const auto& [name, value] : sorted) {
        out.text(name);
        WEIR_CHECK_OK(write(value, scratch, out, depth + 1));
      }
      return {};
    }
    default: return core::invalid_data("the key is missing");
  }
}

Value read(Reader& in, core::Arena& arena, unsigned depth) {
  if (depth > core::kMaxDepth) {
    in.spoil();
    return Value::null();
  }
  switch (in.byte()) {
    case kFalse: return Value::boolean(false);
    case kTrue: return Value::boolean(true);
    case kInteger: return Value::integer(in.ordered());
    case kDecimal: {
      const std::string_view digits = in.text();
      auto number = decimal_of(Value::number_text(digits));
      const std::int64_t scale = in.integer();
      if (!number || scale < -200'000 || scale > 200'000) {
        in.spoil();
        return Value::null();
      }
      number->scale += static_cast<int>(scale);
      return to_value(*number, arena);
    }
    case kTimestamp: {
      auto* const time = arena.create<core::Timestamp>();
      time->seconds = in.ordered();
      time->nanos = static_cast<std::int32_t>(in.fixed());
      return Value::timestamp(time);
    }
    case kString: return Value::string(depth == 0 ? in.raw(in.left()) : in.text());
    case kBytes: return Value::bytes(depth == 0 ? in.raw(in.left()) : in.text());
    case kArray: {
      const std::size_t count = in.count();
      Value array = Value::array(arena, static_cast<std::uint32_t>(count));
      for (std::size_t i = 0; i < count && in.good(); ++i) {
        core::append_item(array, read(in, arena, depth + 1), arena);
      }
      return array;
    }
    case kObject: {
      const std::size_t count = in.count();
      Value object = Value::object(arena, static_cast<std::uint32_t>(count));
      for (std::size_t i = 0; i < count && in.good(); ++i) {
        const std::string_view name = in.text();
        core::append_member(object, Value::string(name), read(in, arena, depth + 1), arena);
      }
      return object;
    }
    default: return Value::null();
  }
}

}  // namespace

core::Status write_key(Value key, core::Arena& scratch, Writer& out) {
  return write(key, scratch, out, 0);
}

Value read_key(std::string_view bytes, core::Arena& arena) {
  Reader in(bytes);
  return read(in, arena, 0);
}

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
  return XXH64(bytes.data(), bytes.size(), seed);
}

}  // namespace weir::windowing
