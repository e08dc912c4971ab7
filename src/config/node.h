#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/diagnostics.h"

namespace weir::config {

/// A YAML value with its place in the file: what the strict reader (yaml_reader.h) makes of a
/// document.
///
/// Aliases and merge keys are already resolved (an aliased node keeps the position of its anchor's
/// text). Environment references are already replaced inside scalars.
struct Node {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMapping };
  struct Member;

  Kind kind = Kind::kNull;
  bool quoted = false;    ///< the scalar stood in quotes or in a block: it is text, not a number
  bool from_env = false;  ///< part of the scalar came from an environment reference
  /// A variable had no usable value, which is reported or allowed (MissingEnv::kAllow): the text is
  /// not the real one, so only its presence can be checked.
  bool env_missing = false;
  std::string tag;          ///< `!!int`, `!!str`, ... as written; empty when there is none
  std::string scalar;       ///< after environment substitution
  std::string original;     ///< the scalar as written, when from_env (for `echo` and secret checks)
  std::vector<Node> items;  ///< of a sequence
  std::vector<Member> members;  ///< of a mapping, in order; keys are unique
  Location where;
  /// Where the first line of a scalar's text stands: behind the quote, or in the line after `|` and
  /// `>` at the text's indentation. See position_in_text.
  Location text_start;

  [[nodiscard]] bool is_null() const { return kind == Kind::kNull; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::kSequence; }
  [[nodiscard]] bool is_mapping() const { return kind == Kind::kMapping; }

  /// The member's value, or nullptr.
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] Node* find(std::string_view key);
};

struct Node::Member {
  std::string key;
  Location key_where;
  Node value;
};

/// `mapping`, `sequence`, `scalar`, `null`: for messages.
[[nodiscard]] std::string_view name(Node::Kind kind);

/// The place in the file of line `line`, column `column` (1-based) of a scalar's text, as a parser
/// of that text (a mapping, an interpolation) counts them. Exact for `|` blocks and for text on one
/// line without escapes or environment references before the place; otherwise the nearest place
/// known.
[[nodiscard]] Location position_in_text(const Node& node, unsigned line, unsigned column);

enum class ScalarType : std::uint8_t { kNull, kBool, kInt, kFloat, kString };

/// What an unquoted scalar is by the YAML 1.2 core schema: `yes`, `on` and `1_000` are strings,
/// `0x1f` and `0o17` are integers, `.inf` is a float.
[[nodiscard]] ScalarType plain_type(std::string_view text);

/// plain_type of the node's text; kString when it was quoted, kNull for a null node.
[[nodiscard]] ScalarType scalar_type(const Node& node);

}  // namespace weir::config
