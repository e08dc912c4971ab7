#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"
#include "mapping/text/html_text.h"
#include "mapping/text/url_text.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

template <void (*kConvert)(std::string&, std::string_view)>
Value convert(Call& call) {
  Scratch scratch;
  std::string& made = scratch.text();
  kConvert(made, text_form(call));
  return made_text(call, made, Kind::kString);
}

template <core::Status (*kConvert)(std::string&, std::string_view)>
Value try_convert(Call& call) {
  Scratch scratch;
  std::string& made = scratch.text();
  const core::Status done = kConvert(made, text_form(call));
  if (!done) return call.fail(done.error());
  return made_text(call, made, Kind::kString);
}

Callable& conversion(Registry& registry, std::string_view name) {
  return registry.method(name).in(Category::kString).on(kOnTextForm, "string").costs(Cost::kLinear);
}

}  // namespace

void add_escaping(Registry& registry) {
  conversion(registry, "escape_html")
      .says("The string with `<`, `>`, `&`, `'` and `\"` as HTML character references.")
      .example("root.escaped = this.value.escape_html()", R"({"value":"<b>it's & more</b>"})",
               R"({"escaped":"&lt;b&gt;it&#39;s &amp; more&lt;/b&gt;"})")
      .evaluates(convert<text::append_escaped_html>);

  conversion(registry, "unescape_html")
      .says(
          "The string with all HTML character references resolved: names such as `&eacute;` and "
          "numbers "
          "such as `&#233;` and `&#xe9;`.")
      .example("root.unescaped = this.value.unescape_html()", R"({"value":"foo &amp; b&#228;r"})",
               R"({"unescaped":"foo & bär"})")
      .evaluates(convert<text::append_unescaped_html>);

  conversion(registry, "escape_url_query")
      .says("The string percent-encoded for a URL's query; blanks become `+`.")
      .example("root.escaped = this.value.escape_url_query()", R"({"value":"foo & bar"})",
               R"({"escaped":"foo+%26+bar"})")
      .evaluates(convert<text::append_escaped_url_query>);

  conversion(registry, "unescape_url_query")
      .says("The text that a part of a URL's query stands for.")
      .example("root.unescaped = this.value.unescape_url_query()", R"({"value":"foo+%26+bar"})",
               R"({"unescaped":"foo & bar"})")
      .example("root.unescaped = this.value.unescape_url_query()", R"({"value":"100%"})",
               "error: field `this.value`: invalid URL escape \"%\"")
      .evaluates(try_convert<text::append_unescaped_url_query>);

  conversion(registry, "escape_url_path")
      .says("The string percent-encoded for one segment of a URL's path; blanks become `%20`.")
      .example("root.escaped = this.value.escape_url_path()", R"({"value":"foo & bar"})",
               R"({"escaped":"foo%20&%20bar"})")
      .evaluates(convert<text::append_escaped_url_path>);

  conversion(registry, "unescape_url_path")
      .says("The text that a segment of a URL's path stands for; `+` stays.")
      .example("root.unescaped = this.value.unescape_url_path()", R"({"value":"foo%20&%20bar"})",
               R"({"unescaped":"foo & bar"})")
      .evaluates(try_convert<text::append_unescaped_url_path>);
}

}  // namespace weir::mapping
