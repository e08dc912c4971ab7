#include <algorithm>
#include <cstring>
#include <string>

#include "core/quote.h"
#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"
#include "mapping/text/unicode_text.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

Value has_prefix(Call& call) {
  return Value::boolean(call.target_text().starts_with(call.text(0)));
}

Value has_suffix(Call& call) {
  return Value::boolean(call.target_text().ends_with(call.text(0)));
}

Value index_of(Call& call) {
  const std::size_t at = find_text(call.target_text(), call.text(0));
  return Value::integer(at == std::string_view::npos ? -1 : static_cast<std::int64_t>(at));
}

Value contains(Call& call) {
  const Value target = call.target();
  const Value wanted = call.value(0);
  if (is_text(target)) {
    const auto text = text_of(wanted, call.arena());
    if (!text) return call.fail(text.error());
    return Value::boolean(find_text(call.target_text(), *text) != std::string_view::npos);
  }
  // The argument is the left side: `[1].contains(true)` holds, `[true].contains(1)` does not.
  const auto equal = [&](Value element) { return equals(wanted, element, call.arena()); };
  if (!call.spend(core::size(target))) return call.too_long();
  if (target.is(Kind::kArray)) {
    const auto items = core::items(target);
    return Value::boolean(std::any_of(items.begin(), items.end(), equal));
  }
  const auto members = core::members(target);
  return Value::boolean(
      std::any_of(members.begin(), members.end(),
                  [&](const core::Member& member) { return equal(member.value); }));
}

Value length(Call& call) {
  const Value target = call.target();
  const std::size_t size = target.is_container() ? core::size(target) : call.target_text().size();
  return Value::integer(static_cast<std::int64_t>(size));
}

Value repeat(Call& call) {
  const std::string_view text = call.target_text();
  if (call.integer(0) < 0) return call.fail("repeat count must not be negative");
  const auto count = static_cast<std::size_t>(call.integer(0));
  if (text.empty() || count == 0) return call.like_target({});
  if (count > SIZE_MAX / text.size()) return call.too_big();
  char* const made = call.room(text.size() * count);
  if (made == nullptr) return call.too_big();
  for (std::size_t i = 0; i < count; ++i)
    std::memcpy(made + i * text.size(), text.data(), text.size());
  return call.like_target({made, text.size() * count});
}

Value reverse(Call& call) {
  const std::string_view text = call.target_text();
  if (call.target().is(Kind::kBytes)) {
    char* const made = call.room(text.size());
    if (made == nullptr) return call.too_big();
    std::reverse_copy(text.begin(), text.end(), made);
    return Value::bytes({made, text.size()});
  }
  Scratch scratch;
  std::string& made = scratch.text();
  text::append_reversed(made, text);
  return made_text(call, made, Kind::kString);
}

core::Result<Prepared> check_slice(const PrepareCall& call) {
  const std::int64_t low = call.integer(0);
  if (call.has(1) && low > 0 && call.integer(1) > 0 && low >= call.integer(1)) {
    return core::invalid_config("lower slice bound " + std::to_string(low) +
                                " must be lower than upper (" + std::to_string(call.integer(1)) +
                                ")");
  }
  return Prepared();
}

Value slice(Call& call) {
  const Value target = call.target();
  const bool is_array = target.is(Kind::kArray);
  const std::string_view text = is_array ? std::string_view{} : call.target_text();
  const auto size = static_cast<std::int64_t>(is_array ? core::size(target) : text.size());

  // Negative bounds count from the end; what then lies before the start is the start.
  const auto from_end = [&](std::int64_t bound) {
    return bound < 0 ? std::max<std::int64_t>(size + std::max(bound, -size), 0) : bound;
  };
  const std::int64_t low = from_end(call.integer(0));
  const std::int64_t high = call.has(1) ? std::min(from_end(call.integer(1)), size) : size;
  if (low > high) {
    return call.fail("lower slice bound " + std::to_string(low) +
                     " must be lower than or equal to upper bound (" + std::to_string(high) +
                     ") and target length (" + std::to_string(size) + ")");
  }
  if (!is_array) {
    return call.like_target(
        text.substr(static_cast<std::size_t>(low), static_cast<std::size_t>(high - low)));
  }
  if (!call.may_build(static_cast<std::size_t>(high - low))) return call.too_big();
  Value made = Value::array(call.arena(), static_cast<std::uint32_t>(high - low));
  const auto items = core::items(target);
  for (std::int64_t i = low; i < high; ++i)
    core::append_item(made, core::share(items.first[i]), call.arena());
  return made;
}

Value quote(Call& call) {
  Scratch scratch;
  std::string& quoted = scratch.text();
  core::append_quoted(quoted, text_form(call));
  return made_text(call, quoted, Kind::kString);
}

Value unquote(Call& call) {
  const auto text = core::unquote(text_form(call));
  if (!text) return call.fail("invalid syntax");
  return made_text(call, *text, Kind::kString);
}

void add_tests(Registry& registry) {
  registry.method("has_prefix")
      .in(Category::kString)
      .says("Whether a string or byte array begins with another.")
      .on(kOnText, "string")
      .arg("value", ArgKind::kString, "The text it must begin with.")
      .example("root.t1 = this.v1.has_prefix(\"foo\")\nroot.t2 = this.v2.has_prefix(\"foo\")",
               R"({"v1":"foobar","v2":"barfoo"})", R"({"t1":true,"t2":false})")
      .evaluates(has_prefix);

  registry.method("has_suffix")
      .in(Category::kString)
      .says("Whether a string or byte array ends with another.")
      .on(kOnText, "string")
      .arg("value", ArgKind::kString, "The text it must end with.")
      .example("root.t1 = this.v1.has_suffix(\"foo\")\nroot.t2 = this.v2.has_suffix(\"foo\")",
               R"({"v1":"foobar","v2":"barfoo"})", R"({"t1":false,"t2":true})")
      .evaluates(has_suffix);

  registry.method("index_of")
      .in(Category::kString)
      .says("The position of the first byte at which another text occurs, or -1.")
      .on(kOnText, "string")
      .arg("value", ArgKind::kString, "The text to look for.")
      .costs(Cost::kLinear)
      .example("root.index = this.thing.index_of(\"bar\")", R"({"thing":"foobar"})",
               R"({"index":3})")
      .example("root.index = content().index_of(\"meow\")", "the cat meowed, the dog woofed",
               R"({"index":8})")
      .example("root.index = this.thing.index_of(\"cat\")", R"({"thing":"foobar"})",
               R"({"index":-1})")
      .evaluates(index_of);

  registry.method("contains")
      .in(Category::kString)
      .says(
          "Whether a string holds a text, an array an equal element, an object an equal value. "
          "Numbers "
          "are equal when they are the same number, however they are written.")
      .on(kOnText | kOnArray | kOnObject, "string, array or object")
      .arg("value", ArgKind::kAny, "The value to look for; in a string, its text.")
      .costs(Cost::kLinear)
      .example("root.has_foo = this.thing.contains(\"foo\")", R"({"thing":["this","foo","that"]})",
               R"({"has_foo":true})")
      .example("root.has_bar = this.thing.contains(20)", R"({"thing":[10.3,20.0,"huh",3]})",
               R"({"has_bar":true})")
      .example("root.has_foo = this.thing.contains(\"foo\")", R"({"thing":"this foo that"})",
               R"({"has_foo":true})")
      .example(
          "root.has_foo = this.thing.contains(\"foo\")", R"({"thing":false})",
          "error: expected string, array or object value, got bool from field `this.thing` (false)")
      .evaluates(contains);

  registry.method("length")
      .in(Category::kString)
      .says(
          "The number of bytes of a string or byte array, of elements of an array, of keys of an "
          "object.")
      .on(kOnText | kOnArray | kOnObject, "string, array or object")
      .example("root.foo_len = this.foo.length()", R"({"foo":"hello world"})", R"({"foo_len":11})")
      .example("root.foo_len = this.foo.length()", R"({"foo":["first","second"]})",
               R"({"foo_len":2})")
      .example("root.foo_len = this.foo.length()", R"({"foo":{"first":"bar","second":"baz"}})",
               R"({"foo_len":2})")
      .example("root.foo_len = this.foo.length()", R"({"foo":"é"})", R"({"foo_len":2})",
               "Bytes are counted, not characters.")
      .evaluates(length);
}

void add_parts(Registry& registry) {
  registry.method("repeat")
      .in(Category::kString)
      .says("The string or byte array, a number of times in a row.")
      .on(kOnText, "string")
      .arg("count", ArgKind::kInt, "How often.")
      .costs(Cost::kLinear)
      .example("root.line = this.name.repeat(3)\nroot.none = this.name.repeat(0)",
               R"({"name":"bob"})", R"({"line":"bobbobbob","none":""})")
      .example("root.line = \"-\".repeat(-1)", "{}", "error: repeat count must not be negative")
      .evaluates(repeat);

  registry.method("reverse")
      .in(Category::kString)
      .says("The characters of a string, or the bytes of a byte array, in reverse order.")
      .on(kOnText, "string")
      .costs(Cost::kLinear)
      .example("root.reversed = this.thing.reverse()", R"({"thing":"backwards"})",
               R"({"reversed":"sdrawkcab"})")
      .example("root = content().reverse()", R"({"thing":"backwards"})",
               "raw: }\"sdrawkcab\":\"gniht\"{")
      .evaluates(reverse);

  registry.method("slice")
      .in(Category::kString)
      .says(
          "A part of a string or byte array (by bytes) or of an array, from `low` up to but "
          "without "
          "`high`. Negative bounds count from the end.")
      .on(kOnText | kOnArray, "array or string")
      .arg("low", ArgKind::kInt, "The position of the first byte or element of the part.")
      .optional("high", ArgKind::kInt, "The position behind the last one; left out, it is the end.")
      .costs(Cost::kLinear)
      .example("root.beginning = this.value.slice(0, 2)\nroot.end = this.value.slice(4)",
               R"({"value":"foo bar"})", R"({"beginning":"fo","end":"bar"})")
      .example("root.last_chunk = this.value.slice(-4)\nroot.the_rest = this.value.slice(0, -4)",
               R"({"value":"foo bar"})", R"({"last_chunk":" bar","the_rest":"foo"})")
      .example("root.beginning = this.value.slice(0, 2)\nroot.end = this.value.slice(4)",
               R"({"value":["foo","bar","baz","buz","bev"]})",
               R"({"beginning":["foo","bar"],"end":["bev"]})")
      .example("root.end = this.value.slice(9)", R"({"value":"foo bar"})",
               "error: lower slice bound 9 must be lower than or equal to upper bound (7)")
      .prepared_by(check_slice)
      .evaluates(slice);

  registry.method("quote")
      .in(Category::kString)
      .says(
          "The string in double quotes, with escapes (`\\t`, `\\n`, `\\xff`, `\\u0100`) for what "
          "is not "
          "printable.")
      .on(kOnTextForm, "string")
      .costs(Cost::kLinear)
      .example("root.quoted = this.thing.quote()", R"({"thing":"foo\nbar"})",
               R"({"quoted":"\"foo\\nbar\""})")
      .evaluates(quote);

  registry.method("unquote")
      .in(Category::kString)
      .says("The text of a quoted string, its escapes (`\\t`, `\\n`, `\\xff`, `\\u0100`) expanded.")
      .on(kOnTextForm, "string")
      .costs(Cost::kLinear)
      .example("root.unquoted = this.thing.unquote()", R"({"thing":"\"foo\\nbar\""})",
               R"({"unquoted":"foo\nbar"})")
      .example("root.unquoted = this.thing.unquote()", R"({"thing":"no quotes"})",
               "error: field `this.thing`: invalid syntax")
      .evaluates(unquote);
}

}  // namespace

void add_strings(Registry& registry) {
  add_tests(registry);
  add_parts(registry);
}

}  // namespace weir::mapping
