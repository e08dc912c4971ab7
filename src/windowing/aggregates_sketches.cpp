#include <algorithm>
#include <cmath>
#include <map>

#include "windowing/aggregate_typed.h"
#include "windowing/aggregates.h"
#include "windowing/hyper_log_log.h"
#include "windowing/key.h"

namespace weir::windowing::aggregates {

using core::Value;

namespace {

struct Registers {
  std::unique_ptr<HyperLogLog> sketch;
};

class ApproxDistinct final : public Typed<Registers> {
 public:
  explicit ApproxDistinct(unsigned precision) : precision_(precision) {}
  core::Status check(const Value* v) const override {
    Writer out;
    core::Arena scratch;
    return write_key(*v, scratch, out);
  }
  void add(void* s, const Value* v, const AddInfo& info) const override {
    Writer out;
    if (write_key(*v, *info.scratch, out)) sketch(at(s)).add(hash_bytes(out.bytes()));
  }
  void merge(void* s, const void* later) const override {
    if (at(later).sketch != nullptr) sketch(at(s)).merge(*at(later).sketch);
  }
  core::Result<Value> result(const void* s, core::Arena&) const override {
    if (at(s).sketch == nullptr) return Value::integer(0);
    return Value::integer(std::llround(at(s).sketch->estimate()));
  }
  void encode(const void* s, Writer& out) const override {
    out.flag(at(s).sketch != nullptr);
    if (at(s).sketch != nullptr) at(s).sketch->encode(out);
  }
  void decode(void* s, Reader& in) const override {
    if (in.flag()) sketch(at(s)).decode(in);
  }

 private:
  HyperLogLog& sketch(Registers& r) const {
    if (r.sketch == nullptr) r.sketch = std::make_unique<HyperLogLog>(precision_);
    return *r.sketch;
  }
  unsigned precision_;
};

constexpr std::size_t kMaxBuckets = 4096;

/// Counts by order of magnitude in steps of gamma. Past kMaxBuckets the lowest are joined, which
/// gives the same end state in any order.
struct Sketch {
  std::map<std::int32_t, std::uint64_t> above;  // of positive numbers
  std::map<std::int32_t, std::uint64_t> below;  // of negative ones, by magnitude
  std::uint64_t zeros = 0;

  static void put(std::map<std::int32_t, std::uint64_t>& side, std::int32_t index,
                  std::uint64_t n) {
    side[index] += n;
    const std::int32_t lowest = side.rbegin()->first - static_cast<std::int32_t>(kMaxBuckets) + 1;
    while (side.begin()->first < lowest) {
      const std::uint64_t joined = side.begin()->second;
      side.erase(side.begin());
      side[lowest] += joined;
    }
  }
  void put(double x, std::uint64_t n, double log_gamma) {
    if (x == 0) {
      zeros += n;
      return;
    }
    const double magnitude = std::log(std::fabs(x)) / log_gamma;
    put(x > 0 ? above : below, static_cast<std::int32_t>(std::ceil(magnitude)), n);
  }
  void merge(const Sketch& later) {
    for (const auto& [i, n] : later.above) put(above, i, n);
    for (const auto& [i, n] : later.below) put(below, i, n);
    zeros += later.zeros;
  }
  std::uint64_t total() const {
    std::uint64_t n = zeros;
    for (const auto& [i, c] : above) n += c;
    for (const auto& [i, c] : below) n += c;
    return n;
  }
  double quantile(double q, double gamma) const {
    const double target = q * static_cast<double>(total() - 1);
    double seen = 0;
    const auto value = [gamma](std::int32_t i) {
      return 2 * std::pow(gamma, static_cast<double>(i)) / (gamma + 1);
    };
    for (auto it = below.rbegin(); it != below.rend(); ++it) {
      seen += static_cast<double>(it->second);
      if (seen > target) return -value(it->first);
    }
    seen += static_cast<double>(zeros);
    if (seen > target) return 0;
    for (const auto& [i, n] : above) {
      seen += static_cast<double>(n);
      if (seen > target) return value(i);
    }
    return above.empty() ? 0 : value(above.rbegin()->first);
  }
  void encode(Writer& out) const {
    for (const auto* side : {&above, &below}) {
      out.number(side->size());
      for (const auto& [i, n] : *side) {
        out.integer(i);
        out.number(n);
      }
    }
    out.number(zeros);
  }
  void decode(Reader& in) {
    for (auto* side : {&above, &below}) {
      const std::size_t n = in.count();
      for (std::size_t i = 0; i < n && in.good(); ++i) {
        const std::int64_t index = in.integer();
        if (index < -10'000'000 || index > 10'000'000) in.spoil();
        (*side)[static_cast<std::int32_t>(index)] = in.number();
      }
    }
    zeros = in.number();
  }
};

core::Status want_finite(Value v) {
  WEIR_CHECK_OK(want_number(v));
  if (!std::isfinite(double_of(v))) return core::invalid_data("expected a finite number");
  return {};
}

class Percentile final : public Typed<Sketch> {
 public:
  Percentile(double q, double accuracy)
      : q_(q),
        gamma_((1 + accuracy) / (1 - accuracy)),
        log_gamma_(std::log((1 + accuracy) / (1 - accuracy))) {}
  core::Status check(const Value* v) const override { return want_finite(*v); }
  void add(void* s, const Value* v, const AddInfo&) const override {
    at(s).put(double_of(*v), 1, log_gamma_);
  }
  void merge(void* s, const void* later) const override { at(s).merge(at(later)); }
  core::Result<Value> result(const void* s, core::Arena&) const override {
    if (at(s).total() == 0) return Value::null();
    return Value::number(at(s).quantile(q_, gamma_));
  }
  void encode(const void* s, Writer& out) const override { at(s).encode(out); }
  void decode(void* s, Reader& in) const override { at(s).decode(in); }

 private:
  double q_;
  double gamma_;
  double log_gamma_;
};

struct Exact {
  std::map<double, std::uint64_t> values;
  Sketch sketch;
  bool estimated = false;
};

class ExactPercentile final : public Typed<Exact> {
 public:
  ExactPercentile(double q, std::size_t limit) : q_(q), limit_(std::max<std::size_t>(limit, 1)) {}
  core::Status check(const Value* v) const override { return want_finite(*v); }
  void add(void* s, const Value* v, const AddInfo&) const override {
    put(at(s), double_of(*v) + 0.0, 1);
  }
  void merge(void* s, const void* later) const override {
    if (at(later).estimated) {
      estimate(at(s));
      at(s).sketch.merge(at(later).sketch);
    }
    for (const auto& [x, n] : at(later).values) put(at(s), x, n);
  }
  core::Result<Value> result(const void* s, core::Arena&) const override {
    const Exact& e = at(s);
    if (e.estimated) return Value::number(e.sketch.quantile(q_, kGamma));
    std::uint64_t total = 0;
    for (const auto& [x, n] : e.values) total += n;
    if (total == 0) return Value::null();
    const double target = q_ * static_cast<double>(total - 1);
    const double floor = std::floor(target);
    const double low = nth(e, static_cast<std::uint64_t>(floor));
    if (target == floor) return Value::number(low);
    const double high = nth(e, static_cast<std::uint64_t>(floor) + 1);
    return Value::number(low + (high - low) * (target - floor));
  }
  void encode(const void* s, Writer& out) const override {
    const Exact& e = at(s);
    out.flag(e.estimated);
    if (e.estimated) {
      e.sketch.encode(out);
      return;
    }
    out.number(e.values.size());
    for (const auto& [x, n] : e.values) {
      out.real(x);
      out.number(n);
    }
  }
  void decode(void* s, Reader& in) const override {
    Exact& e = at(s);
    e.estimated = in.flag();
    if (e.estimated) {
      e.sketch.decode(in);
      return;
    }
    const std::size_t n = in.count();
    for (std::size_t i = 0; i < n && in.good(); ++i) {
      const double x = in.real();
      e.values[x] = in.number();
    }
  }

 private:
  static constexpr double kGamma = 1.01 / 0.99;

  static double nth(const Exact& e, std::uint64_t rank) {
    std::uint64_t seen = 0;
    for (const auto& [x, n] : e.values) {
      seen += n;
      if (seen > rank) return x;
    }
    return e.values.rbegin()->first;
  }
  void put(Exact& e, double x, std::uint64_t n) const {
    if (e.estimated) {
      e.sketch.put(x, n, std::log(kGamma));
      return;
    }
    e.values[x] += n;
    if (e.values.size() > limit_) estimate(e);
  }
  static void estimate(Exact& e) {
    if (e.estimated) return;
    e.estimated = true;
    for (const auto& [x, n] : e.values) e.sketch.put(x, n, std::log(kGamma));
    e.values.clear();
  }
  double q_;
  std::size_t limit_;
};

}  // namespace

AggregatePtr approx_count_distinct(unsigned precision) {
  return std::make_shared<ApproxDistinct>(precision);
}
AggregatePtr percentile(double q, double accuracy) {
  return std::make_shared<Percentile>(q, accuracy);
}
AggregatePtr exact_percentile(double q, std::size_t limit) {
  return std::make_shared<ExactPercentile>(q, limit);
}

}  // namespace weir::windowing::aggregates
