#include <algorithm>
#include <cmath>

#include "core/number_text.h"
#include "windowing/aggregate_typed.h"
#include "windowing/aggregates.h"

namespace weir::windowing::aggregates {

using core::Kind;
using core::Value;

void NumberSum::add_exact(const Decimal& number) {
  if (auto total = windowing::sum(exact, number)) {
    exact = *total;
    return;
  }
  has_floats = true;
  floats.add(to_double(number));
}

void NumberSum::add(Value number) {
  ++count;
  if (number.is(Kind::kInt) && exact.scale == 0) {
    core::Int128 total = 0;
    if (!__builtin_add_overflow(exact.coefficient, core::Int128{number.as_int()}, &total)) {
      exact.coefficient = total;
      return;
    }
  }
  if (!number.is(Kind::kDouble)) {
    if (const auto decimal = decimal_of(number)) {
      add_exact(*decimal);
      return;
    }
  }
  has_floats = true;
  floats.add(double_of(number));
}

void NumberSum::merge(const NumberSum& later) {
  count += later.count;
  add_exact(later.exact);
  if (!later.has_floats) return;
  has_floats = true;
  floats.merge(later.floats);
}

Value NumberSum::sum(core::Arena& arena) const {
  if (count == 0) return Value::null();
  if (!has_floats) return to_value(exact, arena);
  FloatSum total = floats;
  total.add(to_double(exact));
  return Value::number(total.value());
}

Value NumberSum::average() const {
  if (count == 0) return Value::null();
  FloatSum total = floats;
  if (exact.coefficient != 0) total.add(to_double(exact));
  return Value::number(total.value() / static_cast<double>(count));
}

void NumberSum::encode(Writer& out) const {
  Decimal canonical = exact;
  canonical.normalise();
  out.wide(canonical.coefficient);
  out.integer(canonical.scale);
  out.number(count);
  out.flag(has_floats);
  if (has_floats) floats.encode(out);
}

void NumberSum::decode(Reader& in) {
  exact.coefficient = in.wide();
  const std::int64_t scale = in.integer();
  if (scale < -200'000 || scale > 200'000) in.spoil();
  exact.scale = static_cast<int>(scale);
  count = in.number();
  has_floats = in.flag();
  if (has_floats) floats.decode(in);
  // Integers are summed at scale 0.
  const auto at_zero = windowing::sum(exact, Decimal{0, 0});
  if (at_zero) exact = *at_zero;
  while (exact.scale < 0) {
    core::Int128 scaled = 0;
    if (__builtin_mul_overflow(exact.coefficient, core::Int128{10}, &scaled)) break;
    exact.coefficient = scaled;
    ++exact.scale;
  }
}

namespace {

class Count final : public Typed<std::uint64_t> {
 public:
  core::Status check(const Value*) const override { return {}; }
  void add(void* s, const Value*, const AddInfo&) const override { ++at(s); }
  void merge(void* s, const void* later) const override { at(s) += at(later); }
  core::Result<Value> result(const void* s, core::Arena&) const override {
    return Value::integer(static_cast<std::int64_t>(at(s)));
  }
  void encode(const void* s, Writer& out) const override { out.number(at(s)); }
  void decode(void* s, Reader& in) const override { at(s) = in.number(); }
  std::size_t arity() const override { return 0; }
};

class Sum final : public Typed<NumberSum> {
 public:
  explicit Sum(bool average) : average_(average) {}
  core::Status check(const Value* v) const override { return want_number(*v); }
  void add(void* s, const Value* v, const AddInfo&) const override { at(s).add(*v); }
  void merge(void* s, const void* later) const override { at(s).merge(at(later)); }
  core::Result<Value> result(const void* s, core::Arena& arena) const override {
    return average_ ? at(s).average() : at(s).sum(arena);
  }
  void encode(const void* s, Writer& out) const override { at(s).encode(out); }
  void decode(void* s, Reader& in) const override { at(s).decode(in); }

 private:
  bool average_;
};

struct Best {
  bool any = false;
  bool plain = false;  // the value is `number`, nothing is written
  std::int64_t number = 0;
  Micros ts = 0;
  std::string bytes;
};

class MinMax final : public Typed<Best> {
 public:
  explicit MinMax(int sign) : sign_(sign) {}
  core::Status check(const Value* v) const override { return want_value(*v); }

  void add(void* s, const Value* v, const AddInfo& info) const override {
    Value value = *v;
    if (value.is(Kind::kNumber)) {
      if (const auto i = core::json_int64(value.stored())) value = Value::integer(*i);
    }
    offer(at(s), value, info.ts, *info.scratch);
  }
  void merge(void* s, const void* later) const override {
    const Best& other = at(later);
    if (!other.any) return;
    core::Arena scratch;
    offer(at(s), value_of(other, scratch), other.ts, scratch);
  }
  core::Result<Value> result(const void* s, core::Arena& arena) const override {
    const Best& best = at(s);
    if (!best.any) return Value::null();
    return best.plain ? Value::integer(best.number) : kept_copy(best.bytes, arena);
  }
  void encode(const void* s, Writer& out) const override {
    const Best& best = at(s);
    out.flag(best.any);
    if (!best.any) return;
    core::Arena scratch;
    out.integer(best.ts);
    out.text(best.plain ? keep(Value::integer(best.number), scratch) : best.bytes);
  }
  void decode(void* s, Reader& in) const override {
    Best& best = at(s);
    best.any = in.flag();
    if (!best.any) return;
    best.ts = in.integer();
    best.bytes = std::string(in.text());
    core::Arena scratch;
    Reader check(best.bytes);
    const Value value = read_value(check, scratch);
    if (!check.good()) in.spoil();
    best.plain = value.is(Kind::kInt);
    if (!best.plain) return;
    best.number = value.as_int();
    best.bytes.clear();
  }

 private:
  static Value value_of(const Best& best, core::Arena& arena) {
    return best.plain ? Value::integer(best.number) : kept(best.bytes, arena);
  }
  void offer(Best& best, Value value, Micros ts, core::Arena& scratch) const {
    if (best.any) {
      const int order = sign_ * compare_values(value, value_of(best, scratch), scratch);
      if (order < 0 || (order == 0 && ts > best.ts)) return;
      // Equal, but perhaps written differently, at the same time: the lower bytes.
      if (order == 0 && ts == best.ts &&
          keep(value, scratch) >= keep(value_of(best, scratch), scratch)) {
        return;
      }
    }
    best.any = true;
    best.ts = ts;
    best.plain = value.is(Kind::kInt);
    if (best.plain) {
      best.number = value.as_int();
    } else {
      best.bytes = keep(value, scratch);
    }
  }
  int sign_;
};

struct Moments {
  double n = 0;
  double mean_x = 0;
  double mean_y = 0;
  double xx = 0;
  double yy = 0;
  double xy = 0;

  void add(double x, double y) {
    n += 1;
    const double dx = x - mean_x;
    const double dy = y - mean_y;
    mean_x += dx / n;
    mean_y += dy / n;
    xx += dx * (x - mean_x);
    yy += dy * (y - mean_y);
    xy += dx * (y - mean_y);
  }
  void merge(const Moments& later) {
    if (later.n == 0) return;
    if (n == 0) {
      *this = later;
      return;
    }
    const double total = n + later.n;
    const double dx = later.mean_x - mean_x;
    const double dy = later.mean_y - mean_y;
    const double weight = n * later.n / total;
    xx += later.xx + dx * dx * weight;
    yy += later.yy + dy * dy * weight;
    xy += later.xy + dx * dy * weight;
    mean_x += dx * later.n / total;
    mean_y += dy * later.n / total;
    n = total;
  }
};

class MomentsBase : public Typed<Moments> {
 public:
  void merge(void* s, const void* later) const override { at(s).merge(at(later)); }
  void encode(const void* s, Writer& out) const override {
    const Moments& m = at(s);
    for (const double d : {m.n, m.mean_x, m.mean_y, m.xx, m.yy, m.xy}) out.real(d);
  }
  void decode(void* s, Reader& in) const override {
    Moments& m = at(s);
    for (double* d : {&m.n, &m.mean_x, &m.mean_y, &m.xx, &m.yy, &m.xy}) *d = in.real();
  }
};

class SpreadOf final : public MomentsBase {
 public:
  explicit SpreadOf(Spread which) : which_(which) {}
  core::Status check(const Value* v) const override { return want_number(*v); }
  void add(void* s, const Value* v, const AddInfo&) const override { at(s).add(double_of(*v), 0); }
  core::Result<Value> result(const void* s, core::Arena&) const override {
    const Moments& m = at(s);
    const bool sample = which_ == Spread::kVarianceSamp || which_ == Spread::kStddevSamp;
    const bool root = which_ == Spread::kStddevPop || which_ == Spread::kStddevSamp;
    const double by = sample ? m.n - 1 : m.n;
    if (by <= 0) return Value::null();
    const double variance = std::max(0.0, m.xx / by);
    return Value::number(root ? std::sqrt(variance) : variance);
  }

 private:
  Spread which_;
};

class PairOf final : public MomentsBase {
 public:
  explicit PairOf(Pair which) : which_(which) {}
  std::size_t arity() const override { return 2; }
  core::Status check(const Value* v) const override {
    if (v[1].is_null()) return {};
    WEIR_CHECK_OK(want_number(v[0]));
    return want_number(v[1]);
  }
  void add(void* s, const Value* v, const AddInfo&) const override {
    if (!v[1].is_null()) at(s).add(double_of(v[1]), double_of(v[0]));
  }
  core::Result<Value> result(const void* s, core::Arena&) const override {
    const Moments& m = at(s);
    double out = 0;
    switch (which_) {
      case Pair::kCovarPop: out = m.xy / m.n; break;
      case Pair::kCovarSamp: out = m.xy / (m.n - 1); break;
      case Pair::kCorr: out = m.xy / std::sqrt(m.xx * m.yy); break;
      case Pair::kSlope: out = m.xy / m.xx; break;
      case Pair::kIntercept: out = m.mean_y - m.xy / m.xx * m.mean_x; break;
    }
    return std::isfinite(out) ? Value::number(out) : Value::null();
  }

 private:
  Pair which_;
};

struct Weighted {
  FloatSum weighted;
  FloatSum weights;
};

class WeightedAvg final : public Typed<Weighted> {
 public:
  std::size_t arity() const override { return 2; }
  core::Status check(const Value* v) const override {
    if (v[1].is_null()) return {};
    WEIR_CHECK_OK(want_number(v[0]));
    return want_number(v[1]);
  }
  void add(void* s, const Value* v, const AddInfo&) const override {
    if (v[1].is_null()) return;
    at(s).weighted.add(double_of(v[0]) * double_of(v[1]));
    at(s).weights.add(double_of(v[1]));
  }
  void merge(void* s, const void* later) const override {
    at(s).weighted.merge(at(later).weighted);
    at(s).weights.merge(at(later).weights);
  }
  core::Result<Value> result(const void* s, core::Arena&) const override {
    const double weight = at(s).weights.value();
    if (weight == 0) return Value::null();
    return Value::number(at(s).weighted.value() / weight);
  }
  void encode(const void* s, Writer& out) const override {
    at(s).weighted.encode(out);
    at(s).weights.encode(out);
  }
  void decode(void* s, Reader& in) const override {
    at(s).weighted.decode(in);
    at(s).weights.decode(in);
  }
};

struct Word {
  bool any = false;
  std::int64_t word = 0;
};

class LogicOf final : public Typed<Word> {
 public:
  explicit LogicOf(Logic which) : which_(which) {}
  core::Status check(const Value* v) const override {
    if (is_bool()) {
      if (!v->is(Kind::kBool)) return core::invalid_data("expected a bool");
      return {};
    }
    if (!integer(*v)) return core::invalid_data("expected an integer");
    return {};
  }
  void add(void* s, const Value* v, const AddInfo&) const override {
    fold(at(s), is_bool() ? (v->as_bool() ? 1 : 0) : integer(*v).value_or(0));
  }
  void merge(void* s, const void* later) const override {
    if (at(later).any) fold(at(s), at(later).word);
  }
  core::Result<Value> result(const void* s, core::Arena&) const override {
    const Word& w = at(s);
    if (!w.any) return Value::null();
    return is_bool() ? Value::boolean(w.word != 0) : Value::integer(w.word);
  }
  void encode(const void* s, Writer& out) const override {
    out.flag(at(s).any);
    out.integer(at(s).word);
  }
  void decode(void* s, Reader& in) const override {
    at(s).any = in.flag();
    at(s).word = in.integer();
  }

 private:
  bool is_bool() const { return which_ == Logic::kBoolAnd || which_ == Logic::kBoolOr; }
  static std::optional<std::int64_t> integer(Value v) {
    if (v.is(Kind::kInt)) return v.as_int();
    if (v.is(Kind::kNumber)) return core::json_int64(v.stored());
    return std::nullopt;
  }
  void fold(Word& w, std::int64_t value) const {
    if (!w.any) {
      w = {true, value};
      return;
    }
    switch (which_) {
      case Logic::kBitAnd:
      case Logic::kBoolAnd: w.word &= value; break;
      case Logic::kBitOr:
      case Logic::kBoolOr: w.word |= value; break;
      case Logic::kBitXor: w.word ^= value; break;
    }
  }
  Logic which_;
};

struct Buckets {
  std::vector<std::uint64_t> counts;
  NumberSum total;
};

class Histogram final : public Typed<Buckets> {
 public:
  explicit Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)) {}
  core::Status check(const Value* v) const override { return want_number(*v); }
  void add(void* s, const Value* v, const AddInfo&) const override {
    Buckets& b = at(s);
    b.counts.resize(bounds_.size() + 1);
    const double x = double_of(*v);
    const auto below = std::lower_bound(bounds_.begin(), bounds_.end(), x);
    ++b.counts[static_cast<std::size_t>(below - bounds_.begin())];
    b.total.add(*v);
  }
  void merge(void* s, const void* later) const override {
    Buckets& b = at(s);
    const Buckets& other = at(later);
    b.counts.resize(bounds_.size() + 1);
    for (std::size_t i = 0; i < other.counts.size(); ++i) b.counts[i] += other.counts[i];
    b.total.merge(other.total);
  }
  core::Result<Value> result(const void* s, core::Arena& arena) const override {
    const Buckets& b = at(s);
    Value buckets = Value::object(arena, static_cast<std::uint32_t>(bounds_.size() + 1));
    std::uint64_t below = 0;
    for (std::size_t i = 0; i <= bounds_.size(); ++i) {
      below += i < b.counts.size() ? b.counts[i] : 0;
      std::string name = "+Inf";
      if (i < bounds_.size()) {
        name.clear();
        core::append_json_double(name, bounds_[i]);
      }
      core::append_member(buckets, Value::string(arena.copy(name)),
                          Value::integer(static_cast<std::int64_t>(below)), arena);
    }
    Value out = Value::object(arena, 3);
    core::append_member(out, Value::string("count"),
                        Value::integer(static_cast<std::int64_t>(below)), arena);
    core::append_member(out, Value::string("sum"), b.total.sum(arena), arena);
    core::append_member(out, Value::string("buckets"), buckets, arena);
    return out;
  }
  void encode(const void* s, Writer& out) const override {
    out.number(at(s).counts.size());
    for (const std::uint64_t c : at(s).counts) out.number(c);
    at(s).total.encode(out);
  }
  void decode(void* s, Reader& in) const override {
    const std::size_t n = in.count();
    if (n != 0 && n != bounds_.size() + 1) in.spoil();
    for (std::size_t i = 0; i < n && in.good(); ++i) at(s).counts.push_back(in.number());
    at(s).total.decode(in);
  }

 private:
  std::vector<double> bounds_;
};

}  // namespace

AggregatePtr count() {
  return std::make_shared<Count>();
}
AggregatePtr sum() {
  return std::make_shared<Sum>(false);
}
AggregatePtr avg() {
  return std::make_shared<Sum>(true);
}
AggregatePtr min() {
  return std::make_shared<MinMax>(-1);
}
AggregatePtr max() {
  return std::make_shared<MinMax>(1);
}
AggregatePtr spread(Spread which) {
  return std::make_shared<SpreadOf>(which);
}
AggregatePtr pair(Pair which) {
  return std::make_shared<PairOf>(which);
}
AggregatePtr weighted_avg() {
  return std::make_shared<WeightedAvg>();
}
AggregatePtr logic(Logic which) {
  return std::make_shared<LogicOf>(which);
}
AggregatePtr histogram(std::vector<double> bounds) {
  return std::make_shared<Histogram>(std::move(bounds));
}

}  // namespace weir::windowing::aggregates
