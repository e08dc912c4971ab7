#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mapping/mapping.h"
#include "windowing/aggregate.h"

/// The aggregate functions. Arguments are in the order of the names in brackets.
namespace weir::windowing::aggregates {

/// Rows, nulls included. No argument.
[[nodiscard]] AggregatePtr count();
/// [value] Exact while all values are integers or decimal texts of up to 36 digits; floats are
/// added with compensation. Null over nothing.
[[nodiscard]] AggregatePtr sum();
[[nodiscard]] AggregatePtr avg();
/// [value] By compare_values; equal values: that of the earliest row.
[[nodiscard]] AggregatePtr min();
[[nodiscard]] AggregatePtr max();
/// [value, by] The value of the row with the least (greatest) `by`; of equals the first row.
[[nodiscard]] AggregatePtr arg_min();
[[nodiscard]] AggregatePtr arg_max();

enum class Spread : std::uint8_t { kVariancePop, kVarianceSamp, kStddevPop, kStddevSamp };
/// [value]
[[nodiscard]] AggregatePtr spread(Spread which);
enum class Pair : std::uint8_t { kCovarPop, kCovarSamp, kCorr, kSlope, kIntercept };
/// [y, x]
[[nodiscard]] AggregatePtr pair(Pair which);
/// [value, weight]
[[nodiscard]] AggregatePtr weighted_avg();

enum class Logic : std::uint8_t { kBitAnd, kBitOr, kBitXor, kBoolAnd, kBoolOr };
/// [value]
[[nodiscard]] AggregatePtr logic(Logic which);
/// [value] Counts of values up to each bound (cumulative, the last one is all), count and sum.
[[nodiscard]] AggregatePtr histogram(std::vector<double> bounds);

/// [value] Of the first (last) row by event time, then arrival.
[[nodiscard]] AggregatePtr first();
[[nodiscard]] AggregatePtr last();
/// [value] Of the earliest `limit` rows, in order.
[[nodiscard]] AggregatePtr collect_list(std::size_t limit);
[[nodiscard]] AggregatePtr string_agg(std::string separator, std::size_t limit);
/// [value] Distinct values, sorted; the lowest `limit` of them.
[[nodiscard]] AggregatePtr collect_set(std::size_t limit);
/// [value] Exact up to `limit` distinct values, an estimate (HyperLogLog, p = 14) beyond.
[[nodiscard]] AggregatePtr count_distinct(std::size_t limit);
/// [value] The most frequent value; of equals the lowest.
[[nodiscard]] AggregatePtr mode(std::size_t limit);
/// [value] The `k` most frequent: `[{value, count}]`. Exact up to `limit` distinct values.
[[nodiscard]] AggregatePtr top_k(std::size_t k, std::size_t limit);

/// Functions of the rows in order, over at most `limit` of them (the earliest).
enum class Series : std::uint8_t {
  kDelta,     ///< last - first
  kRate,      ///< delta per second of event time
  kIncrease,  ///< sum of the steps up; after a step down (a counter that was reset) the new value
  kEwma,      ///< exponentially weighted average
};
/// [value]
[[nodiscard]] AggregatePtr series(Series which, double alpha, std::size_t limit);

/// [value] HyperLogLog with 2^precision registers, precision 4..18.
[[nodiscard]] AggregatePtr approx_count_distinct(unsigned precision);
/// [value] DDSketch: within `accuracy` (relative) of the exact quantile `q`.
[[nodiscard]] AggregatePtr percentile(double q, double accuracy);
/// [value] Exact, with linear interpolation, up to `limit` distinct values; a sketch beyond.
[[nodiscard]] AggregatePtr exact_percentile(double q, std::size_t limit);

/// A user's fold. `add` sees `this.acc` and `this.value`, `merge` `this.left` and `this.right`,
/// `result` `this` (may be absent).
struct FoldSpec {
  core::Value init;  ///< a constant that lives as long as the fold
  std::shared_ptr<void> keep_alive;
  std::shared_ptr<const mapping::Mapping> add;
  std::shared_ptr<const mapping::Mapping> merge;
  std::shared_ptr<const mapping::Mapping> result;
};
/// [value]
[[nodiscard]] AggregatePtr fold(FoldSpec spec);

}  // namespace weir::windowing::aggregates
