#include <cstdint>
#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/elements.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Container;
using core::ItemSpan;
using core::Kind;
using core::Value;

void push_all(Container& array, ItemSpan elements) {
  for (const Value& element : elements) push(array, element);
}

Value append(Call& call) {
  const ItemSpan elements = items(call.target());
  Value made;
  Container* const to = make_array(call, elements.count + call.rest().size(), made);
  if (to == nullptr) return made;
  push_all(*to, elements);
  for (const Value& more : call.rest()) push(*to, more);
  return made;
}

Value concat(Call& call) {
  std::uint64_t count = size(call.target());
  for (const Value& more : call.rest()) count += size(more);
  Value made;
  Container* const to = make_array(call, count, made);
  if (to == nullptr) return made;
  push_all(*to, items(call.target()));
  for (const Value& more : call.rest()) push_all(*to, items(more));
  return made;
}

Value enumerated(Call& call) {
  const ItemSpan elements = items(call.target());
  if (!call.may_build(kPairSize * elements.count)) return call.too_big();
  Value made;
  Container* const to = make_array(call, elements.count, made);
  if (to == nullptr) return made;
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    push(*to, make_pair(call.arena(), "index", Value::integer(i), "value", elements.first[i]));
  }
  return made;
}

Value flatten(Call& call) {
  const ItemSpan elements = items(call.target());
  std::uint64_t count = 0;
  for (const Value& element : elements) count += element.is(Kind::kArray) ? size(element) : 1;
  Value made;
  Container* const to = make_array(call, count, made);
  if (to == nullptr) return made;
  for (const Value& element : elements) {
    if (element.is(Kind::kArray)) {
      push_all(*to, items(element));
    } else {
      push(*to, element);
    }
  }
  return made;
}

Value zip(Call& call) {
  if (call.rest().empty()) return call.fail("zip requires at least one argument");
  const ItemSpan elements = items(call.target());
  for (const Value& other : call.rest()) {
    if (size(other) != elements.count) {
      return call.fail_plain("can't zip different length array values");
    }
  }
  const std::uint64_t width = call.rest().size() + 1;
  if (!call.may_build(width * elements.count)) return call.too_big();
  Value made;
  Container* const to = make_array(call, elements.count, made);
  if (to == nullptr) return made;
  if (!call.spend(width * elements.count)) return call.too_long();
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    Value row = Value::array(call.arena(), static_cast<std::uint32_t>(width));
    push(row.as_container(), elements.first[i]);
    for (const Value& other : call.rest()) push(row.as_container(), items(other).first[i]);
    push(*to, row);
  }
  return made;
}

Value index(Call& call) {
  const Value target = call.target();
  const auto length =
      static_cast<std::int64_t>(target.is(Kind::kArray) ? size(target) : target.stored().size());
  std::int64_t at = call.integer(0);
  if (at < 0) at += length;
  if (at < 0 || at >= length) {
    return call.fail("index '" + std::to_string(at) +
                     "' was out of bounds for array size: " + std::to_string(length));
  }
  if (target.is(Kind::kArray)) return items(target).first[at];
  return Value::integer(static_cast<unsigned char>(target.stored()[static_cast<std::size_t>(at)]));
}

Value find(Call& call) {
  const ItemSpan elements = items(call.target());
  if (!call.spend(elements.count * weight(call.value(0)))) return call.too_long();
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    if (equals(call.value(0), elements.first[i], call.arena())) return Value::integer(i);
  }
  return Value::integer(-1);
}

Value find_all(Call& call) {
  const ItemSpan elements = items(call.target());
  Value made;
  Container* const to = make_array(call, elements.count, made);
  if (to == nullptr) return made;
  if (!call.spend(elements.count * weight(call.value(0)))) return call.too_long();
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    if (equals(call.value(0), elements.first[i], call.arena())) push(*to, Value::integer(i));
  }
  return made;
}

Value sum(Call& call) {
  const Value target = call.target();
  if (!target.is(Kind::kArray)) return target;
  const ItemSpan elements = items(target);
  if (!call.spend(elements.count)) return call.too_long();
  double total = 0;
  for (std::uint32_t i = 0; i < elements.count; ++i) {
    const auto number = as_number(elements.first[i]);
    if (!number) {
      return call.fail("index " + std::to_string(i) + ": " +
                       type_error("number", elements.first[i]));
    }
    total += *number;
  }
  return Value::number(total);
}

void add_building(Registry& registry) {
  registry.method("append")
      .in(Category::kCollection)
      .says("The array with the arguments behind it, each as one element.")
      .on(kOnArray, "array")
      .variadic("values", ArgKind::kAny, "What to append.")
      .costs(Cost::kLinear)
      .example("root.foo = this.foo.append(\"and\", \"this\")", R"({"foo":["bar","baz"]})",
               R"({"foo":["bar","baz","and","this"]})")
      .evaluates(append);

  registry.method("concat")
      .in(Category::kCollection)
      .says("The array with the elements of all argument arrays behind it.")
      .on(kOnArray, "array")
      .variadic("arrays", ArgKind::kArray, "Arrays to append.")
      .costs(Cost::kLinear)
      .example("root.foo = this.foo.concat(this.bar, this.baz)",
               R"({"foo":["a","b"],"bar":["c"],"baz":["d","e","f"]})",
               R"({"foo":["a","b","c","d","e","f"]})")
      .example("root.foo = this.foo.concat(this.bar)", R"({"foo":["a"],"bar":"b"})",
               "error: expected array value, got string")
      .evaluates(concat);

  registry.method("enumerated")
      .in(Category::kCollection)
      .says("An array of objects `{index, value}`, one for each element.")
      .on(kOnArray, "array")
      .costs(Cost::kLinear)
      .example("root.foo = this.foo.enumerated()", R"({"foo":["bar","baz"]})",
               R"({"foo":[{"index":0,"value":"bar"},{"index":1,"value":"baz"}]})")
      .evaluates(enumerated);

  registry.method("flatten")
      .in(Category::kCollection)
      .says("Puts the elements of arrays within the array in their place, one level deep.")
      .on(kOnArray, "array")
      .costs(Cost::kLinear)
      .example("root.result = this.data.flatten()", R"({"data":["a",["b",["c","d"]],"e"]})",
               R"({"result":["a","b",["c","d"],"e"]})")
      .evaluates(flatten);

  registry.method("zip")
      .in(Category::kCollection)
      .says(
          "Arrays of the first elements, of the second ones, and so on; all arrays are of one "
          "length.")
      .on(kOnArray, "array")
      .variadic("arrays", ArgKind::kArray, "The other arrays.")
      .costs(Cost::kLinear)
      .example("root.foo = this.foo.zip(this.bar, this.baz)",
               R"({"foo":["a","b","c"],"bar":[1,2,3],"baz":[4,5,6]})",
               R"({"foo":[["a",1,4],["b",2,5],["c",3,6]]})")
      .example("root.foo = this.foo.zip(this.bar)", R"({"foo":["a","b"],"bar":[1]})",
               "error: can't zip different length array values")
      .evaluates(zip);
}

void add_looking_up(Registry& registry) {
  registry.method("index")
      .in(Category::kCollection)
      .says(
          "The element of an array at an index, or a byte of a byte array as a number; -1 is the "
          "last "
          "one. An index that is not there is an error.")
      .on(kOnArray | kOnBytes, "array")
      .arg("index", ArgKind::kInt, "Counted from 0, or back from -1.")
      .example("root.last_name = this.names.index(-1)", R"({"names":["rachel","stevens"]})",
               R"({"last_name":"stevens"})")
      .example("root.last_byte = this.name.bytes().index(-1)", R"({"name":"foobar bazson"})",
               R"({"last_byte":110})")
      .example("root.third = this.names.index(2)", R"({"names":["rachel","stevens"]})",
               "error: field `this.names`: index '2' was out of bounds for array size: 2")
      .evaluates(index);

  registry.method("find")
      .in(Category::kCollection)
      .status(Support::kBeta)
      .says("The index of the first element that equals a value, or -1.")
      .on(kOnArray, "array")
      .arg("value", ArgKind::kAny, "What to look for; numbers compare by value.")
      .costs(Cost::kLinear)
      .example("root.index = this.things.find(this.goal)",
               R"({"goal":"bar","things":["foo","bar"]})", R"({"index":1})")
      .evaluates(find);

  registry.method("find_all")
      .in(Category::kCollection)
      .status(Support::kBeta)
      .says("The indexes of all elements that equal a value.")
      .on(kOnArray, "array")
      .arg("value", ArgKind::kAny, "What to look for; numbers compare by value.")
      .costs(Cost::kLinear)
      .example("root.index = this.find_all(\"bar\")", R"(["foo","bar","baz","bar"])",
               R"({"index":[1,3]})")
      .evaluates(find_all);

  registry.method("sum")
      .in(Category::kCollection)
      .says(
          "The sum of an array of numbers, as a float; 0 for an empty one. A number is its own "
          "sum.")
      .on(kOnArray | kOnNumber, "array")
      .costs(Cost::kLinear)
      .example("root.total = this.prices.sum()", R"({"prices":[10.5,20.25,5.00]})",
               R"({"total":35.75})")
      .example("root.total = this.prices.sum()", R"({"prices":[1,"2"]})",
               "error: index 1: expected number value, got string (\"2\")")
      .evaluates(sum);
}

}  // namespace

void add_arrays(Registry& registry) {
  add_building(registry);
  add_looking_up(registry);
}

}  // namespace weir::mapping
