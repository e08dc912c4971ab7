#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/diagnostics.h"

namespace weir::config {

/// A YAML value with its place in the file: what the strict reader (yaml_reader.h) makes of a document.
///
/// Aliases and merge keys are already resolved (an aliased node keeps the position of its anchor's
/// text). Environment references are already replaced inside scalars.
struct Node {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMapping };
  struct Member;

  Kind kind = Kind::kNull;
  bool quoted = false;      ///< the scalar stood in quotes or in a block: it is text, not a number
  bool from_env = false;    ///< part of the scalar came from an environment reference
  std::string tag;          ///< `!!int`, `!!str`, ... as written; empty when there is none
  std::string scalar;       ///< after environment substitution
  std::string original;     ///< the scalar as written, when from_env (for `echo` and secret checks)
  std::vector<Node> items;  ///< of a sequence
  std::vector<Member> members;  ///< of a mapping, in order; keys are unique
  Location where;
  /// For block scalars (`|`, `>`): where the first line of the text stands, so that positions inside
  /// the text (a mapping's line 3, column 7) can be turned into file positions.
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

}  // namespace weir::config
