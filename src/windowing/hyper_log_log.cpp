#include "windowing/hyper_log_log.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weir::windowing {

namespace {

// The estimator of Ertl (2017), which needs no tables of corrections.
double sigma(double x) {
  if (x == 1) return HUGE_VAL;
  double y = 1;
  double z = x;
  double before = 0;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (z != before);
  return z;
}

double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double z = 1 - x;
  double before = 0;
  do {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (z != before);
  return z / 3;
}

}  // namespace

void HyperLogLog::add(std::uint64_t hash) {
  const auto index = static_cast<std::uint32_t>(hash >> (64 - precision_));
  const std::uint64_t rest = hash << precision_;
  const int zeros = rest == 0 ? static_cast<int>(64 - precision_) : std::countl_zero(rest);
  raise(index, static_cast<std::uint8_t>(zeros + 1));
}

void HyperLogLog::raise(std::uint32_t index, std::uint8_t rank) {
  if (dense_.empty()) {
    std::uint8_t& now = sparse_[index];
    now = std::max(now, rank);
    if (sparse_.size() <= registers() / 8) return;
    dense_.resize(registers());
    for (const auto& [i, r] : sparse_) dense_[i] = r;
    sparse_.clear();
    return;
  }
  dense_[index] = std::max(dense_[index], rank);
}

void HyperLogLog::merge(const HyperLogLog& other) {
  for (const auto& [index, rank] : other.sparse_) raise(index, rank);
  for (std::uint32_t i = 0; i < other.dense_.size(); ++i) {
    if (other.dense_[i] != 0) raise(i, other.dense_[i]);
  }
}

double HyperLogLog::estimate() const {
  const unsigned q = 64 - precision_;
  std::vector<double> counts(q + 2);
  for (const std::uint8_t r : dense_) counts[r] += 1;
  if (dense_.empty()) {
    counts[0] = static_cast<double>(registers() - sparse_.size());
    for (const auto& [i, r] : sparse_) counts[r] += 1;
  }
  const double m = registers();
  double z = m * tau(1 - counts[q + 1] / m);
  for (unsigned k = q; k >= 1; --k) z = 0.5 * (z + counts[k]);
  z += m * sigma(counts[0] / m);
  return m * m / (2 * std::log(2.0) * z);
}

void HyperLogLog::encode(Writer& out) const {
  out.byte(static_cast<std::uint8_t>(precision_));
  out.flag(!dense_.empty());
  if (!dense_.empty()) {
    for (const std::uint8_t r : dense_) out.byte(r);
    return;
  }
  out.number(sparse_.size());
  for (const auto& [index, rank] : sparse_) {
    out.number(index);
    out.byte(rank);
  }
}

void HyperLogLog::decode(Reader& in) {
  if (in.byte() != precision_) in.spoil();
  const unsigned highest = 64 - precision_ + 1;
  if (in.flag()) {
    const std::string_view all = in.raw(registers());
    dense_.assign(all.begin(), all.end());
    for (const std::uint8_t r : dense_) {
      if (r > highest) in.spoil();
    }
    if (!in.good()) dense_.clear();
    return;
  }
  const std::size_t n = in.count();
  for (std::size_t i = 0; i < n && in.good(); ++i) {
    const std::uint64_t index = in.number();
    const std::uint8_t rank = in.byte();
    if (index >= registers() || rank > highest) {
      in.spoil();
      return;
    }
    raise(static_cast<std::uint32_t>(index), rank);
  }
}

}  // namespace weir::windowing
