#include <cstring>

#include "mapping/functions/all.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Value;

Value has_prefix(Call& call) { return Value::boolean(call.target_text().starts_with(call.text(0))); }

Value repeat(Call& call) {
  const std::string_view text = call.target_text();
  if (call.integer(0) < 0) return call.fail("repeat count must not be negative");
  const auto count = static_cast<std::size_t>(call.integer(0));
  if (text.empty() || count == 0) return call.like_target({});
  if (count > SIZE_MAX / text.size()) return call.too_big();
  char* const made = call.room(text.size() * count);
  if (made == nullptr) return call.too_big();
  for (std::size_t i = 0; i < count; ++i) std::memcpy(made + i * text.size(), text.data(), text.size());
  return call.like_target({made, text.size() * count});
}

}  // namespace

void add_strings(Registry& registry) {
  registry.method("has_prefix")
      .in(Category::kString)
      .says("Whether a string (or byte array) begins with another.")
      .on(kOnText, "string")
      .arg("value", ArgKind::kString, "The text it must begin with.")
      .example("root.t1 = this.v1.has_prefix(\"foo\")", R"({"v1":"foobar"})", R"({"t1":true})")
      .evaluates(has_prefix);

  registry.method("repeat")
      .in(Category::kString)
      .says("The string, a number of times in a row.")
      .on(kOnText, "string")
      .arg("count", ArgKind::kInt, "How often.")
      .costs(Cost::kLinear)
      .example("root.line = \"-\".repeat(3)", "{}", R"({"line":"---"})")
      .example("root.line = \"-\".repeat(-1)", "{}", "error: repeat count must not be negative")
      .evaluates(repeat);
}

}  // namespace weir::mapping
