#pragma once

#include <new>

#include "windowing/aggregate.h"
#include "windowing/decimal.h"

namespace weir::windowing::aggregates {

/// The part of an aggregate that follows from the type of its state.
template <class S>
class Typed : public Aggregate {
 public:
  [[nodiscard]] std::size_t size() const final { return sizeof(S); }
  void init(void* state) const final { new (state) S(); }
  void destroy(void* state) const final { at(state).~S(); }

 protected:
  static S& at(void* state) { return *static_cast<S*>(state); }
  static const S& at(const void* state) { return *static_cast<const S*>(state); }
};

[[nodiscard]] inline core::Status want_number(core::Value value) {
  if (!value.is_number()) return core::invalid_data("expected a number");
  return {};
}
/// Anything that can be kept.
[[nodiscard]] inline core::Status want_value(core::Value value) {
  if (value.is_marker()) return core::invalid_data("expected a value");
  return {};
}

/// A value in its written form; empty when it cannot be kept (too deep).
[[nodiscard]] inline std::string keep(core::Value value, core::Arena& scratch) {
  Writer out;
  if (!write_value(value, scratch, out)) return std::string(1, '\0');
  return out.take();
}
/// Borrows the bytes.
[[nodiscard]] inline core::Value kept(const std::string& bytes, core::Arena& arena) {
  Reader in(bytes);
  return read_value(in, arena);
}
/// Copied into the arena: for results, which outlive the state.
[[nodiscard]] inline core::Value kept_copy(std::string_view bytes, core::Arena& arena) {
  Reader in(arena.copy(bytes));
  return read_value(in, arena);
}

/// Neumaier's compensated sum.
struct FloatSum {
  double sum = 0;
  double lost = 0;
  void add(double x) {
    const double t = sum + x;
    if ((sum < 0 ? -sum : sum) >= (x < 0 ? -x : x)) {
      lost += (sum - t) + x;
    } else {
      lost += (x - t) + sum;
    }
    sum = t;
  }
  void merge(const FloatSum& later) {
    add(later.sum);
    lost += later.lost;
  }
  /// Infinities and NaN have no part that was lost.
  [[nodiscard]] double value() const { return sum - sum == 0 ? sum + lost : sum; }
  void encode(Writer& out) const {
    out.real(sum);
    out.real(lost);
  }
  void decode(Reader& in) {
    sum = in.real();
    lost = in.real();
  }
};

/// Exact as long as it can be.
struct NumberSum {
  Decimal exact;
  FloatSum floats;
  std::uint64_t count = 0;
  bool has_floats = false;

  void add(core::Value number);
  void merge(const NumberSum& later);
  [[nodiscard]] core::Value sum(core::Arena& arena) const;
  [[nodiscard]] core::Value average() const;
  void encode(Writer& out) const;
  void decode(Reader& in);

 private:
  void add_exact(const Decimal& number);
};

}  // namespace weir::windowing::aggregates
