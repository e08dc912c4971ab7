#include <cmath>
#include <cstring>

#include "mapping/evaluator.h"
#include "mapping/nodes.h"
#include "mapping/values.h"

namespace weir::mapping {

using core::Kind;
using core::Value;

namespace {

Value mismatch(Evaluator& e, std::string_view verb, Value left, Value right, const Node& left_node,
               const Node& right_node) {
  Failure failure;
  failure.form = Failure::Form::kMismatch;
  failure.text = verb;
  failure.left = left;
  failure.right = right;
  failure.origin = &left_node;
  failure.other = &right_node;
  return e.fail(failure);
}

std::string_view verb_of(Op op) {
  switch (op) {
    case Op::kAdd: return "add";
    case Op::kSubtract: return "subtract";
    case Op::kMultiply: return "multiply";
    case Op::kDivide: return "divide";
    case Op::kModulo: return "modulo";
    default: return "compare";
  }
}

bool is_zero(Value number) {
  return number.is(Kind::kDouble) ? number.as_double() == 0 : number.as_uint() == 0;
}

// Both computed(). Integers wrap, as the family's do.
Value integers(Op op, Value a, Value b) {
  const std::uint64_t x = a.as_uint();
  const std::uint64_t y = b.as_uint();
  const std::uint64_t r = op == Op::kAdd ? x + y : (op == Op::kSubtract ? x - y : x * y);
  if (a.is(Kind::kUInt) && b.is(Kind::kUInt)) return Value::unsigned_integer(r);
  return Value::integer(static_cast<std::int64_t>(r));
}

Value doubles(Op op, double x, double y) {
  switch (op) {
    case Op::kAdd: return Value::number(x + y);
    case Op::kSubtract: return Value::number(x - y);
    case Op::kMultiply: return Value::number(x * y);
    default: return Value::number(x / y);
  }
}

Value concatenate(Evaluator& e, Value left, Value right) {
  const std::string_view a = left.text(e.arena());
  const std::string_view b = right.text(e.arena());
  const std::size_t size = a.size() + b.size();
  if (size > e.context().limits.max_text || size > e.memory_left()) {
    return e.fail_text("text grows beyond the limit of this evaluation", core::ErrorCode::kLimit);
  }
  char* const made = static_cast<char*>(e.arena().allocate(size, 1));
  if (!a.empty()) std::memcpy(made, a.data(), a.size());
  if (!b.empty()) std::memcpy(made + a.size(), b.data(), b.size());
  return Value::string({made, size});
}

Value compare_values(Evaluator& e, Op op, Value left, Value right, const Node& left_node,
                     const Node& right_node) {
  const auto order = compare(left, right, e.arena());
  if (!order) return mismatch(e, "compare", left, right, left_node, right_node);
  // Nothing compares with NaN.
  if (left.is(Kind::kDouble) && std::isnan(left.as_double())) return Value::boolean(false);
  if (right.is(Kind::kDouble) && std::isnan(right.as_double())) return Value::boolean(false);
  switch (op) {
    case Op::kLess: return Value::boolean(*order < 0);
    case Op::kLessEqual: return Value::boolean(*order <= 0);
    case Op::kGreater: return Value::boolean(*order > 0);
    default: return Value::boolean(*order >= 0);
  }
}

bool is_missing(Value value) {
  return value.is_null() || value.is_marker();
}

// Two integers of the common kind; the result does not depend on anything else.
Value plain_operator(Evaluator& e, Op op, std::int64_t a, std::int64_t b) {
  const auto x = static_cast<std::uint64_t>(a);
  const auto y = static_cast<std::uint64_t>(b);
  switch (op) {
    case Op::kEqual: return Value::boolean(a == b);
    case Op::kNotEqual: return Value::boolean(a != b);
    case Op::kLess: return Value::boolean(a < b);
    case Op::kLessEqual: return Value::boolean(a <= b);
    case Op::kGreater: return Value::boolean(a > b);
    case Op::kGreaterEqual: return Value::boolean(a >= b);
    case Op::kAdd: return Value::integer(static_cast<std::int64_t>(x + y));
    case Op::kSubtract: return Value::integer(static_cast<std::int64_t>(x - y));
    case Op::kMultiply: return Value::integer(static_cast<std::int64_t>(x * y));
    default: break;
  }
  if (b == 0) return e.fail_text("attempted to divide by zero");
  if (op == Op::kDivide) return Value::number(static_cast<double>(a) / static_cast<double>(b));
  return Value::integer(b == -1 ? 0 : a % b);
}

}  // namespace

Value apply_operator(Evaluator& e, Op op, Value left, Value right, const Node& left_node,
                     const Node& right_node) {
  std::int64_t a_plain = 0;
  std::int64_t b_plain = 0;
  if (plain_integer(left, a_plain) && plain_integer(right, b_plain)) {
    return plain_operator(e, op, a_plain, b_plain);
  }
  switch (op) {
    case Op::kEqual: return Value::boolean(equals(left, right, e.arena()));
    case Op::kNotEqual: return Value::boolean(!equals(left, right, e.arena()));
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kGreater:
    case Op::kGreaterEqual: return compare_values(e, op, left, right, left_node, right_node);
    default: break;
  }
  if (op == Op::kAdd && is_text(left)) {
    if (!is_text(right)) return mismatch(e, "add", left, right, left_node, right_node);
    return concatenate(e, left, right);
  }
  const auto a = computed(left);
  const auto b = computed(right);
  // What only casts produce, for drivers, does not add.
  const bool narrow = op == Op::kAdd && a && left.width() != core::NumberWidth::kFull;
  if (!a || !b || narrow) return mismatch(e, verb_of(op), left, right, left_node, right_node);
  if (op == Op::kDivide) {
    if (is_zero(*b)) return e.fail_text("attempted to divide by zero");
    return Value::number(*as_number(*a) / *as_number(*b));
  }
  if (op == Op::kModulo) {
    const auto x = as_integer(*a);
    const auto y = as_integer(*b);
    if (!x || !y) return mismatch(e, "modulo", left, right, left_node, right_node);
    if (*y == 0) return e.fail_text("attempted to divide by zero");
    return Value::integer(*y == -1 ? 0 : *x % *y);
  }
  if (a->is(Kind::kDouble) || b->is(Kind::kDouble))
    return doubles(op, *as_number(*a), *as_number(*b));
  return integers(op, *a, *b);
}

KindSet result_kinds(Op op) {
  switch (op) {
    case Op::kMultiply:
    case Op::kDivide:
    case Op::kModulo:
    case Op::kSubtract: return kNumberKinds;
    case Op::kAdd: return kNumberKinds | kinds(Kind::kString);
    case Op::kCoalesce: return kAnyKind;
    default: return kinds(Kind::kBool);
  }
}

bool may_equal(KindSet left, KindSet right) {
  constexpr KindSet kTextual = kTextKinds | kinds(Kind::kTimestamp);
  if ((left & kTextual) != 0 && (right & kTextual) != 0) return true;
  if ((left & kNumberKinds) != 0 && (right & kNumberKinds) != 0) return true;
  if ((left & kinds(Kind::kBool)) != 0 && (right & kNumberKinds) != 0) return true;
  constexpr KindSet kRest =
      kinds(Kind::kBool) | kinds(Kind::kNull) | kinds(Kind::kArray) | kinds(Kind::kObject);
  return (left & right & kRest) != 0;
}

KindSet ChainNode::result_kinds() const {
  return mapping::result_kinds(ops_.back());
}

Value ChainNode::eval(Evaluator& e) const {
  const Node* left_node = operands_[0];
  Value left = left_node->eval(e);
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    const Node& right_node = *operands_[i + 1];
    const Op op = ops_[i];
    if (op == Op::kCoalesce) {
      if (is_missing(left)) left = right_node.eval(e);
      left_node = this;
      continue;
    }
    if (left.is(Kind::kError)) continue;  // a coalesce may follow
    if (op == Op::kAnd || op == Op::kOr) {
      const auto l = as_flag(left);
      if (!l) {
        left = e.fail_type("bool", left, *left_node);
      } else if (*l == (op == Op::kOr)) {
        left = Value::boolean(*l);
      } else {
        const Value right = right_node.eval(e);
        if (right.is(Kind::kError)) {
          left = right;
        } else if (const auto r = as_flag(right)) {
          left = Value::boolean(*r);
        } else {
          left = e.fail_type("bool", right, right_node);
        }
      }
    } else {
      const Value right = right_node.eval(e);
      left = right.is(Kind::kError) ? right
                                    : apply_operator(e, op, left, right, *left_node, right_node);
    }
    left_node = this;
  }
  return left;
}

}  // namespace weir::mapping
