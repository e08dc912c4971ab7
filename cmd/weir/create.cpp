#include <cstdio>
#include <sstream>

#include "commands.h"
#include "config/diagnostics.h"
#include "config/pipeline.h"
#include "registry.h"

namespace weir::cmd {

namespace {

using config::ComponentDoc;
using config::ComponentKind;
using config::FieldDoc;
using config::FieldKind;

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  std::string part;
  while (std::getline(stream, part, at)) parts.push_back(part);
  return parts;
}

class Skeleton {
 public:
  explicit Skeleton(bool small) : small_(small) {}
  std::string out;

  void component(const ComponentDoc& doc, const std::string& indent, const std::string& lead) {
    out += lead + doc.name + ":";
    if (doc.config.kind != FieldKind::kObject) {
      out += doc.config.kind == FieldKind::kList || doc.config.kind == FieldKind::kMap
                 ? " []\n"
                 : " \"\" # " + doc.config.info.doc + "\n";
      return;
    }
    std::string inner;
    std::swap(inner, out);
    fields(doc.config.children, indent + "  ");
    std::swap(inner, out);
    out += inner.empty() ? " {}\n" : "\n" + inner;
  }

 private:
  void fields(const std::vector<FieldDoc>& all, const std::string& indent) {
    for (const FieldDoc& field : all) {
      if (!field.info.deprecated.empty()) continue;
      if (small_ && !field.info.required && field.info.advanced) continue;
      if (field.kind == FieldKind::kObject && !field.children.empty()) {
        out += indent + field.name + ":\n";
        fields(field.children, indent + "  ");
        continue;
      }
      std::string value = field.default_json;
      std::string note = field.info.required ? "required" : (value.empty() ? "optional" : "");
      if (value.empty()) value = field.info.required ? "\"\"" : "";
      if (value.empty()) {
        out += indent + "# " + field.name + ": # " + note + ": " + field.info.doc + "\n";
        continue;
      }
      out += indent + field.name + ": " + value + (note.empty() ? "" : " # " + note) + "\n";
    }
  }

  bool small_;
};

const ComponentDoc* wanted(ComponentKind kind, const std::string& name) {
  const ComponentDoc* doc = all_components().find(kind, name);
  if (doc != nullptr) return doc;
  std::vector<std::string_view> names;
  for (const ComponentDoc* one : all_components().list(kind)) names.push_back(one->name);
  const std::string near(config::nearest(name, names));
  std::fprintf(stderr, "weir: there is no %s `%s`%s\n", std::string(config::name(kind)).c_str(),
               name.c_str(), near.empty() ? "" : ("; did you mean `" + near + "`?").c_str());
  return nullptr;
}

// One component, or several in a broker.
bool section(ComponentKind kind, const std::string& list, const char* title,
             const char* plural_field, Skeleton& skeleton) {
  const std::vector<std::string> names = split(list, ',');
  skeleton.out += std::string(title) + ":\n  label: \"\"\n";
  if (names.size() == 1) {
    const ComponentDoc* doc = wanted(kind, names[0]);
    if (doc == nullptr) return false;
    skeleton.component(*doc, "  ", "  ");
    return true;
  }
  skeleton.out += std::string("  broker:\n    ") + plural_field + ":\n";
  for (const std::string& name : names) {
    const ComponentDoc* doc = wanted(kind, name);
    if (doc == nullptr) return false;
    skeleton.component(*doc, "        ", "      - ");
  }
  return true;
}

}  // namespace

int create(const CreateOptions& options) {
  std::vector<std::string> parts = split(options.expression, '/');
  parts.resize(3);
  if (parts[0].empty()) parts[0] = "stdin";
  if (parts[2].empty()) parts[2] = "stdout";
  Skeleton skeleton(options.small);
  if (!section(ComponentKind::kInput, parts[0], "input", "inputs", skeleton)) return 2;
  skeleton.out += "\npipeline:\n  threads: -1\n  processors:";
  const std::vector<std::string> processors = split(parts[1], ',');
  if (processors.empty()) skeleton.out += " []";
  skeleton.out += "\n";
  for (const std::string& name : processors) {
    const ComponentDoc* doc = wanted(ComponentKind::kProcessor, name);
    if (doc == nullptr) return 2;
    skeleton.component(*doc, "      ", "    - ");
  }
  skeleton.out += "\n";
  if (!section(ComponentKind::kOutput, parts[2], "output", "outputs", skeleton)) return 2;
  std::fwrite(skeleton.out.data(), 1, skeleton.out.size(), stdout);
  return 0;
}

}  // namespace weir::cmd
