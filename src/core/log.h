#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::core {

enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarn, kError, kOff };

/// `trace`, `debug`, ...
[[nodiscard]] std::string_view name(LogLevel level);

using LogFields = std::vector<std::pair<std::string_view, std::string>>;

/// One record, as a sink gets it.
struct LogRecord {
  LogLevel level;
  std::string_view id;       ///< stable, in the manual, e.g. `input_connect_failed`
  std::string_view message;  ///< a sentence
  std::string_view label;
  std::string_view path;
  const LogFields* fields;
};

/// Where records go. Thread-safe.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(const LogRecord& record) = 0;
  /// Records below this level need not be made.
  [[nodiscard]] virtual LogLevel level() const = 0;
};

/// A component's handle: carries its label and path. Cheap to copy.
///
/// Levels: error = data was lost or an operator is needed; warn = unexpected but recovered; info is
/// rare; nothing per message above debug. Never put secrets in fields.
class Log {
 public:
  Log() = default;  ///< drops everything
  Log(std::shared_ptr<LogSink> sink, std::string label, std::string path)
      : sink_(std::move(sink)), label_(std::move(label)), path_(std::move(path)) {}

  [[nodiscard]] Log with(std::string label, std::string path) const {
    return {sink_, std::move(label), std::move(path)};
  }
  [[nodiscard]] bool enabled(LogLevel level) const {
    return sink_ != nullptr && level >= sink_->level();
  }

  void write(LogLevel level, std::string_view id, std::string_view message,
             const LogFields& fields = {}) const;
  void debug(std::string_view id, std::string_view message, const LogFields& fields = {}) const {
    write(LogLevel::kDebug, id, message, fields);
  }
  void info(std::string_view id, std::string_view message, const LogFields& fields = {}) const {
    write(LogLevel::kInfo, id, message, fields);
  }
  void warn(std::string_view id, std::string_view message, const LogFields& fields = {}) const {
    write(LogLevel::kWarn, id, message, fields);
  }
  void error(std::string_view id, std::string_view message, const LogFields& fields = {}) const {
    write(LogLevel::kError, id, message, fields);
  }

 private:
  std::shared_ptr<LogSink> sink_;
  std::string label_;
  std::string path_;
};

}  // namespace weir::core
