#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "core/number_text.h"
#include "core/time.h"
#include "mapping/functions/all.h"
#include "mapping/registry.h"

// Turning values of one kind into another.

namespace weir::mapping {

namespace {

using core::Kind;
using core::NumberWidth;
using core::Value;

Value string(Call& call) {
  if (call.target().is(Kind::kString)) return call.target();
  if (is_text(call.target())) return Value::string(call.target_text());
  const auto text = text_of(call.target(), call.arena());
  return text ? Value::string(*text) : call.fail(text.error());
}

Value bytes(Call& call) {
  if (is_text(call.target())) return Value::bytes(call.target_text());
  const auto text = text_of(call.target(), call.arena());
  return text ? Value::bytes(*text) : call.fail(text.error());
}

Value array(Call& call) {
  if (call.target().is(Kind::kArray)) return call.target();
  Value made = Value::array(call.arena(), 1);
  core::append_item(made, core::share(call.target()), call.arena());
  return made;
}

// ---- with a default that also replaces an error of the target

Value to_number(Call& call, Value target) {
  if (is_text(target)) {
    const auto number = core::parse_go_float64(target.text(call.arena()));
    return number ? Value::number(*number) : call.fail(number.error());
  }
  const auto number = as_number(target);
  return number ? Value::number(*number) : call.wrong_target("number", target);
}

Value number(Call& call) {
  const Value target = call.evaluate_target();
  const Value made = failed(target) ? target : to_number(call, target);
  return failed(made) && call.has(0) ? call.value(0) : made;
}

Value to_bool(Call& call, Value target) {
  if (const auto flag = as_flag(target)) return Value::boolean(*flag);
  if (is_text(target)) {
    const std::string_view text = target.text(call.arena());
    for (const std::string_view yes : {"true", "1", "t", "T", "TRUE", "True"}) {
      if (text == yes) return Value::boolean(true);
    }
    for (const std::string_view no : {"false", "0", "f", "F", "FALSE", "False"}) {
      if (text == no) return Value::boolean(false);
    }
  }
  return call.wrong_target("bool", target);
}

Value boolean(Call& call) {
  const Value target = call.evaluate_target();
  const Value made = failed(target) ? target : to_bool(call, target);
  return failed(made) && call.has(0) ? call.value(0) : made;
}

Value to_timestamp(Call& call, Value target) {
  if (target.is(Kind::kTimestamp)) return target;
  if (!is_text(target) && !target.is_number()) return call.wrong_target("timestamp", target);
  const auto time = as_timestamp(target, call.arena());
  if (!time) return call.fail(time.error());
  return Value::timestamp(call.arena().create<core::Timestamp>(*time));
}

Value timestamp(Call& call) {
  const Value target = call.evaluate_target();
  const Value made = failed(target) ? target : to_timestamp(call, target);
  return failed(made) && call.has(0) ? call.value(0) : made;
}

// ---- casts

template <class Int>
constexpr NumberWidth width_of() {
  if (sizeof(Int) == 1) return NumberWidth::k8;
  if (sizeof(Int) == 2) return NumberWidth::k16;
  if (sizeof(Int) == 4) return NumberWidth::k32;
  return NumberWidth::kFull;
}

template <class Int>
std::string type_words() {
  return std::to_string(sizeof(Int) * 8) + "-bit " +
         (std::is_signed_v<Int> ? "signed" : "unsigned") + " integer";
}

template <class Int>
Value made(Int number) {
  if constexpr (std::is_signed_v<Int>) {
    return Value::integer(number, width_of<Int>());
  } else {
    return Value::unsigned_integer(number, width_of<Int>());
  }
}

template <class Int>
Value too_large(Call& call) {
  return call.fail("value is too large to be cast as a " + type_words<Int>());
}
template <class Int>
Value too_small(Call& call) {
  return call.fail("value is too small to be cast as a " + type_words<Int>());
}

template <class Int>
Value from_integer(Call& call, std::int64_t number) {
  if (std::in_range<Int>(number)) return made<Int>(static_cast<Int>(number));
  return number < 0 ? too_small<Int>(call) : too_large<Int>(call);
}

template <class Int>
Value from_double(Call& call, double number) {
  if (std::isnan(number)) return call.fail("cannot cast NaN to a " + type_words<Int>());
  if (number != std::trunc(number)) {
    return call.fail("value contains decimals and therefore cannot be cast as a " +
                     type_words<Int>());
  }
  constexpr int kBits = std::numeric_limits<Int>::digits;
  if (number >= std::ldexp(1.0, kBits)) return too_large<Int>(call);
  if (number < (std::is_signed_v<Int> ? -std::ldexp(1.0, kBits) : 0.0)) return too_small<Int>(call);
  return made<Int>(static_cast<Int>(number));
}

template <class Int>
Value cast(Call& call) {
  const Value target = call.target();
  constexpr int kBits = static_cast<int>(sizeof(Int) * 8);
  switch (target.kind()) {
    case Kind::kInt: return from_integer<Int>(call, target.as_int());
    case Kind::kUInt:
      if (std::in_range<Int>(target.as_uint()))
        return made<Int>(static_cast<Int>(target.as_uint()));
      return too_large<Int>(call);
    case Kind::kDouble: return from_double<Int>(call, target.as_double());
    case Kind::kNumber: {
      // The text counts: 1.0 and 1e3 are no integers.
      const auto number = core::json_int64(target.stored());
      if (number) return from_integer<Int>(call, *number);
      const auto read = core::parse_go_int(target.stored(), 64);
      return read ? from_integer<Int>(call, *read) : call.fail(read.error());
    }
    default: break;
  }
  if constexpr (std::is_signed_v<Int>) {
    const auto read = core::parse_go_int(call.target_text(), kBits);
    return read ? made<Int>(static_cast<Int>(*read)) : call.fail(read.error());
  } else {
    const auto read = core::parse_go_uint(call.target_text(), kBits);
    return read ? made<Int>(static_cast<Int>(*read)) : call.fail(read.error());
  }
}

Value float64(Call& call) {
  return to_number(call, call.target());
}

Value float32(Call& call) {
  if (is_text(call.target())) {
    const auto number = core::parse_go_float32(call.target_text());
    return number ? Value::number(*number, NumberWidth::k32) : call.fail(number.error());
  }
  const auto number = as_number(call.target());
  if (!number) return call.wrong_target("number");
  const auto narrow = static_cast<float>(*number);
  if (std::isinf(narrow) && !std::isinf(*number)) {
    return call.fail("value is out of range of a 32-bit float");
  }
  return Value::number(narrow, NumberWidth::k32);
}

template <class Int>
void add_cast(Registry& registry, std::string_view name, std::string_view doc,
              std::string_view mapping, std::string_view input, std::string_view expected) {
  registry.method(name)
      .in(Category::kNumber)
      .says(doc)
      .on(kOnNumber | kOnText, "number")
      .example(mapping, input, expected)
      .returns(kNumberKinds)
      .evaluates(cast<Int>);
}

}  // namespace

void add_coercion(Registry& registry) {
  registry.method("string")
      .in(Category::kCoercion)
      .says(
          "The value as text. Documents become compact JSON with sorted keys; numbers that came "
          "with "
          "the message keep their text, computed floats are written in %g style.")
      .costs(Cost::kLinear)
      .example("root.nested = this.string()", R"({"foo":"bar"})",
               R"({"nested":"{\"foo\":\"bar\"}"})")
      .example("root.id = this.id.string()", R"({"id":228930314431312345})",
               R"({"id":"228930314431312345"})")
      .returns(kinds(Kind::kString))
      .evaluates(string);

  registry.method("bytes")
      .in(Category::kCoercion)
      .says("The value as a byte array: strings as they are, anything else as its text.")
      .costs(Cost::kLinear)
      .example("root.encoded = this.name.bytes()", R"({"name":"foo"})", R"({"encoded":"Zm9v"})")
      .returns(kinds(Kind::kBytes))
      .evaluates(bytes);

  registry.method("array")
      .in(Category::kCoercion)
      .says("An array of one element, unless the value is an array already.")
      .example("root.a = this.name.array()", R"({"name":"foo"})", R"({"a":["foo"]})")
      .returns(kinds(Kind::kArray))
      .evaluates(array);

  registry.method("number")
      .in(Category::kCoercion)
      .says(
          "The value as a float; text is parsed. The default stands in for anything that is no "
          "number, "
          "also for an error.")
      .optional("default", ArgKind::kFloat, "What to use instead of an error.")
      .takes_lazily()
      .example("root.foo = this.thing.number() + 10\nroot.bar = this.thing.number(5) * 10",
               R"({"thing":"3"})", R"({"foo":13,"bar":30})")
      .example("root.foo = this.thing.number()", R"({"thing":"nah"})",
               "error: strconv.ParseFloat: parsing \"nah\": invalid syntax")
      .returns(kNumberKinds)
      .evaluates(number);

  registry.method("bool")
      .in(Category::kCoercion)
      .says(
          "The value as a bool: numbers other than zero are true; text may be `1`, `t`, `true`, "
          "`0`, `f`, "
          "`false` and the like. The default stands in for anything else, also for an error.")
      .optional("default", ArgKind::kBool, "What to use instead of an error.")
      .takes_lazily()
      .example("root.foo = this.thing.bool()\nroot.bar = this.thing.bool(true)",
               R"({"thing":"true"})", R"({"foo":true,"bar":true})")
      .example("root.foo = this.thing.bool()", R"({"thing":"nope"})",
               "error: expected bool value, got string from field `this.thing` (\"nope\")")
      .returns(kinds(Kind::kBool))
      .evaluates(boolean);

  registry.method("timestamp")
      .in(Category::kCoercion)
      .says(
          "The value as a timestamp: unix seconds, or RFC 3339 text. The default stands in for "
          "anything "
          "else, also for an error.")
      .optional("default", ArgKind::kTimestamp, "What to use instead of an error.")
      .takes_lazily()
      .example("root.t = this.t.timestamp()", R"({"t":"2020-08-14T11:45:26.371Z"})",
               R"({"t":"2020-08-14T11:45:26.371Z"})")
      .returns(kinds(Kind::kTimestamp))
      .evaluates(timestamp);

  add_cast<std::int64_t>(
      registry, "int64",
      "The value as a 64-bit signed integer. Text may have the prefixes `0x`, `0b`, `0o`; "
      "a leading `0` means octal.",
      "root.a = this.a.int64()\nroot.b = this.b.int64()", R"({"a":12,"b":"0xB"})",
      R"({"a":12,"b":11})");
  add_cast<std::int32_t>(registry, "int32", "The value as a 32-bit signed integer.",
                         "root.a = this.a.int32()", R"({"a":"-12"})", R"({"a":-12})");
  add_cast<std::int16_t>(registry, "int16", "The value as a 16-bit signed integer.",
                         "root.a = this.a.int16()", R"({"a":40000})",
                         "error: too large to be cast as a 16-bit");
  add_cast<std::int8_t>(registry, "int8", "The value as an 8-bit signed integer.",
                        "root.a = this.a.int8()", R"({"a":-128})", R"({"a":-128})");
  add_cast<std::uint64_t>(registry, "uint64", "The value as a 64-bit unsigned integer.",
                          "root.a = this.a.uint64()", R"({"a":"18446744073709551615"})",
                          R"({"a":18446744073709551615})");
  add_cast<std::uint32_t>(registry, "uint32", "The value as a 32-bit unsigned integer.",
                          "root.a = this.a.uint32()", R"({"a":-1})",
                          "error: too small to be cast as a 32-bit");
  add_cast<std::uint16_t>(registry, "uint16", "The value as a 16-bit unsigned integer.",
                          "root.a = this.a.uint16()", R"({"a":65535})", R"({"a":65535})");
  add_cast<std::uint8_t>(registry, "uint8", "The value as an 8-bit unsigned integer.",
                         "root.a = this.a.uint8()", R"({"a":255})", R"({"a":255})");

  registry.method("float64")
      .in(Category::kNumber)
      .says("The value as a 64-bit float; text is parsed.")
      .on(kOnNumber | kOnText, "number")
      .example("root.out = this.in.float64()", R"({"in":"6.674282313423543523453425345e-11"})",
               R"({"out":6.674282313423544e-11})")
      .returns(kNumberKinds)
      .evaluates(float64);

  registry.method("float32")
      .in(Category::kNumber)
      .says("The value as a 32-bit float; text is parsed.")
      .on(kOnNumber | kOnText, "number")
      .example("root.out = this.in.float32()", R"({"in":"6.674282313423543523453425345e-11"})",
               R"({"out":6.674283e-11})")
      .returns(kNumberKinds)
      .evaluates(float32);
}

}  // namespace weir::mapping
