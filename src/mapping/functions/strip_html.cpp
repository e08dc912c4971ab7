#include <memory>
#include <set>
#include <string>

#include "mapping/formats/html_strip.h"
#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;
using Names = std::set<std::string, std::less<>>;

core::Result<Prepared> take_names(const PrepareCall& call) {
  auto names = std::make_shared<Names>();
  if (!call.has(0) || call.arguments[0].is_null()) return Prepared(std::move(names));
  const Value list = call.arguments[0];
  if (!list.is(Kind::kArray)) {
    return core::invalid_config("preserve must be an array of names, got " +
                                std::string(type_name(list)));
  }
  core::Arena scratch;
  for (const Value item : core::items(list)) {
    const auto name = element_text(item, scratch);
    if (!name) return core::invalid_config("preserve: " + type_error("string", item));
    std::string lower;
    for (const char c : *name) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    names->insert(std::move(lower));
  }
  return Prepared(std::move(names));
}

Value strip_html(Call& call) {
  const std::string_view html = call.target_text();
  if (!call.spend(1 + html.size() / 8)) return call.too_long();
  Scratch scratch;
  std::string& made = scratch.text();
  append_stripped_html(made, html, call.prepared<Names>());
  return made_text(call, made, Kind::kString);
}

}  // namespace

void add_strip_html(Registry& registry) {
  registry.method("strip_html")
      .in(Category::kString)
      .says(
          "The text of an HTML fragment without its tags, safe to be put into HTML. Scripts, "
          "styles, titles "
          "and frames go with their content; elements that are listed keep their tags, but no "
          "attributes.")
      .on(kOnText, "string")
      .optional("preserve", ArgKind::kAny, "An array of the names of elements to keep.")
      .costs(Cost::kLinear)
      .example("root.plain_text = this.html.strip_html()",
               R"({"html":"<p>Fish &amp; <strong class=\"x\">Chips</strong>!</p>"})",
               R"({"plain_text":"Fish &amp; Chips!"})")
      .example(
          "root.safe = this.html.strip_html([\"strong\"])",
          R"({"html":"<p>Some <strong class=\"x\">bold</strong> text<script>alert(1)</script></p>"})",
          R"({"safe":"Some <strong>bold</strong> text"})")
      .example("root = this.html.strip_html(\"b\")", R"({"html":"x"})",
               "error: preserve must be an array of names, got string")
      .prepared_by(take_names)
      .evaluates(strip_html);
}

}  // namespace weir::mapping
