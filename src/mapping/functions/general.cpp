#include "mapping/evaluator.h"
#include "mapping/functions/all.h"
#include "mapping/registry.h"

// Markers, errors, variables, named maps.

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

Value deleted(Call&) {
  return Value::deletion();
}
Value nothing(Call&) {
  return Value::nothing();
}
Value throw_error(Call& call) {
  return call.fail_plain(call.text(0));
}

Value var(Call& call) {
  const Frame& frame = call.evaluator().frame();
  const std::vector<std::string>& names = frame.body->variables;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != call.text(0)) continue;
    if (!frame.variables[i].is(Kind::kNothing)) return frame.variables[i];
  }
  return call.fail_plain("variable '" + std::string(call.text(0)) + "' undefined");
}

void describe_variable(std::span<const Value> arguments, std::string& out) {
  out += "variable ";
  out += arguments[0].stored();
}

Value apply(Call& call) {
  return call.evaluator().apply(call.text(0), call.target());
}

Value map(Call& call) {
  return call.query(0)(call.target());
}

Value catch_error(Call& call) {
  const Value value = call.evaluate_target();
  if (!failed(value)) return value;
  // A budget that is used up cannot be caught: nothing could be evaluated any more.
  if (!call.spend(1)) return call.too_long();
  const Query fallback = call.query(0);
  if (fallback.is_constant()) return fallback(Value::null());
  return fallback(Value::string(call.failure_text(value)));
}

Value or_else(Call& call) {
  const Value value = call.evaluate_target();
  if (!value.is_null() && !value.is_marker()) return value;
  return call.query(0)();
}

Value not_value(Call& call) {
  return Value::boolean(!call.target().as_bool());
}

Value type(Call& call) {
  return Value::string(type_name(call.target()));
}

Value not_null(Call& call) {
  return call.target().is_null() ? call.fail("value is null") : call.target();
}

Value not_empty(Call& call) {
  const Value target = call.target();
  switch (target.kind()) {
    case Kind::kString:
      return call.target_text().empty() ? call.fail("string value is empty") : target;
    case Kind::kArray: return core::size(target) == 0 ? call.fail("array value is empty") : target;
    default: return core::size(target) == 0 ? call.fail("object value is empty") : target;
  }
}

}  // namespace

void add_general(Registry& registry) {
  registry.function("deleted")
      .in(Category::kGeneral)
      .says(
          "A marker: what it is assigned to is deleted; as root it drops the message. Elements of "
          "an "
          "array or object that are the marker are left out.")
      .example("root = this\nroot.bar = deleted()",
               R"({"bar":"bar_value","baz":"baz_value","foo":"foo value"})",
               R"({"baz":"baz_value","foo":"foo value"})")
      .example("root = deleted()", "{}", "deleted")
      .yields_only(kYieldsDeletion)
      .evaluates(deleted);

  registry.function("nothing")
      .in(Category::kGeneral)
      .status(Support::kHidden)
      .says("A marker: the assignment does not take place. What `if` without a true branch yields.")
      .example("root.a = 1\nroot.a = nothing()", "{}", R"({"a":1})")
      .yields_only(kYieldsNothing)
      .evaluates(nothing);

  registry.function("throw")
      .in(Category::kGeneral)
      .says("Raises an error with the given text.")
      .arg("why", ArgKind::kString, "The text of the error.")
      .example("root.id = this.id | throw(\"id is missing\")", R"({"id":1})", R"({"id":1})")
      .example("root.id = this.id | throw(\"id is missing\")", "{}", "error: id is missing")
      .evaluates(throw_error);

  registry.function("var")
      .in(Category::kGeneral)
      .status(Support::kHidden)
      .says("The variable of that name, which need not be an identifier; `$name` for all others.")
      .arg("name", ArgKind::kString, "The variable's name.")
      .example("let \"a b\" = 1\nroot.v = var(\"a b\")", "{}", R"({"v":1})")
      .described_by(describe_variable)
      .evaluates(var);

  registry.method("apply")
      .in(Category::kGeneral)
      .says(
          "Runs a named map with the value as its `this`. The map has its own `root` and "
          "variables.")
      .arg("mapping", ArgKind::kString, "The name of the map.")
      .example("map thing {\n  root.inner = this.first\n}\nroot.foo = this.doc.apply(\"thing\")",
               R"({"doc":{"first":"hello world"}})", R"({"foo":{"inner":"hello world"}})")
      .example("root = this.apply(\"nope\")", "{}", "error: map nope was not found")
      .costs(Cost::kLinear)
      .evaluates(apply);

  registry.method("map")
      .in(Category::kGeneral)
      .says(
          "Evaluates an expression with the value as `this`; `value.(expression)` is the short "
          "form.")
      .arg("query", ArgKind::kQuery, "What to evaluate.")
      .example("root.foo = this.foo.map(this.bar + 1)", R"({"foo":{"bar":1}})", R"({"foo":2})")
      .evaluates(map);

  registry.method("catch")
      .in(Category::kGeneral)
      .says(
          "If what it is called on fails, the fallback instead. Null is no failure. In the "
          "fallback "
          "`this` is the text of the error.")
      .arg("fallback", ArgKind::kQuery, "A value, or an expression.")
      .takes_lazily()
      .example("root.id = this.id.number().catch(-1)", R"({"id":"x"})", R"({"id":-1})")
      .example("root.why = this.id.not_null().catch(this)", "{}",
               R"({"why":"field `this.id`: value is null"})")
      .evaluates(catch_error);

  registry.method("or")
      .in(Category::kGeneral)
      .says("If what it is called on fails, is null, deleted or nothing, the fallback instead.")
      .arg("fallback", ArgKind::kQueryOrValue, "A value, or an expression.")
      .takes_lazily()
      .example("root.id = this.id.or(\"new\")", R"({"id":null})", R"({"id":"new"})")
      .evaluates(or_else);

  registry.method("not")
      .in(Category::kGeneral)
      .says("The opposite of a bool, as `!`.")
      .on(kOnBool, "bool")
      .example("root.off = this.on.not()", R"({"on":true})", R"({"off":false})")
      .returns(kinds(Kind::kBool))
      .evaluates(not_value);

  registry.method("type")
      .in(Category::kCoercion)
      .says(
          "The kind of a value: `string`, `bytes`, `number`, `bool`, `timestamp`, `array`, "
          "`object` or "
          "`null` (and `delete`, `nothing`).")
      .example("root.t = this.a.type()", R"({"a":5})", R"({"t":"number"})")
      .returns(kinds(Kind::kString))
      .evaluates(type);

  registry.method("not_null")
      .in(Category::kCoercion)
      .says("The value itself; an error when it is null.")
      .example("root.a = this.a.not_null()", R"({"a":1})", R"({"a":1})")
      .example("root.a = this.a.not_null()", R"({"b":1})", "error: field `this.a`: value is null")
      .evaluates(not_null);

  registry.method("not_empty")
      .in(Category::kCoercion)
      .says("The string, array or object itself; an error when it is empty.")
      .on(kOnString | kOnArray | kOnObject, "string, array or object")
      .example("root.a = this.a.not_empty()", R"({"a":"x"})", R"({"a":"x"})")
      .example("root.a = this.a.not_empty()", R"({"a":[]})",
               "error: field `this.a`: array value is empty")
      .evaluates(not_empty);
}

}  // namespace weir::mapping
