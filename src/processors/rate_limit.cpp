#include "processors/all.h"

namespace weir::processors {
namespace {

using core::Batch;
using core::Batches;

struct RateLimitConfig {
  config::RateLimitLabel resource;
};

config::Spec<RateLimitConfig> rate_limit_spec() {
  return config::Spec<RateLimitConfig>("rate_limit")
      .summary("Holds messages until a rate limit lets them go.")
      .description("All that share the resource share the limit.")
      .category("utility")
      .field("resource", &RateLimitConfig::resource,
             {.doc = "Label of the rate limit resource.", .required = true});
}

class RateLimit final : public core::Processor {
 public:
  RateLimit(std::shared_ptr<core::RateLimit> limit, const config::Resources& resources)
      : limit_(std::move(limit)),
        interrupt_(resources.shared().interrupt),
        label_(resources.label()),
        path_(resources.path()) {}

  Batches process(Batch batch) override {
    for (core::Message& message : batch) {
      const auto payload = message.payload();
      while (true) {
        const auto wait = limit_->access(payload ? payload->size() : 0);
        if (!wait) {
          message.fail(wait.error().code, wait.error().message, "rate_limit", label_, path_);
          break;
        }
        if (wait->count() <= 0) break;
        const auto time = std::chrono::ceil<std::chrono::milliseconds>(*wait);
        if (interrupt_ != nullptr && !interrupt_->wait_for(time)) break;
      }
    }
    return Batches(std::move(batch));
  }

 private:
  const std::shared_ptr<core::RateLimit> limit_;
  const core::Interrupt* interrupt_;
  const std::string label_;
  const std::string path_;
};

core::Result<std::unique_ptr<core::Processor>> make_rate_limit(const RateLimitConfig& config,
                                                               const config::Resources& resources) {
  WEIR_TRY(auto limit, resources.shared().rate_limit(config.resource.label));
  return std::make_unique<RateLimit>(std::move(limit), resources);
}

}  // namespace

void add_rate_limit(config::Registry& registry) {
  registry.add_processor(rate_limit_spec(), make_rate_limit);
}

}  // namespace weir::processors
