#pragma once

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "config/yaml_reader.h"

namespace weir::config {

/// The tree in one line: `{a: 1, b: "text", c: [~]}`; quotes for scalars that are text by their
/// style.
inline std::string outline(const Node& node) {
  std::string out;
  switch (node.kind) {
    case Node::Kind::kNull: return "~";
    case Node::Kind::kScalar: return node.quoted ? '"' + node.scalar + '"' : node.scalar;
    case Node::Kind::kSequence:
      for (const Node& item : node.items) {
        out.append(out.empty() ? "" : ", ").append(outline(item));
      }
      return "[" + out + "]";
    case Node::Kind::kMapping:
      for (const Node::Member& member : node.members) {
        out.append(out.empty() ? "" : ", ").append(member.key).append(": ");
        out += outline(member.value);
      }
      return "{" + out + "}";
  }
  return out;
}

/// All findings, one a line: `file:line:column E0101 message`.
inline std::string lines(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& found : diagnostics.all()) {
    out.append(found.where.to_string()).append(" ").append(found.rule).append(" ");
    out.append(found.message).append("\n");
  }
  return out;
}

inline EnvLookup variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(std::string(name));
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

/// A document read for a test, with what was found.
struct Reading {
  Diagnostics diagnostics;
  std::optional<YamlDocument> document;

  explicit Reading(std::string_view text, const YamlOptions& options = {})
      : document(read_yaml(text, "f.yaml", options, diagnostics)) {}
  Reading(std::string_view text, std::map<std::string, std::string> values)
      : Reading(text, YamlOptions{.env = variables(std::move(values))}) {}

  [[nodiscard]] std::string tree() const { return document ? outline(document->root) : "nothing"; }
  [[nodiscard]] std::string found() const { return lines(diagnostics); }
  [[nodiscard]] const Node& root() const { return document->root; }
};

inline std::string place(const Location& where) {
  return std::to_string(where.line) + ":" + std::to_string(where.column);
}

inline std::string repeat(std::string_view part, std::size_t times) {
  std::string out;
  out.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) {
    out += part;
  }
  return out;
}

}  // namespace weir::config
