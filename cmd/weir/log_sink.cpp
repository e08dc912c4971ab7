#include "log_sink.h"

#include <map>
#include <mutex>

#include <fcntl.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/clock.h"
#include "core/json_text.h"
#include "core/time.h"

namespace weir::cmd {

namespace {

using core::LogLevel;
using core::LogRecord;

constexpr unsigned kBurst = 10;
constexpr std::int64_t kPause = 10'000'000'000;
constexpr std::string_view kUsersOwn = "log";  // of the `log` processor: asked for line by line

LogLevel parse_level(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  if (text == "TRACE" || text == "ALL") return LogLevel::kTrace;
  if (text == "DEBUG") return LogLevel::kDebug;
  if (text == "WARN") return LogLevel::kWarn;
  if (text == "ERROR" || text == "FATAL") return LogLevel::kError;
  if (text == "OFF" || text == "NONE") return LogLevel::kOff;
  return LogLevel::kInfo;
}

// logfmt: quotes only where they are needed.
void logfmt_value(std::string_view text, core::Buffer& out) {
  bool plain = !text.empty();
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\' ||
        static_cast<unsigned char>(c) >= 0x7f)
      plain = false;
  }
  if (plain) {
    out.append(text);
  } else {
    core::write_json_string(text, out);
  }
}

class Sink final : public core::LogSink {
 public:
  Sink(const config::LoggerConfig& config, LogLevel level)
      : config_(config),
        level_(level),
        json_(config.format.empty() ? isatty(STDERR_FILENO) == 0 : config.format == "json") {
    if (!config.file.path.empty()) {
      file_ = ::open(config.file.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    }
  }
  ~Sink() override {
    for (const auto& [key, seen] : seen_) {
      if (seen.left_out == 0) continue;
      const core::LogFields none;
      emit({LogLevel::kWarn, seen.id, "More of these were left out.", seen.label, seen.path, &none},
           seen.left_out);
    }
    if (file_ >= 0) ::close(file_);
  }

  LogLevel level() const override { return level_; }

  void write(const LogRecord& record) override {
    const std::lock_guard lock(mutex_);
    std::uint64_t left_out = 0;
    if (record.id != kUsersOwn && !allowed(record, left_out)) return;
    emit(record, left_out);
  }

 private:
  struct Seen {
    std::string id, label, path;
    unsigned count = 0;
    std::int64_t next = 0;
    std::uint64_t left_out = 0;
  };

  void emit(const LogRecord& record, std::uint64_t left_out) {
    buffer_.clear();
    first_ = true;
    if (json_) buffer_.push('{');
    if (config_.add_timestamp) {
      field(
          config_.timestamp_name,
          core::to_rfc3339(core::from_unix_nanos(core::system_clock().wall_nanos() / 1000 * 1000)));
    }
    field(config_.level_name, core::name(record.level));
    field(config_.message_name, record.message);
    field("id", record.id);
    for (const auto& [name, value] : config_.static_fields) field(name, value);
    if (!record.label.empty()) field("label", record.label);
    if (!record.path.empty()) field("path", record.path);
    for (const auto& [name, value] : *record.fields) field(name, value);
    if (left_out > 0) field("suppressed", std::to_string(left_out));
    if (json_) buffer_.push('}');
    buffer_.push('\n');
    put(STDERR_FILENO);
    if (file_ >= 0) put(file_);
  }

  bool allowed(const LogRecord& record, std::uint64_t& left_out) {
    Seen& seen = seen_[std::string(record.id) + "\n" + std::string(record.label) + "\n" +
                       std::string(record.path)];
    const std::int64_t now = core::system_clock().mono_nanos();
    if (seen.count < kBurst) {
      if (seen.count++ == 0) {
        seen.id = record.id;
        seen.label = record.label;
        seen.path = record.path;
      }
      seen.next = now + kPause;
      return true;
    }
    if (now < seen.next) {
      ++seen.left_out;
      return false;
    }
    left_out = seen.left_out;
    seen.left_out = 0;
    seen.next = now + kPause;
    return true;
  }

  void field(std::string_view name, std::string_view value) {
    if (!first_) buffer_.push(json_ ? ',' : ' ');
    first_ = false;
    if (json_) {
      core::write_json_string(name, buffer_);
      buffer_.push(':');
      core::write_json_string(value, buffer_);
    } else {
      buffer_.append(name);
      buffer_.push('=');
      logfmt_value(value, buffer_);
    }
  }

  void put(int fd) {
    std::string_view rest = buffer_.view();
    while (!rest.empty()) {
      const ssize_t n = ::write(fd, rest.data(), rest.size());
      if (n <= 0) return;  // nowhere to complain to
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  const config::LoggerConfig config_;
  const LogLevel level_;
  const bool json_;
  int file_ = -1;
  std::mutex mutex_;
  core::Buffer buffer_;
  bool first_ = true;
  std::map<std::string, Seen> seen_;
};

}  // namespace

std::shared_ptr<core::LogSink> make_log_sink(const config::LoggerConfig& config,
                                             const std::string& level) {
  return std::make_shared<Sink>(config, parse_level(level.empty() ? config.level : level));
}

}  // namespace weir::cmd
