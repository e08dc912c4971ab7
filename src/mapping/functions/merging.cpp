#include <cstdint>

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

std::uint64_t width(Value value) {
  return value.is(Kind::kArray) ? size(value) : 1;
}

// Both values in one array, each opened when it is an array itself.
Value joined(Call& call, Value first, Value second) {
  Value made;
  Container* const to = make_array(call, width(first) + width(second), made);
  if (to == nullptr) return made;
  for (const Value part : {first, second}) {
    if (part.is(Kind::kArray)) {
      for (const Value& element : items(part)) push(*to, element);
    } else {
      push(*to, part);
    }
  }
  return made;
}

enum class Collision : bool { kJoin, kReplace };

// Puts the members of `from` into `into`, whose container is ours to change.
// A failure (past the budget) or null.
template <Collision kCollision>
Value merge_members(Call& call, Value& into, Value from, unsigned depth) {
  if (depth > core::kMaxDepth) return call.fail_plain("nested deeper than 128 levels");
  const MemberSpan entries = members(from);
  if (!call.may_build(entries.count) || !call.spend(entries.count)) return call.too_big();
  for (const Member& entry : entries) {
    if (entry.value.is_marker()) continue;
    Member* const old = core::find(into, entry.key.text(call.arena()));
    if (old == nullptr) {
      append_member(into, entry.key, core::share(entry.value), call.arena());
      continue;
    }
    if (old->value.is(Kind::kObject) && entry.value.is(Kind::kObject)) {
      if (!call.may_build(size(old->value))) return call.too_big();
      core::writable(old->value, call.arena());
      const Value failure = merge_members<kCollision>(call, old->value, entry.value, depth + 1);
      if (failed(failure)) return failure;
    } else if constexpr (kCollision == Collision::kReplace) {
      old->value = core::share(entry.value);
    } else {
      const Value both = joined(call, old->value, entry.value);
      if (failed(both)) return both;
      old->value = both;
    }
  }
  return Value::null();
}

template <Collision kCollision>
Value merge(Call& call) {
  const Value target = call.target();
  const Value with = call.value(0);
  if (target.is(Kind::kArray)) return joined(call, target, with);
  if (!with.is(Kind::kObject)) return target;
  if (!call.may_build(size(target)) || !call.spend(size(target))) return call.too_big();
  Value made = core::share(target);
  core::writable(made, call.arena());  // a copy, one level deep
  const Value failure = merge_members<kCollision>(call, made, with, 0);
  return failed(failure) ? failure : made;
}

Value squash(Call& call) {
  Value made = Value::object(call.arena());
  for (const Value& element : items(call.target())) {
    if (!element.is(Kind::kObject)) continue;
    const Value failure = merge_members<Collision::kJoin>(call, made, element, 0);
    if (failed(failure)) return failure;
  }
  return made;
}

}  // namespace

void add_merging(Registry& registry) {
  registry.method("merge")
      .in(Category::kCollection)
      .says(
          "The object with the members of another put in. Where both have a key, objects are "
          "merged "
          "in turn, anything else becomes an array of both values (arrays are opened into it). To "
          "an "
          "array the elements of another one, or a single value, are appended.")
      .on(kOnObject | kOnArray, "object or array")
      .arg("with", ArgKind::kAny,
           "What to put in; anything but an object adds nothing to an object.")
      .costs(Cost::kLinear)
      .example("root = this.foo.merge(this.bar)",
               R"({"foo":{"first_name":"fooer","likes":"bars"},)"
               R"("bar":{"second_name":"barer","likes":"foos"}})",
               R"({"first_name":"fooer","likes":["bars","foos"],"second_name":"barer"})")
      .example("root.combined = this.list1.merge(this.list2)",
               R"({"list1":["a","b"],"list2":["c","d"]})", R"({"combined":["a","b","c","d"]})")
      .example("root = this.foo.merge({})", R"({"foo":5})",
               "error: expected object or array value, got number from field `this.foo` (5)")
      .evaluates(merge<Collision::kJoin>);

  registry.method("assign")
      .in(Category::kCollection)
      .says(
          "The object with the members of another put in. Where both have a key, objects are "
          "merged "
          "in turn, anything else is replaced by the other's value. To an array the elements of "
          "another one, or a single value, are appended.")
      .on(kOnObject | kOnArray, "object or array")
      .arg("with", ArgKind::kAny,
           "What to put in; anything but an object adds nothing to an object.")
      .costs(Cost::kLinear)
      .example("root = this.foo.assign(this.bar)",
               R"({"foo":{"first_name":"fooer","likes":"bars"},)"
               R"("bar":{"second_name":"barer","likes":"foos"}})",
               R"({"first_name":"fooer","likes":"foos","second_name":"barer"})")
      .example(
          "root.config = this.defaults.assign(this.settings)",
          R"({"defaults":{"log":{"level":"info","file":"a"}},"settings":{"log":{"level":"debug"}}})",
          R"({"config":{"log":{"file":"a","level":"debug"}}})")
      .evaluates(merge<Collision::kReplace>);

  registry.method("squash")
      .in(Category::kCollection)
      .says("One object of an array of objects, merged one after another as by `merge`.")
      .on(kOnArray, "array")
      .costs(Cost::kLinear)
      .example("root.locations = this.locations.map_each(loc -> {loc.state: [loc.name]}).squash()",
               R"({"locations":[{"name":"Seattle","state":"WA"},{"name":"New York","state":"NY"},)"
               R"({"name":"Olympia","state":"WA"}]})",
               R"({"locations":{"NY":["New York"],"WA":["Seattle","Olympia"]}})")
      .evaluates(squash);
}

}  // namespace weir::mapping
