#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/arena.h"
#include "mapping/ast.h"

namespace weir::mapping {

/// Where reading stopped, and what was expected there.
struct SyntaxError {
  std::size_t at = 0;
  std::string message;
  std::string hint;
};

/// Reads mapping text. Scannerless recursive descent: white space matters too much for tokens.
///
/// Nesting is limited, so neither reading nor anything that walks the tree can exhaust the stack.
/// Literals are put into the arena.
class Parser {
 public:
  Parser(std::string_view text, AstStore& store, core::Arena& arena)
      : text_(text), store_(store), arena_(arena) {}

  /// A whole mapping; errors() says what is wrong, one entry per broken statement.
  AstMapping mapping();
  /// A whole text that may only be one expression.
  Ast* whole_expression();
  /// The expression of an interpolation that begins at `from`, up to its closing brace; `end` is
  /// set behind it.
  Ast* interpolation(std::size_t from, std::size_t& end);

  [[nodiscard]] const std::vector<SyntaxError>& errors() const { return errors_; }

 private:
  enum class Block : std::uint8_t { kTop, kMap, kIf };

  // parser.cpp: statements
  void statements(AstMapping& out);
  AstStatement* statement(AstMapping& out, Block kind);
  unsigned line_of(std::size_t at);
  bool import_statement(AstMapping& out);
  bool map_statement(AstMapping& out);
  AstStatement* let_statement();
  AstStatement* meta_statement();
  AstStatement* assignment();
  AstStatement* if_statement();
  bool block(std::vector<AstStatement*>& out, Block kind);
  bool value_after_equals(AstStatement& s);
  bool try_from(AstMapping& out);
  bool resync(std::size_t begin);

  // parser_expressions.cpp
  Ast* expression();
  Ast* operand();
  Ast* term();
  Ast* tails(Ast* from);
  Ast* tail(Ast* target);
  Ast* primary();
  Ast* brackets();
  Ast* if_expression();
  Ast* match_expression();
  Ast* lambda(std::string_view name);
  Ast* function(std::string_view name);
  bool arguments(Ast& call);
  Ast* array_literal();
  Ast* object_literal();
  Ast* number_literal();
  std::optional<Op> binary_operator();

  // parser_text.cpp: characters and strings
  [[nodiscard]] bool at_end() const { return pos_ >= text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0';
  }
  [[nodiscard]] bool sees(std::string_view word) const {
    return text_.substr(pos_).starts_with(word);
  }
  bool blanks();      // spaces and tabs; whether there were any
  bool line_break();  // optional comment, then a line break (or the end of the text)
  void white();       // blanks, line breaks, comments
  [[nodiscard]] std::string_view peek_name() const;  // letters, digits, `_`
  std::optional<std::string> quoted();               // a string literal, either form
  bool escape(std::string& out);
  std::optional<std::string> name_or_quoted();

  Ast* make(AstKind kind, std::size_t begin);
  Ast* done(Ast* made);
  std::nullptr_t fail(std::string message, std::string hint = {}) {
    return fail_at(pos_, std::move(message), std::move(hint));
  }
  std::nullptr_t fail_at(std::size_t at, std::string message, std::string hint = {});

  struct Nested {
    explicit Nested(Parser& p) : parser(p) { ++parser.nesting_; }
    ~Nested() { --parser.nesting_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    [[nodiscard]] bool too_deep() const { return parser.nesting_ > kMaxNesting; }
    Parser& parser;
  };

  struct Subject {
    Ast* subject;  // null: what stands there is the list of cases
    std::size_t end;
  };

  std::string_view text_;
  AstStore& store_;
  core::Arena& arena_;
  std::size_t pos_ = 0;
  unsigned nesting_ = 0;
  bool first_is_broken_ = false;  // the first statement: the text may be a lone expression
  unsigned lines_seen_ = 1;
  std::size_t lines_until_ = 0;
  std::optional<SyntaxError> failure_;  // of the statement or expression being read
  std::vector<SyntaxError> errors_;
  std::unordered_map<std::size_t, Subject> subjects_;  // of `match {`, by place
};

}  // namespace weir::mapping
