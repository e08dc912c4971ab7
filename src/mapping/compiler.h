#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "mapping/ast.h"
#include "mapping/call_node.h"
#include "mapping/mapping.h"
#include "mapping/nodes.h"
#include "mapping/program.h"
#include "mapping/registry.h"

namespace weir::mapping {

/// Turns syntax trees into a program: names resolved, literals folded, arguments checked.
/// Everything wrong is collected; nothing stops at the first mistake.
class Compiler {
 public:
  Compiler(Program& program, const CompileOptions& options, std::string_view text,
           std::vector<Issue>& issues);

  /// A whole mapping into the program.
  void mapping(const AstMapping& ast);
  /// One expression over the message (templates, queries): no statements around it.
  const Node* lone_expression(const Ast& ast);

 private:
  static constexpr std::uint32_t kAnyVariable = ~0U;

  /// The names that an expression sees.
  struct Scope {
    Body* body = nullptr;
    std::vector<std::uint32_t> contexts{0};  // slots that `this` has stood for, innermost last
    std::vector<std::pair<std::string, std::uint32_t>> captures;
    std::uint32_t next_slot = 1;
    std::unordered_map<std::string, std::uint32_t> variables;
    std::unordered_set<std::uint32_t> used_variables;
  };
  struct NamedMap {
    const AstMap* ast;
    Body* body;
  };

  // compiler.cpp: expressions
  const Node* expression(const Ast& ast);
  const Node* name(const Ast& ast);
  const Node* segment(const Ast& ast);
  const Node* context(std::uint32_t slot, std::string_view base_name);
  const Node* array(const Ast& ast);
  const Node* object(const Ast& ast);
  const Node* negate(const Ast& ast);
  const Node* chain(const Ast& ast);
  const Node* if_expression(const Ast& ast);
  const Node* match_expression(const Ast& ast);
  const Node* lambda(const Ast& ast);
  const Node* map_tail(const Ast& ast);
  const Node* variable(const Ast& ast);
  std::uint32_t new_slot();
  /// An expression in which `this` is what `slot` holds.
  const Node* with_this(std::uint32_t slot, const Ast& ast);
  const Node* literal(core::Value value);
  /// Evaluates at compile time; the failure becomes an issue at `ast`.
  const Node* fold(const Ast& at, std::size_t offset, std::size_t length, const Node& node);
  static PathStep step(std::string_view segment, core::Arena& arena);

  // compile_calls.cpp
  const Node* call(const Ast& ast);
  const Callable* find_callable(const Ast& ast);
  bool bind_arguments(const Ast& ast, const Callable& callable,
                      std::vector<CallNode::Argument>& out);
  bool bind_one(const AstArgument& from, const Parameter& parameter, CallNode::Argument& to);
  void fill_default(const Parameter& parameter, CallNode::Argument& to);
  void note_variable(const std::vector<CallNode::Argument>& arguments);
  void note_map(const Ast& ast, core::Value map_name);
  void note_call(const Ast& ast, const Callable& callable);

  // compile_statements.cpp
  void declare_maps(const AstMapping& ast, std::vector<NamedMap>& declared);
  bool import_maps(const AstImport& import);
  bool import_whole(const AstImport& import);
  void warn_without_effect(const AstStatement& first);
  void body(Scope& scope, const std::vector<AstStatement*>& statements);
  void declare_variables(Scope& scope, const std::vector<AstStatement*>& statements);
  std::vector<Statement> block(const std::vector<AstStatement*>& statements);
  Statement statement(const AstStatement& ast);

  void issue(std::size_t offset, std::size_t length, std::string message, std::string hint = {});
  void warn(std::size_t offset, std::size_t length, std::string code, std::string message,
            std::string hint = {});

  Program& program_;
  const CompileOptions& options_;
  const Environment& environment_;
  const Registry& registry_;
  std::string_view text_;
  std::vector<Issue>& issues_;
  Scope* scope_ = nullptr;
  unsigned import_depth_ = 0;
  bool in_import_ = false;
};

}  // namespace weir::mapping
