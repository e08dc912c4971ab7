#include <memory>
#include <vector>

#include <re2/re2.h>

#include "config/output_child.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteDone;
using core::WriteResult;

struct DropOnConfig {
  bool error = false;
  std::vector<config::RegexText> error_patterns;
  std::string back_pressure;
  config::Child<core::Output> output;
};

config::Spec<DropOnConfig> drop_on_spec() {
  return config::Spec<DropOnConfig>("drop_on")
      .summary("Drops messages that an output does not accept.")
      .description("Dropped messages count as filtered, and a warning says why.")
      .category("utility")
      .field("error", &DropOnConfig::error,
             {.doc = "Drop what the output refuses, whatever the reason."})
      .field("error_patterns", &DropOnConfig::error_patterns,
             {.doc = "Drop what is refused with an error that matches one of these."})
      .field("back_pressure", &DropOnConfig::back_pressure,
             {.doc = "Not available yet: leave it empty.", .advanced = true})
      .field("output", &DropOnConfig::output, {.doc = "The output.", .required = true})
      .check([](const DropOnConfig& config) -> core::Status {
        if (!config.back_pressure.empty())
          return core::invalid_config("`back_pressure` is not available yet");
        if (!config.error && config.error_patterns.empty())
          return core::invalid_config(
              "set `error: true` or `error_patterns`, or leave `drop_on` out");
        return {};
      });
}

class DropOn final : public core::Output {
 public:
  DropOn(bool any, std::vector<std::unique_ptr<RE2>> patterns, std::unique_ptr<core::Output> output,
         const config::Resources& resources)
      : any_(any),
        patterns_(std::move(patterns)),
        output_(std::move(output)),
        dropped_(resources.counter("output_dropped")),
        log_(resources.log()) {}

  core::Status connect(const core::Interrupt& interrupt) override {
    return output_->connect(interrupt);
  }
  bool takes_errors() const override { return true; }
  void flush() override { output_->flush(); }
  void close() override { output_->close(); }

  void write(Batch batch, WriteDone done) override {
    output_->write(std::move(batch), [this, done = std::move(done)](WriteResult result) {
      std::vector<WriteResult::Failed> kept;
      for (auto& failed : result.failed) {
        if (failed.error.code == core::ErrorCode::kCancelled || !drops(failed.error.message)) {
          kept.push_back(std::move(failed));
          continue;
        }
        dropped_.add();
        log_.warn("message_dropped", "A message was not accepted and is dropped, as configured.",
                  {{"error", failed.error.message}});
        failed.message.lineage().resolve(core::Outcome::kFiltered);
      }
      result.failed = std::move(kept);
      done(std::move(result));
    });
  }

 private:
  [[nodiscard]] bool drops(const std::string& error) const {
    if (any_) return true;
    for (const auto& pattern : patterns_) {
      if (RE2::PartialMatch(error, *pattern)) return true;
    }
    return false;
  }

  const bool any_;
  std::vector<std::unique_ptr<RE2>> patterns_;
  std::unique_ptr<core::Output> output_;
  core::Counter& dropped_;
  core::Log log_;
};

core::Result<std::unique_ptr<core::Output>> make_drop_on(const DropOnConfig& config,
                                                         const config::Resources& resources) {
  auto child = config::make_output_child(config.output, resources.impatient());
  if (!child) return core::fail(std::move(child).error());
  std::vector<std::unique_ptr<RE2>> patterns;
  for (const auto& one : config.error_patterns)
    patterns.push_back(std::make_unique<RE2>(one.pattern, RE2::Quiet));
  return std::make_unique<DropOn>(config.error, std::move(patterns), *std::move(child), resources);
}

}  // namespace

void add_drop_on(config::Registry& registry) {
  registry.add_output(drop_on_spec(), make_drop_on);
}

}  // namespace weir::outputs
