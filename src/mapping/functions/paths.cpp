#include <string>
#include <vector>

#include "mapping/functions/all.h"
#include "mapping/functions/support.h"
#include "mapping/registry.h"
#include "mapping/text/file_path.h"

namespace weir::mapping {

namespace {

using core::Value;

Value filepath_join(Call& call) {
  std::vector<std::string_view> parts;
  std::size_t size = 0;
  for (const Value item : core::items(call.target())) {
    const auto text = element_text(item, call.arena());
    if (!text) {
      return call.fail("path element " + std::to_string(parts.size()) + ": " +
                       type_error("string", item));
    }
    size += text->size() + 1;
    if (size > call.context().limits.max_text) return call.too_big();
    parts.push_back(*text);
  }
  return made_text(call, text::join_path(parts), core::Kind::kString);
}

Value filepath_split(Call& call) {
  const auto [folder, file] = text::split_path(text_form(call));
  Value made = Value::array(call.arena(), 2);
  core::append_item(made, Value::string(folder), call.arena());
  core::append_item(made, Value::string(file), call.arena());
  return made;
}

}  // namespace

void add_paths(Registry& registry) {
  registry.method("filepath_join")
      .in(Category::kString)
      .says("One file path of an array of parts, with slashes between them and without detours.")
      .on(kOnArray, "array")
      .costs(Cost::kLinear)
      .example("root.path = this.path_elements.filepath_join()",
               R"({"path_elements":["/foo/","bar.txt"]})", R"({"path":"/foo/bar.txt"})")
      .example("root.path = this.parts.filepath_join()", R"({"parts":["a/./b","../../..","c"]})",
               R"({"path":"../c"})")
      .example("root = this.parts.filepath_join()", R"({"parts":["a",5]})",
               "error: field `this.parts`: path element 1: expected string value, got number (5)")
      .evaluates(filepath_join);

  registry.method("filepath_split")
      .in(Category::kString)
      .says("A file path in two: the folder, with its last slash, and the file name.")
      .on(kOnTextForm, "string")
      .example("root.path_sep = this.path.filepath_split()", R"({"path":"/foo/bar.txt"})",
               R"({"path_sep":["/foo/","bar.txt"]})")
      .example("root.path_sep = this.path.filepath_split()", R"({"path":"baz.txt"})",
               R"({"path_sep":["","baz.txt"]})")
      .evaluates(filepath_split);
}

}  // namespace weir::mapping
