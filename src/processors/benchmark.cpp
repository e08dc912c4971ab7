#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>

#include "processors/all.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;
using std::chrono::nanoseconds;

struct BenchmarkConfig {
  nanoseconds interval = std::chrono::seconds(5);
  bool count_bytes = true;
};

config::Spec<BenchmarkConfig> benchmark_spec() {
  return config::Spec<BenchmarkConfig>("benchmark")
      .summary("Logs how many messages and bytes pass per second.")
      .description(
          "One record per interval in which something passed, and one with the averages at the "
          "end; all workers together. The metrics `benchmark_messages_total` and "
          "`benchmark_bytes_total` count the same.")
      .category("utility")
      .field("interval", &BenchmarkConfig::interval,
             {.doc = "Time between two records. 0s: only the one at the end.", .min = 0})
      .field("count_bytes", &BenchmarkConfig::count_bytes,
             {.doc = "Count payload bytes too; for that documents that were changed are written."});
}

/// What all workers of one `benchmark` have seen.
class Meter {
 public:
  void count(std::uint64_t messages, std::uint64_t bytes, std::int64_t now,
             const BenchmarkConfig& config, const core::Log& log) {
    const std::lock_guard lock(mutex_);
    if (start_ == 0) start_ = last_ = now;
    messages_ += messages;
    bytes_ += bytes;
    if (config.interval.count() == 0 || now - last_ < config.interval.count()) return;
    report(log, "rolling stats", messages_ - reported_messages_, bytes_ - reported_bytes_,
           now - last_, config.count_bytes);
    reported_messages_ = messages_;
    reported_bytes_ = bytes_;
    last_ = now;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    ++users_;
  }
  void close(std::int64_t now, const BenchmarkConfig& config, const core::Log& log) {
    const std::lock_guard lock(mutex_);
    if (--users_ > 0 || start_ == 0) return;
    report(log, "total stats", messages_, bytes_, now - start_, config.count_bytes);
  }

 private:
  static std::string rate(std::uint64_t amount, std::int64_t nanos) {
    char text[40];
    std::snprintf(text, sizeof text, "%.1f",
                  static_cast<double>(amount) /
                      (static_cast<double>(std::max<std::int64_t>(nanos, 1)) / 1e9));
    return text;
  }
  static void report(const core::Log& log, std::string_view what, std::uint64_t messages,
                     std::uint64_t bytes, std::int64_t nanos, bool count_bytes) {
    core::LogFields fields = {{"messages", std::to_string(messages)},
                              {"messages_per_second", rate(messages, nanos)}};
    if (count_bytes) fields.emplace_back("bytes_per_second", rate(bytes, nanos));
    log.info("benchmark", what, fields);
  }

  std::mutex mutex_;
  unsigned users_ = 0;
  std::int64_t start_ = 0;
  std::int64_t last_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t reported_messages_ = 0;
  std::uint64_t reported_bytes_ = 0;
};

/// By the path of the component.
struct Meters {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Meter>> by_path;
  std::shared_ptr<Meter> at(const std::string& path) {
    const std::lock_guard lock(mutex);
    auto& slot = by_path[path];
    if (slot == nullptr) slot = std::make_shared<Meter>();
    return slot;
  }
};

class Benchmark final : public core::Processor {
 public:
  Benchmark(const BenchmarkConfig& config, const config::Resources& resources)
      : config_(config),
        clock_(resources.clock()),
        log_(resources.log()),
        messages_(resources.counter("benchmark_messages_total")),
        bytes_(resources.counter("benchmark_bytes_total")),
        meter_(resources.service<Meters>()->at(resources.path())) {
    meter_->open();
  }

  Batches process(Batch batch) override {
    std::uint64_t bytes = 0;
    if (config_.count_bytes) {
      for (core::Message& message : batch) {
        const auto payload = message.payload();
        if (payload) bytes += payload->size();
      }
      bytes_.add(bytes);
    }
    messages_.add(batch.size());
    meter_->count(batch.size(), bytes, clock_.mono_nanos(), config_, log_);
    return Batches(std::move(batch));
  }
  void close() override { meter_->close(clock_.mono_nanos(), config_, log_); }

 private:
  const BenchmarkConfig config_;
  const core::Clock& clock_;
  core::Log log_;
  core::Counter& messages_;
  core::Counter& bytes_;
  std::shared_ptr<Meter> meter_;
};

core::Result<std::unique_ptr<core::Processor>> make_benchmark(const BenchmarkConfig& config,
                                                              const config::Resources& resources) {
  return std::make_unique<Benchmark>(config, resources);
}

}  // namespace

void add_benchmark(config::Registry& registry) {
  registry.add_processor(benchmark_spec(), make_benchmark);
}

}  // namespace weir::processors
