#include "core/buffer.h"
#include "mapping/compiler.h"
#include "mapping/source.h"
#include "mapping/values.h"

namespace weir::mapping {

using core::Kind;
using core::Value;

const Callable* Compiler::find_callable(const Ast& ast) {
  const bool is_method = ast.kind == AstKind::kMethod;
  const Callable* const found =
      is_method ? registry_.find_method(ast.text) : registry_.find_function(ast.text);
  const std::string_view word = is_method ? "method" : "function";
  if (found == nullptr) {
    Nearest nearest(ast.text);
    for (const Callable* one : is_method ? registry_.methods() : registry_.functions()) {
      if (one->support != Support::kHidden && one->refused_because.empty())
        nearest.offer(one->name);
    }
    std::string hint = nearest.hint();
    if (hint.empty() && is_method && registry_.find_function(ast.text) != nullptr) {
      hint = "`" + ast.text + "` is a function: call it without a target";
    }
    if (hint.empty() && !is_method && registry_.find_method(ast.text) != nullptr) {
      hint = "`" + ast.text + "` is a method: `this.field." + ast.text + "(..)`";
    }
    issue(ast.name_at, ast.text.size(), "unrecognised " + std::string(word) + " '" + ast.text + "'",
          hint);
    return nullptr;
  }
  if (!found->refused_because.empty()) {
    issue(ast.name_at, ast.text.size(),
          std::string(word) + " '" + ast.text +
              "' is not available here: " + std::string(found->refused_because));
    return nullptr;
  }
  if (options_.pure_only && (!found->is_pure || found->uses_message)) {
    issue(ast.name_at, ast.text.size(),
          std::string(word) + " '" + ast.text + "' is not allowed here: only pure ones are");
    return nullptr;
  }
  return found;
}

void Compiler::note_call(const Ast& ast, const Callable& callable) {
  if (!callable.is_deterministic) program_.is_deterministic = false;
  if (callable.uses_batch) program_.reads_batch = true;
  if (callable.uses_document) program_.reads_document_function = true;
  if (callable.support == Support::kDeprecated && !callable.alias_of.empty()) {
    warn(ast.name_at, ast.text.size(), "deprecated",
         "`" + ast.text + "` is an old name of `" + std::string(callable.alias_of) + "`");
  }
}

void Compiler::note_variable(const std::vector<CallNode::Argument>& arguments) {
  if (arguments[0].node != nullptr) {
    scope_->used_variables.insert(kAnyVariable);
    return;
  }
  const auto known = scope_->variables.find(std::string(arguments[0].value.stored()));
  if (known != scope_->variables.end()) scope_->used_variables.insert(known->second);
}

void Compiler::note_map(const Ast& ast, Value map_name) {
  const std::string_view wanted = map_name.stored();
  if (program_.maps.contains(wanted)) return;
  Nearest nearest(wanted);
  for (const auto& [known, body] : program_.maps) nearest.offer(known);
  warn(ast.args[0].at, ast.args[0].value->end - ast.args[0].at, "unknown-map",
       "there is no map called `" + std::string(wanted) + "`", nearest.hint());
}

void Compiler::fill_default(const Parameter& parameter, CallNode::Argument& to) {
  const Default& d = parameter.default_value;
  Value value = Value::nothing();
  switch (d.is) {
    case Default::Is::kAbsent: return;
    case Default::Is::kText: value = Value::string(d.text); break;
    case Default::Is::kInt:
      value =
          parameter.kind == ArgKind::kFloat ? Value::number(d.number) : Value::integer(d.integer);
      break;
    case Default::Is::kFloat: value = Value::number(d.number); break;
    case Default::Is::kBool: value = Value::boolean(d.flag); break;
  }
  if (parameter.kind == ArgKind::kQuery || parameter.kind == ArgKind::kQueryOrValue) {
    to.is_query = true;
    to.node = program_.add<LiteralNode>(value);
    return;
  }
  to.value = value;
}

bool Compiler::bind_one(const AstArgument& from, const Parameter& parameter,
                        CallNode::Argument& to) {
  const std::string field = "field " + std::string(parameter.name) + ": ";
  const std::size_t length = from.value->end - from.at;
  if (parameter.kind == ArgKind::kQuery) {
    const std::uint32_t slot = new_slot();
    to.node = program_.add<QueryNode>(slot, with_this(slot, *from.value));
    to.is_query = true;
    return true;
  }
  const Node* const node = expression(*from.value);
  if (parameter.kind == ArgKind::kQueryOrValue) {
    to.node = node;
    to.is_query = true;
    return true;
  }
  const Value* const value = node->literal();
  if (value == nullptr) {
    if (parameter.literal_only) {
      issue(from.at, length, field + "must be a literal, an expression is not allowed here");
      return false;
    }
    to.node = node;
    return true;
  }
  if (parameter.kind == ArgKind::kString && !is_text(*value)) {
    issue(from.at, length,
          field + "wrong argument type, expected string, got " + std::string(type_name(*value)));
    return false;
  }
  auto converted = convert_argument(parameter.kind, *value, program_.arena);
  if (!converted) {
    issue(from.at, length, field + converted.error().message);
    return false;
  }
  to.value = *converted;
  return true;
}

bool Compiler::bind_arguments(const Ast& ast, const Callable& callable,
                              std::vector<CallNode::Argument>& out) {
  const std::size_t declared = callable.parameters.size();
  const std::size_t single = callable.is_variadic ? declared - 1 : declared;
  const std::size_t given = ast.args.size();
  const bool named = given > 0 && !ast.args[0].name.empty();
  bool good = true;
  std::vector<const AstArgument*> from(single, nullptr);
  if (named) {
    for (const AstArgument& argument : ast.args) {
      std::size_t i = 0;
      while (i < single && callable.parameters[i].name != argument.name) ++i;
      if (i == single) {
        Nearest nearest(argument.name);
        for (const Parameter& parameter : callable.parameters) nearest.offer(parameter.name);
        issue(argument.at, argument.name.size(), "unknown parameter " + argument.name,
              nearest.hint());
        good = false;
      } else if (from[i] != nullptr) {
        issue(argument.at, argument.name.size(), "duplicate parameter: " + argument.name);
        good = false;
      } else {
        from[i] = &argument;
      }
    }
  } else {
    if (given > single && !callable.is_variadic) {
      issue(ast.name_at, ast.end - ast.name_at,
            "wrong number of arguments, expected " + std::to_string(declared) + ", got " +
                std::to_string(given));
      return false;
    }
    for (std::size_t i = 0; i < given && i < single; ++i) from[i] = &ast.args[i];
  }
  for (std::size_t i = 0; i < single; ++i) {
    const Parameter& parameter = callable.parameters[i];
    CallNode::Argument bound;
    bound.parameter = &parameter;
    if (from[i] != nullptr) {
      good = bind_one(*from[i], parameter, bound) && good;
    } else if (!parameter.optional) {
      issue(ast.name_at, ast.end - ast.name_at,
            "missing parameter: " + std::string(parameter.name));
      good = false;
    } else {
      fill_default(parameter, bound);
    }
    out.push_back(std::move(bound));
  }
  if (callable.is_variadic && !named) {
    for (std::size_t i = single; i < given; ++i) {
      CallNode::Argument bound;
      bound.parameter = &callable.parameters.back();
      good = bind_one(ast.args[i], callable.parameters.back(), bound) && good;
      out.push_back(std::move(bound));
    }
  }
  return good;
}

const Node* Compiler::call(const Ast& ast) {
  const Node* const target = ast.target == nullptr ? nullptr : expression(*ast.target);
  const Callable* const callable = find_callable(ast);
  if (callable == nullptr) {
    // Look into the arguments all the same: there may be more to tell.
    for (const AstArgument& argument : ast.args) (void)with_this(new_slot(), *argument.value);
    return program_.add<RefusedNode>();
  }
  std::vector<CallNode::Argument> arguments;
  if (!bind_arguments(ast, *callable, arguments)) return program_.add<RefusedNode>();
  note_call(ast, *callable);
  if (callable->name == "var") note_variable(arguments);
  if (callable->name == "apply" && arguments[0].node == nullptr) note_map(ast, arguments[0].value);
  auto* const node = program_.add<CallNode>(*callable, target, std::move(arguments));
  node->set_directory(options_.directory);
  const std::size_t length = ast.end - ast.name_at;
  if (callable->prepare != nullptr && node->has_constant_arguments()) {
    std::vector<Value> values;
    for (const CallNode::Argument& argument : node->arguments()) values.push_back(argument.value);
    auto prepared = callable->prepare(PrepareCall{values, environment_, options_.directory, true});
    if (!prepared) {
      issue(ast.name_at, length, prepared.error().message);
      return program_.add<RefusedNode>();
    }
    node->set_prepared(*std::move(prepared));
  }
  if (target == nullptr) return node;
  if (callable->folds_literals && target->literal() != nullptr && node->has_constant_arguments()) {
    return fold(ast, ast.name_at, length, *node);
  }
  if (!callable->lazy_target && (callable->target_kinds & target->result_kinds()) == 0) {
    warn(ast.begin, ast.end - ast.begin, "wrong-kind",
         "this always fails: `" + ast.text + "` expects " + std::string(callable->target_words));
  }
  return node;
}

}  // namespace weir::mapping
