#include "mapping/call_node.h"

#include <algorithm>

#include "core/time.h"
#include "mapping/evaluator.h"
#include "mapping/nodes.h"
#include "mapping/prepared_cache.h"
#include "mapping/values.h"

namespace weir::mapping {

using core::Kind;
using core::Result;
using core::Value;

Result<Value> convert_argument(ArgKind kind, Value value, core::Arena& arena) {
  const auto wrong = [&](std::string_view expected) {
    return core::invalid_data(type_error(expected, value));
  };
  switch (kind) {
    case ArgKind::kString:
      if (!is_text(value)) return wrong("string");
      return value.decoded(arena);
    case ArgKind::kInt: {
      if (!value.is_number()) return wrong("number");
      const auto number = as_integer(value);
      if (!number) return core::invalid_data("number is out of range of a 64-bit integer");
      return Value::integer(*number);
    }
    case ArgKind::kFloat: {
      const auto number = as_number(value);
      if (!number) return wrong("number");
      return Value::number(*number);
    }
    case ArgKind::kBool: {
      const auto flag = as_flag(value);
      if (!flag) return wrong("bool");
      return Value::boolean(*flag);
    }
    case ArgKind::kTimestamp: {
      if (value.is(Kind::kTimestamp)) return value;
      WEIR_TRY(const core::Timestamp time, as_timestamp(value, arena));
      return Value::timestamp(arena.create<core::Timestamp>(time));
    }
    case ArgKind::kArray:
      if (!value.is(Kind::kArray)) return wrong("array");
      return value;
    case ArgKind::kObject:
      if (!value.is(Kind::kObject)) return wrong("object");
      return value;
    default: return value;
  }
}

CallNode::CallNode(const Callable& callable, const Node* target, std::vector<Argument> arguments)
    : callable_(callable), target_(target), arguments_(std::move(arguments)) {
  for (const Argument& argument : arguments_) {
    constants_.push_back(argument.value);
    if (argument.node != nullptr && !argument.is_query) constant_ = false;
  }
  if (callable_.state != nullptr) state_ = callable_.state();
}

void CallNode::describe(std::string& out) const {
  if (callable_.describe != nullptr && constant_) {
    callable_.describe(constants_, out);
    return;
  }
  out += callable_.is_method ? "method " : "function ";
  out += callable_.name;
}

Value CallNode::eval(Evaluator& e) const {
  if (!e.spend(1)) return e.over_budget();
  if (constant_) return call(e, constants_, prepared_.get());
  return call_dynamic(e);
}

Value CallNode::call_dynamic(Evaluator& e) const {
  constexpr std::size_t kFew = 8;
  Value few[kFew];
  const std::size_t count = arguments_.size();
  Value* const values = count <= kFew ? few : e.arena().array<Value>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Argument& argument = arguments_[i];
    values[i] = argument.value;
    if (argument.node == nullptr || argument.is_query) continue;
    const Value value = argument.node->eval(e);
    if (value.is(Kind::kError)) return value;
    auto converted = convert_argument(argument.parameter->kind, value, e.arena());
    if (!converted) {
      return e.fail_text("field " + std::string(argument.parameter->name) + ": " +
                         converted.error().message);
    }
    // A left-out argument is marked as nothing: an `any` that yields nothing is no value either.
    values[i] = *converted;
  }
  const std::span<const Value> arguments(values, count);
  if (callable_.prepare == nullptr) return call(e, arguments, nullptr);
  const PrepareCall prepare{arguments, e.context().environment(), directory_};
  auto prepared = PreparedCache::of_this_thread().get(callable_, prepare);
  if (!prepared) {
    const std::string& text = prepared.error().message;
    return target_ == nullptr ? e.fail_text(text) : e.fail_from(*target_, text);
  }
  const Prepared held = *prepared;  // a nested call may push it out of the cache
  return call(e, arguments, held.get());
}

Value CallNode::call(Evaluator& e, std::span<const Value> arguments, const void* prepared) const {
  Value target = Value::nothing();
  if (target_ != nullptr && !callable_.lazy_target) {
    target = target_->eval(e);
    if (target.is(Kind::kError)) return target;
    if ((callable_.target_kinds & kinds(target.kind())) == 0) {
      return e.fail_type(callable_.target_words, target, *target_);
    }
  }
  Call made(e, *this, target, arguments, prepared);
  return callable_.eval(made);
}

// ---- Call --------------------------------------------------------------------------------------

Value Call::evaluate_target() const {
  return site_.target()->eval(evaluator_);
}

Query Call::query(std::size_t i) const {
  const CallNode::Argument& argument = site_.arguments()[i];
  return Query(evaluator_, *argument.node);
}

bool Call::has_query(std::size_t i) const {
  return i < site_.arguments().size() && site_.arguments()[i].node != nullptr;
}

CallState& Call::call_state() const {
  return site_.state();
}
core::Arena& Call::arena() const {
  return evaluator_.arena();
}
const Context& Call::context() const {
  return evaluator_.context();
}
core::Message* Call::message() const {
  return evaluator_.message();
}

char* Call::room(std::size_t bytes) {
  if (bytes > context().limits.max_text || bytes > evaluator_.memory_left()) return nullptr;
  return static_cast<char*>(arena().allocate(bytes, 1));
}

bool Call::may_build(std::size_t elements) {
  return elements <= core::kMaxMembers && elements * sizeof(Value) <= evaluator_.memory_left();
}

bool Call::spend(std::uint64_t steps) {
  return evaluator_.spend(steps);
}

Value Call::too_big() {
  return evaluator_.fail_text(
      std::string(callable_name()) + ": the result is larger than the limit allows",
      core::ErrorCode::kLimit);
}

Value Call::too_long() {
  return evaluator_.over_budget();
}

std::string_view Call::callable_name() const {
  return site_.callable().name;
}

Value Call::fail(std::string_view text) {
  return site_.target() == nullptr ? evaluator_.fail_text(text)
                                   : evaluator_.fail_from(*site_.target(), text);
}
Value Call::fail_plain(std::string_view text) {
  return evaluator_.fail_text(text);
}
Value Call::wrong_target(std::string_view expected) {
  return evaluator_.fail_type(expected, target_, *site_.target());
}
Value Call::wrong_target(std::string_view expected, Value target) {
  return evaluator_.fail_type(expected, target, *site_.target());
}
std::string_view Call::failure_text(Value failure) {
  return evaluator_.failure_text(failure);
}
Value Call::wrap(std::string_view words, Value failure) {
  return evaluator_.wrap(words, failure);
}

Value Query::operator()() const {
  if (!evaluator_.spend(1)) return evaluator_.over_budget();
  return node_.eval(evaluator_);
}

Value Query::operator()(Value self) const {
  if (!evaluator_.spend(1)) return evaluator_.over_budget();
  evaluator_.frame().slots[static_cast<const QueryNode&>(node_).slot()] = self;
  return static_cast<const QueryNode&>(node_).body().eval(evaluator_);
}

Value Query::operator()(std::string_view first_name, Value first, std::string_view second_name,
                        Value second) const {
  core::Arena& arena = evaluator_.arena();
  Value pair = Value::object(arena, 2);
  core::append_member(pair, Value::json_string(first_name, false), core::share(first), arena);
  core::append_member(pair, Value::json_string(second_name, false), core::share(second), arena);
  return (*this)(pair);
}

bool Query::is_constant() const {
  return node_.literal() != nullptr;
}

}  // namespace weir::mapping
