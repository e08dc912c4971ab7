#include "mapping/template.h"

#include <utility>

#include "core/buffer.h"
#include "mapping/compiler.h"
#include "mapping/evaluator.h"
#include "mapping/parser.h"
#include "mapping/program.h"
#include "mapping/source.h"
#include "mapping/values.h"

namespace weir::mapping {

using core::Kind;
using core::Result;
using core::Value;

struct Template::Parts {
  struct Part {
    std::string text;  // in front of the expression
    const Node* expression = nullptr;
  };
  std::vector<Part> parts;
  std::string prefix;
  Program program;
};

Template::Template() : Template(literal({})) {}

Template Template::literal(std::string text) {
  auto made = std::make_shared<Parts>();
  made->program.text = text;
  made->prefix = std::move(text);
  return Template(std::move(made));
}

tl::expected<Template, ParseErrors> Template::parse(std::string_view text,
                                                    const CompileOptions& options) {
  auto made = std::make_shared<Parts>();
  Program& program = made->program;
  program.text = text;
  const std::string_view source = program.text;
  AstStore store;
  ParseErrors errors;
  std::string plain;
  std::size_t at = 0;
  while (at < source.size()) {
    const std::size_t dollar = source.find("${", at);
    if (dollar == std::string_view::npos || dollar + 2 >= source.size()) break;
    plain += source.substr(at, dollar - at);
    if (source.substr(dollar).starts_with("${{!")) {
      const std::size_t end = source.find("}}", dollar);
      if (end == std::string_view::npos) {
        errors.push_back(issue_at(source, dollar, 4, "required: expected end of escaped expression",
                                  "`${{! .. }}` stands for the text `${! .. }`"));
        break;
      }
      plain += "${";
      plain += source.substr(dollar + 3, end + 1 - (dollar + 3));
      at = end + 2;
      continue;
    }
    if (source[dollar + 2] != '!') {
      plain += "${";
      at = dollar + 2;
      continue;
    }
    Parser parser(source, store, program.arena);
    std::size_t end = 0;
    const Ast* const ast = parser.interpolation(dollar + 3, end);
    if (ast == nullptr) {
      const SyntaxError& error = parser.errors().front();
      errors.push_back(issue_at(source, error.at, 1, error.message, error.hint));
      break;
    }
    Compiler compiler(program, options, source, errors);
    made->parts.push_back({std::exchange(plain, {}), compiler.lone_expression(*ast)});
    at = end;
  }
  if (!errors.empty()) return tl::unexpected<ParseErrors>(std::move(errors));
  plain += source.substr(at);
  made->prefix = made->parts.empty() ? plain : made->parts.front().text;
  if (!made->parts.empty()) made->parts.push_back({std::move(plain), nullptr});
  return Template(std::move(made));
}

bool Template::is_constant() const {
  return parts_->parts.empty();
}
std::string_view Template::literal_prefix() const {
  return parts_->prefix;
}
bool Template::is_deterministic() const {
  return parts_->program.is_deterministic;
}
const std::string& Template::text() const {
  return parts_->program.text;
}
const std::vector<PathUse>& Template::reads() const {
  return parts_->program.reads;
}

Result<std::string_view> Template::render(Context& context) const {
  if (is_constant()) return std::string_view(parts_->prefix);
  Evaluator e(parts_->program, context);
  if (context.has_message()) e.start_metadata(context.message().metadata());
  core::Buffer out;
  for (const Parts::Part& part : parts_->parts) {
    out.append(part.text);
    if (part.expression == nullptr) break;
    const Value value = part.expression->eval(e);
    if (value.is(Kind::kError)) return core::fail(to_error(value));
    WEIR_CHECK_OK(append_text(value, out));
    if (out.size() > context.limits.max_text) {
      return core::fail(core::ErrorCode::kLimit,
                        "interpolated text is larger than the limit allows");
    }
  }
  return e.arena().copy(out.view());
}

Result<Value> Template::value(Context& context) const {
  const auto& parts = parts_->parts;
  const bool is_lone = parts.size() == 2 && parts[0].text.empty() && parts[1].text.empty();
  if (!is_lone) {
    WEIR_TRY(const std::string_view text, render(context));
    return Value::string(text);
  }
  if (context.has_message()) context.message().storage().retain(parts_);
  Evaluator e(parts_->program, context);
  if (context.has_message()) e.start_metadata(context.message().metadata());
  const Value value = parts[0].expression->eval(e);
  if (!value.is(Kind::kError)) return value;
  return core::fail(to_error(value));
}

}  // namespace weir::mapping
