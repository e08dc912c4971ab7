#pragma once

#include <memory>
#include <string>

#include "config/pipeline.h"
#include "core/log.h"

namespace weir::cmd {

/// Log records to stderr: logfmt on a terminal, JSON otherwise, or as configured; limited per
/// message id and label (10, then one per 10 s with the number left out). What was left out is
/// counted in the metrics all the same, and said when the sink goes.
[[nodiscard]] std::shared_ptr<core::LogSink> make_log_sink(const config::LoggerConfig& config,
                                                           const std::string& level);

}  // namespace weir::cmd
