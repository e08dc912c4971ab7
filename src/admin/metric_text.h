#pragma once

#include <string>
#include <vector>

#include "core/metrics.h"

namespace weir::admin {

struct PrometheusStyle {
  bool histograms =
      false;  ///< timings as histograms in seconds instead of summaries in nanoseconds
  std::vector<double> quantiles = {0.5, 0.9, 0.99};
};

/// All metrics in the Prometheus text format 0.0.4.
[[nodiscard]] std::string prometheus_text(const core::Metrics& metrics,
                                          const PrometheusStyle& style);

/// All metrics as one JSON object: `name{label="value"}` to a number; timings to an object of
/// count, sum and quantiles.
[[nodiscard]] std::string json_metrics(const core::Metrics& metrics);

}  // namespace weir::admin
