#include <algorithm>
#include <string>

#include "core/json_index.h"
#include "core/json_text.h"
#include "mapping/formats/json_doubles.h"
#include "mapping/formats/json_extent.h"
#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"
#include "mapping/text/unicode_text.h"

namespace weir::mapping {

namespace {

using core::Value;

/// The first value of a text; what follows is ignored, what is not UTF-8 repaired.
core::Result<Value> first_value(std::string_view text, core::Arena& arena) {
  auto whole = core::parse_json(text, arena);
  if (whole) return whole;
  WEIR_TRY(const std::size_t end, first_json_value(text));
  const std::string_view value = text.substr(0, end);
  if (text::is_valid_utf8(value))
    return end == text.size() ? whole : core::parse_json(value, arena);
  std::string repaired;
  text::append_valid_utf8(repaired, value);
  return core::parse_json(repaired, arena);
}

/// At least as many values as the text holds.
std::size_t count_values(std::string_view text) {
  const auto opens_value = [](char c) { return c == ',' || c == ':' || c == '[' || c == '{'; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), opens_value)) + 1;
}

Value parse_json(Call& call) {
  const std::string_view text = call.target_text();
  if (!call.spend(1 + text.size() / 16)) return call.too_long();
  if (!call.may_build(2 * count_values(text))) return call.too_big();
  auto value = first_value(text, call.arena());
  if (!value) return call.fail("failed to parse value as JSON: " + value.error().message);
  if (call.has(0) && call.flag(0)) return *value;
  const core::Status done = numbers_to_doubles(*value);
  if (!done) return call.fail("failed to parse value as JSON: " + done.error().message);
  return *value;
}

/// Bytes of indentation in the value when it is written over several lines.
std::size_t indentation(Value value, std::size_t per_level, std::size_t level) {
  if (!value.is_container() || core::size(value) == 0 || level > core::kMaxDepth) return 0;
  std::size_t bytes = core::size(value) * (level + 1) * per_level + level * per_level;
  if (value.is(core::Kind::kArray)) {
    for (const Value item : core::items(value)) bytes += indentation(item, per_level, level + 1);
  } else {
    for (const core::Member& member : core::members(value)) {
      bytes += indentation(member.value, per_level, level + 1);
    }
  }
  return bytes;
}

Value format_json(Call& call) {
  const Value target = call.target();
  core::JsonStyle style;
  style.sort_keys = true;
  style.escape_html = call.flag(2);
  if (!call.flag(1)) style.indent = call.text(0);
  if (!style.indent.empty() && target.is_container()) {
    constexpr std::size_t kSaneIndent = 4096;
    if (style.indent.size() > kSaneIndent ||
        indentation(target, style.indent.size(), 0) > call.context().limits.max_text) {
      return call.too_big();
    }
  }
  TextBuilder made(call);
  const core::Status done = core::write_json(target, made.buffer(), style);
  if (!done) return call.fail("failed to format value as JSON: " + done.error().message);
  return made.finish_bytes();
}

}  // namespace

void add_json(Registry& registry) {
  registry.method("parse_json")
      .in(Category::kParsing)
      .says(
          "The first JSON value of a text; what follows it is ignored. Numbers become 64-bit "
          "floats, or "
          "keep every digit with `use_number`.")
      .on(kOnText, "string")
      .optional("use_number", ArgKind::kBool, "Whether numbers stay as they are written.")
      .costs(Cost::kHeavy)
      .example("root.doc = this.doc.parse_json()", R"({"doc":"{\"foo\":[1.50,true]}"})",
               R"({"doc":{"foo":[1.5,true]}})")
      .example("root.doc = this.doc.parse_json(use_number: true)",
               R"({"doc":"{\"foo\":11380878173205700000000}"})",
               R"({"doc":{"foo":11380878173205700000000}})")
      .example("root.doc = this.doc.parse_json()", R"({"doc":"not valid json"})",
               "error: field `this.doc`: failed to parse value as JSON: invalid character 'o' in "
               "literal null "
               "(expecting 'u')")
      .evaluates(parse_json);

  registry.method("format_json")
      .in(Category::kParsing)
      .says(
          "The value as JSON with sorted keys, as bytes; over several lines unless `no_indent` is "
          "set.")
      .status(Support::kBeta)
      .defaulted("indent", ArgKind::kString,
                 "The indentation of each level; empty puts all on one line.", "    ")
      .defaulted("no_indent", ArgKind::kBool, "Puts all on one line.", false)
      .defaulted("escape_html", ArgKind::kBool, "Writes `<`, `>` and `&` in strings as escapes.",
                 true)
      .costs(Cost::kLinear)
      .example("root.text = this.doc.format_json().string()", R"({"doc":{"foo":["bar",1.50]}})",
               R"({"text":"{\n    \"foo\": [\n        \"bar\",\n        1.50\n    ]\n}"})")
      .example("root.doc = this.doc.format_json(no_indent: true).string()",
               R"({"doc":{"b":1,"a":"<&>"}})",
               R"({"doc":"{\"a\":\"\\u003c\\u0026\\u003e\",\"b\":1}"})")
      .example("root = this.doc.format_json(\"\", escape_html: false)", R"({"doc":1})",
               "error: cannot mix named and nameless arguments")
      .evaluates(format_json);
}

}  // namespace weir::mapping
