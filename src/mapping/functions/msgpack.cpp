#include "mapping/formats/msgpack.h"

#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Value;

Value parse_msgpack_bytes(Call& call) {
  const std::string_view bytes = call.target_text();
  if (!call.spend(1 + bytes.size() / 8)) return call.too_long();
  const auto value =
      parse_msgpack(bytes, ArenaBudget(call.arena(), call.context().limits.max_memory));
  if (!value) return call.fail("failed to parse value as MessagePack: " + value.error().message);
  return *value;
}

Value format_msgpack(Call& call) {
  TextBuilder made(call);
  const core::Status done = write_msgpack(call.target(), call.arena(), made.buffer());
  if (!done) return call.fail("failed to format value as MessagePack: " + done.error().message);
  return made.finish_bytes();
}

}  // namespace

void add_msgpack(Registry& registry) {
  registry.method("parse_msgpack")
      .in(Category::kParsing)
      .says("The value that MessagePack data stands for. Keys must be strings.")
      .on(kOnText, "string")
      .costs(Cost::kHeavy)
      .example("root = content().decode(\"hex\").parse_msgpack()", "81a3666f6fa3626172",
               R"({"foo":"bar"})")
      .example(
          "root = content().decode(\"hex\").parse_msgpack()", "81a3666f",
          "error: method decode: failed to parse value as MessagePack: unexpected end of the data")
      .evaluates(parse_msgpack_bytes);

  registry.method("format_msgpack")
      .in(Category::kParsing)
      .says("The value as MessagePack, as bytes. Keys are sorted.")
      .costs(Cost::kLinear)
      .example("root = this.format_msgpack().encode(\"hex\")",
               R"({"foo":"bar","a":[1,-1,1.5,null]})",
               "raw: 82a1619401ffcb3ff8000000000000c0a3666f6fa3626172")
      .evaluates(format_msgpack);
}

}  // namespace weir::mapping
