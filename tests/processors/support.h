#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/registry.h"
#include "config/yaml_reader.h"
#include "core/json_text.h"
#include "processors/all.h"

namespace weir::test {

/// Makes processors from YAML and runs batches through them without an engine. Every message has a
/// slot of a delivery, so that what is lost or counted twice shows.
class ProcessorWorld {
 public:
  ProcessorWorld() {
    processors::add_all(registry);
    shared.clock = &core::system_clock();
    shared.executor = &executor;
    shared.metrics = &metrics;
    shared.random = [] { return std::uint64_t{7}; };
    shared.processor =
        [this](std::string_view label) -> core::Result<std::unique_ptr<core::Processor>> {
      const auto found = resources.find(std::string(label));
      if (found == resources.end())
        return core::fail(core::ErrorCode::kNotFound, "no resource " + std::string(label));
      auto made = make(found->second);
      if (made == nullptr) return core::invalid_config(mistakes);
      return made;
    };
  }

  /// Findings go to `mistakes`; null then.
  std::unique_ptr<core::Processor> make(const std::string& yaml) {
    config::ReadState state;
    auto document = config::read_yaml(yaml, "test.yaml", {}, state.diagnostics);
    if (!document) {
      mistakes = "no YAML";
      return nullptr;
    }
    const config::Node node = std::move(document->root);
    const auto plan = registry.read<core::Processor>(
        node, config::ReadContext(registry, state, "root.pipeline.processors.0"));
    for (const auto& found : state.diagnostics.all()) findings.push_back(found.message);
    if (plan == nullptr) {
      mistakes = findings.empty() ? "not read" : findings.back();
      return nullptr;
    }
    auto made = plan->make_component(config::Resources(shared, "", "root.pipeline.processors.0"));
    if (!made) {
      mistakes = made.error().message;
      return nullptr;
    }
    return *std::move(made);
  }

  struct Given {
    Given(std::string text) : payload(std::move(text)) {}  // NOLINT: reads as the payload
    Given(const char* text) : payload(text) {}             // NOLINT
    Given(std::string text, std::map<std::string, std::string> meta, std::string flag = "")
        : payload(std::move(text)), metadata(std::move(meta)), error(std::move(flag)) {}
    std::string payload;
    std::map<std::string, std::string> metadata;
    std::string error;
  };
  struct Got {
    std::string payload;
    std::string metadata;  ///< JSON with sorted keys; empty when there is none
    std::string error;
  };
  struct Run {
    std::vector<std::vector<Got>> batches;
    std::vector<core::Outcome> outcomes;  ///< of the given messages; empty: something was lost
    std::vector<core::Delivery::Response> responses;

    [[nodiscard]] std::vector<Got> all() const {
      std::vector<Got> flat;
      for (const auto& batch : batches) flat.insert(flat.end(), batch.begin(), batch.end());
      return flat;
    }
    [[nodiscard]] std::vector<std::string> payloads() const {
      std::vector<std::string> texts;
      for (const Got& got : all()) texts.push_back(got.payload);
      return texts;
    }
    [[nodiscard]] std::vector<std::string> errors() const {
      std::vector<std::string> texts;
      for (const Got& got : all()) texts.push_back(got.error);
      return texts;
    }
    [[nodiscard]] std::vector<std::size_t> sizes() const {
      std::vector<std::size_t> all_sizes;
      for (const auto& batch : batches) all_sizes.push_back(batch.size());
      return all_sizes;
    }
  };

  /// Runs one batch; what comes out counts as delivered.
  Run run(core::Processor& processor, const std::vector<Given>& given) {
    Run result;
    core::Batch batch = core::Batch::fresh();
    auto* const delivery = new Watch(static_cast<std::uint32_t>(given.size()), result);
    for (std::size_t i = 0; i < given.size(); ++i) {
      core::Message& message = batch.add(given[i].payload);
      for (const auto& [key, value] : given[i].metadata) {
        message.set_metadata(message.arena().copy(key),
                             core::Value::string(message.arena().copy(value)));
      }
      if (!given[i].error.empty()) message.fail(core::ErrorCode::kInvalidData, given[i].error);
      message.set_lineage(core::Lineage::adopt(*delivery, static_cast<std::uint32_t>(i)));
    }
    core::Batches made = processor.process(std::move(batch));
    for (std::size_t k = 0; k < made.size(); ++k) {
      std::vector<Got> messages;
      for (core::Message& message : made[k]) messages.push_back(show(message));
      result.batches.push_back(std::move(messages));
      made[k].resolve(core::Outcome::kDelivered);
    }
    return result;
  }
  Run run(const std::string& yaml, const std::vector<Given>& given) {
    auto processor = make(yaml);
    if (processor == nullptr) {
      ADD_FAILURE() << mistakes;
      return {};
    }
    Run result = run(*processor, given);
    processor->close();
    return result;
  }

  static Got show(core::Message& message) {
    Got got;
    const auto payload = message.payload();
    got.payload = payload ? std::string(*payload) : "unwritable: " + payload.error().message;
    if (message.errored()) got.error = std::string(message.error()->text);
    if (message.metadata().is(core::Kind::kObject) && core::size(message.metadata()) > 0) {
      core::Buffer out;
      if (core::write_json(message.metadata(), out, {.sort_keys = true})) {
        got.metadata = std::string(out.view());
      }
    }
    return got;
  }

  config::Registry registry;
  core::Metrics metrics;
  config::Resources::Shared shared;
  std::map<std::string, std::string> resources;  ///< label -> YAML
  std::vector<std::string> findings;
  std::string mistakes;

 private:
  class Watch final : public core::Delivery {
   public:
    Watch(std::uint32_t size, Run& run) : Delivery(size), run_(run) {}

   private:
    bool on_resolved() override {
      for (std::uint32_t i = 0; i < size(); ++i) run_.outcomes.push_back(outcome(i));
      run_.responses = take_responses();
      return true;
    }
    Run& run_;
  };
  class NoExecutor final : public core::Executor {
   public:
    void post(Work) override {}
    TimerId post_after(std::chrono::nanoseconds, Work) override { return 0; }
    bool cancel(TimerId) override { return true; }
  };

  NoExecutor executor;
};

}  // namespace weir::test
