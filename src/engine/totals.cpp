#include "engine/totals.h"

#include <string>

namespace weir::engine {

Totals::Totals(core::Metrics& metrics)
    : received_(&metrics.counter("weir_messages_received_total", {})),
      recovered_(&metrics.counter("weir_messages_recovered_total", {})),
      in_flight_(&metrics.gauge("weir_messages_in_flight", {})) {
  constexpr core::Outcome ends[] = {core::Outcome::kFiltered, core::Outcome::kDelivered,
                                    core::Outcome::kAbsorbed, core::Outcome::kLate,
                                    core::Outcome::kFailed};
  for (std::size_t i = 0; i < 5; ++i) {
    ended_[i] =
        &metrics.counter("weir_messages_total", {{"outcome", std::string(core::name(ends[i]))}});
  }
}

void Totals::end(core::Outcome outcome, std::uint64_t n) {
  if (n == 0) return;
  ended_[static_cast<std::size_t>(outcome) - 1]->add(n);
  in_flight_->add(-static_cast<std::int64_t>(n));
}

std::uint64_t Totals::ended(core::Outcome outcome) const {
  return ended_[static_cast<std::size_t>(outcome) - 1]->value();
}

}  // namespace weir::engine
