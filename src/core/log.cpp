#include "core/log.h"

namespace weir::core {

std::string_view name(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace: return "trace";
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarn: return "warn";
    case LogLevel::kError: return "error";
    case LogLevel::kOff: return "off";
  }
  return "off";
}

void Log::write(LogLevel level, std::string_view id, std::string_view message,
                const LogFields& fields) const {
  if (enabled(level)) sink_->write({level, id, message, label_, path_, &fields});
}

}  // namespace weir::core
