#pragma once

#include <map>
#include <string>

#include "caches/all.h"
#include "config/registry.h"
#include "config/yaml_reader.h"
#include "core/clock.h"
#include "rate_limits/all.h"

namespace weir::test {

class HandClock final : public core::Clock {
 public:
  std::int64_t wall_nanos() const override { return wall; }
  std::int64_t mono_nanos() const override { return mono; }
  void advance(std::chrono::nanoseconds by) {
    wall += by.count();
    mono += by.count();
  }
  std::int64_t wall = 1'700'000'000'000'000'000;
  std::int64_t mono = 1'000'000'000;
};

class NoWork final : public core::Executor {
 public:
  void post(Work) override {}
  TimerId post_after(std::chrono::nanoseconds, Work) override { return 0; }
  bool cancel(TimerId) override { return true; }
};

/// Makes caches, rate limits and processors from YAML; caches made with a label can be referred to.
class CacheWorld {
 public:
  CacheWorld() {
    caches::add_all(registry);
    rate_limits::add_all(registry);
    shared.clock = &clock;
    shared.executor = &executor;
    shared.metrics = &metrics;
    shared.interrupt = &interrupt;
    shared.random = [] { return std::uint64_t{7}; };
    shared.cache = [this](std::string_view label) -> core::Result<std::shared_ptr<core::Cache>> {
      const auto found = caches.find(std::string(label));
      if (found == caches.end()) return core::fail(core::ErrorCode::kNotFound, "no such cache");
      return found->second;
    };
    shared.rate_limit = [this](std::string_view) -> core::Result<std::shared_ptr<core::RateLimit>> {
      return limit;
    };
  }
  template <class T>
  std::unique_ptr<T> make(const std::string& yaml, const std::string& label = "") {
    mistakes.clear();
    config::ReadState state;
    auto document = config::read_yaml(yaml, "test.yaml", {}, state.diagnostics);
    std::shared_ptr<const config::Plan<T>> plan;
    if (document) {
      plan = registry.read<T>(document->root, config::ReadContext(registry, state, "root"));
    }
    for (const auto& found : state.diagnostics.sorted()) mistakes += found.message + "\n";
    if (plan == nullptr) return nullptr;
    auto made = plan->make_component(config::Resources(shared, label, "root"));
    if (!made) mistakes += made.error().message;
    return made ? *std::move(made) : nullptr;
  }
  core::Cache& cache(const std::string& label, const std::string& yaml) {
    std::shared_ptr<core::Cache> made = make<core::Cache>(yaml, label);
    EXPECT_TRUE(made) << mistakes;
    const core::Status status = made->open();
    EXPECT_TRUE(status) << status.error().message;
    caches[label] = made;
    return *made;
  }

  HandClock clock;
  NoWork executor;
  core::Metrics metrics;
  core::Interrupt interrupt;
  config::Registry registry;
  config::Resources::Shared shared;
  std::map<std::string, std::shared_ptr<core::Cache>> caches;
  std::shared_ptr<core::RateLimit> limit;
  std::string mistakes;
};

}  // namespace weir::test
