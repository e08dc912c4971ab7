#include "mapping/nodes.h"

#include <atomic>

#include "core/json_text.h"
#include "mapping/evaluator.h"
#include "mapping/values.h"

namespace weir::mapping {

using core::Kind;
using core::Value;

void LiteralNode::describe(std::string& out) const {
  out += type_name(value_);
  out += " literal";
}

void freeze(Value value) {
  if (!value.is_container()) return;
  value.as_container().shared = true;
  if (value.is(Kind::kArray)) {
    for (const Value& item : core::items(value)) freeze(item);
  } else {
    for (const core::Member& member : core::members(value)) freeze(member.value);
  }
}

Value ArrayNode::eval(Evaluator& e) const {
  Value made = Value::array(e.arena(), static_cast<std::uint32_t>(items_.size()));
  for (const Node* item : items_) {
    const Value value = item->eval(e);
    if (value.is(Kind::kError)) return value;
    if (value.is_marker()) continue;
    core::append_item(made, core::share(value), e.arena());
  }
  return made;
}

Value ObjectNode::eval(Evaluator& e) const {
  Value made = Value::object(e.arena(), static_cast<std::uint32_t>(entries_.size()));
  for (const Entry& entry : entries_) {
    Value key = entry.fixed_key;
    if (entry.key != nullptr) {
      key = entry.key->eval(e);
      if (key.is(Kind::kError)) return key;
      if (!is_text(key)) {
        std::string origin;
        entry.key->describe(origin);
        return e.fail_text(type_error("string", key, origin));
      }
      key = Value::string(key.text(e.arena()));
    }
    const Value value = entry.value->eval(e);
    if (value.is(Kind::kError)) {
      std::string words = "failed to resolve '";
      words.append(key.stored().substr(0, 200)).append("' value");
      return e.wrap(words, value);
    }
    if (value.is_marker()) continue;
    if (distinct_) {
      core::append_member(made, key, core::share(value), e.arena());
    } else {
      core::set_member(made, key.stored(), core::share(value), e.arena());
    }
  }
  return made;
}

Value step_into(Value from, const PathStep& step) {
  if (from.is(Kind::kObject)) {
    const std::atomic_ref<std::uint32_t> shared_hint(step.hint);
    const std::uint32_t known = shared_hint.load(std::memory_order_relaxed);
    std::uint32_t hint = known;
    const core::Member* member = core::find(from, step.key, hint);
    if (hint != known) shared_hint.store(hint, std::memory_order_relaxed);
    return member == nullptr ? Value::null() : member->value;
  }
  if (from.is(Kind::kArray) && step.index >= 0) {
    const core::ItemSpan span = core::items(from);
    if (step.index < span.count) return span.first[step.index];
  }
  return Value::null();
}

namespace {

// All elements below a `*`; false: nothing was there.
bool collect(Evaluator& e, Value from, const std::vector<PathStep>& steps, std::size_t at,
             Value& out, unsigned depth) {
  for (; at < steps.size(); ++at) {
    const PathStep& step = steps[at];
    if (step.star && from.is(Kind::kArray)) {
      if (depth >= core::kMaxDepth) return false;
      Value all = Value::array(e.arena());
      for (const Value& item : core::items(from)) {
        Value found;
        if (collect(e, item, steps, at + 1, found, depth + 1)) {
          core::append_item(all, core::share(found), e.arena());
        }
      }
      out = all;
      return core::size(all) > 0;
    }
    if (from.is(Kind::kObject)) {
      const core::Member* member = core::find(from, step.key);
      if (member == nullptr) return false;
      from = member->value;
    } else if (from.is(Kind::kArray)) {
      const core::ItemSpan span = core::items(from);
      if (step.index < 0 || step.index >= span.count) return false;
      from = span.first[step.index];
    } else {
      return false;
    }
  }
  out = from;
  return true;
}

}  // namespace

std::string FieldNode::path_text() const {
  std::string out = base_name_;
  for (const PathStep& step : steps_) {
    if (!out.empty()) out += '.';
    for (const char c : step.key) {
      if (c == '.') {
        out += "~1";
      } else if (c == '~') {
        out += "~0";
      } else {
        out += c;
      }
    }
  }
  return out;
}

void FieldNode::describe(std::string& out) const {
  switch (base_) {
    case Base::kMeta:
    case Base::kNode: out += "path `" + path_text() + "`"; return;
    case Base::kVariable: out += "variable " + path_text(); return;
    default: out += "field `" + path_text() + "`"; return;
  }
}

Value FieldNode::base_value(Evaluator& e) const {
  switch (base_) {
    case Base::kDocument: return e.document(*this);
    case Base::kSlot: return e.slot(number_);
    case Base::kRoot: return *e.frame().root;
    default: return target_->eval(e);
  }
}

Value FieldNode::eval(Evaluator& e) const {
  Value value = base_value(e);
  if (value.is(Kind::kError)) return value;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (!value.is_container()) return Value::null();
    if (steps_[i].star && value.is(Kind::kArray)) {
      Value all;
      if (!e.spend(core::size(value))) return e.over_budget();
      return collect(e, value, steps_, i, all, 0) ? all : Value::null();
    }
    value = step_into(value, steps_[i]);
  }
  return value;
}

Value MetaNode::eval(Evaluator& e) const {
  const Value all = e.metadata();
  if (whole_) return all.is_null() ? Value::object(e.arena()) : all;
  if (all.is_null()) return all;
  const core::Member* member = core::find(all, key_);
  return member == nullptr ? Value::null() : member->value;
}

void MetaNode::describe(std::string& out) const {
  out += whole_ ? "metadata" : "meta field " + key_;
}

Value VariableNode::eval(Evaluator& e) const {
  if (number_ != kUnknown) {
    const Value value = e.frame().variables[number_];
    if (!value.is(Kind::kNothing)) return value;
  }
  return e.fail_text("variable '" + name_ + "' undefined");
}

void VariableNode::describe(std::string& out) const {
  out += "variable " + name_;
}

Value NotNode::eval(Evaluator& e) const {
  const Value value = inner_->eval(e);
  if (value.is(Kind::kError)) return value;
  if (!value.is(Kind::kBool)) return e.fail_type("bool", value, *inner_);
  return Value::boolean(!value.as_bool());
}

Value NegateNode::eval(Evaluator& e) const {
  const Value value = inner_->eval(e);
  if (value.is(Kind::kError)) return value;
  const auto number = computed(value);
  if (!number) return e.fail_type("number", value, *inner_);
  switch (number->kind()) {
    case Kind::kInt:
      return Value::integer(
          static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(number->as_int())));
    case Kind::kUInt: return Value::integer(static_cast<std::int64_t>(0 - number->as_uint()));
    default: return Value::number(0.0 - number->as_double());
  }
}

namespace {

Value not_bool(Evaluator& e, const Node& origin, Value value) {
  Failure failure;
  failure.form = Failure::Form::kNotBool;
  failure.origin = &origin;
  failure.left = value;
  return e.fail(failure);
}

}  // namespace

Value IfNode::eval(Evaluator& e) const {
  for (const Branch& branch : branches_) {
    if (branch.condition == nullptr) return branch.value->eval(e);
    const Value condition = branch.condition->eval(e);
    if (condition.is(Kind::kBool)) {
      if (condition.as_bool()) return branch.value->eval(e);
      continue;
    }
    if (condition.is_null()) continue;
    if (condition.is(Kind::kError)) return e.wrap("failed to check if condition", condition);
    return not_bool(e, *branch.condition, condition);
  }
  return Value::nothing();
}

unsigned IfNode::yields() const {
  unsigned all = branches_.back().condition == nullptr ? 0U : kYieldsNothing;
  for (const Branch& branch : branches_) all |= branch.value->yields();
  return all;
}

unsigned MatchNode::yields() const {
  unsigned all = kYieldsNothing;
  for (const Case& one : cases_) {
    all |= one.value->yields();
    if (one.condition == nullptr) all &= ~unsigned{kYieldsNothing};
  }
  return all;
}

Value MatchNode::eval(Evaluator& e) const {
  Value subject;
  bool has_subject = false;
  if (subject_ != nullptr) {
    subject = subject_->eval(e);
    if (subject.is(Kind::kError)) return subject;
    e.frame().slots[slot_] = subject;
    has_subject = true;
  }
  for (std::size_t i = 0; i < cases_.size(); ++i) {
    const Case& one = cases_[i];
    if (one.condition != nullptr) {
      if (const Value* literal = one.condition->literal()) {
        if (!has_subject) {
          // A message without a document equals nothing.
          subject = self_->eval(e);
          has_subject = true;
        }
        if (subject.is(Kind::kError) || !equals(subject, *literal, e.arena())) continue;
      } else {
        const Value condition = one.condition->eval(e);
        if (condition.is(Kind::kError)) {
          return e.wrap("failed to check match case " + std::to_string(i), condition);
        }
        if (!condition.is(Kind::kBool) || !condition.as_bool()) continue;
      }
    }
    return one.value->eval(e);
  }
  return Value::nothing();
}

Value MapTailNode::eval(Evaluator& e) const {
  const Value target = target_->eval(e);
  if (target.is(Kind::kError)) return target;
  e.frame().slots[slot_] = target;
  return body_->eval(e);
}

}  // namespace weir::mapping
