#include <memory>
#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/mapping.h"
#include "mapping/program.h"
#include "mapping/registry.h"
#include "mapping/stack.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

constexpr unsigned kMaxNesting = 16;  // mappings that run mappings
constexpr std::size_t kMaxMapping = std::size_t{1} << 20;

thread_local unsigned nesting = 0;

core::Result<Prepared> prepare_mapping(const PrepareCall& call) {
  static const Environment nothing_outside = Environment::sandboxed();
  if (call.text(0).size() > kMaxMapping)
    return core::fail(core::ErrorCode::kLimit, "the mapping is longer than 1 MiB");
  CompileOptions options;
  options.environment = &nothing_outside;
  options.pure_only = true;
  auto compiled = make_program(call.text(0), options);
  if (!compiled) {
    return core::invalid_config("failed to parse mapping: " + to_string(compiled.error().front()));
  }
  return Prepared(*std::move(compiled));
}

Value bloblang(Call& call) {
  if (nesting >= kMaxNesting) return call.fail("mappings run mappings more than 16 levels deep");
  if (!call.spend(8)) return call.too_long();
  core::Result<Value> result = Value::null();
  ++nesting;
  const bool ran = with_enough_stack(
      [&] { result = evaluate_within(call.prepared<Program>(), call.evaluator(), call.target()); });
  --nesting;
  if (!ran) return call.fail("mappings are nested too deeply for the stack");
  if (!result) return call.fail_plain(result.error().message);
  if (result->is(Kind::kDelete)) return call.fail("root was deleted");
  return result->is(Kind::kNothing) ? Value::null() : *result;
}

}  // namespace

void add_bloblang(Registry& registry) {
  registry.method("bloblang")
      .in(Category::kParsing)
      .status(Support::kBeta)
      .says(
          "Runs a mapping, given as text, on the value, and gives the document that it builds. The "
          "mapping sees nothing else: no imports, no files, no environment, no message. A text "
          "that comes "
          "with the data is compiled when it is new, so that it costs more than one that stands "
          "here.")
      .arg("mapping", ArgKind::kString, "The text of the mapping.")
      .costs(Cost::kHeavy)
      .example("root.body = this.body.bloblang(this.mapping)",
               R"x({"body":{"foo":"hello world"},"mapping":"root.foo = this.foo.uppercase()"})x",
               R"({"body":{"foo":"HELLO WORLD"}})")
      .example("root = this.bloblang(\"root = env(\\\"HOME\\\")\").catch(\"no\")", "{}",
               "error: function 'env' is not allowed here", "Known when it is compiled.")
      .example("root = this.bloblang(this.m)", R"x({"m":"root = ("})x",
               "error: failed to parse mapping")
      .prepared_by(prepare_mapping)
      .evaluates(bloblang);
}

}  // namespace weir::mapping
