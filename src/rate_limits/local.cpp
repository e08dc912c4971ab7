#include <mutex>

#include "rate_limits/all.h"

namespace weir::rate_limits {
namespace {

struct LocalConfig {
  std::uint64_t count = 1000;
  config::ByteSize byte_size;
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
};

config::Spec<LocalConfig> local_spec() {
  return config::Spec<LocalConfig>("local")
      .summary("Lets so many messages through per interval, in this process.")
      .description(
          "Counted per interval, the first of which begins with the first message: all of an "
          "interval may go at once at its begin. A message larger than `byte_size` goes alone.")
      .field("count", &LocalConfig::count,
             {.doc = "Messages per interval. 0: no limit of this kind."})
      .field("byte_size", &LocalConfig::byte_size,
             {.doc = "Bytes per interval, where who asks tells them. 0: no limit of this kind."})
      .field("interval", &LocalConfig::interval, {.doc = "The interval."})
      .check([](const LocalConfig& config) -> core::Status {
        if (config.interval.count() <= 0) {
          return core::invalid_config("`interval` must be longer than nothing");
        }
        if (config.count == 0 && config.byte_size.bytes == 0) {
          return core::invalid_config("neither `count` nor `byte_size` limits anything");
        }
        return {};
      })
      .example("At most ten requests a second", R"yaml(
pipeline:
  processors:
    - rate_limit: { resource: slowly }
rate_limit_resources:
  - label: slowly
    local: { count: 10, interval: 1s }
)yaml");
}

class Local final : public core::RateLimit {
 public:
  Local(const LocalConfig& config, const core::Clock& clock) : config_(config), clock_(clock) {}

  core::Result<std::chrono::nanoseconds> access(std::uint64_t bytes) override {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = clock_.mono_nanos();
    if (!begun_ || now - begin_ >= config_.interval.count()) {
      begun_ = true;
      begin_ = now;
      messages_ = 0;
      bytes_ = 0;
    }
    const bool too_many = config_.count > 0 && messages_ >= config_.count;
    const std::uint64_t limit = config_.byte_size.bytes;
    const bool too_large =
        limit > 0 && messages_ > 0 && (bytes_ >= limit || bytes > limit - bytes_);
    if (too_many || too_large) {
      return std::chrono::nanoseconds(begin_ + config_.interval.count() - now);
    }
    ++messages_;
    bytes_ += bytes;
    return std::chrono::nanoseconds(0);
  }

 private:
  const LocalConfig config_;
  const core::Clock& clock_;
  std::mutex mutex_;  // guards what follows
  bool begun_ = false;
  std::int64_t begin_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
};

core::Result<std::unique_ptr<core::RateLimit>> make_local(const LocalConfig& config,
                                                          const config::Resources& resources) {
  return std::make_unique<Local>(config, resources.clock());
}

}  // namespace

void add_local(config::Registry& registry) {
  registry.add_rate_limit(local_spec(), make_local);
}

}  // namespace weir::rate_limits
