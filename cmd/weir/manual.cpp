#include "manual.h"

namespace weir::cmd {

namespace {

using config::FieldDoc;
using config::FieldKind;

std::string default_text(const mapping::Default& value) {
  using Is = mapping::Default::Is;
  switch (value.is) {
    case Is::kText: return "\"" + std::string(value.text) + "\"";
    case Is::kInt: return std::to_string(value.integer);
    case Is::kBool: return value.flag ? "true" : "false";
    default: return "";
  }
}

// One line of Markdown that may stand in a table.
std::string cell(std::string text) {
  std::string out;
  for (const char c : text) {
    if (c == '|')
      out += "\\|";
    else if (c == '\n')
      out += ' ';
    else
      out += c;
  }
  return out;
}

std::string plain_default(const FieldDoc& field) {
  if (field.info.required) return "required";
  if (field.default_json.empty()) return "";
  return "`" + field.default_json + "`";
}

void fields_table(const std::vector<FieldDoc>& fields, const std::string& prefix,
                  std::string& out) {
  for (const FieldDoc& field : fields) {
    const std::string name = prefix + field.name;
    std::string doc = field.info.doc;
    if (!field.info.options.empty()) {
      doc += " One of ";
      for (std::size_t i = 0; i < field.info.options.size(); ++i)
        doc += (i == 0 ? "`" : ", `") + field.info.options[i].value + "`";
      doc += ".";
    }
    if (!field.info.examples.empty()) doc += " E.g. `" + field.info.examples.front() + "`.";
    if (field.info.secret) doc += " Secret: masked wherever it is shown.";
    if (!field.info.deprecated.empty()) doc += " Deprecated: " + field.info.deprecated + ".";
    out += "| `" + name + "` | " + type_text(field) + " | " + cell(plain_default(field)) + " | " +
           cell(doc) + " |\n";
    fields_table(field.children, name + ".", out);
    if (field.element != nullptr)
      fields_table(field.element->children, name + (field.kind == FieldKind::kList ? "[]." : ".*."),
                   out);
  }
}

}  // namespace

std::string type_text(const FieldDoc& field) {
  if (field.kind == FieldKind::kList)
    return "list of " + (field.element == nullptr ? "any" : type_text(*field.element));
  if (field.kind == FieldKind::kMap)
    return "map to " + (field.element == nullptr ? "any" : type_text(*field.element));
  return std::string(name(field.kind));
}

std::string signature(const mapping::Callable& callable) {
  std::string text = std::string(callable.is_method ? "." : "") + std::string(callable.name) + "(";
  for (std::size_t i = 0; i < callable.parameters.size(); ++i) {
    const mapping::Parameter& p = callable.parameters[i];
    if (i > 0) text += ", ";
    if (callable.is_variadic && i + 1 == callable.parameters.size()) text += "...";
    text += p.name;
    const std::string value = default_text(p.default_value);
    if (!value.empty())
      text += " = " + value;
    else if (p.optional)
      text += "?";
  }
  return text + ")";
}

std::string function_manual(const mapping::Callable& callable) {
  std::string out = signature(callable) + "\n\n";
  if (!callable.refused_because.empty())
    return out + "Not in weir: " + std::string(callable.refused_because) + "\n";
  if (!callable.alias_of.empty())
    out += "Another name for `" + std::string(callable.alias_of) + "`.\n\n";
  out += std::string(callable.doc) + "\n";
  for (const mapping::Parameter& p : callable.parameters) {
    out += "\n  " + std::string(p.name) + (p.optional ? " (optional)" : "") + ": " +
           std::string(p.doc);
  }
  if (!callable.parameters.empty()) out += "\n";
  for (const mapping::Example& example : callable.examples) {
    out += "\n";
    if (!example.doc.empty()) out += "  # " + std::string(example.doc) + "\n";
    out += "  " + std::string(example.mapping) + "\n";
    if (!example.input.empty()) out += "    in:  " + std::string(example.input) + "\n";
    out += "    out: " + std::string(example.expected) + "\n";
  }
  return out;
}

namespace {

std::string_view words(mapping::Category category) {
  using mapping::Category;
  switch (category) {
    case Category::kGeneral: return "General";
    case Category::kMessage: return "The message and its batch";
    case Category::kEnvironment: return "Environment";
    case Category::kCoercion: return "Types and coercion";
    case Category::kString: return "Strings";
    case Category::kNumber: return "Numbers";
    case Category::kTime: return "Times and durations";
    case Category::kRegexp: return "Regular expressions";
    case Category::kEncoding: return "Encoding, hashing, encryption";
    case Category::kCollection: return "Arrays and objects";
    case Category::kParsing: return "Parsing and formatting";
    case Category::kSql: return "SQL";
    case Category::kFake: return "Made-up data";
    case Category::kDeprecated: return "Old names";
  }
  return "Other";
}

std::string_view words(mapping::Support support) {
  switch (support) {
    case mapping::Support::kStable:
    case mapping::Support::kHidden: return "";
    case mapping::Support::kBeta: return "Beta: its behaviour may still change.";
    case mapping::Support::kExperimental: return "Experimental: it may change or go.";
    case mapping::Support::kDeprecated: return "Deprecated: kept for older mappings.";
  }
  return "";
}

std::string_view kind_words(mapping::ArgKind kind) {
  switch (kind) {
    case mapping::ArgKind::kAny: return "anything";
    case mapping::ArgKind::kString: return "string";
    case mapping::ArgKind::kInt: return "integer";
    case mapping::ArgKind::kFloat: return "number";
    case mapping::ArgKind::kBool: return "bool";
    case mapping::ArgKind::kTimestamp: return "timestamp";
    case mapping::ArgKind::kArray: return "array";
    case mapping::ArgKind::kObject: return "object";
    case mapping::ArgKind::kQuery: return "query";
    case mapping::ArgKind::kQueryOrValue: return "query or value";
  }
  return "";
}

void reference_entry(const mapping::Callable& callable, std::string& out) {
  out += "### `" + std::string(callable.name) + "`\n\n`" + signature(callable) + "`\n\n";
  if (!callable.alias_of.empty())
    out += "Another name for `" + std::string(callable.alias_of) + "`.\n\n";
  out += std::string(callable.doc) + "\n";
  if (const std::string_view status = words(callable.support); !status.empty())
    out += "\n" + std::string(status) + "\n";
  if (!callable.is_deterministic) out += "\nThe same call may answer differently each time.\n";
  if (!callable.target_words.empty())
    out += "\nCalled on: " + std::string(callable.target_words) + ".\n";
  if (!callable.parameters.empty())
    out += "\n| argument | kind | default | meaning |\n|---|---|---|---|\n";
  for (const mapping::Parameter& p : callable.parameters) {
    const std::string value = default_text(p.default_value);
    out += "| `" + std::string(p.name) + "` | " + std::string(kind_words(p.kind)) + " | " +
           (value.empty() ? (p.optional ? "optional" : "") : "`" + value + "`") + " | " +
           cell(std::string(p.doc)) + " |\n";
  }
  if (!callable.alias_of.empty()) {
    out += "\n";
    return;
  }
  for (const mapping::Example& example : callable.examples) {
    if (!example.doc.empty()) out += "\n" + std::string(example.doc) + "\n";
    out += "\n```\n" + std::string(example.mapping) + "\n";
    if (!example.input.empty()) out += "# in:  " + std::string(example.input) + "\n";
    out += "# out: " + std::string(example.expected) + "\n```\n";
  }
  out += "\n";
}

}  // namespace

std::string mapping_reference(bool methods) {
  const mapping::Registry& registry = mapping::Registry::standard();
  const auto all = methods ? registry.methods() : registry.functions();
  std::string out = methods ? "# Methods\n\n" : "# Functions\n\n";
  out += "<!-- Written by `weir docs` from the registry; change it there. -->\n\n";
  out += methods ? "Called on a value: `this.name.uppercase()`. "
                 : "Called by themselves: `uuid_v4()`. ";
  out +=
      "Arguments are given in order or all by name: `f(a: 1, b: 2)`. Every example runs as a "
      "test.\n";
  for (int c = 0; c <= static_cast<int>(mapping::Category::kDeprecated); ++c) {
    std::string section;
    for (const mapping::Callable* one : all) {
      if (static_cast<int>(one->category) != c || !one->refused_because.empty() ||
          one->support == mapping::Support::kHidden)
        continue;
      reference_entry(*one, section);
    }
    if (!section.empty())
      out += "\n## " + std::string(words(static_cast<mapping::Category>(c))) + "\n\n" + section;
  }
  std::string refused;
  for (const mapping::Callable* one : all) {
    if (!one->refused_because.empty())
      refused += "| `" + std::string(one->name) + "` | " + cell(std::string(one->refused_because)) +
                 " |\n";
  }
  if (!refused.empty())
    out +=
        "\n## Left out\n\nA mapping that calls one of these does not compile; the error says what "
        "stands here.\n\n| name | why, and what to do instead |\n|---|---|\n" +
        refused;
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

std::string component_page(const config::ComponentDoc& doc) {
  std::string out = "# " + doc.name + "\n\n";
  out += "<!-- Written by `weir docs` from the component's spec; change it there. -->\n\n";
  if (doc.stability != config::Stability::kStable)
    out += "Status: " + std::string(name(doc.stability)) + ".\n\n";
  out += doc.summary + "\n";
  if (!doc.description.empty()) out += "\n" + doc.description + "\n";
  if (!doc.config.children.empty()) {
    out += "\n## Fields\n\n| field | type | default | meaning |\n|---|---|---|---|\n";
    fields_table(doc.config.children, "", out);
  } else if (doc.config.kind != FieldKind::kObject) {
    out += "\nTakes one value (" + type_text(doc.config) + ")" +
           (doc.config.info.doc.empty() ? "" : ": " + doc.config.info.doc) + "\n";
    if (doc.config.element != nullptr && !doc.config.element->children.empty()) {
      out +=
          "\n## Fields of each entry\n\n| field | type | default | meaning |\n|---|---|---|---|\n";
      fields_table(doc.config.element->children, "", out);
    }
  } else {
    out += "\nTakes no fields.\n";
  }
  for (const config::Example& example : doc.examples) {
    out += "\n## Example: " + example.title + "\n\n```yaml\n";
    std::string yaml = example.yaml;
    if (!yaml.empty() && yaml.front() == '\n') yaml.erase(0, 1);
    if (yaml.empty() || yaml.back() != '\n') yaml += "\n";
    out += yaml + "```\n";
  }
  return out;
}

}  // namespace weir::cmd
