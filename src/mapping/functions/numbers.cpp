#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>

#include "core/int128.h"
#include "mapping/functions/all.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

Value abs(Call& call) {
  const auto number = computed(call.target());
  if (!number) return call.wrong_target("number");
  switch (number->kind()) {
    case Kind::kInt: {
      const std::int64_t i = number->as_int();
      if (i >= 0) return *number;
      return Value::integer(i == core::kInt64Min ? core::kInt64Max : -i);
    }
    case Kind::kUInt: return *number;
    default: return Value::number(std::fabs(number->as_double()));
  }
}

// As int64 when it fits, else as it is.
Value whole(double number) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63, the first that does not fit
  if (number >= -kLimit && number < kLimit) {
    return Value::integer(static_cast<std::int64_t>(number));
  }
  return Value::number(number);
}

template <double (*Rounding)(double)>
Value rounded(Call& call) {
  const auto number = computed(call.target());
  if (!number) return call.wrong_target("number");
  return number->is(Kind::kDouble) ? whole(Rounding(number->as_double())) : *number;
}

template <double (*Function)(double)>
Value applied(Call& call) {
  const auto number = as_number(call.target());
  if (!number) return call.wrong_target("number");
  return Value::number(Function(*number));
}

// The C library's functions are overloaded; these are the ones meant.
double ceil(double x) {
  return std::ceil(x);
}
double floor(double x) {
  return std::floor(x);
}
double round(double x) {
  return std::round(x);
}  // halves away from zero
double log(double x) {
  return std::log(x);
}
double log10(double x) {
  return std::log10(x);
}
double sin(double x) {
  return std::sin(x);
}
double cos(double x) {
  return std::cos(x);
}
double tan(double x) {
  return std::tan(x);
}

Value pow(Call& call) {
  const auto number = as_number(call.target());
  if (!number) return call.wrong_target("number");
  return Value::number(std::pow(*number, call.number(0)));
}

template <bool (*Better)(double, double)>
Value extreme(Call& call) {
  const core::ItemSpan elements = items(call.target());
  if (elements.count == 0) return call.fail("the array was empty");
  if (!call.spend(elements.count)) return call.too_long();
  double best = 0;
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    const auto number = as_number(elements.first[i]);
    if (!number) {
      return call.fail("index " + std::to_string(i) +
                       " of array: " + type_error("number", elements.first[i]));
    }
    if (i == 0 || Better(*number, best)) best = *number;
  }
  return Value::number(best);
}

bool greater(double a, double b) {
  return a > b;
}
bool less(double a, double b) {
  return a < b;
}

template <std::int64_t (*Operation)(std::int64_t, std::int64_t)>
Value bitwise(Call& call) {
  const auto number = as_integer(call.target());
  if (!number) return call.wrong_target("number");
  return Value::integer(Operation(*number, call.integer(0)));
}

std::int64_t bits_and(std::int64_t a, std::int64_t b) {
  return a & b;
}
std::int64_t bits_or(std::int64_t a, std::int64_t b) {
  return a | b;
}
std::int64_t bits_xor(std::int64_t a, std::int64_t b) {
  return a ^ b;
}

Value pi(Call&) {
  return Value::number(std::numbers::pi);
}

void add_rounding(Registry& registry) {
  registry.method("abs")
      .in(Category::kNumber)
      .says(
          "The absolute value; integers stay integers. That of the smallest integer is the largest "
          "one.")
      .on(kOnNumber, "number")
      .example("root.outs = this.ins.map_each(ele -> ele.abs())", R"({"ins":[9,-18,1.23,-4.56]})",
               R"({"outs":[9,18,1.23,4.56]})")
      .example("root.out = this.in.abs()", R"({"in":"9"})",
               "error: expected number value, got string")
      .evaluates(abs);

  registry.method("ceil")
      .in(Category::kNumber)
      .says(
          "The smallest whole number that is not below it: an integer where it fits 64 bits, else "
          "a float.")
      .on(kOnNumber, "number")
      .example("root.new_value = this.value.ceil()", R"({"value":5.3})", R"({"new_value":6})")
      .example("root.new_value = this.value.ceil()", R"({"value":-5.9})", R"({"new_value":-5})")
      .evaluates(rounded<ceil>);

  registry.method("floor")
      .in(Category::kNumber)
      .says(
          "The largest whole number that is not above it: an integer where it fits 64 bits, else a "
          "float.")
      .on(kOnNumber, "number")
      .example("root.new_value = this.value.floor()", R"({"value":5.7})", R"({"new_value":5})")
      .example("root.new_value = this.value.floor()", R"({"value":"5.7"})",
               "error: expected number value, got string from field `this.value` (\"5.7\")")
      .evaluates(rounded<floor>);

  registry.method("round")
      .in(Category::kNumber)
      .says(
          "The nearest whole number, halves away from zero: an integer where it fits 64 bits, else "
          "a "
          "float.")
      .on(kOnNumber, "number")
      .example("root.new_value = this.value.round()", R"({"value":5.9})", R"({"new_value":6})")
      .example("root.cents = (this.price * 100).round()", R"({"price":-0.125})", R"({"cents":-13})")
      .evaluates(rounded<round>);
}

void add_functions(Registry& registry) {
  registry.method("log")
      .in(Category::kNumber)
      .says("The natural logarithm, a float.")
      .on(kOnNumber, "number")
      .example("root.ln_result = this.number.log()", R"({"number":10})",
               R"({"ln_result":2.302585092994046})")
      .evaluates(applied<log>);

  registry.method("log10")
      .in(Category::kNumber)
      .says("The logarithm to base 10, a float.")
      .on(kOnNumber, "number")
      .example("root.new_value = this.value.log10()", R"({"value":1000})", R"({"new_value":3})")
      .evaluates(applied<log10>);

  registry.method("pow")
      .in(Category::kNumber)
      .says("The number raised to a power, a float.")
      .on(kOnNumber, "number")
      .arg("exponent", ArgKind::kFloat, "The power.")
      .example("root.new_value = this.value * 10.pow(-2)", R"({"value":2})",
               R"({"new_value":0.02})")
      .evaluates(pow);

  registry.method("sin")
      .in(Category::kNumber)
      .says("The sine of an angle in radians.")
      .on(kOnNumber, "number")
      .example("root.new_value = (this.value * (pi() / 180)).sin()", R"({"value":90})",
               R"({"new_value":1})")
      .evaluates(applied<sin>);

  registry.method("cos")
      .in(Category::kNumber)
      .says("The cosine of an angle in radians.")
      .on(kOnNumber, "number")
      .example("root.new_value = (this.value * (pi() / 180)).cos()", R"({"value":180})",
               R"({"new_value":-1})")
      .evaluates(applied<cos>);

  registry.method("tan")
      .in(Category::kNumber)
      .says("The tangent of an angle in radians.")
      .on(kOnNumber, "number")
      .example("root.new_value = this.value.tan()", R"({"value":0})", R"({"new_value":0})")
      .evaluates(applied<tan>);

  registry.function("pi")
      .in(Category::kGeneral)
      .says("The ratio of a circle's circumference to its diameter.")
      .example("root.radians = this.degrees * (pi() / 180)", R"({"degrees":45})",
               R"({"radians":0.7853981633974483})")
      .evaluates(pi);
}

void add_extremes(Registry& registry) {
  registry.method("max")
      .in(Category::kNumber)
      .says(
          "The largest number of an array, as a float. All elements must be numbers; at least one.")
      .on(kOnArray, "array")
      .costs(Cost::kLinear)
      .example("root.biggest = this.values.max()", R"({"values":[0,3,2.5,7,5]})",
               R"({"biggest":7})")
      .example("root.biggest = this.values.max()", R"({"values":[]})",
               "error: field `this.values`: the array was empty")
      .example("root.biggest = this.values.max()", R"({"values":[1,"2"]})",
               "error: index 1 of array: expected number value, got string (\"2\")")
      .evaluates(extreme<greater>);

  registry.method("min")
      .in(Category::kNumber)
      .says(
          "The smallest number of an array, as a float. All elements must be numbers; at least "
          "one.")
      .on(kOnArray, "array")
      .costs(Cost::kLinear)
      .example("root.smallest = this.values.min()", R"({"values":[0,3,-2.5,7,5]})",
               R"({"smallest":-2.5})")
      .example("root.capped = [10, this.value].min()", R"({"value":23})", R"({"capped":10})")
      .evaluates(extreme<less>);
}

void add_bitwise(Registry& registry) {
  registry.method("bitwise_and")
      .in(Category::kNumber)
      .says("The bits that are set in both of two integers; fractions are cut off.")
      .on(kOnNumber, "number")
      .arg("value", ArgKind::kInt, "The other integer.")
      .example("root.masked = this.flags.bitwise_and(15)", R"({"flags":127})", R"({"masked":15})")
      .evaluates(bitwise<bits_and>);

  registry.method("bitwise_or")
      .in(Category::kNumber)
      .says("The bits that are set in at least one of two integers; fractions are cut off.")
      .on(kOnNumber, "number")
      .arg("value", ArgKind::kInt, "The other integer.")
      .example("root.combined = this.flags.bitwise_or(8)", R"({"flags":4})", R"({"combined":12})")
      .evaluates(bitwise<bits_or>);

  registry.method("bitwise_xor")
      .in(Category::kNumber)
      .says("The bits that are set in exactly one of two integers; fractions are cut off.")
      .on(kOnNumber, "number")
      .arg("value", ArgKind::kInt, "The other integer.")
      .example("root.toggled = this.flags.bitwise_xor(5)", R"({"flags":3})", R"({"toggled":6})")
      .evaluates(bitwise<bits_xor>);
}

}  // namespace

void add_numbers(Registry& registry) {
  add_rounding(registry);
  add_functions(registry);
  add_extremes(registry);
  add_bitwise(registry);
}

}  // namespace weir::mapping
