#include "mapping/parser.h"

#include <algorithm>

namespace weir::mapping {

namespace {

constexpr std::size_t kMaxErrors = 20;

// Whether a line looks like the beginning of a statement: where reading goes on after a mistake.
bool begins_statement(std::string_view line) {
  for (const std::string_view word : {"let ", "meta ", "map ", "import ", "if "}) {
    if (line.starts_with(word)) return true;
  }
  std::size_t i = 0;
  const auto is_target = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
  };
  while (i < line.size() && is_target(line[i])) ++i;
  if (i == 0) return false;
  while (i < line.size() && (line[i] == ' ' || line[i] == '\t')) ++i;
  return i + 1 < line.size() && line[i] == '=' && (line[i + 1] == ' ' || line[i + 1] == '\t');
}

}  // namespace

AstMapping Parser::mapping() {
  AstMapping out;
  if (text_.size() > kMaxMappingText) {
    errors_.push_back({0, "mapping is longer than 4 MiB", {}});
    return out;
  }
  if (try_from(out)) return out;
  statements(out);
  if (errors_.empty() || !first_is_broken_) return out;

  // The text may be a lone expression; the reading that gets further decides what is reported.
  const std::vector<SyntaxError> as_statements = std::move(errors_);
  errors_.clear();
  pos_ = 0;
  failure_.reset();
  white();
  const std::size_t begin = pos_;
  if (Ast* const whole = expression()) {
    const std::size_t end = pos_;
    white();
    if (at_end()) {
      out = AstMapping();
      AstStatement& s = store_.statements.emplace_back();
      s.begin = static_cast<std::uint32_t>(begin);
      s.line = line_of(begin);
      s.value = whole;
      out.statements.push_back(&s);
      out.is_expression = true;
      return out;
    }
    std::string shorthand(text_.substr(begin, end - begin));
    if (shorthand.size() > 12) shorthand = shorthand.substr(0, 12) + "...";
    failure_.reset();
    fail("expected the mapping to end here as the beginning is shorthand for `root = " + shorthand +
         "`, but this shorthand form cannot be followed with more assignments");
  }
  errors_ = failure_ && failure_->at > as_statements.front().at
                ? std::vector<SyntaxError>{*failure_}
                : as_statements;
  return out;
}

Ast* Parser::whole_expression() {
  if (text_.size() > kMaxMappingText) {
    errors_.push_back({0, "expression is longer than 4 MiB", {}});
    return nullptr;
  }
  white();
  Ast* const whole = expression();
  if (whole != nullptr) {
    white();
    if (!at_end()) {
      failure_.reset();
      fail("expected end of expression");
    }
  }
  if (whole != nullptr && at_end()) return whole;
  errors_.push_back(*failure_);
  return nullptr;
}

Ast* Parser::interpolation(std::size_t from, std::size_t& end) {
  pos_ = from;
  failure_.reset();
  blanks();
  Ast* const whole = expression();
  if (whole != nullptr) {
    blanks();
    if (peek() == '}') {
      end = pos_ + 1;
      return whole;
    }
    failure_.reset();
    fail("required: expected end of expression", at_end() ? "`${!` needs a closing `}`" : "");
  }
  errors_.push_back(*failure_);
  return nullptr;
}

bool Parser::try_from(AstMapping& out) {
  white();
  const std::size_t begin = pos_;
  if (peek_name() == "from") {
    pos_ += 4;
    if (blanks() && peek() == '"') {
      auto path = quoted();
      if (!path) {
        errors_.push_back(*failure_);
        return true;
      }
      white();
      if (!at_end()) {
        std::string rest(text_.substr(pos_, 60));
        errors_.push_back({begin, "unexpected content after single root import: " + rest, {}});
        return true;
      }
      out.imports.push_back({std::move(*path), static_cast<std::uint32_t>(begin), true});
      return true;
    }
  }
  pos_ = 0;
  return false;
}

void Parser::statements(AstMapping& out) {
  white();
  if (at_end()) {
    // A comment that nothing follows is where the mapping should have begun.
    std::size_t at = text_.size();
    const std::size_t line =
        text_.rfind('\n') == std::string_view::npos ? 0 : text_.rfind('\n') + 1;
    const std::size_t first = text_.find_first_not_of(" \t", line);
    if (first != std::string_view::npos && text_[first] == '#') at = first;
    errors_.push_back({at, "expected import, map, or assignment", {}});
    return;
  }
  while (!at_end()) {
    failure_.reset();
    const std::size_t begin = pos_;
    const std::size_t before = out.maps.size() + out.imports.size();
    AstStatement* const made = statement(out, Block::kTop);
    const bool is_declaration = out.maps.size() + out.imports.size() > before;
    bool good = made != nullptr || is_declaration;
    if (good) {
      blanks();
      if (!at_end() && !line_break()) {
        failure_.reset();
        fail("expected line break");
        good = false;
      } else if (made != nullptr) {
        out.statements.push_back(made);
      }
    }
    if (!good) {
      first_is_broken_ =
          first_is_broken_ || (errors_.empty() && out.statements.empty() && before == 0);
      errors_.push_back(*failure_);
      if (errors_.size() >= kMaxErrors || !resync(begin)) return;
    }
    white();
  }
}

// Goes to the next line that is indented as the broken statement and looks like a beginning.
bool Parser::resync(std::size_t begin) {
  std::size_t line = text_.rfind('\n', begin);
  line = begin == 0 || line == std::string_view::npos ? 0 : line + 1;
  if (text_[begin] == '\n') line = begin;
  const std::size_t indent = begin - line;
  std::size_t at = std::max(begin, errors_.back().at);
  while (true) {
    at = text_.find('\n', at);
    if (at == std::string_view::npos) return false;
    ++at;
    const std::string_view rest = text_.substr(at);
    const std::size_t first = std::min(rest.find_first_not_of(" \t"), rest.size());
    if (first == indent && begins_statement(rest.substr(first, rest.find('\n') - first))) break;
  }
  pos_ = at;
  return true;
}

// Asked in ascending order: lines are counted once.
unsigned Parser::line_of(std::size_t at) {
  if (at < lines_until_) {
    lines_seen_ = 1;
    lines_until_ = 0;
  }
  for (; lines_until_ < at; ++lines_until_) lines_seen_ += text_[lines_until_] == '\n' ? 1U : 0U;
  return lines_seen_;
}

AstStatement* Parser::statement(AstMapping& out, Block kind) {
  const std::size_t begin = pos_;
  const unsigned line = line_of(begin);
  const std::string_view name = peek_name();
  const char next = peek(name.size());
  const bool blank_follows = next == ' ' || next == '\t';
  AstStatement* made = nullptr;
  if (name == "import" && blank_follows) {
    if (kind != Block::kTop) return fail("importing is not allowed within this block");
    import_statement(out);
    return nullptr;
  }
  if (name == "map" && blank_follows) {
    if (kind != Block::kTop) return fail("defining maps is not allowed within this block");
    map_statement(out);
    return nullptr;
  }
  if (name == "let" && blank_follows) {
    made = let_statement();
  } else if (name == "meta" && blank_follows) {
    if (kind == Block::kMap) return fail("setting meta fields is not allowed within this block");
    made = meta_statement();
  } else if (name == "if" && blank_follows) {
    made = if_statement();
  } else {
    made = assignment();
  }
  if (made != nullptr) {
    made->begin = static_cast<std::uint32_t>(begin);
    made->line = line;
  }
  return made;
}

bool Parser::import_statement(AstMapping& out) {
  const std::size_t begin = pos_;
  pos_ += 6;
  blanks();
  if (peek() != '"') {
    fail("required: expected a file path in quotes");
    return false;
  }
  auto path = quoted();
  if (!path) return false;
  out.imports.push_back({std::move(*path), static_cast<std::uint32_t>(begin), false});
  return true;
}

bool Parser::map_statement(AstMapping& out) {
  AstMap map;
  map.begin = static_cast<std::uint32_t>(pos_);
  pos_ += 3;
  blanks();
  auto name = name_or_quoted();
  if (!name) {
    fail("required: expected map name");
    return false;
  }
  map.name = std::move(*name);
  blanks();
  if (!block(map.statements, Block::kMap)) return false;
  out.maps.push_back(std::move(map));
  return true;
}

AstStatement* Parser::let_statement() {
  pos_ += 3;
  blanks();
  AstStatement& made = store_.statements.emplace_back();
  made.kind = StatementKind::kLet;
  auto name = name_or_quoted();
  if (!name) return fail("required: expected variable name");
  made.name = std::move(*name);
  made.target_end = static_cast<std::uint32_t>(pos_);
  if (!blanks()) return fail("expected whitespace");
  return value_after_equals(made) ? &made : nullptr;
}

AstStatement* Parser::meta_statement() {
  pos_ += 4;
  blanks();
  AstStatement& made = store_.statements.emplace_back();
  made.kind = StatementKind::kMeta;
  auto name = name_or_quoted();
  if (!name && failure_) return nullptr;
  made.whole = !name;
  if (name) made.name = std::move(*name);
  made.target_end = static_cast<std::uint32_t>(pos_);
  blanks();
  return value_after_equals(made) ? &made : nullptr;
}

AstStatement* Parser::assignment() {
  AstStatement& made = store_.statements.emplace_back();
  const std::string_view first = peek_name();
  if (first.empty()) return fail("expected import, map, or assignment");
  pos_ += first.size();
  if (first != "root") made.path.emplace_back(first);
  while (peek() == '.') {
    ++pos_;
    auto segment = name_or_quoted();
    if (!segment) return fail("required: expected target path");
    made.path.push_back(std::move(*segment));
  }
  made.target_end = static_cast<std::uint32_t>(pos_);
  if (!blanks()) return fail("expected whitespace");
  return value_after_equals(made) ? &made : nullptr;
}

bool Parser::value_after_equals(AstStatement& s) {
  if (peek() != '=') {
    fail("expected =");
    return false;
  }
  ++pos_;
  if (!blanks()) {
    fail("expected whitespace");
    return false;
  }
  s.value = expression();
  return s.value != nullptr;
}

AstStatement* Parser::if_statement() {
  AstStatement& made = store_.statements.emplace_back();
  made.kind = StatementKind::kIf;
  pos_ += 2;
  while (true) {
    blanks();
    Ast* const condition = expression();
    if (condition == nullptr) return nullptr;
    made.conditions.push_back(condition);
    white();
    if (!block(made.blocks.emplace_back(), Block::kIf)) return nullptr;
    const std::size_t after = pos_;
    white();
    if (sees("else if ") || sees("else if\t")) {
      pos_ += 7;
      continue;
    }
    if (peek_name() == "else") {
      pos_ += 4;
      white();
      return block(made.blocks.emplace_back(), Block::kIf) ? &made : nullptr;
    }
    pos_ = after;
    return &made;
  }
}

bool Parser::block(std::vector<AstStatement*>& out, Block kind) {
  const Nested nested(*this);
  if (nested.too_deep()) {
    fail("blocks are nested too deeply (more than 200 levels)");
    return false;
  }
  if (peek() != '{') {
    fail("required: expected {");
    return false;
  }
  ++pos_;
  white();
  AstMapping none;
  while (peek() != '}') {
    AstStatement* const made = statement(none, kind);
    if (made == nullptr) return false;
    out.push_back(made);
    blanks();
    if (peek() != '}') {
      if (at_end()) {
        fail("required: expected }");
        return false;
      }
      if (!line_break()) {
        fail("expected line break");
        return false;
      }
    }
    white();
  }
  ++pos_;
  return true;
}

}  // namespace weir::mapping
