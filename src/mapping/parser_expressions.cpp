#include <charconv>
#include <cmath>

#include "mapping/parser.h"

namespace weir::mapping {

using core::Value;

std::string_view symbol(Op op) {
  constexpr std::string_view symbols[] = {
      "*", "/", "%", "|", "+", "-", "==", "!=", "<", "<=", ">", ">=", "&&", "||"};
  return symbols[static_cast<std::size_t>(op)];
}

namespace {

int precedence(Op op) {
  if (op <= Op::kCoalesce) return 0;
  if (op <= Op::kSubtract) return 1;
  if (op <= Op::kGreaterEqual) return 2;
  return 3;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::optional<Op> Parser::binary_operator() {
  const auto is = [&](std::string_view text, Op op) -> std::optional<Op> {
    pos_ += text.size();
    return op;
  };
  switch (peek()) {
    case '*': return is("*", Op::kMultiply);
    case '/': return is("/", Op::kDivide);
    case '%': return is("%", Op::kModulo);
    case '+': return is("+", Op::kAdd);
    case '-': return is("-", Op::kSubtract);
    case '|': return peek(1) == '|' ? is("||", Op::kOr) : is("|", Op::kCoalesce);
    case '&': return peek(1) == '&' ? is("&&", Op::kAnd) : std::nullopt;
    case '=': return peek(1) == '=' ? is("==", Op::kEqual) : std::nullopt;
    case '!': return peek(1) == '=' ? is("!=", Op::kNotEqual) : std::nullopt;
    case '<': return peek(1) == '=' ? is("<=", Op::kLessEqual) : is("<", Op::kLess);
    case '>': return peek(1) == '=' ? is(">=", Op::kGreaterEqual) : is(">", Op::kGreater);
    default: return std::nullopt;
  }
}

Ast* Parser::expression() {
  const Nested nested(*this);
  if (nested.too_deep()) return fail("expression is nested too deeply (more than 200 levels)");
  std::vector<Ast*> operands;
  std::vector<Op> ops;
  while (true) {
    Ast* const next = operand();
    if (next == nullptr) return nullptr;
    operands.push_back(next);
    const std::size_t before = pos_;
    blanks();
    const auto op = binary_operator();
    if (!op) {
      pos_ = before;
      break;
    }
    ops.push_back(*op);
    white();
  }
  // One level after the other; runs of one precedence become one chain, evaluated from the left.
  for (int level = 0; level < 4 && !ops.empty(); ++level) {
    std::vector<Ast*> left;
    std::vector<Op> left_ops;
    std::size_t i = 0;
    while (i < operands.size()) {
      std::size_t j = i;
      while (j < ops.size() && precedence(ops[j]) == level) ++j;
      if (j > i) {
        Ast* const chain = make(AstKind::kChain, operands[i]->begin);
        const auto offset = [](std::size_t n) { return static_cast<std::ptrdiff_t>(n); };
        chain->children.assign(operands.begin() + offset(i), operands.begin() + offset(j) + 1);
        chain->ops.assign(ops.begin() + offset(i), ops.begin() + offset(j));
        if (done(chain) == nullptr) return nullptr;
        chain->end = operands[j]->end;
        left.push_back(chain);
      } else {
        left.push_back(operands[i]);
      }
      if (j < ops.size()) left_ops.push_back(ops[j]);
      i = j + 1;
    }
    operands = std::move(left);
    ops = std::move(left_ops);
  }
  return operands.front();
}

Ast* Parser::operand() {
  const std::size_t begin = pos_;
  if (peek() != '-') return term();
  ++pos_;
  white();
  Ast* const inner = term();
  if (inner == nullptr) return nullptr;
  Ast* const made = make(AstKind::kNegate, begin);
  made->children.push_back(inner);
  return done(made);
}

Ast* Parser::term() {
  const std::size_t begin = pos_;
  const bool negated = peek() == '!';
  if (negated) {
    ++pos_;
    blanks();
  }
  Ast* const from = primary();
  if (from == nullptr) return nullptr;
  Ast* const whole = tails(from);
  if (whole == nullptr || !negated) return whole;
  Ast* const made = make(AstKind::kNot, begin);
  made->children.push_back(whole);
  return done(made);
}

Ast* Parser::tails(Ast* from) {
  while (from != nullptr && peek() == '.') {
    ++pos_;
    white();
    from = tail(from);
  }
  return from;
}

Ast* Parser::tail(Ast* target) {
  const std::size_t at = pos_;
  if (peek() == '(') {
    Ast* const inner = brackets();
    if (inner == nullptr) return nullptr;
    Ast* const made = make(AstKind::kMapTail, target->begin);
    made->target = target;
    made->children.push_back(inner);
    return done(made);
  }
  const std::string_view name = peek_name();
  if (!name.empty() && peek(name.size()) == '(') {
    Ast* const made = make(AstKind::kMethod, target->begin);
    made->name_at = static_cast<std::uint32_t>(at);
    made->text = name;
    made->target = target;
    pos_ += name.size();
    return arguments(*made) ? done(made) : nullptr;
  }
  auto segment = name_or_quoted();
  if (!segment) return fail("required: expected method or field path");
  Ast* const made = make(AstKind::kSegment, target->begin);
  made->name_at = static_cast<std::uint32_t>(at);
  made->text = std::move(*segment);
  made->target = target;
  return done(made);
}

Ast* Parser::primary() {
  const std::size_t begin = pos_;
  const std::string_view name = peek_name();
  const auto blank_follows = [&] { return peek(name.size()) == ' ' || peek(name.size()) == '\t'; };
  if (name == "match" && blank_follows()) return match_expression();
  if (name == "if" && blank_follows()) return if_expression();
  if (!name.empty() && blank_follows()) {
    std::size_t arrow = name.size();
    while (peek(arrow) == ' ' || peek(arrow) == '\t') ++arrow;
    if (peek(arrow) == '-' && peek(arrow + 1) == '>') return lambda(name);
  }
  switch (peek()) {
    case '(': return brackets();
    case '[': return array_literal();
    case '{': return object_literal();
    case '"': {
      auto text = quoted();
      if (!text) return nullptr;
      Ast* const made = make(AstKind::kLiteral, begin);
      made->value = Value::string(arena_.copy(*text));
      return done(made);
    }
    case '@': {
      ++pos_;
      Ast* const made = make(AstKind::kMeta, begin);
      if (peek() == '"') {
        auto key = quoted();
        if (!key) return nullptr;
        made->text = std::move(*key);
      } else {
        made->text = peek_name();
        pos_ += made->text.size();
        made->flag = made->text.empty();
      }
      return done(made);
    }
    case '$': {
      ++pos_;
      Ast* const made = make(AstKind::kVariable, begin);
      made->text = peek_name();
      if (made->text.empty()) return fail("required: expected variable name");
      pos_ += made->text.size();
      return done(made);
    }
    default: break;
  }
  if (is_digit(peek())) return number_literal();
  for (const auto& [word, value] : {std::pair{std::string_view("true"), Value::boolean(true)},
                                    std::pair{std::string_view("false"), Value::boolean(false)},
                                    std::pair{std::string_view("null"), Value::null()}}) {
    if (!sees(word)) continue;
    pos_ += word.size();
    if (!peek_name().empty()) {
      return fail("expected line break", "a field whose name begins with `" + std::string(word) +
                                             "` is written `this." + std::string(name) + "`");
    }
    Ast* const made = make(AstKind::kLiteral, begin);
    made->value = value;
    return done(made);
  }
  if (name.empty()) return fail("required: expected query");
  if (peek(name.size()) == '(') return function(name);
  pos_ += name.size();
  Ast* const made = make(AstKind::kName, begin);
  made->text = name;
  return done(made);
}

Ast* Parser::brackets() {
  ++pos_;
  white();
  Ast* const inner = expression();
  if (inner == nullptr) return nullptr;
  white();
  if (peek() != ')') return fail("required: expected closing bracket");
  ++pos_;
  return inner;
}

Ast* Parser::number_literal() {
  const std::size_t begin = pos_;
  std::size_t end = pos_;
  const auto digits = [&] {
    while (end < text_.size() && is_digit(text_[end])) ++end;
  };
  digits();
  bool is_float = false;
  if (end + 1 < text_.size() && text_[end] == '.' && is_digit(text_[end + 1])) {
    is_float = true;
    ++end;
    digits();
  }
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    std::size_t exponent = end + 1;
    if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
    if (exponent < text_.size() && is_digit(text_[exponent])) {
      is_float = true;
      end = exponent;
      digits();
    }
  }
  const char* const first = text_.data() + begin;
  const char* const last = text_.data() + end;
  Ast* const made = make(AstKind::kLiteral, begin);
  if (is_float) {
    double number = 0;
    const auto read = std::from_chars(first, last, number);
    if (read.ec == std::errc::result_out_of_range) {
      // Too small is zero, as everywhere; too big is a mistake.
      if (std::string_view(first, static_cast<std::size_t>(last - first)).find('-') ==
          std::string_view::npos) {
        return fail_at(begin, "number is out of range");
      }
      number = 0;
    }
    made->value = Value::number(number);
  } else {
    std::uint64_t number = 0;
    const auto read = std::from_chars(first, last, number);
    const bool after_minus = begin > 0 && text_[begin - 1] == '-';
    constexpr std::uint64_t kLowest = std::uint64_t{1} << 63;
    if (read.ec != std::errc() || number > kLowest || (number == kLowest && !after_minus)) {
      return fail_at(begin, "number is out of range of a 64-bit integer");
    }
    // 2^63 stands for itself until the minus in front is applied.
    made->value = number == kLowest ? Value::unsigned_integer(number)
                                    : Value::integer(static_cast<std::int64_t>(number));
  }
  pos_ = end;
  return done(made);
}

Ast* Parser::lambda(std::string_view name) {
  const std::size_t begin = pos_;
  if (name == "this" || name == "root") {
    return fail("context label `" + std::string(name) + "` is not allowed");
  }
  Ast* const made = make(AstKind::kLambda, begin);
  made->text = name;
  pos_ += name.size();
  blanks();
  pos_ += 2;
  if (!blanks()) return fail("expected whitespace");
  const std::size_t body_at = pos_;
  Ast* const body = expression();
  if (body == nullptr) return nullptr;
  if (body->kind == AstKind::kLambda && body->begin == body_at) {
    return fail_at(begin, "it would be in poor taste to capture the same context under both '" +
                              std::string(name) + "' and '" + body->text + "'");
  }
  made->children.push_back(body);
  return done(made);
}

Ast* Parser::function(std::string_view name) {
  Ast* const made = make(AstKind::kFunction, pos_);
  made->name_at = made->begin;
  made->text = name;
  pos_ += name.size();
  return arguments(*made) ? done(made) : nullptr;
}

bool Parser::arguments(Ast& call) {
  ++pos_;
  white();
  if (peek() == ')') {
    ++pos_;
    return true;
  }
  while (true) {
    AstArgument argument;
    argument.at = static_cast<std::uint32_t>(pos_);
    const std::string_view name = peek_name();
    const bool is_named = !name.empty() && peek(name.size()) == ':';
    if (is_named) {
      argument.name = name;
      pos_ += name.size() + 1;
      white();
      if (peek() == ',' || peek() == ')' || at_end()) {
        fail("required: expected argument value");
        return false;
      }
    } else if (at_end() || peek() == ',') {
      fail("required: expected function argument");
      return false;
    }
    argument.value = expression();
    if (argument.value == nullptr) {
      if (failure_->at == argument.at) failure_->message = "required: expected function argument";
      return false;
    }
    if (!call.args.empty() && call.args.back().name.empty() != argument.name.empty()) {
      fail_at(argument.at, "cannot mix named and nameless arguments");
      return false;
    }
    call.args.push_back(std::move(argument));
    white();
    if (peek() == ',') {
      ++pos_;
      white();
      if (peek() != ')') continue;
    }
    if (peek() != ')') {
      fail("required: expected `,` or a closing bracket");
      return false;
    }
    ++pos_;
    return true;
  }
}

Ast* Parser::array_literal() {
  Ast* const made = make(AstKind::kArray, pos_);
  ++pos_;
  white();
  while (peek() != ']') {
    Ast* const item = expression();
    if (item == nullptr) return nullptr;
    made->children.push_back(item);
    white();
    if (peek() == ',') {
      ++pos_;
      white();
    } else if (peek() != ']') {
      return fail("required: expected `,` or `]`");
    }
  }
  ++pos_;
  return done(made);
}

Ast* Parser::object_literal() {
  Ast* const made = make(AstKind::kObject, pos_);
  ++pos_;
  white();
  while (peek() != '}') {
    const std::size_t key_at = pos_;
    Ast* const key = expression();
    if (key == nullptr) return nullptr;
    if (key->kind == AstKind::kLiteral && !key->value.is(core::Kind::kString)) {
      std::string_view kind = "null";
      if (key->value.is(core::Kind::kInt)) kind = "int64";
      if (key->value.is(core::Kind::kDouble)) kind = "float64";
      if (key->value.is(core::Kind::kBool)) kind = "bool";
      return fail_at(key_at, "object keys must be strings, received: " + std::string(kind),
                     "write the key in quotes");
    }
    blanks();
    if (peek() != ':') return fail("required: expected `:` after an object key");
    ++pos_;
    white();
    Ast* const value = expression();
    if (value == nullptr) return nullptr;
    made->children.push_back(key);
    made->children.push_back(value);
    white();
    if (peek() == ',') {
      ++pos_;
      white();
    } else if (peek() != '}') {
      return fail("required: expected `,` or `}`");
    }
  }
  ++pos_;
  return done(made);
}

Ast* Parser::if_expression() {
  Ast* const made = make(AstKind::kIf, pos_);
  pos_ += 2;
  const auto branch = [&] {
    white();
    if (peek() != '{') {
      fail("required: expected {");
      return false;
    }
    ++pos_;
    white();
    Ast* const value = expression();
    if (value == nullptr) return false;
    made->children.push_back(value);
    white();
    if (peek() != '}') {
      fail("required: expected }");
      return false;
    }
    ++pos_;
    return true;
  };
  while (true) {
    blanks();
    Ast* const condition = expression();
    if (condition == nullptr) return nullptr;
    made->children.push_back(condition);
    if (!branch()) return nullptr;
    const std::size_t after = pos_;
    white();
    if (sees("else if ") || sees("else if\t")) {
      pos_ += 7;
      continue;
    }
    if (sees("else") && peek_name() == "else") {
      pos_ += 4;
      return branch() ? done(made) : nullptr;
    }
    pos_ = after;
    return done(made);
  }
}

Ast* Parser::match_expression() {
  const std::size_t begin = pos_;
  Ast* const made = make(AstKind::kMatch, begin);
  pos_ += 5;
  blanks();
  const std::size_t after_word = pos_;
  // `match {` begins the cases, unless an object literal stands there and the cases follow it.
  // What such a look ahead found is remembered: nested ones would cost exponential time.
  if (peek() != '{') {
    if (at_end() || peek() == '\n' || peek() == '\r' || peek() == '#') {
      white();
    } else {
      made->target = expression();
      if (made->target == nullptr) return nullptr;
    }
  } else {
    auto known = subjects_.find(pos_);
    if (known == subjects_.end()) {
      const auto failure = failure_;
      Ast* const subject = expression();
      std::size_t end = pos_;
      if (subject != nullptr) {
        white();
        if (peek() != '{') end = 0;
      }
      if (subject == nullptr || end == 0) failure_ = failure;
      known = subjects_.emplace(after_word, Subject{end == 0 ? nullptr : subject, end}).first;
    }
    pos_ = known->second.subject == nullptr ? after_word : known->second.end;
    made->target = known->second.subject;
  }
  white();
  if (peek() != '{') return fail("required: expected {");
  ++pos_;
  white();
  while (peek() != '}') {
    Ast* condition = nullptr;
    std::size_t arrow = 1;
    while (peek(arrow) == ' ' || peek(arrow) == '\t') ++arrow;
    if (peek() == '_' && peek(arrow) == '=' && peek(arrow + 1) == '>') {
      pos_ += arrow;
    } else {
      condition = expression();
      if (condition == nullptr) return nullptr;
      blanks();
    }
    if (!sees("=>")) return fail("required: expected =>");
    pos_ += 2;
    blanks();
    Ast* const value = expression();
    if (value == nullptr) return nullptr;
    made->children.push_back(condition);
    made->children.push_back(value);
    const std::size_t after = pos_;
    white();
    if (peek() == ',') {
      ++pos_;
      white();
      continue;
    }
    const bool on_next_line =
        text_.substr(after, pos_ - after).find('\n') != std::string_view::npos;
    if (peek() != '}' && !on_next_line) return fail("required: expected `,`, a line break or `}`");
  }
  ++pos_;
  if (made->target == nullptr && made->children.empty()) {
    return fail_at(begin, "required: expected a match case");
  }
  return done(made);
}

}  // namespace weir::mapping
