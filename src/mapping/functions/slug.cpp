#include "mapping/text/slug.h"

#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Value;

Value slug(Call& call) {
  Scratch scratch;
  std::string& made = scratch.text();
  text::append_slug(made, call.target_text(), call.text(0));
  return made_text(call, made, core::Kind::kString);
}

}  // namespace

void add_slug(Registry& registry) {
  registry.method("slug")
      .in(Category::kString)
      .says(
          "The string as it may stand in a URL: lower-case ASCII letters and digits with single "
          "`-` "
          "between words. Accents are dropped, Greek and Cyrillic letters written in Latin ones; "
          "other "
          "scripts disappear.")
      .on(kOnText, "string")
      .defaulted("lang", ArgKind::kString,
                 "The language that `&`, `@` and some letters are read in, as an ISO 639 code.",
                 "en")
      .costs(Cost::kLinear)
      .example("root.slug = this.title.slug()", R"({"title":"Hello World! Welcome & Enjoy"})",
               R"({"slug":"hello-world-welcome-and-enjoy"})")
      .example("root.slug = this.title.slug(\"de\")", R"({"title":"Äpfel & Birnen"})",
               R"({"slug":"aepfel-und-birnen"})")
      .evaluates(slug);
}

}  // namespace weir::mapping
