#include "mapping/functions/json_path_parser.h"

#include <utility>

#include <re2/re2.h>

#include "core/number_text.h"
#include "core/quote.h"

namespace weir::mapping {

using core::Result;
using core::Status;
using core::Value;

using Expression = JsonPathExpression;
using Selector = JsonPathSelector;

bool JsonPathQuery::is_definite() const {
  for (const JsonPathStep& step : steps) {
    if (step.recursive || step.selectors.size() != 1) return false;
    const Selector::Is is = step.selectors.front().is;
    if (is != Selector::Is::kName && is != Selector::Is::kIndex && is != Selector::Is::kScript) {
      return false;
    }
  }
  return true;
}

namespace {

constexpr unsigned kMaxNesting = 32;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

struct Operator {
  std::string_view text;
  Expression::Is is;
};

// By rising precedence; a longer text before the shorter one it begins with.
const std::vector<Operator> kLevels[] = {
    {{"||", Expression::Is::kOr}},
    {{"&&", Expression::Is::kAnd}},
    {{"==", Expression::Is::kEqual},
     {"!=", Expression::Is::kUnequal},
     {"=~", Expression::Is::kMatches},
     {"<=", Expression::Is::kLessEqual},
     {">=", Expression::Is::kGreaterEqual},
     {"<", Expression::Is::kLess},
     {">", Expression::Is::kGreater}},
    {{"+", Expression::Is::kAdd}, {"-", Expression::Is::kSubtract}},
    {{"*", Expression::Is::kMultiply},
     {"/", Expression::Is::kDivide},
     {"%", Expression::Is::kRemainder}},
};

class Parser {
 public:
  Parser(std::string_view text, core::Arena& arena) : text_(text), arena_(arena) {}

  Result<JsonPathQuery> whole() {
    skip_blanks();
    if (!take('$')) return expected("`$`");
    WEIR_TRY(JsonPathQuery query, steps(true));
    skip_blanks();
    if (at_ != text_.size()) return expected("the end of the path");
    return query;
  }

 private:
  [[nodiscard]] tl::unexpected<core::Error> expected(std::string_view what) const {
    return core::invalid_config("expected " + std::string(what) + " at position " +
                                std::to_string(at_));
  }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  bool take(char c) { return take(std::string_view(&c, 1)); }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  bool take_after_blanks(char c) {
    skip_blanks();
    return take(c);
  }

  // What follows `$` or `@`.
  Result<JsonPathQuery> steps(bool from_root) {
    JsonPathQuery query;
    query.from_root = from_root;
    while (true) {
      JsonPathStep step;
      if (take("..")) {
        step.recursive = true;
      } else if (peek() != '.' && peek() != '[') {
        return query;
      }
      if (peek() == '[') {
        WEIR_CHECK_OK(brackets(step));
      } else {
        if (!step.recursive) ++at_;  // the dot
        Selector selector;
        if (!take('*')) {
          const std::size_t begin = at_;  // within expressions, - is an operator
          while (is_name_char(peek()) || (peek() == '-' && nesting_ == 0)) ++at_;
          if (at_ == begin) return expected("a name");
          selector.is = Selector::Is::kName;
          selector.name = text_.substr(begin, at_ - begin);
        }
        step.selectors.push_back(std::move(selector));
      }
      query.steps.push_back(std::move(step));
    }
  }

  Status brackets(JsonPathStep& step) {
    ++at_;
    do {
      skip_blanks();
      WEIR_TRY(Selector selector, in_brackets());
      step.selectors.push_back(std::move(selector));
    } while (take_after_blanks(','));
    if (!take_after_blanks(']')) return expected("`]`");
    return {};
  }

  Result<Selector> in_brackets() {
    Selector selector;
    if (take('*')) return selector;
    if (peek() == '\'' || peek() == '"') {
      selector.is = Selector::Is::kName;
      WEIR_TRY(selector.name, quoted());
      return selector;
    }
    const bool is_filter = take('?');
    if (is_filter || peek() == '(') {
      selector.is = is_filter ? Selector::Is::kFilter : Selector::Is::kScript;
      skip_blanks();
      if (peek() != '(') return expected("`(`");
      WEIR_TRY(Expression made, operand());
      selector.expression = std::make_shared<const Expression>(std::move(made));
      return selector;
    }
    selector.is = Selector::Is::kIndex;
    WEIR_TRY(selector.from, integer());
    if (take_after_blanks(':')) {
      selector.is = Selector::Is::kSlice;
      WEIR_TRY(selector.to, integer());
      if (take_after_blanks(':')) {
        WEIR_TRY(selector.step, integer());
        if (selector.step == 0) return expected("a step other than 0");
      }
    } else if (!selector.from) {
      return expected("a name in quotes, an index, `*`, `?` or `(`");
    }
    return selector;
  }

  // An integer, if there is one.
  Result<std::optional<std::int64_t>> integer() {
    skip_blanks();
    const std::size_t begin = at_;
    take('-');
    while (peek() >= '0' && peek() <= '9') ++at_;
    if (at_ == begin) return std::optional<std::int64_t>();
    const auto number = core::json_int64(text_.substr(begin, at_ - begin));
    if (!number) {
      at_ = begin;
      return expected("an integer");
    }
    return number;
  }

  // Text in single or double quotes, with the escapes \\, \', \", \n, \t, \r, \uXXXX.
  Result<std::string> quoted() {
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] != '\\') {
        out += text_[at_++];
        continue;
      }
      if (++at_ == text_.size()) break;
      const char c = text_[at_++];
      switch (c) {
        case 'n': out += '\n'; break;
        case 't': out += '\t'; break;
        case 'r': out += '\r'; break;
        case 'u': {
          char32_t code_point = 0;
          for (int i = 0; i < 4; ++i, ++at_) {
            const char digit = peek();
            const char32_t nibble =
                digit >= '0' && digit <= '9'   ? static_cast<char32_t>(digit - '0')
                : digit >= 'a' && digit <= 'f' ? static_cast<char32_t>(digit - 'a' + 10)
                : digit >= 'A' && digit <= 'F' ? static_cast<char32_t>(digit - 'A' + 10)
                                               : 16;
            if (nibble > 15) return expected("four hexadecimal digits");
            code_point = code_point << 4 | nibble;
          }
          core::append_utf8(out, code_point);
          break;
        }
        default: out += c;
      }
    }
    if (at_ == text_.size()) return expected("a closing quote");
    ++at_;
    return out;
  }

  Result<Expression> expression(std::size_t level = 0) {
    if (level == std::size(kLevels)) return operand();
    WEIR_TRY(Expression left, expression(level + 1));
    while (const Operator* const found = operator_of(level)) {
      Expression made;
      made.is = found->is;
      WEIR_TRY(Expression right, expression(level + 1));
      if (made.is == Expression::Is::kMatches) {
        if (right.is != Expression::Is::kLiteral || !right.literal.is(core::Kind::kString)) {
          return expected("a pattern in quotes before this");
        }
        WEIR_TRY(made.pattern, pattern(right.literal.stored()));
      }
      made.operands.push_back(std::move(left));
      made.operands.push_back(std::move(right));
      left = std::move(made);
      // Operators of one level stand in a chain as deep as it is long.
      if (++chained_ > 256) return expected("fewer operators");
    }
    return left;
  }

  const Operator* operator_of(std::size_t level) {
    skip_blanks();
    for (const Operator& one : kLevels[level]) {
      if (take(one.text)) return &one;
    }
    return nullptr;
  }

  static Result<std::shared_ptr<const re2::RE2>> pattern(std::string_view text) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    auto made =
        std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
    if (!made->ok()) return core::invalid_config("bad pattern: " + made->error());
    return made;
  }

  Result<Expression> operand() {
    skip_blanks();
    if (++nesting_ > kMaxNesting) return expected("less nesting");
    auto made = operand_inside();
    --nesting_;
    return made;
  }

  Result<Expression> operand_inside() {
    if (take('(')) {
      WEIR_TRY(Expression made, expression());
      if (!take_after_blanks(')')) return expected("`)`");
      return made;
    }
    Expression made;
    if (peek() == '!' || (peek() == '-' && !next_is_digit())) {
      made.is = take('!') ? Expression::Is::kNot : (++at_, Expression::Is::kMinus);
      WEIR_TRY(Expression inner, operand());
      made.operands.push_back(std::move(inner));
      return made;
    }
    if (peek() == '@' || peek() == '$') {
      made.is = Expression::Is::kQuery;
      const bool from_root = text_[at_++] == '$';
      WEIR_TRY(made.query, steps(from_root));
      return made;
    }
    if (peek() == '\'' || peek() == '"') {
      WEIR_TRY(const std::string text, quoted());
      made.literal = Value::string(arena_.copy(text));
      return made;
    }
    const std::size_t begin = at_;
    if (take("true")) {
      made.literal = Value::boolean(true);
    } else if (take("false")) {
      made.literal = Value::boolean(false);
    } else if (!take("null")) {
      take('-');
      while (is_number_char(peek())) ++at_;
      const std::string_view number = text_.substr(begin, at_ - begin);
      if (!core::is_json_number(number)) {
        at_ = begin;
        return expected("a value");
      }
      made.literal = Value::number_text(arena_.copy(number));
    }
    return made;
  }

  [[nodiscard]] bool next_is_digit() const {
    return at_ + 1 < text_.size() && text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9';
  }
  bool is_number_char(char c) const {
    if ((c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E') return true;
    // A sign only belongs to an exponent.
    return (c == '+' || c == '-') && at_ > 0 && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E');
  }

  std::string_view text_;
  core::Arena& arena_;
  std::size_t at_ = 0;
  unsigned nesting_ = 0;
  unsigned chained_ = 0;
};

}  // namespace

Result<JsonPath> JsonPath::parse(std::string_view text) {
  JsonPath made;
  made.arena = std::make_shared<core::Arena>();
  WEIR_TRY(made.query, Parser(text, *made.arena).whole());
  return made;
}

}  // namespace weir::mapping
