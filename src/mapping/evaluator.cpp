#include "mapping/evaluator.h"

#include <algorithm>
#include <new>

#include "mapping/nodes.h"
#include "mapping/stack.h"
#include "mapping/values.h"

namespace weir::mapping {

using core::Kind;
using core::Value;

Evaluator::Evaluator(const Program& program, const Context& context)
    : program_(program),
      context_(context),
      arena_(context.arena()),
      index_(context.index()),
      max_steps_(context.limits.max_steps),
      max_footprint_(arena_.footprint() + context.limits.max_memory) {
  const Body& body = program.main;
  main_.body = &body;
  main_.slots = arena_.array<Value>(body.slots + body.variables.size());
  main_.variables = main_.slots + body.slots;
  std::fill_n(main_.variables, body.variables.size(), Value::nothing());
  main_.root = &main_.own_root;
  frame_ = &main_;
}

Value Evaluator::load_document(const Node& who) {
  if (!context_.has_message()) return fail_from(who, "there is no message here");
  auto root = context_.message().root();
  if (root) {
    set_document(*root);
    return *root;
  }
  Failure failure;
  failure.form = Failure::Form::kDocument;
  failure.code = root.error().code;
  failure.origin = &who;
  const bool is_empty = root.error().message == "message is empty";
  failure.text =
      arena_.copy(is_empty ? root.error().message : "parse as json: " + root.error().message);
  return fail(failure);
}

Value Evaluator::over_budget() {
  return fail_text(steps_ > max_steps_ ? "evaluation takes more steps than its limit allows"
                                       : "evaluation takes more memory than its limit allows",
                   core::ErrorCode::kLimit);
}

Value Evaluator::fail_text(std::string_view text, core::ErrorCode code) {
  Failure failure;
  failure.code = code;
  failure.text = arena_.copy(text);
  return fail(failure);
}

Value Evaluator::fail_from(const Node& origin, std::string_view text, core::ErrorCode code) {
  Failure failure;
  failure.form = Failure::Form::kFrom;
  failure.code = code;
  failure.origin = &origin;
  failure.text = arena_.copy(text);
  return fail(failure);
}

Value Evaluator::fail_type(std::string_view expected, Value got, const Node& origin) {
  Failure failure;
  failure.form = Failure::Form::kType;
  failure.text = expected;
  failure.left = got;
  failure.origin = &origin;
  return fail(failure);
}

Value Evaluator::wrap(std::string_view words, Value value) {
  Failure failure;
  failure.form = Failure::Form::kWrapped;
  failure.cause = &failure_of(value);
  failure.code = failure.cause->code;
  failure.text = arena_.copy(words);
  return fail(failure);
}

std::string_view Evaluator::failure_text(Value value) {
  std::string text;
  append_failure(failure_of(value), text);
  return arena_.copy(text);
}

Value Evaluator::apply(std::string_view map_name, Value target) {
  const Body* const body = program_.find_map(map_name);
  if (body == nullptr) return fail_text("map " + std::string(map_name) + " was not found");
  if (!spend(1)) return over_budget();
  if (map_depth_ >= context_.limits.max_map_depth) {
    return fail_text("entering map " + std::string(map_name) +
                         " exceeded maximum allowed stacks of " +
                         std::to_string(context_.limits.max_map_depth) +
                         ", this could be due to unbounded recursion",
                     core::ErrorCode::kLimit);
  }
  Frame frame;
  frame.body = body;
  frame.slots = arena_.array<Value>(body->slots + body->variables.size());
  frame.variables = frame.slots + body->slots;
  std::fill_n(frame.variables, body->variables.size(), Value::nothing());
  frame.slots[0] = target;
  frame.root = &frame.own_root;
  Frame* const outer = frame_;
  frame_ = &frame;
  ++map_depth_;
  Value failure = Value::nothing();
  if (!with_enough_stack([&] { failure = run(body->statements); })) {
    failure = fail_text("maps are nested too deeply for the stack", core::ErrorCode::kLimit);
  }
  --map_depth_;
  frame_ = outer;
  return failure.is(Kind::kError) ? failure : frame.own_root;
}

Value Evaluator::run(const std::vector<Statement>& statements) {
  for (const Statement& s : statements) {
    const Value result = run_one(s);
    if (!result.is(Kind::kError)) continue;
    // The statement inside an `if` has named the place already.
    if (s.kind == StatementKind::kIf && failure_of(result).line > 0) return result;
    Failure failure;
    failure.form = Failure::Form::kWrapped;
    failure.cause = &failure_of(result);
    failure.code = failure.cause->code;
    failure.line = s.line;
    return fail(failure);
  }
  return Value::nothing();
}

Value Evaluator::run_one(const Statement& s) {
  if (!spend(1)) return over_budget();
  if (s.kind == StatementKind::kIf) return run_if(s);
  const Value value = s.value->eval(*this);
  if (value.is(Kind::kError) || value.is(Kind::kNothing)) return value;
  switch (s.kind) {
    case StatementKind::kLet:
      frame_->variables[s.variable] =
          value.is(Kind::kDelete) ? Value::nothing() : core::share(value);
      return Value::nothing();
    case StatementKind::kMeta: return assign_metadata(s, value);
    default: return assign(s, value);
  }
}

Value Evaluator::run_if(const Statement& s) {
  for (std::size_t i = 0; i < s.blocks.size(); ++i) {
    if (i < s.conditions.size()) {
      const Value condition = s.conditions[i]->eval(*this);
      if (condition.is(Kind::kError)) return wrap("failed to check if condition", condition);
      if (!condition.is(Kind::kBool)) {
        Failure failure;
        failure.form = Failure::Form::kNotBool;
        failure.origin = s.conditions[i];
        failure.left = condition;
        return fail(failure);
      }
      if (!condition.as_bool()) continue;
    }
    return run(s.blocks[i]);
  }
  return Value::nothing();
}

Value Evaluator::assign_metadata(const Statement& s, Value value) {
  if (frame_->body->is_map) return fail_text("setting meta fields is not allowed within a map");
  if (s.whole) {
    if (value.is(Kind::kDelete)) {
      metadata_ = Value::null();
    } else if (value.is(Kind::kObject)) {
      metadata_ = core::share(value);
    } else {
      return fail_text("setting root meta object requires object value, received: " +
                       std::string(type_name(value)));
    }
    metadata_changed_ = true;
    return Value::nothing();
  }
  if (!metadata_changed_) {
    metadata_ = core::share(metadata_);
    metadata_changed_ = true;
  }
  if (value.is(Kind::kDelete)) {
    if (!metadata_.is_null()) core::erase_member(metadata_, s.key.stored(), arena_);
    return Value::nothing();
  }
  if (metadata_.is_null()) metadata_ = Value::object(arena_, 4);
  core::set_member(metadata_, s.key.stored(), core::share(value), arena_);
  return Value::nothing();
}

}  // namespace weir::mapping
