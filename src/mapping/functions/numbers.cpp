#include <cmath>
#include <cstdint>

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
    case Kind::kInt:
      if (number->as_int() >= 0) return *number;
      return Value::integer(static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(number->as_int())));
    case Kind::kUInt: return *number;
    default: return Value::number(std::fabs(number->as_double()));
  }
}

}  // namespace

void add_numbers(Registry& registry) {
  registry.method("abs")
      .in(Category::kNumber)
      .says("The absolute value; integers stay integers.")
      .on(kOnNumber, "number")
      .example("root.a = this.a.abs()", R"({"a":-18})", R"({"a":18})")
      .evaluates(abs);
}

}  // namespace weir::mapping
