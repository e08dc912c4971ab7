#include "windowing/top_n_operator.h"

#include <algorithm>

#include "core/time.h"
#include "windowing/aggregate_typed.h"

namespace weir::windowing {

using core::Value;

namespace {

std::optional<Micros> time_of(const Value* value) {
  if (value == nullptr || !value->is(core::Kind::kTimestamp)) return std::nullopt;
  const auto micros = core::unix_micros(value->as_timestamp());
  if (!micros) return std::nullopt;
  return *micros;
}

}  // namespace

TopNOperator::TopNOperator(TopNConfig config)
    : KeyedOperator(config.key_groups), config_(std::move(config)), reader_(config_.group, {}) {}

core::Status TopNOperator::read(const Row& row, Writer& key, Window& window,
                                TopNKey::Entry& entry) {
  WEIR_CHECK_OK(reader_.read(row));
  core::Message& message = *row.message;
  if (config_.per_window) {
    const auto start = time_of(message.find_metadata("window_start"));
    const auto end = time_of(message.find_metadata("window_end"));
    if (!start || !end) {
      return core::invalid_data("the row has no window: `per: window` wants rows of a `window`");
    }
    window = {*start, *end};
    key.ordered(window.start);
    key.ordered(window.end);
    const Value* const name = message.find_metadata("window");
    key.text(name != nullptr ? name->text(message.arena()) : std::string_view());
  }
  key.raw(reader_.key());
  for (const TopNConfig::Order& order : config_.order) {
    auto value = reader_.expressions().value(*order.by, message);
    if (!value) return core::fail(std::move(value).error().with_context("evaluating `order_by`"));
    Writer written;
    WEIR_CHECK_OK(write_value(value->is(core::Kind::kNothing) ? Value::null() : *value,
                              message.arena(), written));
    entry.by.push_back(written.take());
  }
  WEIR_TRY(entry.row, StoredRow::of(row));
  return {};
}

core::Result<std::uint16_t> TopNOperator::group_of(const Row& row) {
  Writer key;
  Window window;
  TopNKey::Entry entry;
  WEIR_CHECK_OK(read(row, key, window, entry));
  return group(key.bytes());
}

int TopNOperator::compare(const TopNKey::Entry& a, const TopNKey::Entry& b) const {
  core::Arena arena;
  for (std::size_t i = 0; i < config_.order.size(); ++i) {
    const int order =
        compare_values(aggregates::kept(a.by[i], arena), aggregates::kept(b.by[i], arena), arena);
    if (order != 0) return config_.order[i].descending ? -order : order;
  }
  return 0;
}

std::int64_t TopNOperator::rank(const TopNKey& k, std::size_t at) const {
  if (!config_.include_ties) return static_cast<std::int64_t>(at) + 1;
  while (at > 0 && compare(k.entries[at - 1], k.entries[at]) == 0) --at;
  return static_cast<std::int64_t>(at) + 1;
}

void TopNOperator::trim(TopNKey& k) const {
  if (k.entries.size() <= config_.n) return;
  auto keep = static_cast<std::size_t>(config_.n);
  if (config_.include_ties) {
    while (keep < k.entries.size() && compare(k.entries[config_.n - 1], k.entries[keep]) == 0) {
      ++keep;
    }
  }
  k.entries.resize(keep);
}

void TopNOperator::insert(TopNKey& k, TopNKey::Entry entry) const {
  const auto at = std::upper_bound(k.entries.begin(), k.entries.end(), entry,
                                   [this](const TopNKey::Entry& a, const TopNKey::Entry& b) {
                                     const int order = compare(a, b);
                                     return order != 0 ? order < 0 : a.row.rank < b.row.rank;
                                   });
  k.entries.insert(at, std::move(entry));
  trim(k);
}

void TopNOperator::on_row(const Row& row, Output& out) {
  ++stats_.rows;
  Writer key;
  Window window;
  TopNKey::Entry entry;
  if (const core::Status readable = read(row, key, window, entry); !readable) {
    ++stats_.failed;
    out.fail(*row.message, row.origin, readable.error(), "top_n", config_.label);
    return;
  }
  const Micros w = watermark(key.bytes());
  if (config_.per_window && window.end <= w) {
    ++stats_.late;
    out.late(*row.message, row.ts, w);
    return;
  }
  TopNKey& k = key_state(key.bytes());
  if (config_.per_window) {
    k.window = window;
    insert(k, std::move(entry));
  } else {
    const bool processing = config_.ttl.processing_time;
    const Micros time = processing ? now() : w;
    if (config_.ttl.span != 0 && k.touched != kBeginning && time != kBeginning &&
        add(k.touched, config_.ttl.span) <= time) {
      k.entries.clear();
      k.touched = kBeginning;
    }
    k.touched = std::max(k.touched, processing ? now() : row.ts);
    const std::vector<TopNKey::Entry> before = k.entries;
    insert(k, std::move(entry));
    give_changes(before, k, out);
  }
  schedule(k);
}

void TopNOperator::give_changes(const std::vector<TopNKey::Entry>& before, const TopNKey& k,
                                Output& out) {
  TopNKey old;
  old.entries = before;
  const auto give = [&](const TopNKey::Entry& e, const char* op, std::int64_t rank) {
    core::Message& message = e.row.emit(out);
    message.set_metadata("op", Value::string(op));
    message.set_metadata("rank", Value::integer(rank));
  };
  const auto find = [](const std::vector<TopNKey::Entry>& in, const std::string& rank) {
    return std::find_if(in.begin(), in.end(),
                        [&rank](const TopNKey::Entry& e) { return e.row.rank == rank; });
  };
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (find(k.entries, before[i].row.rank) == k.entries.end()) {
      give(before[i], "leave", rank(old, i));
    }
  }
  for (std::size_t i = 0; i < k.entries.size(); ++i) {
    const auto was = find(before, k.entries[i].row.rank);
    const std::int64_t now_at = rank(k, i);
    if (was == before.end()) {
      give(k.entries[i], "enter", now_at);
    } else if (rank(old, static_cast<std::size_t>(was - before.begin())) != now_at) {
      give(k.entries[i], "rank", now_at);
    }
  }
}

std::optional<Micros> TopNOperator::next_event(const TopNKey& k) const {
  if (config_.per_window) return k.window.end;
  if (config_.ttl.span == 0 || config_.ttl.processing_time) return std::nullopt;
  return add(k.touched, config_.ttl.span);
}

std::optional<Micros> TopNOperator::next_time(const TopNKey& k) const {
  if (config_.per_window || config_.ttl.span == 0 || !config_.ttl.processing_time) {
    return std::nullopt;
  }
  return add(k.touched, config_.ttl.span);
}

void TopNOperator::due(std::vector<TopNKey*>& keys, Output& out) {
  for (TopNKey* const k : keys) {  // the key begins with the window's start
    const Micros end = config_.per_window ? k->window.end : add(k->touched, config_.ttl.span);
    if (end > clock()) continue;
    for (std::size_t i = 0; config_.per_window && i < k->entries.size(); ++i) {
      k->entries[i].row.emit(out).set_metadata("rank", Value::integer(rank(*k, i)));
    }
    k->entries.clear();
    k->touched = kBeginning;
  }
}

void TopNOperator::due_by_time(std::vector<TopNKey*>& keys, Output&) {
  for (TopNKey* const k : keys) {
    if (add(k->touched, config_.ttl.span) > now()) continue;
    k->entries.clear();
    k->touched = kBeginning;
  }
}

void TopNOperator::encode(const TopNKey& k, Writer& out) const {
  out.integer(k.window.start);
  out.integer(k.window.end);
  out.integer(k.touched);
  out.number(k.entries.size());
  for (const TopNKey::Entry& e : k.entries) {
    for (const std::string& by : e.by) out.text(by);
    e.row.encode(out);
  }
}

void TopNOperator::decode(TopNKey& k, Reader& in) const {
  k.window.start = in.integer();
  k.window.end = in.integer();
  k.touched = in.integer();
  const std::size_t entries = in.count();
  for (std::size_t i = 0; i < entries && in.good(); ++i) {
    TopNKey::Entry e;
    for (std::size_t b = 0; b < config_.order.size(); ++b) e.by.emplace_back(in.text());
    e.row.decode(in);
    k.entries.push_back(std::move(e));
  }
}

std::unique_ptr<Operator> make_table(TableConfig config) {
  WindowConfig window;
  window.label = std::move(config.label);
  window.key = std::move(config.key);
  window.aggregates = std::move(config.aggregates);
  window.kind = WindowConfig::Kind::kGlobal;
  window.ttl = config.ttl;
  TriggerNode each;
  if (config.changelog) {
    each.kind = TriggerNode::Kind::kCount;
    each.n = 1;
  }
  window.trigger = Trigger(std::move(each), true);
  window.key_groups = config.key_groups;
  return std::make_unique<WindowOperator>(std::move(window));
}

}  // namespace weir::windowing
