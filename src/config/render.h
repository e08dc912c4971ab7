#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "config/node.h"

namespace weir::config {

/// What `create` and `echo` say about a field.
struct FieldComment {
  std::string above;   ///< lines of their own before the field, without `#`
  std::string beside;  ///< at the end of the field's line, without `#`
};

struct YamlRenderOptions {
  /// Scalars that came from the environment are written as their reference, not as the value.
  bool keep_references = true;
  /// Asked for every member of every mapping; `path` is its place, `pipeline.processors.0.log`.
  std::function<FieldComment(const std::string& path, const Node::Member& member)> comment =
      nullptr;
};

/// Writes a tree as YAML in block style: members in order, two blanks of indentation, text of
/// several lines as `|` blocks, quotes only where they are needed. read_yaml gives the same tree
/// back (but for places, and quotes around text that is no number, bool or null without them). Ends
/// with a line break.
[[nodiscard]] std::string to_yaml(const Node& node, const YamlRenderOptions& options = {});

struct JsonRenderOptions {
  bool pretty = false;  ///< lines and two blanks of indentation
};

/// Writes a tree as JSON: unquoted scalars by plain_type, numbers with their text where JSON allows
/// it
/// (`+1`, `.5`, `0x10` become `1`, `0.5`, `16`; `.inf` and `.nan` become strings), no line break at
/// the end.
[[nodiscard]] std::string to_json(const Node& node, const JsonRenderOptions& options = {});

}  // namespace weir::config
