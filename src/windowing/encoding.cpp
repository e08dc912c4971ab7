#include "windowing/encoding.h"

#include "core/time.h"

namespace weir::windowing {

using core::Kind;
using core::Value;

namespace {

// One byte in front of every value. Part of the state format: never renumber.
enum Tag : std::uint8_t {
  kNull = 0,
  kFalse = 1,
  kTrue = 2,
  kInt = 3,
  kUInt = 4,
  kDouble = 5,
  kNumber = 6,
  kString = 7,
  kBytes = 8,
  kTimestamp = 9,
  kArray = 10,
  kObject = 11,
};

core::Status write(Value value, core::Arena& scratch, Writer& out, unsigned depth) {
  if (depth > core::kMaxDepth) {
    return core::fail(core::ErrorCode::kLimit, "keeping a value: nested too deep");
  }
  switch (value.kind()) {
    case Kind::kNull: out.byte(kNull); return {};
    case Kind::kBool: out.byte(value.as_bool() ? kTrue : kFalse); return {};
    case Kind::kInt:
      out.byte(kInt);
      out.integer(value.as_int());
      return {};
    case Kind::kUInt:
      out.byte(kUInt);
      out.number(value.as_uint());
      return {};
    case Kind::kDouble:
      out.byte(kDouble);
      out.real(value.as_double());
      return {};
    case Kind::kNumber:
      out.byte(kNumber);
      out.text(value.stored());
      return {};
    case Kind::kString:
      out.byte(kString);
      out.text(value.text(scratch));
      return {};
    case Kind::kBytes:
      out.byte(kBytes);
      out.text(value.stored());
      return {};
    case Kind::kTimestamp: {
      const core::Timestamp& time = value.as_timestamp();
      out.byte(kTimestamp);
      out.integer(time.seconds);
      out.number(static_cast<std::uint64_t>(time.nanos));
      const bool utc = time.zone == nullptr;
      out.text(utc ? std::string_view() : time.zone->name());
      out.integer(utc ? 0 : time.zone->at(time.seconds).seconds);
      return {};
    }
    case Kind::kArray: {
      const auto items = core::items(value);
      out.byte(kArray);
      out.number(items.count);
      for (const Value item : items) WEIR_CHECK_OK(write(item, scratch, out, depth + 1));
      return {};
    }
    case Kind::kObject: {
      const auto members = core::members(value);
      out.byte(kObject);
      out.number(members.count);
      for (const core::Member& member : members) {
        out.text(member.key.text(scratch));
        WEIR_CHECK_OK(write(member.value, scratch, out, depth + 1));
      }
      return {};
    }
    default: return core::invalid_data("keeping a value: it is a deletion or nothing");
  }
}

Value read_timestamp(Reader& in, core::Arena& arena) {
  auto* const time = arena.create<core::Timestamp>();
  time->seconds = in.integer();
  const std::uint64_t nanos = in.number();
  if (nanos > 999'999'999) in.spoil();
  time->nanos = static_cast<std::int32_t>(nanos);
  const std::string_view name = in.text();
  const std::int64_t offset = in.integer();
  if (name.empty() && offset == 0) return Value::timestamp(time);
  const auto zone = core::load_zone(name);
  if (zone && !name.empty()) {
    time->zone = *zone;
  } else if (offset > -90'000 && offset < 90'000) {
    time->zone = &core::fixed_zone(static_cast<std::int32_t>(offset), name);
  }
  return Value::timestamp(time);
}

}  // namespace

core::Status write_value(Value value, core::Arena& scratch, Writer& out) {
  return write(value, scratch, out, 0);
}

Value read_value(Reader& in, core::Arena& arena, unsigned depth) {
  if (depth > core::kMaxDepth) {
    in.spoil();
    return Value::null();
  }
  switch (in.byte()) {
    case kNull: return Value::null();
    case kFalse: return Value::boolean(false);
    case kTrue: return Value::boolean(true);
    case kInt: return Value::integer(in.integer());
    case kUInt: return Value::unsigned_integer(in.number());
    case kDouble: return Value::number(in.real());
    case kNumber: return Value::number_text(in.text());
    case kString: return Value::string(in.text());
    case kBytes: return Value::bytes(in.text());
    case kTimestamp: return read_timestamp(in, arena);
    case kArray: {
      const std::size_t count = in.count();
      Value array = Value::array(arena, static_cast<std::uint32_t>(count));
      for (std::size_t i = 0; i < count && in.good(); ++i) {
        core::append_item(array, read_value(in, arena, depth + 1), arena);
      }
      return array;
    }
    case kObject: {
      const std::size_t count = in.count();
      Value object = Value::object(arena, static_cast<std::uint32_t>(count));
      for (std::size_t i = 0; i < count && in.good(); ++i) {
        const std::string_view key = in.text();
        core::append_member(object, Value::string(key), read_value(in, arena, depth + 1), arena);
      }
      return object;
    }
    default: in.spoil(); return Value::null();
  }
}

}  // namespace weir::windowing
