// The parts that several processors share: spans, lifetimes, aggregates, triggers.

#include <algorithm>

#include "config/mapping_fields.h"
#include "core/duration.h"
#include "windowing/aggregates.h"
#include "windowing/specs.h"

namespace weir::windowing::detail {

using config::Node;
using config::ReadContext;

namespace {

constexpr std::size_t kManyDistinct = 1'000'000;
constexpr std::size_t kManySeries = 100'000;

bool mistake(const ReadContext& context, std::string_view rule, const Node& node,
             std::string message, std::string hint = "") {
  context.error(rule, node.where, std::move(message), std::move(hint));
  return false;
}

std::optional<double> number_of(const Node& node) {
  if (!node.is_scalar()) return std::nullopt;
  char* end = nullptr;
  const double d = std::strtod(node.scalar.c_str(), &end);
  if (node.scalar.empty() || *end != '\0') return std::nullopt;
  return d;
}

std::optional<std::uint64_t> count_of(const Node& node) {
  if (!node.is_scalar() || node.scalar.empty() || node.scalar.size() > 15 ||
      node.scalar.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  return std::stoull(node.scalar);
}

}  // namespace

bool read_expression(const Node& node, const ReadContext& context, Expression& out) {
  config::MappingField field;
  if (!config::FieldType<config::MappingField>::read(node, context, field)) return false;
  if (!field) return mistake(context, config::rule::kBadValue, node, "the expression is empty");
  if (!field->is_deterministic()) {
    return mistake(context, "S013", node,
                   "`" + field->text() + "` may answer differently when it is asked again",
                   "state must not depend on clocks, random numbers or counters");
  }
  out = std::make_shared<const mapping::Mapping>(*field);
  return true;
}

bool read_span(const Node& node, const ReadContext& context, Micros& out) {
  if (node.is_scalar() && node.scalar.size() > 1 && node.scalar.back() == 'd') {
    Node days = node;
    days.scalar.pop_back();
    const auto count = count_of(days);
    if (count && *count <= 100'000'000) {
      out = static_cast<Micros>(*count) * 86'400'000'000;
      return true;
    }
  }
  std::chrono::nanoseconds nanos{0};
  if (!config::detail::read_duration(node, context, nanos)) return false;
  if (nanos.count() % 1000 != 0) {
    return mistake(context, config::rule::kBadValue, node, "finer than a microsecond");
  }
  out = nanos.count() / 1000;
  return true;
}

bool read_lifetime(const Node& node, const ReadContext& context, Lifetime& out) {
  if (node.is_scalar() && node.scalar == "none") {
    out = {};
    return true;
  }
  const Node* span = &node;
  if (node.is_mapping()) {
    if (node.members.size() != 1 ||
        (node.members[0].key != "processing" && node.members[0].key != "event_time")) {
      return mistake(context, config::rule::kBadValue, node,
                     "expected a duration (event time), `none` or `{ processing: 1h }`");
    }
    out.processing_time = node.members[0].key == "processing";
    span = &node.members[0].value;
  }
  if (!read_span(*span, context, out.span)) return false;
  if (out.span <= 0) return mistake(context, "S004", *span, "a lifetime is longer than nothing");
  return true;
}

namespace {

/// One entry of `aggregate`: `{ sum: this.x, where: this.y }`.
class AggregateEntry {
 public:
  AggregateEntry(const Node& node, const ReadContext& context) : node_(node), context_(context) {}

  bool read(const std::string& name, std::vector<AggregateField>& out) {
    field_.name = name;
    if (!node_.is_mapping()) {
      return mistake(context_, config::rule::kWrongType, node_,
                     "aggregate `" + name + "`: expected `{ sum: this.x }` or the like");
    }
    for (const Node::Member& member : node_.members) {
      if (member.key == "where") {
        if (!read_expression(member.value, context_.below("where"), field_.where)) return false;
      } else if (is_function(member.key)) {
        if (function_ != nullptr) {
          return mistake(context_, "S003", node_,
                         "aggregate `" + name + "` has two functions: `" + function_->key +
                             "` and `" + member.key + "`");
        }
        function_ = &member;
      } else if (!is_option(member.key)) {
        context_.error(config::rule::kUnknownField, member.key_where,
                       "aggregate `" + name + "`: `" + member.key +
                           "` is neither a function nor "
                           "an option",
                       hint(member.key));
        return false;
      }
    }
    if (function_ == nullptr) {
      return mistake(context_, "S003", node_, "aggregate `" + name + "` has no function");
    }
    if (!make(function_->key)) return false;
    out.push_back(std::move(field_));
    return true;
  }

 private:
  static const std::vector<std::string_view>& functions() {
    static const std::vector<std::string_view> all = {"count",
                                                      "count_if",
                                                      "sum",
                                                      "avg",
                                                      "min",
                                                      "max",
                                                      "arg_min",
                                                      "arg_max",
                                                      "variance_pop",
                                                      "variance_samp",
                                                      "stddev_pop",
                                                      "stddev_samp",
                                                      "covar_pop",
                                                      "covar_samp",
                                                      "corr",
                                                      "regr_slope",
                                                      "regr_intercept",
                                                      "weighted_avg",
                                                      "bit_and",
                                                      "bit_or",
                                                      "bit_xor",
                                                      "bool_and",
                                                      "bool_or",
                                                      "histogram",
                                                      "first",
                                                      "last",
                                                      "collect_list",
                                                      "string_agg",
                                                      "collect_set",
                                                      "count_distinct",
                                                      "approx_count_distinct",
                                                      "mode",
                                                      "topk",
                                                      "percentile",
                                                      "median",
                                                      "delta",
                                                      "rate",
                                                      "increase",
                                                      "ewma",
                                                      "fold"};
    return all;
  }
  static bool is_function(std::string_view name) {
    return std::find(functions().begin(), functions().end(), name) != functions().end();
  }
  static bool is_option(std::string_view name) {
    static const std::vector<std::string_view> all = {
        "where",     "by",    "with", "weight", "q",         "accuracy",
        "exact",     "limit", "k",    "approx", "precision", "bounds",
        "separator", "alpha", "init", "add",    "merge",     "result"};
    return std::find(all.begin(), all.end(), name) != all.end();
  }
  static std::string hint(std::string_view word) {
    const std::string_view near = config::nearest(word, functions());
    return near.empty() ? std::string() : "did you mean `" + std::string(near) + "`?";
  }

  bool fail(const char* rule, std::string message, std::string hint = "") {
    return mistake(context_, rule, node_, "aggregate `" + field_.name + "`: " + std::move(message),
                   std::move(hint));
  }
  bool argument() { return argument(function_->value, function_->key); }
  bool argument(const Node& node, std::string_view name) {
    Expression expression;
    if (!read_expression(node, context_.below(name), expression)) return false;
    field_.arguments.push_back(std::move(expression));
    return true;
  }
  bool argument(const char* option) {
    const Node* const node = node_.find(option);
    if (node == nullptr) return fail("S003", "`" + std::string(option) + "` is missing");
    return argument(*node, option);
  }
  double number(const char* option, double otherwise, double low, double high, bool& good) {
    const Node* const node = node_.find(option);
    if (node == nullptr) return otherwise;
    const auto d = number_of(*node);
    if (!d || *d < low || *d > high) {
      good = fail(config::rule::kBadValue.data(), "`" + std::string(option) + "` is out of range");
      return otherwise;
    }
    return *d;
  }
  std::size_t size(const char* option, std::size_t otherwise, bool& good) {
    const Node* const node = node_.find(option);
    if (node == nullptr) return otherwise;
    const auto n = count_of(*node);
    if (!n || *n == 0 || *n > 100'000'000) {
      good = fail(config::rule::kBadValue.data(),
                  "`" + std::string(option) + "` is a number from 1 to 100000000");
      return otherwise;
    }
    return static_cast<std::size_t>(*n);
  }
  bool limited() {
    if (node_.find("limit") != nullptr) return true;
    return fail("S006", "`" + function_->key + "` needs a `limit`: lists in state must end",
                "add `limit: 1000`");
  }

  bool make(const std::string& f);
  bool make_histogram();
  bool make_fold();
  bool make_distinct();

  const Node& node_;
  const ReadContext& context_;
  const Node::Member* function_ = nullptr;
  AggregateField field_;
};

bool AggregateEntry::make(const std::string& f) {
  namespace a = aggregates;
  bool good = true;
  AggregatePtr& made = field_.function;
  if (f == "count" || f == "count_if") {
    made = a::count();
    if (f == "count_if") {
      if (field_.where != nullptr) return fail("S003", "`count_if` is its own `where`");
      return read_expression(function_->value, context_.below(f), field_.where);
    }
    const Node& v = function_->value;
    if (v.is_null() || (v.is_mapping() && v.members.empty())) return true;
    return fail("S003", "`count` takes no expression: write `count: {}`, or `count_if`");
  }
  if (f == "fold") return make_fold();
  if (f == "count_distinct" || f == "approx_count_distinct") return make_distinct();
  if (f == "histogram") return argument() && make_histogram();
  if (!argument()) return false;
  if (f == "sum") made = a::sum();
  if (f == "avg") made = a::avg();
  if (f == "min") made = a::min();
  if (f == "max") made = a::max();
  if (f == "first") made = a::first();
  if (f == "last") made = a::last();
  if (f == "arg_min" || f == "arg_max") {
    made = f == "arg_min" ? a::arg_min() : a::arg_max();
    return argument("by");
  }
  if (f == "variance_pop") made = a::spread(a::Spread::kVariancePop);
  if (f == "variance_samp") made = a::spread(a::Spread::kVarianceSamp);
  if (f == "stddev_pop") made = a::spread(a::Spread::kStddevPop);
  if (f == "stddev_samp") made = a::spread(a::Spread::kStddevSamp);
  if (f == "covar_pop") made = a::pair(a::Pair::kCovarPop);
  if (f == "covar_samp") made = a::pair(a::Pair::kCovarSamp);
  if (f == "corr") made = a::pair(a::Pair::kCorr);
  if (f == "regr_slope") made = a::pair(a::Pair::kSlope);
  if (f == "regr_intercept") made = a::pair(a::Pair::kIntercept);
  if (f == "weighted_avg") made = a::weighted_avg();
  if (made != nullptr && made->arity() == 2) {
    return argument(f == "weighted_avg" ? "weight" : "with");
  }
  if (f == "bit_and") made = a::logic(a::Logic::kBitAnd);
  if (f == "bit_or") made = a::logic(a::Logic::kBitOr);
  if (f == "bit_xor") made = a::logic(a::Logic::kBitXor);
  if (f == "bool_and") made = a::logic(a::Logic::kBoolAnd);
  if (f == "bool_or") made = a::logic(a::Logic::kBoolOr);
  if (f == "collect_list" || f == "collect_set" || f == "string_agg") {
    if (!limited()) return false;
    const std::size_t limit = size("limit", 1, good);
    const Node* const separator = node_.find("separator");
    made = f == "collect_list" ? a::collect_list(limit)
           : f == "collect_set"
               ? a::collect_set(limit)
               : a::string_agg(separator != nullptr ? separator->scalar : ",", limit);
  }
  if (f == "mode") made = a::mode(size("limit", kManySeries, good));
  if (f == "topk") made = a::top_k(size("k", 10, good), size("limit", kManySeries, good));
  if (f == "delta") made = a::series(a::Series::kDelta, 0, size("limit", kManySeries, good));
  if (f == "rate") made = a::series(a::Series::kRate, 0, size("limit", kManySeries, good));
  if (f == "increase") made = a::series(a::Series::kIncrease, 0, size("limit", kManySeries, good));
  if (f == "ewma") {
    made = a::series(a::Series::kEwma, number("alpha", 0.5, 0, 1, good),
                     size("limit", kManySeries, good));
  }
  if (f == "percentile" || f == "median") {
    if (f == "percentile" && node_.find("q") == nullptr) return fail("S003", "`q` is missing");
    const double q = number("q", 0.5, 0, 1, good);
    const Node* const exact = node_.find("exact");
    if (exact != nullptr && exact->scalar == "true") {
      if (!limited()) return false;
      made = a::exact_percentile(q, size("limit", 1, good));
    } else {
      made = a::percentile(q, number("accuracy", 0.01, 0.0001, 0.5, good));
    }
  }
  return good && made != nullptr;
}

bool AggregateEntry::make_distinct() {
  if (!argument()) return false;
  bool good = true;
  const Node* const approx = node_.find("approx");
  const Node* precision = node_.find("precision");
  if (approx != nullptr && approx->is_mapping()) precision = approx->find("precision");
  if (approx == nullptr && function_->key == "count_distinct") {
    field_.function = aggregates::count_distinct(size("limit", kManyDistinct, good));
    return good;
  }
  std::uint64_t p = 14;
  if (precision != nullptr) p = count_of(*precision).value_or(0);
  if (p < 4 || p > 18) return fail("S003", "`precision` is a number from 4 to 18");
  field_.function = aggregates::approx_count_distinct(static_cast<unsigned>(p));
  return true;
}

bool AggregateEntry::make_histogram() {
  const Node* const bounds = node_.find("bounds");
  std::vector<double> all;
  if (bounds == nullptr || !bounds->is_sequence() || bounds->items.empty()) {
    return fail("S003", "`bounds` is a list of ascending numbers");
  }
  for (const Node& item : bounds->items) {
    const auto d = number_of(item);
    if (!d || (!all.empty() && *d <= all.back())) {
      return fail("S003", "`bounds` is a list of ascending numbers");
    }
    all.push_back(*d);
  }
  field_.function = aggregates::histogram(std::move(all));
  return true;
}

bool AggregateEntry::make_fold() {
  const Node& spec = function_->value;
  const Node* const value = spec.find("value");
  const Node* const init = spec.find("init");
  const Node* const add = spec.find("add");
  if (value == nullptr || init == nullptr || add == nullptr) {
    return fail("S003", "`fold` needs `value`, `init` and `add`");
  }
  aggregates::FoldSpec fold;
  Expression start;
  if (!argument(*value, "value") || !read_expression(*init, context_.below("init"), start) ||
      !read_expression(*add, context_.below("add"), fold.add)) {
    return false;
  }
  if (const Node* merge = spec.find("merge");
      merge != nullptr && !read_expression(*merge, context_.below("merge"), fold.merge)) {
    return false;
  }
  if (const Node* result = spec.find("result");
      result != nullptr && !read_expression(*result, context_.below("result"), fold.result)) {
    return false;
  }
  const core::Value* const constant = start->constant();
  if (constant == nullptr) return fail("S003", "`init` is not a constant");
  fold.init = *constant;
  fold.keep_alive = std::const_pointer_cast<mapping::Mapping>(start);
  field_.function = aggregates::fold(std::move(fold));
  return true;
}

}  // namespace

bool read_aggregates(const Node& node, const ReadContext& context,
                     std::vector<AggregateField>& out) {
  if (!node.is_mapping() || node.members.empty()) {
    return mistake(context, config::rule::kWrongType, node,
                   "expected aggregates by name: `{ total: { sum: this.amount } }`");
  }
  bool good = true;
  for (const Node::Member& member : node.members) {
    if (member.key == "key") {
      context.error("S003", member.key_where, "an aggregate cannot be called `key`",
                    "results hold the window's key under that name");
      good = false;
      continue;
    }
    const ReadContext below = context.below(member.key);
    good = AggregateEntry(member.value, below).read(member.key, out) && good;
  }
  return good;
}

namespace {

constexpr unsigned kDeepTrigger = 16;

bool read_node(const Node& node, const ReadContext& context, TriggerNode& out, unsigned depth) {
  using Kind = TriggerNode::Kind;
  const auto wrong = [&](std::string message) {
    return mistake(context, "S003", node, std::move(message),
                   "one of watermark, count, every, event_every, after_silence, when, any, all, "
                   "then");
  };
  if (depth > kDeepTrigger) return wrong("triggers nested too deep");
  if (node.is_scalar()) {
    if (node.scalar != "watermark") return wrong("unknown trigger `" + node.scalar + "`");
    out.kind = Kind::kWatermark;
    return true;
  }
  if (!node.is_mapping() || node.members.empty()) return wrong("expected a trigger");
  const Node::Member* main = nullptr;
  const Node* until = nullptr;
  for (const Node::Member& member : node.members) {
    if (member.key == "until") {
      until = &member.value;
    } else if (main != nullptr) {
      return wrong("two triggers: `" + main->key + "` and `" + member.key + "`");
    } else {
      main = &member;
    }
  }
  if (main == nullptr) return wrong("`until` stands beside another trigger");
  TriggerNode made;
  const std::string& f = main->key;
  const Node& value = main->value;
  const ReadContext below = context.below(f);
  if (f == "watermark") {
    made.kind = Kind::kWatermark;
  } else if (f == "count") {
    made.kind = Kind::kCount;
    const auto n = count_of(value);
    if (!n || *n == 0) return wrong("`count` is a number from 1");
    made.n = *n;
  } else if (f == "every" || f == "event_every" || f == "after_silence") {
    made.kind = f == "every"         ? Kind::kEvery
                : f == "event_every" ? Kind::kEventEvery
                                     : Kind::kAfterSilence;
    if (!read_span(value, below, made.span)) return false;
    if (made.span <= 0) return mistake(context, "S004", value, "`" + f + "` must be above zero");
  } else if (f == "when") {
    made.kind = Kind::kWhen;
    if (!read_expression(value, below, made.when)) return false;
  } else if (f == "any" || f == "all" || f == "then") {
    made.kind = f == "any" ? Kind::kAny : f == "all" ? Kind::kAll : Kind::kThen;
    if (!value.is_sequence() || value.items.empty() || value.items.size() > 60) {
      return wrong("`" + f + "` holds a list of triggers");
    }
    for (const Node& item : value.items) {
      made.children.emplace_back();
      if (!read_node(item, below, made.children.back(), depth + 1)) return false;
    }
  } else {
    return wrong("unknown trigger `" + f + "`");
  }
  if (until == nullptr) {
    out = std::move(made);
    return true;
  }
  out.kind = Kind::kUntil;
  out.children.push_back(std::move(made));
  out.children.emplace_back();
  return read_node(*until, context.below("until"), out.children.back(), depth + 1);
}

}  // namespace

bool read_trigger(const Node& node, const ReadContext& context, Trigger& out) {
  const Node* const only = node.find("only");
  if (only != nullptr && node.members.size() > 1) {
    return mistake(context, "S003", node, "`only` stands alone");
  }
  TriggerNode root;
  if (!read_node(only != nullptr ? *only : node, context, root, 0)) return false;
  out = Trigger(std::move(root), only != nullptr);
  return true;
}

}  // namespace weir::windowing::detail
