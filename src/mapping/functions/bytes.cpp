#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include "mapping/functions/all.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Value;

Value bytes(Call& call) {
  const std::int64_t length = call.integer(0);
  if (length < 0) return call.fail("length must not be negative");
  char* const zeros = call.room(static_cast<std::size_t>(length));
  if (zeros == nullptr) return call.too_big();
  std::memset(zeros, 0, static_cast<std::size_t>(length));
  return Value::bytes({zeros, static_cast<std::size_t>(length)});
}

Value with_schema_registry_header(Call& call) {
  constexpr std::int64_t kMaxId = std::numeric_limits<std::uint32_t>::max();
  const Value id = call.value(0);
  const auto number = as_number(id);
  if (!number) return call.fail("schema ID must be a number: " + type_error("number", id));
  if (!(*number >= 0 && *number <= static_cast<double>(kMaxId)) || *number != std::trunc(*number)) {
    return call.fail("schema ID must be between 0 and " + std::to_string(kMaxId));
  }
  const Value message = call.value(1);
  if (!is_text(message)) {
    return call.fail("message must be bytes or string: " + type_error("bytes or string", message));
  }
  const std::string_view text = message.text(call.arena());
  char* const made = call.room(text.size() + 5);
  if (made == nullptr) return call.too_big();
  const auto schema = static_cast<std::uint32_t>(*number);
  made[0] = 0;
  for (unsigned i = 0; i < 4; ++i) made[1 + i] = static_cast<char>(schema >> (24 - 8 * i));
  text.copy(made + 5, text.size());
  return Value::bytes({made, text.size() + 5});
}

}  // namespace

void add_bytes(Registry& registry) {
  registry.function("bytes")
      .in(Category::kGeneral)
      .says("A byte array of zeros.")
      .arg("length", ArgKind::kInt, "How many.")
      .costs(Cost::kLinear)
      .example("root.data = bytes(5)", "{}", R"({"data":"AAAAAAA="})")
      .example("root.data = bytes(this.n)", R"({"n":-1})", "error: length must not be negative")
      .evaluates(bytes);

  registry.function("with_schema_registry_header")
      .in(Category::kEncoding)
      .says(
          "The message in the wire format of a schema registry: a zero byte, the schema's id in "
          "four "
          "bytes, big-endian, then the message.")
      .arg("schema_id", ArgKind::kAny, "An integer from 0 to 4294967295.")
      .arg("message", ArgKind::kAny, "Bytes or a string.")
      .costs(Cost::kLinear)
      .example("root.data = with_schema_registry_header(123, \"hello\")", "{}",
               R"({"data":"AAAAAHtoZWxsbw=="})")
      .example("root = with_schema_registry_header(-1, \"test\")", "{}",
               "error: schema ID must be between 0 and 4294967295")
      .evaluates(with_schema_registry_header);
}

}  // namespace weir::mapping
