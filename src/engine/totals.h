#pragma once

#include <atomic>
#include <cstdint>

#include "core/metrics.h"
#include "core/outcome.h"

namespace weir::engine {

/// Where every received message is: in flight, or ended in one of five ways. The sums always agree:
/// received + recovered = in_flight + delivered + filtered + failed + absorbed + late.
class Totals {
 public:
  explicit Totals(core::Metrics& metrics);

  void receive(std::uint64_t n) {
    received_->add(n);
    in_flight_->add(static_cast<std::int64_t>(n));
  }
  /// Found in a durable buffer at start.
  void recover(std::uint64_t n) {
    recovered_->add(n);
    in_flight_->add(static_cast<std::int64_t>(n));
  }
  void end(core::Outcome outcome, std::uint64_t n);

  [[nodiscard]] std::uint64_t received() const { return received_->value(); }
  [[nodiscard]] std::uint64_t recovered() const { return recovered_->value(); }
  [[nodiscard]] std::int64_t in_flight() const { return in_flight_->value(); }
  [[nodiscard]] std::uint64_t ended(core::Outcome outcome) const;

 private:
  core::Counter* received_;
  core::Counter* recovered_;
  core::Gauge* in_flight_;
  core::Counter* ended_[5];
};

}  // namespace weir::engine
