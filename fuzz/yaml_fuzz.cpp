// Configuration files: the reader, its two parsers against each other, the tree walk, the writers.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "config/render.h"
#include "config/yaml_names.h"
#include "config/yaml_reader.h"

namespace {

using namespace weir::config;

[[noreturn]] void broken(const char* what, std::string_view one, std::string_view other) {
  std::fprintf(stderr, "%s\n--- one\n%.*s\n--- other\n%.*s\n", what, static_cast<int>(one.size()),
               one.data(), static_cast<int>(other.size()), other.data());
  std::abort();
}

std::string outline(const yaml::Events& events) {
  std::string out;
  for (const yaml::Event& event : events.list) {
    out += std::to_string(static_cast<int>(event.kind));
    if (event.implicit) {
      out += "implicit";
    } else if (event.kind != yaml::Event::Kind::kEnd) {
      out += " " + std::to_string(event.line) + ":" + std::to_string(event.column) + "@" +
             std::to_string(event.offset) + " " + std::to_string(static_cast<int>(event.style)) +
             " (" + event.text + ")" + event.tag;
    }
    out += "\n";
  }
  return out;
}

// The quick parser may decline, but must not differ.
void compare_parsers(std::string_view text) {
  if (yaml::find_bad_byte(text) || text.starts_with("\xEF\xBB\xBF")) {
    return;
  }
  const YamlLimits limits;
  yaml::Events quick;
  if (!yaml::parse_events_quickly(text, limits, quick)) {
    return;
  }
  yaml::Events whole;
  if (const auto failure = yaml::parse_events(text, limits, whole)) {
    broken("the quick parser accepts what is refused", outline(quick), failure->message);
  }
  if (outline(quick) != outline(whole)) {
    broken("the parsers differ", outline(quick), outline(whole));
  }
}

// What a tree means, however it is written.
void meaning(const Node& node, std::string& out) {
  out += node.where.line == 0 ? "?" : "";
  switch (node.kind) {
    case Node::Kind::kNull: out += "~"; return;
    case Node::Kind::kScalar:
      out += std::to_string(static_cast<int>(scalar_type(node))) + "(" + node.scalar + ")";
      return;
    case Node::Kind::kSequence:
      out += "[";
      for (const Node& item : node.items) {
        meaning(item, out);
        out += ",";
      }
      out += "]";
      return;
    case Node::Kind::kMapping:
      out += "{";
      for (const Node::Member& member : node.members) {
        out += "(" + member.key + "):";
        meaning(member.value, out);
        out += ",";
      }
      out += "}";
      return;
  }
}

std::string meaning(const Node& node) {
  std::string out;
  meaning(node, out);
  return out;
}

std::optional<std::string> lookup(std::string_view name) {
  if (name == "A") {
    return "value: [x]";
  }
  if (name == "B") {
    return "";
  }
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  compare_parsers(text);
  YamlOptions options;
  options.env = lookup;
  Diagnostics found;
  const auto document = read_yaml(text, "f", options, found);
  if (!document) {
    if (!found.has_errors()) {
      broken("no tree and no finding", text, "");
    }
    return 0;
  }
  for (const Diagnostic& one : found.all()) {
    if (one.rule.empty() || one.message.empty() || one.where.file != "f") {
      broken("a finding without rule, message or place", text, one.message);
    }
  }
  const std::string written = to_yaml(document->root);
  (void)to_json(document->root);
  if (found.has_errors()) {
    return 0;
  }
  Diagnostics again_found;
  const auto again = read_yaml(written, "g", options, again_found);
  if (!again || again_found.has_errors()) {
    broken("what is written cannot be read", text, written);
  }
  if (meaning(again->root) != meaning(document->root)) {
    broken("what is written reads differently", meaning(document->root), meaning(again->root));
  }
  return 0;
}
