#include "support/sim_world.h"

#include <cstdlib>

namespace weir::test {

using core::Batch;
using core::Batches;
using core::Message;

std::pair<std::string, std::int64_t> identity(Message& message) {
  const auto payload = message.payload();
  const std::string text(payload ? *payload : "");
  const auto p = text.find("\"p\":\"");
  const auto n = text.find("\"n\":");
  if (p == std::string::npos || n == std::string::npos) return {"?", -1};
  return {text.substr(p + 5, text.find('"', p + 5) - p - 5), std::atoll(text.c_str() + n + 4)};
}

namespace {

struct NoConfig {};

class SimInput final : public core::Input {
 public:
  explicit SimInput(SimWorld& world) : world_(world) {}
  core::InputTraits traits() const override {
    return {.finite = world_.finite, .replayable = true, .partitioned = true};
  }
  core::Status connect(core::ReadContext&) override {
    if (world_.chance(10)) return core::unavailable("sim: not yet");
    return {};
  }
  core::Result<core::ReadResult> read(core::ReadContext&) override {
    const std::lock_guard lock(world_.mutex);
    if (world_.chance(20)) return core::ReadResult::idle();
    if (world_.chance(2)) return core::unavailable("sim: connection lost");
    if (total_ >= world_.messages) return core::ReadResult::end();
    const std::string partition = "p" + std::to_string(world_.draw() % world_.partitions);
    const std::uint64_t size = std::min(world_.messages - total_, 1 + world_.draw() % 40);
    core::ReadBatch read;
    read.batch = Batch::fresh();
    read.partition = partition;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::int64_t n = ++world_.handed_out[partition];
      Message& message =
          read.batch.add("{\"p\":\"" + partition + "\",\"n\":" + std::to_string(n) + "}");
      message.position = n;
      if (n % 3 == 0) message.set_metadata("n", core::Value::integer(n));
    }
    total_ += size;
    read.after.offset = world_.handed_out[partition];
    return core::ReadResult::of(std::move(read));
  }
  void acknowledge(std::string_view partition, const core::Position& position) override {
    const std::lock_guard lock(world_.mutex);
    auto& at = world_.acknowledged[std::string(partition)];
    if (position.offset <= at) world_.mistakes.push_back("acknowledged backwards");
    at = position.offset;
  }
  void close() override {
    const std::lock_guard lock(world_.mutex);
    if (closed_) world_.mistakes.push_back("input closed twice");
    closed_ = true;
  }

 private:
  SimWorld& world_;
  std::uint64_t total_ = 0;
  bool closed_ = false;
};

class SimOutput final : public core::Output {
 public:
  explicit SimOutput(SimWorld& world) : world_(world) {}
  core::Status connect(const core::Interrupt&) override {
    if (world_.chance(30)) return core::unavailable("sim: refused");
    return {};
  }
  std::size_t max_in_flight() const override { return world_.in_flight; }
  void write(Batch batch, core::WriteDone done) override {
    std::unique_lock lock(world_.mutex);
    if (++open_writes_ > world_.in_flight)
      world_.mistakes.push_back("more writes than max_in_flight");
    auto result = std::make_shared<core::WriteResult>();
    if (world_.chance(world_.unavailable_percent)) {
      *result = core::WriteResult::all_failed(std::move(batch),
                                              {core::ErrorCode::kUnavailable, "sim: later"});
    } else {
      result->keep_alive = batch.sibling();
      Batch good = batch.sibling();
      for (Message& message : batch) {
        const auto id = identity(message);
        if (message.unhandled_error())
          world_.mistakes.push_back("a flagged message reached the output");
        if (world_.chance(world_.refuse_percent)) {
          world_.refused.insert(id);
          result->failed.push_back(
              {std::move(message), {core::ErrorCode::kInvalidData, "sim: refused"}});
          continue;
        }
        if (++world_.times[id] == 1) world_.accepted[id.first].push_back(id.second);
        good.push(std::move(message));
      }
      result->delivered = std::move(good);
    }
    lock.unlock();
    const auto finish = [this, result, done = std::move(done)] {
      {
        const std::lock_guard ended(world_.mutex);
        --open_writes_;
      }
      done(std::move(*result));
    };
    if (world_.chance(world_.slow_percent)) {
      world_.executor->post_after(std::chrono::nanoseconds(world_.draw() % 20'000'000), finish);
    } else {
      finish();
    }
  }

 private:
  SimWorld& world_;
  std::size_t open_writes_ = 0;
};

class SimFilter final : public core::Processor {
 public:
  Batches process(Batch batch) override {
    Batch kept = batch.sibling();
    for (Message& message : batch) {
      if (identity(message).second % 7 == 0) {
        message.lineage().resolve(core::Outcome::kFiltered);
      } else {
        kept.push(std::move(message));
      }
    }
    return Batches(std::move(kept));
  }
};

class SimFail final : public core::Processor {
 public:
  Batches process(Batch batch) override {
    for (Message& message : batch) {
      if (identity(message).second % 11 == 0)
        message.fail(core::ErrorCode::kInvalidData, "sim: bad number", "sim_fail");
    }
    return Batches(std::move(batch));
  }
};

class SimSplit final : public core::Processor {
 public:
  explicit SimSplit(SimWorld& world) : world_(world) {}
  Batches process(Batch batch) override {
    Batches parts;
    Batch part = batch.sibling();
    for (Message& message : batch) {
      part.push(std::move(message));
      if (world_.chance(20)) {
        parts.add(std::move(part));
        part = batch.sibling();
      }
    }
    parts.add(std::move(part));
    return parts;
  }

 private:
  SimWorld& world_;
};

}  // namespace

void add_sim_components(config::Registry& registry, SimWorld& world) {
  using config::Resources;
  using config::Spec;
  registry.add_input(
      Spec<NoConfig>("sim_input"),
      [&world](NoConfig, const Resources&) -> core::Result<std::unique_ptr<core::Input>> {
        return std::make_unique<SimInput>(world);
      });
  registry.add_output(
      Spec<NoConfig>("sim_output"),
      [&world](NoConfig, const Resources&) -> core::Result<std::unique_ptr<core::Output>> {
        return std::make_unique<SimOutput>(world);
      });
  struct BatchedConfig {
    config::BatchPolicyConfig batching;
  };
  registry.add_output(
      Spec<BatchedConfig>("sim_batched_output").field("batching", &BatchedConfig::batching, {}),
      [&world](const BatchedConfig& config, const Resources& resources) {
        return config::batched_output(std::make_unique<SimOutput>(world), config.batching,
                                      resources);
      });
  registry.add_processor(
      Spec<NoConfig>("sim_filter"),
      [](NoConfig, const Resources&) -> core::Result<std::unique_ptr<core::Processor>> {
        return std::make_unique<SimFilter>();
      });
  registry.add_processor(
      Spec<NoConfig>("sim_fail"),
      [](NoConfig, const Resources&) -> core::Result<std::unique_ptr<core::Processor>> {
        return std::make_unique<SimFail>();
      });
  registry.add_processor(
      Spec<NoConfig>("sim_split"),
      [&world](NoConfig, const Resources&) -> core::Result<std::unique_ptr<core::Processor>> {
        return std::make_unique<SimSplit>(world);
      });
  registry.add_buffer(Spec<NoConfig>("none"), [](NoConfig, const Resources&) {
    return core::Result<std::unique_ptr<core::StreamBuffer>>(std::unique_ptr<core::StreamBuffer>());
  });
  registry.add_metrics(
      Spec<NoConfig>("prometheus"),
      [](NoConfig, const Resources&) -> core::Result<std::unique_ptr<config::MetricsExporter>> {
        return std::make_unique<config::MetricsExporter>();
      });
  registry.add_tracer(
      Spec<NoConfig>("none"),
      [](NoConfig, const Resources&) -> core::Result<std::unique_ptr<config::Tracer>> {
        return std::make_unique<config::Tracer>();
      });
}

}  // namespace weir::test
