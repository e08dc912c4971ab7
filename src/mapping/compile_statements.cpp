#include <algorithm>
#include <filesystem>

#include "mapping/compiler.h"
#include "mapping/parser.h"
#include "mapping/source.h"

namespace weir::mapping {

namespace {

constexpr unsigned kMaxImportDepth = 32;

std::string resolve_path(const std::string& directory, const std::string& path) {
  const std::filesystem::path given(path);
  if (given.is_absolute()) return path;
  return (std::filesystem::path(directory) / given).lexically_normal().string();
}

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

}  // namespace

void Compiler::mapping(const AstMapping& ast) {
  if (ast.imports.size() == 1 && ast.imports[0].whole) {
    import_whole(ast.imports[0]);
    return;
  }
  std::vector<NamedMap> declared;
  declare_maps(ast, declared);
  for (const NamedMap& map : declared) {
    Scope scope;
    scope.body = map.body;
    body(scope, map.ast->statements);
  }
  if (options_.expression_only && !ast.is_expression) {
    const std::size_t at = ast.statements.empty() ? 0 : ast.statements[0]->begin;
    issue(at, 1, "expected one expression, assignments are not allowed here");
    return;
  }
  Scope scope;
  scope.body = &program_.main;
  body(scope, ast.statements);
  if (!ast.statements.empty()) warn_without_effect(*ast.statements[0]);
}

void Compiler::warn_without_effect(const AstStatement& first) {
  for (const Statement& s : program_.main.statements) {
    const bool keeps_input = s.kind == StatementKind::kAssign && s.path.empty() &&
                             (s.value->yields() & (kYieldsDeletion | kYieldsOther)) == 0;
    if (s.kind != StatementKind::kLet && !keeps_input) return;
  }
  warn(first.begin, 1, "no-effect", "the result of this mapping is always its input");
}

void Compiler::declare_maps(const AstMapping& ast, std::vector<NamedMap>& declared) {
  // Maps and imports in the order they stand in: a collision is told at the later one.
  std::size_t next_import = 0;
  const auto imports_before = [&](std::size_t begin) {
    while (next_import < ast.imports.size() && ast.imports[next_import].begin < begin) {
      import_maps(ast.imports[next_import++]);
    }
  };
  for (const AstMap& map : ast.maps) {
    imports_before(map.begin);
    if (program_.maps.contains(map.name)) {
      issue(map.begin, 3, "map name collision: " + map.name);
      continue;
    }
    Body& made = program_.bodies.emplace_back();
    made.is_map = true;
    program_.maps.emplace(program_.names.emplace_back(map.name), &made);
    declared.push_back({&map, &made});
  }
  imports_before(text_.size() + 1);
}

bool Compiler::import_maps(const AstImport& import) {
  const auto complain = [&](std::string message) {
    issue(import.begin, 6, std::move(message));
    return false;
  };
  if (!environment_.read_import) return complain("importing files is switched off here");
  if (import_depth_ >= kMaxImportDepth)
    return complain("imports are nested too deeply (is there a circle?)");
  const std::string path = resolve_path(options_.directory, import.path);
  const auto content = environment_.read_import(path);
  if (!content) return complain("failed to read import: " + content.error().message);
  AstStore store;
  Parser parser(*content, store, program_.arena);
  const AstMapping ast = parser.mapping();
  std::vector<Issue> inner_issues;
  for (const SyntaxError& error : parser.errors()) {
    inner_issues.push_back(issue_at(*content, error.at, 1, error.message, error.hint));
  }
  if (inner_issues.empty()) {
    // A map that two files bring in collides, as if both had written it here.
    std::string collisions;
    for (const AstMap& map : ast.maps) {
      if (!program_.maps.contains(map.name)) continue;
      if (!collisions.empty()) collisions += ' ';
      collisions += map.name;
    }
    if (!collisions.empty()) {
      return complain("map name collisions from import '" + import.path + "': [" + collisions +
                      "]");
    }
    if (ast.maps.empty() && ast.imports.empty()) {
      return complain("no maps to import from '" + import.path + "'");
    }
    CompileOptions options = options_;
    options.directory = folder_of(path);
    Compiler inner(program_, options, *content, inner_issues);
    inner.import_depth_ = import_depth_ + 1;
    inner.in_import_ = true;
    std::vector<NamedMap> declared;
    inner.declare_maps(ast, declared);
    for (const NamedMap& map : declared) {
      Scope scope;
      scope.body = map.body;
      inner.body(scope, map.ast->statements);
    }
  }
  if (inner_issues.empty()) return true;
  return complain("failed to parse import '" + import.path +
                  "': " + to_string(inner_issues.front()));
}

bool Compiler::import_whole(const AstImport& import) {
  const auto complain = [&](std::string message) {
    issue(import.begin, 4, std::move(message));
    return false;
  };
  if (!environment_.read_import) return complain("importing files is switched off here");
  if (import_depth_ >= kMaxImportDepth)
    return complain("imports are nested too deeply (is there a circle?)");
  const std::string path = resolve_path(options_.directory, import.path);
  const auto content = environment_.read_import(path);
  if (!content) return complain("failed to read import: " + content.error().message);
  AstStore store;
  Parser parser(*content, store, program_.arena);
  const AstMapping ast = parser.mapping();
  std::vector<Issue> inner_issues;
  for (const SyntaxError& error : parser.errors()) {
    inner_issues.push_back(issue_at(*content, error.at, 1, error.message, error.hint));
  }
  if (inner_issues.empty()) {
    CompileOptions options = options_;
    options.directory = folder_of(path);
    Compiler inner(program_, options, *content, inner_issues);
    inner.import_depth_ = import_depth_ + 1;
    inner.in_import_ = true;
    inner.mapping(ast);
  }
  if (inner_issues.empty()) return true;
  return complain("failed to parse import '" + import.path +
                  "': " + to_string(inner_issues.front()));
}

void Compiler::declare_variables(Scope& scope, const std::vector<AstStatement*>& statements) {
  for (const AstStatement* s : statements) {
    if (s->kind == StatementKind::kLet) {
      const auto number = static_cast<std::uint32_t>(scope.variables.size());
      if (scope.variables.emplace(s->name, number).second) scope.body->variables.push_back(s->name);
    }
    for (const auto& inner : s->blocks) declare_variables(scope, inner);
  }
}

void Compiler::body(Scope& scope, const std::vector<AstStatement*>& statements) {
  Scope* const outer = scope_;
  scope_ = &scope;
  declare_variables(scope, statements);
  scope.body->statements = block(statements);
  scope_ = outer;
  // `var("name")` with a computed name may read any of them.
  if (scope.used_variables.contains(kAnyVariable)) return;
  for (const AstStatement* s : statements) {
    if (s->kind != StatementKind::kLet) continue;
    if (scope.used_variables.contains(scope.variables.at(s->name))) continue;
    warn(s->begin, s->target_end - s->begin, "unused-variable",
         "variable `" + s->name + "` is never used");
  }
}

std::vector<Statement> Compiler::block(const std::vector<AstStatement*>& statements) {
  std::vector<Statement> made;
  made.reserve(statements.size());
  for (const AstStatement* s : statements) made.push_back(statement(*s));
  return made;
}

Statement Compiler::statement(const AstStatement& ast) {
  Statement made;
  made.kind = ast.kind;
  made.whole = ast.whole;
  made.line = ast.line;
  if (ast.value != nullptr) made.value = expression(*ast.value);
  switch (ast.kind) {
    case StatementKind::kAssign:
      for (const std::string& segment : ast.path)
        made.path.push_back(step(segment, program_.arena));
      if (!scope_->body->is_map) program_.writes.push_back({ast.path, false});
      break;
    case StatementKind::kLet: made.variable = scope_->variables.at(ast.name); break;
    case StatementKind::kMeta:
      made.key = step(ast.name, program_.arena).key_value;
      program_.writes.push_back(
          {ast.whole ? std::vector<std::string>{} : std::vector{ast.name}, true});
      break;
    case StatementKind::kIf:
      for (const Ast* condition : ast.conditions) made.conditions.push_back(expression(*condition));
      for (const auto& inner : ast.blocks) made.blocks.push_back(block(inner));
      break;
  }
  return made;
}

}  // namespace weir::mapping
