#include <cstdio>
#include <map>

#include "commands.h"
#include "config/pipeline.h"
#include "core/buffer.h"
#include "core/json_text.h"
#include "registry.h"

namespace weir::cmd {

namespace {

using config::ComponentKind;
using config::FieldDoc;
using config::FieldKind;

std::string quoted(std::string_view text) {
  core::Buffer out;
  core::write_json_string(text, out);
  return std::string(out.view());
}

std::string reference(ComponentKind kind) {
  return "{\"$ref\":\"#/$defs/" + std::string(name(kind)) + "\"}";
}

std::string value_schema(const FieldDoc& field);

std::string object_schema(const std::vector<FieldDoc>& fields) {
  std::string out =
      "{\"type\":[\"object\",\"null\"],\"additionalProperties\":false,\"properties\":{";
  std::string required;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::string schema = value_schema(fields[i]);
    std::string facts = "\"description\":" + quoted(fields[i].info.doc);
    if (!fields[i].default_json.empty()) facts += ",\"default\":" + fields[i].default_json;
    if (!fields[i].info.deprecated.empty()) facts += ",\"deprecated\":true";
    // `$ref` and facts may stand side by side since draft 2019-09.
    schema.insert(1, schema == "{}" ? facts : facts + ",");
    out += (i == 0 ? "" : ",") + quoted(fields[i].name) + ":" + schema;
    if (fields[i].info.required) required += (required.empty() ? "" : ",") + quoted(fields[i].name);
  }
  out += "}";
  if (!required.empty()) out += ",\"required\":[" + required + "]";
  return out + "}";
}

std::string value_schema(const FieldDoc& field) {
  switch (field.kind) {
    case FieldKind::kBool:
      return "{\"type\":[\"boolean\",\"string\"]}";  // text: environment references
    case FieldKind::kInt: return "{\"type\":[\"integer\",\"string\"]}";
    case FieldKind::kFloat: return "{\"type\":[\"number\",\"string\"]}";
    case FieldKind::kSize: return "{\"type\":[\"integer\",\"string\"]}";
    case FieldKind::kString:
    case FieldKind::kDuration:
    case FieldKind::kTemplate:
    case FieldKind::kMapping:
    case FieldKind::kRegex:
    case FieldKind::kUrl: {
      if (field.info.options.empty()) return "{\"type\":[\"string\",\"number\",\"boolean\"]}";
      std::string out = "{\"enum\":[";
      for (std::size_t i = 0; i < field.info.options.size(); ++i)
        out += (i == 0 ? "" : ",") + quoted(field.info.options[i].value);
      return out + "]}";
    }
    case FieldKind::kAny: return "{}";
    case FieldKind::kObject: return object_schema(field.children);
    case FieldKind::kList:
      return "{\"type\":[\"array\",\"null\"],\"items\":" + value_schema(*field.element) + "}";
    case FieldKind::kMap:
      return "{\"type\":[\"object\",\"null\"],\"additionalProperties\":" +
             value_schema(*field.element) + "}";
    case FieldKind::kInput: return reference(ComponentKind::kInput);
    case FieldKind::kBuffer: return reference(ComponentKind::kBuffer);
    case FieldKind::kProcessor: return reference(ComponentKind::kProcessor);
    case FieldKind::kOutput: return reference(ComponentKind::kOutput);
    case FieldKind::kCache: return reference(ComponentKind::kCache);
    case FieldKind::kRateLimit: return reference(ComponentKind::kRateLimit);
    case FieldKind::kScanner: return reference(ComponentKind::kScanner);
    case FieldKind::kMetrics: return reference(ComponentKind::kMetrics);
    case FieldKind::kTracer: return reference(ComponentKind::kTracer);
  }
  return "{}";
}

std::string component_schema(ComponentKind kind) {
  std::string properties =
      "\"label\":{\"type\":\"string\"},\"type\":{\"type\":\"string\"},\"plugin\":{},\"meta\":{}";
  if (kind == ComponentKind::kInput || kind == ComponentKind::kOutput) {
    properties +=
        ",\"processors\":{\"type\":\"array\",\"items\":" + reference(ComponentKind::kProcessor) +
        "}";
  }
  if (kind == ComponentKind::kMetrics) properties += ",\"mapping\":{\"type\":\"string\"}";
  for (const config::ComponentDoc* doc : all_components().list(kind)) {
    std::string schema = value_schema(doc->config);
    schema.insert(1, "\"description\":" + quoted(doc->summary) + (schema == "{}" ? "" : ","));
    properties += "," + quoted(doc->name) + ":" + schema;
  }
  return "{\"type\":[\"object\",\"string\"],\"additionalProperties\":false,\"properties\":{" +
         properties + "}}";
}

}  // namespace

int schema() {
  std::string root = object_schema(config::pipeline_doc().children);
  std::string defs;
  for (const ComponentKind kind :
       {ComponentKind::kInput, ComponentKind::kBuffer, ComponentKind::kProcessor,
        ComponentKind::kOutput, ComponentKind::kCache, ComponentKind::kRateLimit,
        ComponentKind::kScanner, ComponentKind::kMetrics, ComponentKind::kTracer}) {
    defs += (defs.empty() ? "" : ",") + quoted(name(kind)) + ":" + component_schema(kind);
  }
  root.insert(
      1, "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$defs\":{" + defs + "},");
  std::printf("%s\n", root.c_str());
  return 0;
}

}  // namespace weir::cmd
