#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "config/registry.h"
#include "config/yaml_reader.h"
#include "inputs/all.h"
#include "scanners/all.h"

namespace weir::test {

/// A clock that only moves when told.
class ManualClock final : public core::Clock {
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

/// Nothing runs.
class NoExecutor final : public core::Executor {
 public:
  void post(Work) override {}
  TimerId post_after(std::chrono::nanoseconds, Work) override { return 0; }
  bool cancel(TimerId) override { return true; }
};

/// A folder that goes with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir_test_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << text;
  }
  void append(const std::string& name, std::string_view text) const {
    std::ofstream(path_ + "/" + name, std::ios::binary | std::ios::app) << text;
  }
  bool has(const std::string& name) const { return std::filesystem::exists(path_ + "/" + name); }

 private:
  std::string path_;
};

/// Makes inputs from YAML and reads them without an engine.
class InputWorld : private core::ReadContext {
 public:
  InputWorld() {
    inputs::add_all(registry);
    scanners::add_all(registry);
    shared.clock = &clock;
    shared.executor = &executor;
    shared.metrics = &metrics;
    shared.random = [] { return std::uint64_t{7}; };
  }

  /// Findings go to `mistakes`; null then.
  std::unique_ptr<core::Input> make(const std::string& yaml) {
    config::ReadState state;
    auto document = config::read_yaml(yaml, "test.yaml", {}, state.diagnostics);
    if (!document) {
      mistakes = "no YAML";
      return nullptr;
    }
    const config::Node node = std::move(document->root);
    const auto plan =
        registry.read<core::Input>(node, config::ReadContext(registry, state, "root.input"));
    if (plan == nullptr) {
      mistakes = "not read";
      return nullptr;
    }
    auto made = plan->make_component(config::Resources(shared, "", "root.input"));
    if (!made) {
      mistakes = made.error().message;
      return nullptr;
    }
    return *std::move(made);
  }

  core::Status connect(core::Input& input) { return input.connect(*this); }
  core::Result<core::ReadResult> read(core::Input& input) { return input.read(*this); }
  core::ReadContext& context() { return *this; }

  struct Got {
    std::string payload;
    std::string error;
    std::map<std::string, std::string> metadata;
    std::int64_t position;
  };
  /// Reads until the end, or until `limit` reads in a row were idle.
  std::vector<Got> read_all(core::Input& input, int limit = 3, bool acknowledge = true) {
    std::vector<Got> all;
    for (int idle = 0; idle < limit;) {
      auto result = input.read(*this);
      if (!result) {
        mistakes = result.error().message;
        break;
      }
      if (result->status == core::ReadStatus::kEnd) break;
      if (result->status == core::ReadStatus::kIdle) {
        ++idle;
        continue;
      }
      idle = 0;
      for (core::Message& message : result->read.batch) {
        Got got;
        got.payload = std::string(message.payload().value());
        if (message.errored()) got.error = std::string(message.error()->text);
        got.position = message.position;
        if (message.metadata().is(core::Kind::kObject)) {
          for (const core::Member& member : core::members(message.metadata())) {
            core::Arena& arena = message.arena();
            const auto value = member.value.is(core::Kind::kInt)
                                   ? std::to_string(member.value.as_int())
                                   : std::string(member.value.text(arena));
            got.metadata[std::string(member.key.text(arena))] = value;
          }
        }
        all.push_back(std::move(got));
      }
      if (acknowledge) input.acknowledge(result->read.partition, result->read.after);
    }
    return all;
  }
  static std::vector<std::string> payloads(const std::vector<Got>& all) {
    std::vector<std::string> out;
    for (const Got& got : all) out.push_back(got.payload);
    return out;
  }

  ManualClock clock;
  NoExecutor executor;
  core::Metrics metrics;
  config::Registry registry;
  config::Resources::Shared shared;
  std::string mistakes;

 private:
  const core::Interrupt& interrupt() const override { return interrupt_; }
  std::chrono::milliseconds wait_limit() const override { return std::chrono::milliseconds(0); }
  core::Batch admit(core::Input&, core::ReadBatch read) override { return std::move(read.batch); }

  core::Interrupt interrupt_;
};

}  // namespace weir::test
