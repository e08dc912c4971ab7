#include <algorithm>
#include <string>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"
#include "mapping/text/unicode_text.h"

namespace weir::mapping {

namespace {

using core::Value;

/// ASCII is done in the arena, and not at all where nothing changes; `first` and `last` bound the
/// letters that change.
template <void (*kConvert)(std::string&, std::string_view)>
Value convert(Call& call, char first, char last) {
  const std::string_view text = call.target_text();
  bool changes = false;
  bool ascii = true;
  for (const char c : text) {
    changes |= c >= first && c <= last;
    ascii &= static_cast<unsigned char>(c) < 0x80;
  }
  if (!ascii) {
    Scratch scratch;
    std::string& made = scratch.text();
    kConvert(made, text);
    return made_text(call, made, call.target().kind());
  }
  if (!changes) return call.like_target(text);
  char* const made = call.room(text.size());
  if (made == nullptr) return call.too_big();
  std::transform(text.begin(), text.end(), made,
                 [&](char c) { return c >= first && c <= last ? static_cast<char>(c ^ 0x20) : c; });
  return call.like_target({made, text.size()});
}

Value uppercase(Call& call) {
  return convert<text::append_uppercase>(call, 'a', 'z');
}

Value lowercase(Call& call) {
  return convert<text::append_lowercase>(call, 'A', 'Z');
}

Value capitalize(Call& call) {
  Scratch scratch;
  std::string& made = scratch.text();
  text::append_capitalized(made, call.target_text());
  return made_text(call, made, call.target().kind());
}

}  // namespace

void add_string_case(Registry& registry) {
  registry.method("uppercase")
      .in(Category::kString)
      .says("The string or byte array with all letters in upper case.")
      .on(kOnText, "string")
      .costs(Cost::kLinear)
      .example("root.foo = this.foo.uppercase()", R"({"foo":"hello wörld"})",
               R"({"foo":"HELLO WÖRLD"})")
      .example("root.foo = this.foo.uppercase()", R"({"foo":null})",
               "error: expected string value, got null from field `this.foo`")
      .evaluates(uppercase);

  registry.method("lowercase")
      .in(Category::kString)
      .says("The string or byte array with all letters in lower case.")
      .on(kOnText, "string")
      .costs(Cost::kLinear)
      .example("root.foo = this.foo.lowercase()", R"({"foo":"HELLO WÖRLD"})",
               R"({"foo":"hello wörld"})")
      .evaluates(lowercase);

  registry.method("capitalize")
      .in(Category::kString)
      .says(
          "The string or byte array with the first letter of each word in title case and all "
          "others in "
          "lower case.")
      .on(kOnText, "string")
      .costs(Cost::kLinear)
      .example("root.title = this.title.capitalize()", R"({"title":"the foo BAR"})",
               R"({"title":"The Foo Bar"})")
      .evaluates(capitalize);
}

}  // namespace weir::mapping
