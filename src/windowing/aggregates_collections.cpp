#include <algorithm>
#include <cmath>
#include <map>

#include "core/clock.h"
#include "windowing/aggregate_typed.h"
#include "windowing/aggregates.h"
#include "windowing/hyper_log_log.h"
#include "windowing/key.h"

namespace weir::windowing::aggregates {

using core::Value;

namespace {

struct Ranked {
  std::string rank;
  std::string value;
  bool any = false;
};

/// The first or last row by rank, of all (FirstLast) or by another value (ArgBest).
class FirstLast final : public Typed<Ranked> {
 public:
  explicit FirstLast(bool last) : last_(last) {}
  bool needs_rank() const override { return true; }
  core::Status check(const Value* v) const override { return want_value(*v); }
  void add(void* s, const Value* v, const AddInfo& info) const override {
    if (better(at(s), info.rank)) {
      at(s) = {std::string(info.rank), keep(*v, *info.scratch), true};
    }
  }
  void merge(void* s, const void* later) const override {
    if (at(later).any && better(at(s), at(later).rank)) at(s) = at(later);
  }
  core::Result<Value> result(const void* s, core::Arena& arena) const override {
    if (!at(s).any) return Value::null();
    return kept_copy(at(s).value, arena);
  }
  void encode(const void* s, Writer& out) const override {
    out.flag(at(s).any);
    out.text(at(s).rank);
    out.text(at(s).value);
  }
  void decode(void* s, Reader& in) const override {
    at(s).any = in.flag();
    at(s).rank = std::string(in.text());
    at(s).value = std::string(in.text());
  }

 private:
  bool better(const Ranked& now, std::string_view rank) const {
    return !now.any || (last_ ? rank > now.rank : rank < now.rank);
  }
  bool last_;
};

struct ArgState {
  std::string rank;
  std::string by;
  std::string value;
  bool any = false;
};

class ArgBest final : public Typed<ArgState> {
 public:
  explicit ArgBest(int sign) : sign_(sign) {}
  bool needs_rank() const override { return true; }
  std::size_t arity() const override { return 2; }
  bool skips_null() const override { return false; }
  core::Status check(const Value* v) const override {
    WEIR_CHECK_OK(want_value(v[0]));
    return want_value(v[1]);
  }
  void add(void* s, const Value* v, const AddInfo& info) const override {
    if (v[1].is_null()) return;
    if (better(at(s), v[1], info.rank, *info.scratch)) {
      at(s) = {std::string(info.rank), keep(v[1], *info.scratch), keep(v[0], *info.scratch), true};
    }
  }
  void merge(void* s, const void* later) const override {
    if (!at(later).any) return;
    core::Arena scratch;
    if (better(at(s), kept(at(later).by, scratch), at(later).rank, scratch)) at(s) = at(later);
  }
  core::Result<Value> result(const void* s, core::Arena& arena) const override {
    if (!at(s).any) return Value::null();
    return kept_copy(at(s).value, arena);
  }
  void encode(const void* s, Writer& out) const override {
    out.flag(at(s).any);
    out.text(at(s).rank);
    out.text(at(s).by);
    out.text(at(s).value);
  }
  void decode(void* s, Reader& in) const override {
    at(s).any = in.flag();
    at(s).rank = std::string(in.text());
    at(s).by = std::string(in.text());
    at(s).value = std::string(in.text());
  }

 private:
  bool better(const ArgState& now, Value by, std::string_view rank, core::Arena& scratch) const {
    if (!now.any) return true;
    const int order = sign_ * compare_values(by, kept(now.by, scratch), scratch);
    return order > 0 || (order == 0 && rank < now.rank);
  }
  int sign_;
};

/// Rows in order of rank; beyond the limit the latest are left out.
struct Rows {
  std::vector<std::pair<std::string, std::string>> rows;  // rank, value

  void insert(std::string_view rank, std::string value, std::size_t limit) {
    if (rows.size() >= limit && rank >= rows.back().first) return;
    auto where = rows.end();
    if (!rows.empty() && rank < rows.back().first) {
      where = std::upper_bound(rows.begin(), rows.end(), rank,
                               [](std::string_view r, const auto& e) { return r < e.first; });
    }
    rows.insert(where, {std::string(rank), std::move(value)});
    if (rows.size() > limit) rows.pop_back();
  }
  void merge(const Rows& later, std::size_t limit) {
    for (const auto& [rank, value] : later.rows) insert(rank, value, limit);
  }
};

class RowsBase : public Typed<Rows> {
 public:
  explicit RowsBase(std::size_t limit) : limit_(std::max<std::size_t>(limit, 1)) {}
  bool needs_rank() const override { return true; }
  void add(void* s, const Value* v, const AddInfo& info) const override {
    at(s).insert(info.rank, keep(*v, *info.scratch), limit_);
  }
  void merge(void* s, const void* later) const override { at(s).merge(at(later), limit_); }
  void encode(const void* s, Writer& out) const override {
    out.number(at(s).rows.size());
    for (const auto& [rank, value] : at(s).rows) {
      out.text(rank);
      out.text(value);
    }
  }
  void decode(void* s, Reader& in) const override {
    const std::size_t n = in.count();
    for (std::size_t i = 0; i < n && in.good(); ++i) {
      const std::string_view rank = in.text();
      at(s).rows.emplace_back(rank, in.text());
    }
  }

 protected:
  std::size_t limit_;
};

class List final : public RowsBase {
 public:
  using RowsBase::RowsBase;
  core::Status check(const Value* v) const override { return want_value(*v); }
  core::Result<Value> result(const void* s, core::Arena& arena) const override {
    Value out = Value::array(arena, static_cast<std::uint32_t>(at(s).rows.size()));
    for (const auto& [rank, value] : at(s).rows) {
      core::append_item(out, kept_copy(value, arena), arena);
    }
    return out;
  }
};

class StringAgg final : public RowsBase {
 public:
  StringAgg(std::string separator, std::size_t limit)
      : RowsBase(limit), separator_(std::move(separator)) {}
  core::Status check(const Value* v) const override {
    if (!v->is(core::Kind::kString)) return core::invalid_data("expected a string");
    return {};
  }
  core::Result<Value> result(const void* s, core::Arena& arena) const override {
    if (at(s).rows.empty()) return Value::null();
    std::string out;
    for (const auto& [rank, value] : at(s).rows) {
      if (&value != &at(s).rows.front().second) out += separator_;
      out += kept(value, arena).stored();
    }
    return Value::string(arena.copy(out));
  }

 private:
  std::string separator_;
};

class SeriesOf final : public RowsBase {
 public:
  SeriesOf(Series which, double alpha, std::size_t limit)
      : RowsBase(limit), which_(which), alpha_(alpha) {}
  core::Status check(const Value* v) const override { return want_number(*v); }
  core::Result<Value> result(const void* s, core::Arena& arena) const override {
    const auto& rows = at(s).rows;
    if (rows.empty()) return Value::null();
    const auto number = [&arena](const auto& row) { return double_of(kept(row.second, arena)); };
    switch (which_) {
      case Series::kDelta: return delta(rows, arena);
      case Series::kRate: {
        const double span = static_cast<double>(core::Int128{Reader(rows.back().first).ordered()} -
                                                Reader(rows.front().first).ordered());
        if (span <= 0) return Value::null();
        return Value::number((number(rows.back()) - number(rows.front())) / (span / 1e6));
      }
      case Series::kIncrease: {
        FloatSum total;
        for (std::size_t i = 1; i < rows.size(); ++i) {
          const double now = number(rows[i]);
          const double before = number(rows[i - 1]);
          total.add(now >= before ? now - before : now);
        }
        return Value::number(total.value());
      }
      case Series::kEwma: {
        double average = number(rows.front());
        for (std::size_t i = 1; i < rows.size(); ++i) {
          average = alpha_ * number(rows[i]) + (1 - alpha_) * average;
        }
        return Value::number(average);
      }
    }
    return Value::null();
  }

 private:
  template <class R>
  static Value delta(const R& rows, core::Arena& arena) {
    const Value last = kept(rows.back().second, arena);
    const Value first = kept(rows.front().second, arena);
    const auto a = decimal_of(last);
    const auto b = decimal_of(first);
    if (a && b && !last.is(core::Kind::kDouble) && !first.is(core::Kind::kDouble)) {
      if (const auto exact = difference(*a, *b)) return to_value(*exact, arena);
    }
    return Value::number(double_of(last) - double_of(first));
  }
  Series which_;
  double alpha_;
};

/// Canonical key bytes and how often each was seen.
struct Counts {
  std::map<std::string, std::uint64_t, std::less<>> counts;
};

std::string key_of(Value value, core::Arena& scratch) {
  Writer out;
  if (!write_key(value, scratch, out)) return {};
  return out.take();
}

class CountsBase : public Typed<Counts> {
 public:
  explicit CountsBase(std::size_t limit) : limit_(std::max<std::size_t>(limit, 1)) {}
  core::Status check(const Value* v) const override {
    Writer out;
    core::Arena scratch;
    return write_key(*v, scratch, out);
  }
  void add(void* s, const Value* v, const AddInfo& info) const override {
    put(at(s), key_of(*v, *info.scratch), 1);
  }
  void merge(void* s, const void* later) const override {
    for (const auto& [key, n] : at(later).counts) put(at(s), key, n);
  }
  void encode(const void* s, Writer& out) const override {
    out.number(at(s).counts.size());
    for (const auto& [key, n] : at(s).counts) {
      out.text(key);
      out.number(n);
    }
  }
  void decode(void* s, Reader& in) const override {
    const std::size_t n = in.count();
    for (std::size_t i = 0; i < n && in.good(); ++i) {
      const std::string_view key = in.text();
      at(s).counts.insert_or_assign(std::string(key), in.number());
    }
  }

 protected:
  virtual void put(Counts& c, std::string_view key, std::uint64_t n) const = 0;
  std::size_t limit_;
};

class Set final : public CountsBase {
 public:
  using CountsBase::CountsBase;
  core::Result<Value> result(const void* s, core::Arena& arena) const override {
    Value out = Value::array(arena, static_cast<std::uint32_t>(at(s).counts.size()));
    for (const auto& [key, n] : at(s).counts) {
      core::append_item(out, read_key(arena.copy(key), arena), arena);
    }
    return out;
  }

 private:
  void put(Counts& c, std::string_view key, std::uint64_t) const override {
    if (c.counts.size() >= limit_ && key > std::prev(c.counts.end())->first) return;
    c.counts.insert_or_assign(std::string(key), 1);
    if (c.counts.size() > limit_) c.counts.erase(std::prev(c.counts.end()));
  }
};

/// Most frequent values. Past the limit the rarest makes room and bequeaths its count, so that a
/// frequent value is never missed (space saving); counts are then too high by at most that.
class TopK final : public CountsBase {
 public:
  TopK(std::size_t k, std::size_t limit, bool only_value)
      : CountsBase(std::max(limit, k)), k_(k), only_value_(only_value) {}
  core::Result<Value> result(const void* s, core::Arena& arena) const override {
    std::vector<std::pair<std::uint64_t, std::string_view>> best;
    for (const auto& [key, n] : at(s).counts) best.emplace_back(n, key);
    std::sort(best.begin(), best.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    if (only_value_) {
      return best.empty() ? Value::null() : read_key(arena.copy(best.front().second), arena);
    }
    Value out = Value::array(arena);
    for (std::size_t i = 0; i < std::min(k_, best.size()); ++i) {
      Value one = Value::object(arena, 2);
      core::append_member(one, Value::string("value"), read_key(arena.copy(best[i].second), arena),
                          arena);
      core::append_member(one, Value::string("count"),
                          Value::integer(static_cast<std::int64_t>(best[i].first)), arena);
      core::append_item(out, one, arena);
    }
    return out;
  }

 private:
  void put(Counts& c, std::string_view key, std::uint64_t n) const override {
    const auto found = c.counts.find(key);
    if (found != c.counts.end()) {
      found->second += n;
      return;
    }
    std::uint64_t inherited = 0;
    if (c.counts.size() >= limit_) {
      const auto rarest =
          std::min_element(c.counts.begin(), c.counts.end(),
                           [](const auto& a, const auto& b) { return a.second < b.second; });
      inherited = rarest->second;
      c.counts.erase(rarest);
    }
    c.counts.emplace(std::string(key), n + inherited);
  }
  std::size_t k_;
  bool only_value_;
};

struct Distinct {
  std::map<std::string, bool, std::less<>> exact;
  HyperLogLog sketch{14};
  bool estimated = false;
};

class CountDistinct final : public Typed<Distinct> {
 public:
  explicit CountDistinct(std::size_t limit) : limit_(limit) {}
  core::Status check(const Value* v) const override {
    Writer out;
    core::Arena scratch;
    return write_key(*v, scratch, out);
  }
  void add(void* s, const Value* v, const AddInfo& info) const override {
    put(at(s), key_of(*v, *info.scratch));
  }
  void merge(void* s, const void* later) const override {
    const Distinct& other = at(later);
    if (other.estimated) {
      estimate(at(s));
      at(s).sketch.merge(other.sketch);
    }
    for (const auto& [key, unused] : other.exact) put(at(s), key);
  }
  core::Result<Value> result(const void* s, core::Arena&) const override {
    const Distinct& d = at(s);
    return Value::integer(d.estimated ? static_cast<std::int64_t>(std::llround(d.sketch.estimate()))
                                      : static_cast<std::int64_t>(d.exact.size()));
  }
  void encode(const void* s, Writer& out) const override {
    const Distinct& d = at(s);
    out.flag(d.estimated);
    if (d.estimated) {
      d.sketch.encode(out);
      return;
    }
    out.number(d.exact.size());
    for (const auto& [key, unused] : d.exact) out.text(key);
  }
  void decode(void* s, Reader& in) const override {
    Distinct& d = at(s);
    d.estimated = in.flag();
    if (d.estimated) {
      d.sketch.decode(in);
      return;
    }
    const std::size_t n = in.count();
    for (std::size_t i = 0; i < n && in.good(); ++i) d.exact.emplace(in.text(), true);
  }

 private:
  void put(Distinct& d, std::string_view key) const {
    if (!d.estimated) {
      d.exact.emplace(key, true);
      if (d.exact.size() > limit_) estimate(d);
      return;
    }
    d.sketch.add(hash_bytes(key));
  }
  static void estimate(Distinct& d) {
    if (d.estimated) return;
    d.estimated = true;
    for (const auto& [key, unused] : d.exact) d.sketch.add(hash_bytes(key));
    d.exact.clear();
  }
  std::size_t limit_;
};

struct Folded {
  std::string value;
  std::string error;
  bool any = false;
};

class Fold final : public Typed<Folded> {
 public:
  explicit Fold(FoldSpec spec) : spec_(std::move(spec)) {}
  bool merges() const override { return spec_.merge != nullptr; }
  bool skips_null() const override { return false; }
  core::Status check(const Value* v) const override { return want_value(*v); }
  void add(void* s, const Value* v, const AddInfo& info) const override {
    core::Arena& arena = *info.scratch;
    Value self = Value::object(arena, 2);
    core::append_member(self, Value::string("acc"), current(at(s), arena), arena);
    core::append_member(self, Value::string("value"), core::share(*v), arena);
    store(at(s), run(*spec_.add, self, arena), arena);
  }
  void merge(void* s, const void* later) const override {
    if (!at(later).any) return;
    if (!at(s).any || !at(later).error.empty()) {
      if (at(s).error.empty()) at(s) = at(later);
      return;
    }
    core::Arena arena;
    Value self = Value::object(arena, 2);
    core::append_member(self, Value::string("left"), current(at(s), arena), arena);
    core::append_member(self, Value::string("right"), current(at(later), arena), arena);
    store(at(s), run(*spec_.merge, self, arena), arena);
  }
  core::Result<Value> result(const void* s, core::Arena& arena) const override {
    if (!at(s).error.empty()) return core::invalid_data(at(s).error);
    const Value value = at(s).any ? kept_copy(at(s).value, arena) : core::share(spec_.init);
    if (spec_.result == nullptr) return value;
    return run(*spec_.result, value, arena);
  }
  void encode(const void* s, Writer& out) const override {
    out.flag(at(s).any);
    out.text(at(s).value);
    out.text(at(s).error);
  }
  void decode(void* s, Reader& in) const override {
    at(s).any = in.flag();
    at(s).value = std::string(in.text());
    at(s).error = std::string(in.text());
  }

 private:
  Value current(const Folded& f, core::Arena& arena) const {
    return f.any ? kept_copy(f.value, arena) : core::share(spec_.init);
  }
  static core::Result<Value> run(const mapping::Mapping& mapping, Value self, core::Arena& arena) {
    // Folds are pure: lint refuses what is not deterministic.
    static const mapping::Environment world = mapping::Environment::sandboxed();
    core::SeededRandom random(0);
    mapping::Context context(world, random);
    context.bind_arena(arena);
    auto value = mapping.evaluate(context, self);
    if (value && value->is_marker()) return core::invalid_data("the fold gave no value");
    return value;
  }
  static void store(Folded& f, const core::Result<Value>& value, core::Arena& arena) {
    f.any = true;
    if (!value) {
      if (f.error.empty()) f.error = value.error().message;
      return;
    }
    f.value = keep(*value, arena);
  }
  FoldSpec spec_;
};

}  // namespace

AggregatePtr first() {
  return std::make_shared<FirstLast>(false);
}
AggregatePtr last() {
  return std::make_shared<FirstLast>(true);
}
AggregatePtr arg_min() {
  return std::make_shared<ArgBest>(-1);
}
AggregatePtr arg_max() {
  return std::make_shared<ArgBest>(1);
}
AggregatePtr collect_list(std::size_t limit) {
  return std::make_shared<List>(limit);
}
AggregatePtr string_agg(std::string separator, std::size_t limit) {
  return std::make_shared<StringAgg>(std::move(separator), limit);
}
AggregatePtr collect_set(std::size_t limit) {
  return std::make_shared<Set>(limit);
}
AggregatePtr count_distinct(std::size_t limit) {
  return std::make_shared<CountDistinct>(limit);
}
AggregatePtr mode(std::size_t limit) {
  return std::make_shared<TopK>(1, limit, true);
}
AggregatePtr top_k(std::size_t k, std::size_t limit) {
  return std::make_shared<TopK>(k, limit, false);
}
AggregatePtr series(Series which, double alpha, std::size_t limit) {
  return std::make_shared<SeriesOf>(which, alpha, limit);
}
AggregatePtr fold(FoldSpec spec) {
  return std::make_shared<Fold>(std::move(spec));
}

}  // namespace weir::windowing::aggregates
