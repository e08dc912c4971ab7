#pragma once

#include <string>

#include "buffers/all.h"
#include "config/registry.h"
#include "config/yaml_reader.h"
#include "core/clock.h"
#include "processors/all.h"
#include "state/store.h"

namespace weir::test {

class IdleExecutor final : public core::Executor {
 public:
  void post(Work) override {}
  TimerId post_after(std::chrono::nanoseconds, Work) override { return 0; }
  bool cancel(TimerId) override { return true; }
};

/// Makes buffers from YAML, without an engine.
class BufferWorld {
 public:
  BufferWorld() {
    buffers::add_all(registry);
    processors::add_all(registry);
    shared.clock = &core::system_clock();
    shared.executor = &executor;
    shared.metrics = &metrics;
    shared.random = [] { return std::uint64_t{7}; };
  }
  std::unique_ptr<core::StreamBuffer> make(const std::string& yaml) {
    config::ReadState state;
    auto document = config::read_yaml(yaml, "test.yaml", {}, state.diagnostics);
    if (!document) return nullptr;
    const auto plan = registry.read<core::StreamBuffer>(
        document->root, config::ReadContext(registry, state, "root.buffer"));
    for (const auto& found : state.diagnostics.sorted()) mistakes += found.message + "\n";
    if (plan == nullptr) return nullptr;
    auto made = plan->make_component(config::Resources(shared, "", "root.buffer"));
    if (!made) {
      mistakes += made.error().message;
      return nullptr;
    }
    return *std::move(made);
  }

  IdleExecutor executor;
  core::Metrics metrics;
  config::Registry registry;
  config::Resources::Shared shared;
  std::string mistakes;
};

}  // namespace weir::test
