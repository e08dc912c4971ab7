#include "mapping/text/logfmt.h"

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Value;

Value parse_logfmt(Call& call) {
  text::LogfmtReader reader(text_form(call));
  core::Arena& arena = call.arena();
  Value made = Value::object(arena);
  text::LogfmtReader::Field field;
  std::size_t granted = 0;
  while (true) {
    const auto more = reader.next(field);
    if (!more) return call.fail(more.error());
    if (!*more) return made;
    if (core::size(made) >= core::kMaxMembers) return call.too_big();
    if (core::size(made) == granted) {
      granted = granted == 0 ? 16 : granted * 2;
      if (!call.may_build(2 * granted)) return call.too_big();
    }
    const Value value =
        field.has_value ? Value::string(arena.copy(field.value)) : Value::boolean(true);
    core::set_member(made, arena.copy(field.key), value, arena);
  }
}

}  // namespace

void add_logfmt(Registry& registry) {
  registry.method("parse_logfmt")
      .in(Category::kParsing)
      .says(
          "An object of a line in logfmt, `key=value key=\"quoted value\" flag`. A key without a "
          "value "
          "is true.")
      .on(kOnTextForm, "string")
      .costs(Cost::kLinear)
      .example("root = this.msg.parse_logfmt()",
               R"({"msg":"level=info msg=\"hello world\" dur=1.5s debug"})",
               R"({"debug":true,"dur":"1.5s","level":"info","msg":"hello world"})")
      .example("root = this.msg.parse_logfmt()", R"({"msg":"msg=\"open"})",
               "error: field `this.msg`: logfmt: unterminated quoted value for key \"msg\"")
      .evaluates(parse_logfmt);
}

}  // namespace weir::mapping
