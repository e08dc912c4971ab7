#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <re2/re2.h>

#include "mapping/functions/all.h"
#include "mapping/functions/elements.h"
#include "mapping/functions/json_path_parser.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::ItemSpan;
using core::Kind;
using core::Member;
using core::Result;
using core::Value;

using Expression = JsonPathExpression;
using Selector = JsonPathSelector;

bool holds(Value value) {
  return value.is(Kind::kBool) ? value.as_bool() : !value.is_null();
}

// One evaluation of a path. Found values go, in the order of the document, to a function; it ends
// early when the budget is used up.
class Walk {
 public:
  Walk(Call& call, Value root) : call_(call), root_(root) {}

  [[nodiscard]] Value failure() const { return failure_; }

  // The value of a definite query; nothing when it leads nowhere.
  std::optional<Value> one(const JsonPathQuery& query, Value self, bool in_expression) {
    Value at = query.from_root ? root_ : self;
    for (const JsonPathStep& step : query.steps) {
      if (!spend(1)) return std::nullopt;
      const auto next = pick(step.selectors.front(), at, in_expression);
      if (!next) return std::nullopt;
      at = *next;
    }
    return at;
  }

  Value all(const JsonPathQuery& query, Value self) {
    Value found = Value::array(call_.arena());
    step(query, 0, query.from_root ? root_ : self, found);
    return found;
  }

  // What a definite step could not find, for the message.
  [[nodiscard]] const std::string& missing() const { return missing_; }

 private:
  bool spend(std::uint64_t steps) {
    if (failed(failure_)) return false;
    if (call_.spend(steps)) return true;
    failure_ = call_.too_long();
    return false;
  }

  void step(const JsonPathQuery& query, std::size_t number, Value at, Value& found) {
    if (!spend(1)) return;
    if (number == query.steps.size()) {
      core::append_item(found, core::share(at), call_.arena());
      return;
    }
    if (query.steps[number].recursive) {
      descend(query, number, at, found, 0);
    } else {
      select(query, number, at, found);
    }
  }

  void descend(const JsonPathQuery& query, std::size_t number, Value at, Value& found,
               unsigned depth) {
    if (depth > core::kMaxDepth || !at.is_container()) return;
    select(query, number, at, found);
    if (at.is(Kind::kArray)) {
      for (const Value& element : items(at)) {
        if (!spend(1)) return;
        descend(query, number, element, found, depth + 1);
      }
    } else {
      for (const Member& member : members(at)) {
        if (!spend(1)) return;
        descend(query, number, member.value, found, depth + 1);
      }
    }
  }

  void select(const JsonPathQuery& query, std::size_t number, Value at, Value& found) {
    for (const Selector& selector : query.steps[number].selectors) {
      switch (selector.is) {
        case Selector::Is::kAll:
        case Selector::Is::kFilter:
          for_each(at, [&](Value child) {
            if (selector.is == Selector::Is::kAll || passes(*selector.expression, child)) {
              step(query, number + 1, child, found);
            }
          });
          break;
        case Selector::Is::kSlice: slice(query, number, selector, at, found); break;
        default:
          if (const auto child = pick(selector, at, false)) step(query, number + 1, *child, found);
      }
    }
  }

  template <class Function>
  void for_each(Value at, const Function& function) {
    if (at.is(Kind::kArray)) {
      for (const Value& element : items(at)) {
        if (!spend(1)) return;
        function(element);
      }
    } else if (at.is(Kind::kObject)) {
      for (const Member& member : members(at)) {
        if (!spend(1)) return;
        function(member.value);
      }
    }
  }

  void slice(const JsonPathQuery& query, std::size_t number, const Selector& selector, Value at,
             Value& found) {
    if (!at.is(Kind::kArray)) return;
    const auto count = static_cast<std::int64_t>(size(at));
    const std::int64_t step_size = selector.step.value_or(1);
    const auto bound = [&](std::optional<std::int64_t> given, std::int64_t absent) {
      if (!given) return absent;
      const std::int64_t from_front = *given < 0 ? *given + count : *given;
      const std::int64_t lowest = step_size < 0 ? -1 : 0;
      return std::max(lowest, std::min(from_front, step_size < 0 ? count - 1 : count));
    };
    const std::int64_t from = bound(selector.from, step_size < 0 ? count - 1 : 0);
    const std::int64_t to = bound(selector.to, step_size < 0 ? -1 : count);
    for (std::int64_t i = from; step_size < 0 ? i > to : i < to;) {
      step(query, number + 1, items(at).first[i], found);
      if (failed(failure_)) return;
      if (step_size > count || step_size < -count) return;  // the next is beyond, and may overflow
      i += step_size;
    }
  }

  std::optional<Value> pick(const Selector& selector, Value at, bool in_expression) {
    if (selector.is == Selector::Is::kName) return member(at, selector.name, in_expression);
    if (selector.is == Selector::Is::kIndex) return element(at, *selector.from);
    const auto computed_key = value_of(*selector.expression, at);
    if (!computed_key) return std::nullopt;
    if (is_text(*computed_key)) return member(at, computed_key->text(call_.arena()), false);
    if (const auto i = as_integer(*computed_key)) return element(at, *i);
    missing_ = "an index is needed";
    return std::nullopt;
  }

  std::optional<Value> member(Value at, std::string_view name, bool in_expression) {
    if (at.is(Kind::kObject)) {
      if (const Member* const found = core::find(at, name)) return found->value;
    } else if (at.is(Kind::kArray)) {
      if (in_expression && name == "length") return Value::integer(size(at));
      if (const Value* const found = child_at(at, name)) return *found;
    }
    missing_ = "unknown key ";
    missing_ += name;
    return std::nullopt;
  }

  std::optional<Value> element(Value at, std::int64_t i) {
    if (at.is(Kind::kObject)) return member(at, std::to_string(i), false);
    const auto count = at.is(Kind::kArray) ? static_cast<std::int64_t>(size(at)) : 0;
    const std::int64_t from_front = i < 0 ? i + count : i;
    if (from_front >= 0 && from_front < count) return items(at).first[from_front];
    missing_ = "index " + std::to_string(i) + " is out of range";
    return std::nullopt;
  }

  bool passes(const Expression& filter, Value self) {
    const auto value = value_of(filter, self);
    return value && holds(*value);
  }

  // The value of an expression; nothing when it has none (a path that leads nowhere, kinds that do
  // not go together): no filter lets that pass.
  std::optional<Value> value_of(const Expression& e, Value self) {
    if (!spend(1)) return std::nullopt;
    switch (e.is) {
      case Expression::Is::kLiteral: return e.literal;
      case Expression::Is::kQuery: {
        if (e.query.is_definite()) return one(e.query, self, true);
        const Value found = all(e.query, self);
        if (size(found) == 0) return std::nullopt;
        return found;
      }
      case Expression::Is::kNot: return Value::boolean(!passes(e.operands[0], self));
      case Expression::Is::kAnd:
        return Value::boolean(passes(e.operands[0], self) && passes(e.operands[1], self));
      case Expression::Is::kOr:
        return Value::boolean(passes(e.operands[0], self) || passes(e.operands[1], self));
      default: break;
    }
    const auto left = value_of(e.operands[0], self);
    if (!left) return std::nullopt;
    if (e.is == Expression::Is::kMinus) {
      const auto number = as_number(*left);
      if (!number) return std::nullopt;
      return Value::number(-*number);
    }
    if (e.is == Expression::Is::kMatches) {
      if (!is_text(*left)) return std::nullopt;
      const std::string_view text = left->text(call_.arena());
      if (!spend(text.size() / 64)) return std::nullopt;
      return Value::boolean(
          re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *e.pattern));
    }
    const auto right = value_of(e.operands[1], self);
    if (!right) return std::nullopt;
    return combined(e.is, *left, *right);
  }

  std::optional<Value> combined(Expression::Is is, Value left, Value right) {
    if (is == Expression::Is::kEqual || is == Expression::Is::kUnequal) {
      if (left.is_container() && !spend(weight(left))) return std::nullopt;
      return Value::boolean(equals(left, right, call_.arena()) == (is == Expression::Is::kEqual));
    }
    if (is >= Expression::Is::kLess && is <= Expression::Is::kGreaterEqual) {
      const auto order = compare(left, right, call_.arena());
      if (!order) return std::nullopt;
      switch (is) {
        case Expression::Is::kLess: return Value::boolean(*order < 0);
        case Expression::Is::kLessEqual: return Value::boolean(*order <= 0);
        case Expression::Is::kGreater: return Value::boolean(*order > 0);
        default: return Value::boolean(*order >= 0);
      }
    }
    const auto a = as_number(left);
    const auto b = as_number(right);
    if (!a || !b) return std::nullopt;
    switch (is) {
      case Expression::Is::kAdd: return Value::number(*a + *b);
      case Expression::Is::kSubtract: return Value::number(*a - *b);
      case Expression::Is::kMultiply: return Value::number(*a * *b);
      default: break;
    }
    if (*b == 0) return std::nullopt;
    return Value::number(is == Expression::Is::kDivide ? *a / *b : std::fmod(*a, *b));
  }

  Call& call_;
  Value root_;
  Value failure_;
  std::string missing_;
};

Result<Prepared> prepare_json_path(const PrepareCall& call) {
  auto path = JsonPath::parse(call.text(0));
  if (!path) {
    return core::fail(
        std::move(path).error().with_context("failed to evaluate json path expression"));
  }
  return std::make_shared<const JsonPath>(*std::move(path));
}

Value json_path(Call& call) {
  const JsonPathQuery& query = call.prepared<JsonPath>().query;
  Walk walk(call, call.target());
  if (!query.is_definite()) {
    const Value found = walk.all(query, call.target());
    return failed(walk.failure()) ? walk.failure() : found;
  }
  const auto found = walk.one(query, call.target(), false);
  if (failed(walk.failure())) return walk.failure();
  return found ? *found : call.fail(walk.missing());
}

}  // namespace

void add_json_path(Registry& registry) {
  registry.method("json_path")
      .in(Category::kCollection)
      .status(Support::kExperimental)
      .says(
          "What a JSONPath finds in a document: an array of all values, or, where it can lead to "
          "one "
          "only, that value. Filters know `== != < <= > >= =~ && || !`, arithmetic, and `@.length` "
          "of "
          "arrays.")
      .on(kOnAnything, "any")
      .arg("expression", ArgKind::kString, "The path, e.g. `$.items[?(@.price > 10)].name`.")
      .prepared_by(prepare_json_path)
      .costs(Cost::kHeavy)
      .example("root.all_names = this.json_path(\"$..name\")",
               R"({"name":"alice","foo":{"name":"bob"}})", R"({"all_names":["alice","bob"]})")
      .example("root.text_objects = this.json_path(\"$.body[?(@.type=='text')]\")",
               R"({"body":[{"type":"image","id":"foo"},{"type":"text","id":"bar"}]})",
               R"({"text_objects":[{"id":"bar","type":"text"}]})")
      .example("root.last = this.json_path(\"$.body[-1].id\")",
               R"({"body":[{"id":"foo"},{"id":"bar"}]})", R"({"last":"bar"})")
      .example("root.x = this.json_path(\"$.body.id\")", R"({"body":{}})", "error: unknown key id")
      .evaluates(json_path);
}

}  // namespace weir::mapping
