#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/arena.h"
#include "core/value.h"
#include "mapping/mapping.h"

namespace weir::mapping {

/// Deepest tree of expressions (brackets, method chains, blocks together).
inline constexpr unsigned kMaxTreeDepth = 1000;
/// Deepest nesting of brackets and blocks in a text.
inline constexpr unsigned kMaxNesting = 200;
/// Longest mapping text.
inline constexpr std::size_t kMaxMappingText = std::size_t{4} << 20;

enum class Op : std::uint8_t {
  kMultiply,
  kDivide,
  kModulo,
  kCoalesce,
  kAdd,
  kSubtract,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAnd,
  kOr,
};
[[nodiscard]] std::string_view symbol(Op op);

enum class AstKind : std::uint8_t {
  kLiteral,   // value
  kArray,     // children
  kObject,    // children: key, value, key, value ..
  kName,      // text: `this`, `root`, a capture, or a field of `this`
  kSegment,   // target . text
  kMeta,      // text, or all of it when `flag`
  kVariable,  // text
  kFunction,  // text, args
  kMethod,    // target, text, args
  kMapTail,   // target .( children[0] )
  kNot,       // children[0]
  kNegate,    // children[0]
  kChain,     // children joined by ops, all of one precedence
  kIf,        // condition, branch, condition, branch .. [else]
  kMatch,     // target (subject) or null; children: case, result ..; a null case is `_`
  kLambda,    // text -> children[0]
};

struct Ast;

struct AstArgument {
  Ast* value = nullptr;
  std::string name;  // empty: positional
  std::uint32_t at = 0;
};

/// One expression as written. Lives in an AstStore.
struct Ast {
  AstKind kind = AstKind::kLiteral;
  bool flag = false;
  std::uint32_t begin = 0;  // byte offsets into the text
  std::uint32_t end = 0;
  std::uint32_t name_at = 0;  // of a method's name or a path segment
  std::uint32_t depth = 1;
  std::string text;
  core::Value value;
  Ast* target = nullptr;
  std::vector<Ast*> children;
  std::vector<Op> ops;
  std::vector<AstArgument> args;
};

enum class StatementKind : std::uint8_t {
  kAssign,  // path[0] is "root" or a legacy first segment (then path holds all of it)
  kLet,     // name
  kMeta,    // name, or all metadata when `whole`
  kIf,      // conditions and blocks; one block more than conditions: else
};

struct AstStatement {
  StatementKind kind = StatementKind::kAssign;
  bool whole = false;
  std::uint32_t begin = 0;
  std::uint32_t target_end = 0;
  unsigned line = 1;
  std::string name;
  std::vector<std::string> path;  // without the leading `root`
  Ast* value = nullptr;
  std::vector<Ast*> conditions;
  std::vector<std::vector<AstStatement*>> blocks;
};

struct AstMap {
  std::string name;
  std::uint32_t begin = 0;
  std::vector<AstStatement*> statements;
};

struct AstImport {
  std::string path;
  std::uint32_t begin = 0;
  bool whole = false;  // `from "x"`: the mapping is that file
};

/// Owns what the parser makes; nothing in it is destroyed recursively.
struct AstStore {
  std::deque<Ast> expressions;
  std::deque<AstStatement> statements;
};

/// A mapping text as written.
struct AstMapping {
  std::vector<AstStatement*> statements;
  std::vector<AstMap> maps;
  std::vector<AstImport> imports;
  bool is_expression = false;  // shorthand: statements[0] assigns root
};

}  // namespace weir::mapping
