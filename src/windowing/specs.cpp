#include "windowing/specs.h"

#include <array>

#include "config/mapping_fields.h"
#include "windowing/dedupe_operator.h"
#include "windowing/specs_internal.h"
#include "windowing/top_n_operator.h"

namespace weir::windowing {

using config::Node;
using config::ReadContext;
using config::Spec;

namespace {

using Factory = std::function<std::unique_ptr<Operator>()>;

struct DedupeFields {
  config::Any key;
  config::Any ttl;
  std::string keep = "first";
  bool refresh = false;
  LateFields late;
  static const Spec<DedupeFields>& spec() {
    static const auto made =
        Spec<DedupeFields>("dedupe")
            .field("key", &DedupeFields::key, {.doc = "Expression.", .required = true})
            .field("ttl", &DedupeFields::ttl,
                   {.doc = "How long a key is remembered: event time, or `{ processing: 1h }`.",
                    .required = true})
            .field("keep", &DedupeFields::keep,
                   {.doc = "Which row of a key passes.",
                    .options = {{"first", "at once"}, {"last", "when the key is forgotten"}}})
            .field("refresh", &DedupeFields::refresh,
                   {.doc = "Count the time from the last row instead of the first."})
            .field("late", &DedupeFields::late, {.doc = "Where rows go that came too late."});
    return made;
  }
};

Factory read_dedupe(const Node& node, const ReadContext& context, const std::string& label,
                    std::string& late_output) {
  DedupeFields fields;
  if (!DedupeFields::spec().read(node, context, fields)) return nullptr;
  late_output = fields.late.output;
  DedupeConfig config;
  config.label = label;
  config.refresh = fields.refresh;
  config.keep_last = fields.keep == "last";
  if (!detail::read_expression(fields.key.node, context.below("key"), config.key)) return nullptr;
  if (!detail::read_lifetime(fields.ttl.node, context.below("ttl"), config.ttl)) return nullptr;
  if (config.ttl.span == 0) {
    context.error("S005", node.where, "`ttl: none`: every key would be remembered for ever",
                  "write a duration");
    return nullptr;
  }
  return [config] { return std::make_unique<DedupeOperator>(config); };
}

struct TopNFields {
  std::string per;
  config::Any group;
  std::int64_t n = 0;
  config::Any order_by;
  std::string ties = "cut";
  config::Any ttl;
  LateFields late;
  static const Spec<TopNFields>& spec() {
    static const auto made =
        Spec<TopNFields>("top_n")
            .field("per", &TopNFields::per,
                   {.doc = "`window`: the best rows of each window of the `window` above. Without "
                           "it: the best rows so far, as they change.",
                    .options = {{""}, {"window"}}})
            .field("group", &TopNFields::group,
                   {.doc = "Expression: the best rows of each group. Default: one group."})
            .field("n", &TopNFields::n,
                   {.doc = "How many rows.", .required = true, .min = 1, .max = 100'000})
            .field("order_by", &TopNFields::order_by,
                   {.doc = "List of `{ desc: <expression> }` and `{ asc: <expression> }`.",
                    .required = true})
            .field("ties", &TopNFields::ties,
                   {.doc = "Rows equal to the last one.",
                    .options = {{"cut", "the earlier row is better"},
                                {"include", "all of them; there may be more than `n` rows"}}})
            .field(
                "ttl", &TopNFields::ttl,
                {.doc = "Without `per: window`: how long a group stays without rows, or `none`."})
            .field("late", &TopNFields::late, {.doc = "Where rows go that came too late."});
    return made;
  }
};

bool read_order(const Node& node, const ReadContext& context, TopNConfig& config) {
  if (!node.is_sequence() || node.items.empty()) {
    context.error("S003", node.where, "expected a list such as `[ { desc: this.n } ]`");
    return false;
  }
  for (const Node& item : node.items) {
    if (!item.is_mapping() || item.members.size() != 1 ||
        (item.members[0].key != "asc" && item.members[0].key != "desc")) {
      context.error("S003", item.where, "expected `{ desc: <expression> }` or `{ asc: .. }`");
      return false;
    }
    TopNConfig::Order order;
    order.descending = item.members[0].key == "desc";
    if (!detail::read_expression(item.members[0].value, context, order.by)) return false;
    config.order.push_back(std::move(order));
  }
  return true;
}

Factory read_top_n(const Node& node, const ReadContext& context, const std::string& label,
                   std::string& late_output) {
  TopNFields fields;
  if (!TopNFields::spec().read(node, context, fields)) return nullptr;
  late_output = fields.late.output;
  TopNConfig config;
  config.label = label;
  config.per_window = fields.per == "window";
  config.n = static_cast<std::uint64_t>(fields.n);
  config.include_ties = fields.ties == "include";
  if (!read_order(fields.order_by.node, context.below("order_by"), config)) return nullptr;
  if (node.find("group") != nullptr &&
      !detail::read_expression(fields.group.node, context.below("group"), config.group)) {
    return nullptr;
  }
  if (node.find("ttl") != nullptr) {
    if (config.per_window) {
      context.error("S003", node.find("ttl")->where, "`ttl` goes without `per: window`");
      return nullptr;
    }
    if (!detail::read_lifetime(fields.ttl.node, context.below("ttl"), config.ttl)) return nullptr;
  } else if (!config.per_window) {
    context.error("S005", node.where, "the state of groups never ends",
                  "add `ttl: 24h`, or `ttl: none` if there are few groups");
    return nullptr;
  }
  return [config] { return std::make_unique<TopNOperator>(config); };
}

struct TableFields {
  config::Any key;
  config::Any fold;
  config::Any ttl;
  bool changelog = false;
  static const Spec<TableFields>& spec() {
    static const auto made =
        Spec<TableFields>("table")
            .field("key", &TableFields::key, {.doc = "Expression.", .required = true})
            .field("fold", &TableFields::fold,
                   {.doc = "Aggregates by name, as in `window`.", .required = true})
            .field("ttl", &TableFields::ttl,
                   {.doc = "How long a key stays without rows, or `none`."})
            .field("changelog", &TableFields::changelog,
                   {.doc = "Give out the new state of the key with each row."});
    return made;
  }
};

Factory read_table(const Node& node, const ReadContext& context, const std::string& label,
                   std::string&) {
  TableFields fields;
  if (!TableFields::spec().read(node, context, fields)) return nullptr;
  TableConfig config;
  config.label = label;
  config.changelog = fields.changelog;
  if (!detail::read_expression(fields.key.node, context.below("key"), config.key)) return nullptr;
  if (!detail::read_aggregates(fields.fold.node, context.below("fold"), config.aggregates)) {
    return nullptr;
  }
  if (node.find("ttl") == nullptr) {
    context.error("S005", node.where, "the state of a table never ends",
                  "add `ttl: 90d`, or `ttl: none` if there are few keys");
    return nullptr;
  }
  if (!detail::read_lifetime(fields.ttl.node, context.below("ttl"), config.ttl)) return nullptr;
  return [config] { return make_table(config); };
}

using ReadFields = Factory (*)(const Node&, const ReadContext&, const std::string&, std::string&);
struct Kind {
  std::string_view type;
  ReadFields read;
};
constexpr std::array<Kind, 4> kKinds = {{{"window", read_window},
                                         {"dedupe", read_dedupe},
                                         {"top_n", read_top_n},
                                         {"table", read_table}}};

}  // namespace

bool is_operator(std::string_view type) {
  for (const Kind& kind : kKinds) {
    if (kind.type == type) return true;
  }
  return false;
}

std::shared_ptr<const OperatorPlan> read_operator(const Node& node, const ReadContext& context) {
  const Node* const label = node.find("label");
  bool good = true;
  if (label == nullptr || !label->is_scalar() || label->scalar.empty()) {
    context.error("S001", node.where, "a stateful processor needs a `label`",
                  "it names its state for ever");
    good = false;
  } else if (!context.state().labels.emplace(label->scalar, label->where).second) {
    context.error("S001", label->where, "label `" + label->scalar + "` is already used");
    good = false;
  }
  for (const Node::Member& member : node.members) {
    for (const Kind& kind : kKinds) {
      if (kind.type != member.key) continue;
      auto plan = std::make_shared<OperatorPlan>();
      if (good) plan->label = label->scalar;
      plan->type = member.key;
      plan->make =
          kind.read(member.value, context.below(member.key), plan->label, plan->late_output);
      if (!good || plan->make == nullptr) return nullptr;
      return plan;
    }
  }
  context.error("S003", node.where, "not a stateful processor");
  return nullptr;
}

}  // namespace weir::windowing
