#include <array>
#include <cstdio>

#include "commands.h"
#include "core/buffer.h"
#include "core/json_text.h"
#include "manual.h"
#include "mapping/registry.h"
#include "registry.h"

namespace weir::cmd {

namespace {

using config::ComponentDoc;
using config::ComponentKind;

constexpr std::array kAllKinds = {
    ComponentKind::kInput,   ComponentKind::kBuffer,  ComponentKind::kProcessor,
    ComponentKind::kOutput,  ComponentKind::kCache,   ComponentKind::kRateLimit,
    ComponentKind::kScanner, ComponentKind::kMetrics, ComponentKind::kTracer};

std::string with_underscores(std::string text) {
  for (char& c : text) c = c == '-' ? '_' : c;
  return text;
}

void member(core::Buffer& out, std::string_view name, std::string_view value, bool first = false) {
  if (!first) out.push(',');
  core::write_json_string(name, out);
  out.push(':');
  core::write_json_string(value, out);
}

}  // namespace

int list(const ListOptions& options) {
  if (options.format == "jsonschema") return schema();
  std::vector<std::string> wanted;
  for (const std::string& kind : options.kinds) wanted.push_back(with_underscores(kind));
  const auto is_wanted = [&](std::string_view kind, bool by_default) {
    if (wanted.empty()) return by_default;
    for (const std::string& one : wanted) {
      if (one == kind) return true;
    }
    return false;
  };
  for (const std::string& one : wanted) {
    bool known = one == "bloblang_functions" || one == "bloblang_methods";
    for (const ComponentKind kind : kAllKinds) known = known || one == plural(kind);
    if (!known) {
      std::fprintf(stderr, "weir: there is no kind `%s`; see `weir list --help`\n", one.c_str());
      return 2;
    }
  }
  core::Buffer json;
  json.push('{');
  bool first_kind = true;
  const auto begin = [&](std::string_view kind) {
    if (!first_kind) json.push(',');
    if (options.format == "text")
      std::printf("%s%s:\n", first_kind ? "" : "\n", std::string(kind).c_str());
    first_kind = false;
    core::write_json_string(kind, json);
    json.append(":[");
  };
  for (const ComponentKind kind : kAllKinds) {
    if (!is_wanted(plural(kind), true)) continue;
    begin(plural(kind));
    bool first = true;
    for (const ComponentDoc* doc : all_components().list(kind)) {
      if (!options.status.empty() && name(doc->stability) != options.status) continue;
      if (options.format == "text")
        std::printf("  %-16s %s\n", doc->name.c_str(), doc->summary.c_str());
      json.append(first ? "{" : ",{");
      first = false;
      member(json, "name", doc->name, true);
      member(json, "status", name(doc->stability));
      member(json, "summary", doc->summary);
      json.push('}');
    }
    json.push(']');
  }
  const auto callables = [&](std::string_view kind,
                             const std::vector<const mapping::Callable*>& all) {
    if (!is_wanted(kind, false)) return;
    begin(kind);
    bool first = true;
    for (const mapping::Callable* one : all) {
      if (!one->refused_because.empty()) continue;
      if (options.format == "text") std::printf("  %s\n", signature(*one).c_str());
      json.append(first ? "{" : ",{");
      first = false;
      member(json, "name", one->name, true);
      member(json, "signature", signature(*one));
      member(json, "summary", one->doc);
      json.push('}');
    }
    json.push(']');
  };
  callables("bloblang_functions", mapping::Registry::standard().functions());
  callables("bloblang_methods", mapping::Registry::standard().methods());
  json.append("}\n");
  if (options.format == "json") std::fwrite(json.data(), 1, json.size(), stdout);
  return 0;
}

}  // namespace weir::cmd
