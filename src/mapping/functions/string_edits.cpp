#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"
#include "mapping/text/unicode_text.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

Value trim(Call& call) {
  const std::string_view text = call.target_text();
  return call.like_target(call.has(0) ? text::trimmed(text, call.text(0)) : text::trimmed(text));
}

Value trim_prefix(Call& call) {
  std::string_view text = call.target_text();
  if (text.starts_with(call.text(0))) text.remove_prefix(call.text(0).size());
  return call.like_target(text);
}

Value trim_suffix(Call& call) {
  std::string_view text = call.target_text();
  if (text.ends_with(call.text(0))) text.remove_suffix(call.text(0).size());
  return call.like_target(text);
}

Value split(Call& call) {
  std::string_view text = call.target_text();
  const std::string_view delimiter = call.text(0);
  const bool empty_as_null = call.flag(1);
  if (delimiter.empty() && !call.may_build(text.size() / 4)) return call.too_big();  // at least
  const std::size_t parts =
      delimiter.empty() ? count_characters(text) : count_text(text, delimiter) + 1;
  if (!call.may_build(parts)) return call.too_big();

  Value made = Value::array(call.arena(), static_cast<std::uint32_t>(parts));
  for (std::size_t i = 0; i < parts; ++i) {
    std::string_view part = text;
    if (delimiter.empty()) {
      part = text::take_character(text);
    } else if (i + 1 < parts) {
      part = text.substr(0, find_text(text, delimiter));
      text.remove_prefix(part.size() + delimiter.size());
    }
    core::append_item(made, part.empty() && empty_as_null ? Value::null() : call.like_target(part),
                      call.arena());
  }
  return made;
}

Value join(Call& call) {
  const std::string_view delimiter = call.has(0) ? call.text(0) : std::string_view{};
  TextBuilder joined(call);
  std::size_t position = 0;
  for (const Value item : core::items(call.target())) {
    const auto text = element_text(item, call.arena());
    if (!text) {
      return call.fail("failed to join element " + std::to_string(position) + ": " +
                       type_error("string", item));
    }
    if (position++ > 0) joined.append(delimiter);
    joined.append(*text);
  }
  return joined.finish_string();
}

/// `text` with every `from` replaced; the text itself when there is none. Nothing: too big.
std::optional<std::string_view> replaced(Call& call, std::string_view text, std::string_view from,
                                         std::string_view to) {
  const std::size_t count = from.empty() ? count_characters(text) + 1 : count_text(text, from);
  if (count == 0) return text;
  const std::size_t size = text.size() - count * from.size() + count * to.size();
  char* const made = call.room(size);
  if (made == nullptr) return std::nullopt;
  char* out = made;
  const auto put = [&out](std::string_view part) {
    if (!part.empty()) std::memcpy(out, part.data(), part.size());
    out += part.size();
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (from.empty()) {  // in front of every character and at the end
      if (i > 0) put(text::take_character(text));
    } else {
      const std::size_t at = find_text(text, from);
      put(text.substr(0, at));
      text.remove_prefix(at + from.size());
    }
    put(to);
  }
  put(text);
  return std::string_view(made, size);
}

Value replace_all(Call& call) {
  const auto text = replaced(call, call.target_text(), call.text(0), call.text(1));
  return text ? call.like_target(*text) : call.too_big();
}

using Replacements = std::vector<std::pair<std::string, std::string>>;

core::Result<Prepared> make_replacements(const PrepareCall& call) {
  const auto items = core::items(call.arguments[0]);
  if (items.count % 2 != 0) {
    return core::invalid_config(
        "invalid arg, replacements should be in pairs and must therefore be even: " +
        std::to_string(items.count) + " values");
  }
  core::Arena scratch;
  auto made = std::make_shared<Replacements>(items.count / 2);
  for (std::uint32_t i = 0; i < items.count; ++i) {
    const auto text = element_text(items.first[i], scratch);
    if (!text) {
      return core::invalid_config("invalid replacement value at index " + std::to_string(i) + ": " +
                                  type_error("string", items.first[i]));
    }
    auto& pair = (*made)[i / 2];
    (i % 2 == 0 ? pair.first : pair.second) = *text;
  }
  return Prepared(std::move(made));
}

Value replace_all_many(Call& call) {
  std::string_view text = call.target_text();
  for (const auto& [from, to] : call.prepared<Replacements>()) {
    if (!call.spend(1 + text.size() / 64)) return call.too_long();
    const auto result = replaced(call, text, from, to);
    if (!result) return call.too_big();
    text = *result;
  }
  return call.like_target(text);
}

void add_trims(Registry& registry) {
  registry.method("trim")
      .in(Category::kString)
      .says(
          "The string or byte array without white space at both ends, or without the characters of "
          "`cutset`.")
      .on(kOnText, "string")
      .optional("cutset", ArgKind::kString, "The characters to cut off, in any order.")
      .costs(Cost::kLinear)
      .example(
          "root.title = this.title.trim(\"!?\")\nroot.description = this.description.trim()",
          R"({"description":"  something happened and its amazing! ","title":"!!!watch out!?"})",
          R"({"description":"something happened and its amazing!","title":"watch out"})")
      .example("root = this.a.trim()", R"({"a":5})",
               "error: expected string value, got number from field `this.a` (5)")
      .evaluates(trim);

  registry.method("trim_prefix")
      .in(Category::kString)
      .says(
          "The string or byte array without a text that it begins with; unchanged if it does not.")
      .on(kOnText, "string")
      .arg("prefix", ArgKind::kString, "The text to cut off.")
      .example(
          "root.name = this.name.trim_prefix(\"foobar_\")\n"
          "root.description = this.description.trim_prefix(\"foobar_\")",
          R"({"description":"unchanged","name":"foobar_blobton"})",
          R"({"description":"unchanged","name":"blobton"})")
      .evaluates(trim_prefix);

  registry.method("trim_suffix")
      .in(Category::kString)
      .says("The string or byte array without a text that it ends with; unchanged if it does not.")
      .on(kOnText, "string")
      .arg("suffix", ArgKind::kString, "The text to cut off.")
      .example(
          "root.name = this.name.trim_suffix(\"_foobar\")\n"
          "root.description = this.description.trim_suffix(\"_foobar\")",
          R"({"description":"unchanged","name":"blobton_foobar"})",
          R"({"description":"unchanged","name":"blobton"})")
      .evaluates(trim_suffix);
}

void add_split_and_join(Registry& registry) {
  registry.method("split")
      .in(Category::kString)
      .says(
          "The parts of a string or byte array between delimiters, as an array. An empty delimiter "
          "splits into characters.")
      .on(kOnText, "string")
      .arg("delimiter", ArgKind::kString, "The text between the parts.")
      .defaulted("empty_as_null", ArgKind::kBool, "Puts null in place of parts that are empty.",
                 false)
      .costs(Cost::kLinear)
      .example("root.new_value = this.value.split(\",\")", R"({"value":"foo,bar,baz"})",
               R"({"new_value":["foo","bar","baz"]})")
      .example("root.new_value = this.value.split(\",\", true)", R"({"value":"foo,,qux"})",
               R"({"new_value":["foo",null,"qux"]})")
      .example("root.new_value = this.value.split(\"\")", R"({"value":"aéb"})",
               R"({"new_value":["a","é","b"]})")
      .evaluates(split);

  registry.method("join")
      .in(Category::kCollection)
      .says("One string of an array of strings and byte arrays.")
      .on(kOnArray, "array")
      .optional("delimiter", ArgKind::kString, "A text to put between them.")
      .costs(Cost::kLinear)
      .example("root.word = this.words.join()\nroot.list = this.words.join(\", \")",
               R"({"words":["hello","world"]})", R"({"list":"hello, world","word":"helloworld"})")
      .example("root = this.words.join(\" \")", R"({"words":["a",1]})",
               "error: field `this.words`: failed to join element 1: expected string value, got "
               "number (1)")
      .evaluates(join);
}

void add_replacements(Registry& registry) {
  registry.method("replace_all")
      .in(Category::kString)
      .says("The string or byte array with every occurrence of a text replaced by another.")
      .on(kOnText, "string")
      .arg("old", ArgKind::kString, "The text to replace.")
      .arg("new", ArgKind::kString, "What to put in its place.")
      .costs(Cost::kLinear)
      .example("root.new_value = this.value.replace_all(\"foo\",\"dog\")",
               R"({"value":"The foo ate my homework"})",
               R"({"new_value":"The dog ate my homework"})")
      .evaluates(replace_all);
  registry.method_alias("replace", "replace_all", Support::kHidden);

  registry.method("replace_all_many")
      .in(Category::kString)
      .says(
          "Several `replace_all` in a row: of each pair in the array, the first text is replaced "
          "by the "
          "second.")
      .on(kOnText, "string")
      .arg("values", ArgKind::kArray, "A flat array: old, new, old, new.")
      .costs(Cost::kLinear)
      .example(
          "root.new_value = this.value.replace_all_many([\n  \"<b>\", \"&lt;b&gt;\",\n"
          "  \"</b>\", \"&lt;/b&gt;\",\n])",
          R"({"value":"Hello <b>World</b>"})", R"({"new_value":"Hello &lt;b&gt;World&lt;/b&gt;"})")
      .example("root = this.value.replace_all_many([\"a\"])", R"({"value":"x"})",
               "error: replacements should be in pairs")
      .prepared_by(make_replacements)
      .evaluates(replace_all_many);
  registry.method_alias("replace_many", "replace_all_many", Support::kHidden);
}

}  // namespace

void add_string_edits(Registry& registry) {
  add_trims(registry);
  add_split_and_join(registry);
  add_replacements(registry);
}

}  // namespace weir::mapping
