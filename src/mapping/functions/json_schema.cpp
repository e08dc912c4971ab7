#include "mapping/formats/json_schema.h"

#include <memory>
#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Value;

core::Result<Prepared> prepare_schema(const PrepareCall& call) {
  auto schema = JsonSchema::compile(call.text(0));
  if (!schema) {
    return core::fail(schema.error().code,
                      "failed to parse json schema definition: " + schema.error().message);
  }
  return Prepared(*std::move(schema));
}

Value json_schema(Call& call) {
  const std::function<bool(std::uint64_t)> spend = [&call](std::uint64_t steps) {
    return call.spend(steps);
  };
  const auto problems = call.prepared<JsonSchema>().check(call.target(), call.arena(), spend);
  if (!problems) return call.fail(problems.error());
  return problems->empty() ? call.target() : call.fail(*problems);
}

}  // namespace

void add_json_schema(Registry& registry) {
  registry.method("json_schema")
      .in(Category::kCollection)
      .status(Support::kBeta)
      .says(
          "The value itself when it holds against a JSON Schema (drafts 4, 6 and 7); otherwise an "
          "error with a line for everything that is wrong. References stay within the schema; "
          "patterns are RE2.")
      .arg("schema", ArgKind::kString, "The schema, as JSON text.")
      .costs(Cost::kHeavy)
      .example(
          "root = this.json_schema(\"\"\"{\"type\":\"object\",\"properties\":{\"foo\":"
          "{\"type\":\"string\"}}}\"\"\")",
          R"({"foo":"bar"})", R"({"foo":"bar"})")
      .example(
          "root = this.json_schema(\"\"\"{\"type\":\"object\",\"properties\":{\"foo\":"
          "{\"type\":\"string\"}}}\"\"\")",
          R"({"foo":5})", "error: field `this`: foo invalid type. expected: string, given: integer")
      .example("root = this.json_schema(\"{\\\"required\\\":[\\\"id\\\"]}\").catch(deleted())",
               R"({"a":1})", "deleted", "Documents that do not hold are dropped.")
      .prepared_by(prepare_schema)
      .evaluates(json_schema);
}

}  // namespace weir::mapping
