#include <cstdint>
#include <string>
#include <string_view>

#include "mapping/functions/all.h"
#include "mapping/functions/elements.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Container;
using core::ItemSpan;
using core::Kind;
using core::Member;
using core::MemberSpan;
using core::Value;

std::string numbered(std::string_view words, std::uint32_t i) {
  return std::string(words) + std::to_string(i);
}

Value map_elements(Call& call, const Query& query) {
  const ItemSpan elements = items(call.target());
  Value made;
  Container* const to = make_array(call, elements.count, made);
  if (to == nullptr) return made;
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    const Value result = query(elements.first[i]);
    switch (result.kind()) {
      case Kind::kError: return call.wrap(numbered("failed to process element ", i), result);
      case Kind::kDelete: break;
      case Kind::kNothing: push(*to, elements.first[i]); break;
      default: push(*to, result);
    }
  }
  return made;
}

Value map_members(Call& call, const Query& query) {
  const MemberSpan entries = members(call.target());
  if (!call.may_build(entries.count)) return call.too_big();
  Value made = Value::object(call.arena(), entries.count);
  for (const Member& entry : entries) {
    Value result = query("key", entry.key, "value", entry.value);
    switch (result.kind()) {
      case Kind::kError:
        return call.wrap("failed to process element " + std::string(entry.key.text(call.arena())),
                         result);
      case Kind::kDelete: continue;
      case Kind::kNothing: result = entry.value; break;
      default: break;
    }
    append_member(made, entry.key, core::share(result), call.arena());
  }
  return made;
}

Value map_each(Call& call) {
  const Query query = call.query(0);
  return call.target().is(Kind::kArray) ? map_elements(call, query) : map_members(call, query);
}

Value map_each_key(Call& call) {
  const Query query = call.query(0);
  const MemberSpan entries = members(call.target());
  if (!call.may_build(entries.count)) return call.too_big();
  Value made = Value::object(call.arena(), entries.count);
  for (const Member& entry : entries) {
    const Value result = query(entry.key);
    if (failed(result)) return result;
    if (!result.is(Kind::kString) && !result.is(Kind::kNothing)) {
      return call.fail("unexpected result from key mapping: " + type_error("string", result));
    }
    const Value key = result.is(Kind::kString) ? result : entry.key;
    // Two keys may have become one; the later entry wins.
    set_member(made, key.text(call.arena()), core::share(entry.value), call.arena());
  }
  return made;
}

// The results share the kept elements, so an array that stays whole is handed out as it is.
Value filter_elements(Call& call, const Query& query) {
  const ItemSpan elements = items(call.target());
  Value made;
  Container* to = nullptr;
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    const Value result = query(elements.first[i]);
    if (failed(result)) return result;
    const bool keep = result.is(Kind::kBool) && result.as_bool();
    if (!keep && to == nullptr) {
      to = make_array(call, elements.count - 1, made);
      if (to == nullptr) return made;
      for (std::uint32_t k = 0; k < i; ++k) push(*to, elements.first[k]);
    } else if (keep && to != nullptr) {
      push(*to, elements.first[i]);
    }
  }
  return to == nullptr ? call.target() : made;
}

Value filter_members(Call& call, const Query& query) {
  const MemberSpan entries = members(call.target());
  if (!call.may_build(entries.count)) return call.too_big();
  Value made = Value::object(call.arena(), entries.count);
  for (const Member& entry : entries) {
    const Value result = query("key", entry.key, "value", entry.value);
    if (failed(result)) return result;
    if (!result.is(Kind::kBool) || !result.as_bool()) continue;
    append_member(made, entry.key, core::share(entry.value), call.arena());
  }
  return made;
}

Value filter(Call& call) {
  const Query query = call.query(0);
  return call.target().is(Kind::kArray) ? filter_elements(call, query)
                                        : filter_members(call, query);
}

Value fold(Call& call) {
  const Query query = call.query(1);
  Value tally = core::share(call.value(0));
  for (const Value& element : items(call.target())) {
    tally = query("tally", tally, "value", element);
    if (failed(tally)) return tally;
  }
  return tally;
}

// What a test said of an element, which must be a bool.
struct Verdict {
  bool passed = false;
  Value failure;
};

Verdict judge(Call& call, Value result, std::string_view failed_words,
              std::string_view not_bool_words, std::uint32_t i) {
  if (result.is(Kind::kBool)) return {result.as_bool(), {}};
  if (failed(result)) return {false, call.wrap(numbered(failed_words, i), result)};
  return {false, call.fail(numbered(not_bool_words, i) + ": " + type_error("bool", result))};
}

// `all` looks for the first that fails, `any` for the first that passes; both are false of none.
template <bool Wanted>
Value quantifier(Call& call) {
  const Query query = call.query(0);
  const ItemSpan elements = items(call.target());
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    const Verdict verdict = judge(call, query(elements.first[i]), "element ", "element ", i);
    if (failed(verdict.failure)) return verdict.failure;
    if (verdict.passed == Wanted) return Value::boolean(Wanted);
  }
  return Value::boolean(!Wanted && elements.count > 0);
}

constexpr std::string_view kQueryFailed = "query returned an error for index ";
constexpr std::string_view kQueryNotBool = "query returned a non-boolean value for index ";

Value find_by(Call& call) {
  const Query query = call.query(0);
  const ItemSpan elements = items(call.target());
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    const Verdict verdict = judge(call, query(elements.first[i]), kQueryFailed, kQueryNotBool, i);
    if (failed(verdict.failure)) return verdict.failure;
    if (verdict.passed) return Value::integer(i);
  }
  return Value::integer(-1);
}

Value find_all_by(Call& call) {
  const Query query = call.query(0);
  const ItemSpan elements = items(call.target());
  Value made;
  Container* const to = make_array(call, elements.count, made);
  if (to == nullptr) return made;
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    const Verdict verdict = judge(call, query(elements.first[i]), kQueryFailed, kQueryNotBool, i);
    if (failed(verdict.failure)) return verdict.failure;
    if (verdict.passed) push(*to, Value::integer(i));
  }
  return made;
}

constexpr std::string_view kElementTest = "Evaluated with `this` as the element; must be a bool.";

void add_transformations(Registry& registry) {
  registry.method("map_each")
      .in(Category::kCollection)
      .says(
          "Replaces each element of an array by the result of a query. For an object the query "
          "sees "
          "`key` and `value` of each member and its result becomes the value. A deletion drops the "
          "element, nothing keeps the original one.")
      .on(kOnArray | kOnObject, "array")
      .arg("query", ArgKind::kQuery, "Evaluated with `this` as the element, or as `{key, value}`.")
      .costs(Cost::kLinear)
      .example(
          "root.new_nums = this.nums.map_each(num -> if num < 10 {\n  deleted()\n} else {\n"
          "  num - 10\n})",
          R"({"nums":[3,11,4,17]})", R"({"new_nums":[1,7]})")
      .example("root.new_dict = this.dict.map_each(item -> item.key + \" \" + item.value)",
               R"({"dict":{"hello":"foo","goodbye":"bar"}})",
               R"({"new_dict":{"goodbye":"goodbye bar","hello":"hello foo"}})")
      .example("root.evens_doubled = this.nums.map_each(if this % 2 == 0 { this * 2 })",
               R"({"nums":[1,2,3]})", R"({"evens_doubled":[1,4,3]})",
               "Where the query yields nothing, the element stays:")
      .example("root.sums = this.nums.map_each(this + 1)", R"({"nums":[1,"b"]})",
               "error: failed to process element 1: cannot add types string")
      .evaluates(map_each);

  registry.method("map_each_key")
      .in(Category::kCollection)
      .says(
          "Replaces each key of an object by the result of a query, which must be a string; "
          "nothing "
          "keeps the key. Of keys that become equal the last one counts.")
      .on(kOnObject, "object")
      .arg("query", ArgKind::kQuery, "Evaluated with `this` as the key.")
      .costs(Cost::kLinear)
      .example("root.new_dict = this.dict.map_each_key(key -> \"my_\" + key)",
               R"({"dict":{"a":"hello","b":"world"}})",
               R"({"new_dict":{"my_a":"hello","my_b":"world"}})")
      .example("root = this.map_each_key(key -> if key.has_prefix(\"kafka\") { \"_\" + key })",
               R"({"amqp_key":"foo","kafka_key":"bar"})",
               R"({"_kafka_key":"bar","amqp_key":"foo"})")
      .example("root = this.map_each_key(key -> 5)", R"({"a":1})",
               "error: unexpected result from key mapping: expected string value, got number (5)")
      .evaluates(map_each_key);

  registry.method("filter")
      .in(Category::kCollection)
      .says(
          "Keeps the elements of an array for which a query yields `true`; anything else drops "
          "them. "
          "For an object the query sees `key` and `value` of each member.")
      .on(kOnArray | kOnObject, "array or object")
      .arg("test", ArgKind::kQuery, "Evaluated with `this` as the element, or as `{key, value}`.")
      .costs(Cost::kLinear)
      .example("root.new_nums = this.nums.filter(num -> num > 10)", R"({"nums":[3,11,4,17]})",
               R"({"new_nums":[11,17]})")
      .example("root.new_dict = this.dict.filter(item -> item.value > 1)",
               R"({"dict":{"first":1,"second":2}})", R"({"new_dict":{"second":2}})")
      .evaluates(filter);

  registry.method("fold")
      .in(Category::kCollection)
      .says(
          "Combines all elements of an array into one value: the query sees `tally` (the result so "
          "far) and `value` (the element) and yields the new tally.")
      .on(kOnArray, "array")
      .arg("initial", ArgKind::kAny, "The tally that the first element meets.")
      .arg("query", ArgKind::kQuery, "Evaluated with `this` as `{tally, value}`.")
      .costs(Cost::kLinear)
      .example("root.sum = this.foo.fold(0, item -> item.tally + item.value)",
               R"({"foo":[3,8,11]})", R"({"sum":22})")
      .example("root.smoothie = this.fruits.fold({}, item -> item.tally.merge(item.value))",
               R"({"fruits":[{"apple":5},{"banana":3}]})", R"({"smoothie":{"apple":5,"banana":3}})")
      .evaluates(fold);
}

void add_tests(Registry& registry) {
  registry.method("all")
      .in(Category::kCollection)
      .says("Whether every element of an array passes a test; false for an empty array.")
      .on(kOnArray, "array")
      .arg("test", ArgKind::kQuery, kElementTest)
      .costs(Cost::kLinear)
      .example("root.all_over_21 = this.patrons.all(patron -> patron.age >= 21)",
               R"({"patrons":[{"id":"1","age":18},{"id":"2","age":23}]})",
               R"({"all_over_21":false})")
      .example("root.all = [].all(v -> v > 0)", "{}", R"({"all":false})")
      .evaluates(quantifier<false>);

  registry.method("any")
      .in(Category::kCollection)
      .says("Whether some element of an array passes a test; false for an empty array.")
      .on(kOnArray, "array")
      .arg("test", ArgKind::kQuery, kElementTest)
      .costs(Cost::kLinear)
      .example("root.has_errors = this.results.any(r -> r.status == \"error\")",
               R"({"results":[{"status":"ok"},{"status":"error"}]})", R"({"has_errors":true})")
      .example("root.any = this.a.any(v -> v)", R"({"a":[false,"bar"]})",
               "error: field `this.a`: element 1: expected bool value, got string (\"bar\")")
      .evaluates(quantifier<true>);

  registry.method("find_by")
      .in(Category::kCollection)
      .status(Support::kBeta)
      .says("The index of the first element of an array that passes a test, or -1.")
      .on(kOnArray, "array")
      .arg("query", ArgKind::kQuery, kElementTest)
      .costs(Cost::kLinear)
      .example("root.index = this.find_by(v -> v != \"bar\")", R"(["bar","foo","baz"])",
               R"({"index":1})")
      .example("root.index = this.find_by(v -> v)", R"(["bar"])",
               "error: query returned a non-boolean value for index 0: expected bool value, got "
               "string (\"bar\")")
      .evaluates(find_by);

  registry.method("find_all_by")
      .in(Category::kCollection)
      .status(Support::kBeta)
      .says("The indexes of all elements of an array that pass a test.")
      .on(kOnArray, "array")
      .arg("query", ArgKind::kQuery, kElementTest)
      .costs(Cost::kLinear)
      .example(
          "root.error_indexes = this.logs.find_all_by(log -> log.level == \"error\")",
          R"({"logs":[{"level":"info"},{"level":"error"},{"level":"warn"},{"level":"error"}]})",
          R"({"error_indexes":[1,3]})")
      .evaluates(find_all_by);
}

}  // namespace

void add_iteration(Registry& registry) {
  add_transformations(registry);
  add_tests(registry);
}

}  // namespace weir::mapping
