#include "mapping/formats/yaml.h"

#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Value;

Value parse_yaml_text(Call& call) {
  const std::string_view text = call.target_text();
  if (!call.spend(1 + text.size())) return call.too_long();
  const auto value = parse_yaml(text, ArenaBudget(call.arena(), call.context().limits.max_memory));
  if (!value) return call.fail("failed to parse value as YAML: " + value.error().message);
  return *value;
}

Value format_yaml(Call& call) {
  TextBuilder made(call);
  const core::Status done =
      write_yaml(call.target(), call.context().limits.max_text, call.arena(), made.buffer());
  if (!done) return call.fail("failed to format value as YAML: " + done.error().message);
  return made.finish_bytes();
}

}  // namespace

void add_yaml(Registry& registry) {
  registry.method("parse_yaml")
      .in(Category::kParsing)
      .says(
          "The value of a YAML text with one document of at most 4 MiB. Keys become strings; "
          "`yes`, "
          "`no`, `on` and `off` are strings, dates are timestamps.")
      .on(kOnText, "string")
      .costs(Cost::kHeavy)
      .example("root.doc = this.doc.parse_yaml()", R"({"doc":"foo: bar\nlist:\n  - 1\n  - yes\n"})",
               R"({"doc":{"foo":"bar","list":[1,"yes"]}})")
      .example("root.doc = this.doc.parse_yaml()",
               R"({"doc":"a: &x {b: 1}\nc:\n  <<: *x\n  d: 2"})",
               R"({"doc":{"a":{"b":1},"c":{"b":1,"d":2}}})")
      .example("root.doc = this.doc.parse_yaml()", R"({"doc":"a: 1\na: 2"})",
               "error: failed to parse value as YAML: line 2: mapping key \"a\" already defined")
      .evaluates(parse_yaml_text);

  registry.method("format_yaml")
      .in(Category::kParsing)
      .says("The value as YAML with sorted keys, as bytes.")
      .costs(Cost::kLinear)
      .example("root = this.doc.format_yaml()",
               R"({"doc":{"foo":"bar","list":[1,"yes",{"a":null}]}})",
               "raw: foo: bar\nlist:\n    - 1\n    - \"yes\"\n    - a: null\n")
      .evaluates(format_yaml);
}

}  // namespace weir::mapping
