#include <atomic>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "buffers/all.h"
#include "config/pipeline.h"
#include "engine/stream.h"
#include "support/sim_world.h"

// The engine on real threads: the scripted components of the simulation, real clocks, and whatever
// interleaving the machine makes of it. ThreadSanitizer watches.
namespace weir::test {
namespace {

using core::Outcome;

struct Running {
  config::Registry registry;
  config::Loaded loaded;
  core::SeededRandom random;
  std::unique_ptr<engine::Runtime> runtime;
  core::Metrics metrics;
  config::Resources::Shared shared;
  std::unique_ptr<engine::Stream> stream;

  Running(std::uint64_t seed, unsigned workers, SimWorld& world, const std::string& text)
      : random(seed), runtime(engine::make_thread_runtime(workers)) {
    world.random = &random;
    world.executor = &runtime->executor();
    add_sim_components(registry, world);
    buffers::add_memory(registry);
    config::LoadRequest request;
    request.text = text;
    request.file = "threads.yaml";
    loaded = config::load_pipeline(request, registry);
    for (const auto& found : loaded.diagnostics.all()) {
      EXPECT_NE(found.severity, config::Severity::kError)
          << found.where.to_string() << ": " << found.message;
    }
    if (!loaded.usable) return;
    shared.clock = &runtime->clock();
    shared.executor = &runtime->executor();
    shared.metrics = &metrics;
    shared.random = [&world] { return world.draw(); };
    auto made = engine::Stream::make(loaded.config, shared, *runtime, 50'000);
    EXPECT_TRUE(made.has_value());
    if (made) stream = *std::move(made);
  }
  ~Running() {
    if (stream != nullptr) runtime->join();
  }
};

constexpr const char* kSteps =
    "input: { sim_input: {} }\n"
    "pipeline: { threads: 3, processors: [ { sim_split: {} }, { sim_filter: {} }, { sim_fail: {} } "
    "] }\n";

void expect_whole(const SimWorld& world, const engine::Stream& stream, bool ordered) {
  const auto& totals = stream.totals();
  EXPECT_EQ(totals.in_flight(), 0);
  EXPECT_EQ(totals.received(), totals.ended(Outcome::kDelivered) +
                                   totals.ended(Outcome::kFiltered) +
                                   totals.ended(Outcome::kFailed));
  EXPECT_EQ(stream.budget().used(), 0U);
  for (const std::string& mistake : world.mistakes) ADD_FAILURE() << mistake;
  for (const auto& [partition, last] : world.handed_out) {
    EXPECT_EQ(world.acknowledged.at(partition), last) << partition;
    std::int64_t previous = 0;
    const auto accepted = world.accepted.find(partition);
    if (accepted != world.accepted.end() && ordered) {
      for (const std::int64_t n : accepted->second) {
        ASSERT_LT(previous, n) << "order of " << partition;
        previous = n;
      }
    }
    for (std::int64_t n = 1; n <= last; ++n) {
      if (n % 7 == 0 || n % 11 == 0) continue;
      const auto times = world.times.find({partition, n});
      EXPECT_EQ(times == world.times.end() ? 0 : times->second, 1) << partition << " " << n;
    }
  }
}

TEST(Threads, NothingIsLostAndOrderHoldsOnManyWorkers) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SimWorld world;
    // Back-off is by the real clock here: few failures, and few messages where there are some.
    world.unavailable_percent = seed % 4 == 0 ? 10 : 0;
    world.messages = world.unavailable_percent > 0 ? 200 : 3000;
    world.slow_percent = 10;
    world.in_flight = seed % 3 == 0 ? 4 : 1;
    const bool buffered = seed % 4 == 1;
    Running run(seed, 3, world,
                std::string(kSteps) + (buffered ? "buffer: { memory: { limit: 40000 } }\n" : "") +
                    "output: { sim_output: {} }\n");
    ASSERT_NE(run.stream, nullptr);
    SCOPED_TRACE("seed " + std::to_string(seed));
    EXPECT_EQ(run.stream->run(), engine::ExitCode::kFailedMessages);
    expect_whole(world, *run.stream, world.in_flight == 1 || world.unavailable_percent == 0);
    EXPECT_EQ(run.stream->totals().received(), world.messages);
    if (HasFailure()) break;
  }
}

TEST(Threads, AStopAtAnyMomentDrainsWhatWasReceived) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SimWorld world;
    world.messages = ~std::uint64_t{0};
    world.finite = false;
    world.slow_percent = 10;
    Running run(seed, 3, world,
                std::string(kSteps) +
                    "error_handling: { dead_letter: { sim_output: {} } }\n"
                    "output: { sim_output: {} }\n");
    ASSERT_NE(run.stream, nullptr);
    const std::uint64_t enough = seed * 150;
    std::thread stopper([&] {
      while (run.stream->totals().received() < enough) std::this_thread::yield();
      run.stream->stop();
    });
    EXPECT_EQ(run.stream->run(), engine::ExitCode::kOk);
    stopper.join();
    const auto& totals = run.stream->totals();
    SCOPED_TRACE("seed " + std::to_string(seed));
    EXPECT_GE(totals.received(), enough);
    EXPECT_EQ(totals.in_flight(), 0);
    for (const auto& [partition, last] : world.handed_out)
      EXPECT_EQ(world.acknowledged[partition], last) << partition;
    if (HasFailure()) break;
  }
}

TEST(Threads, AnAbortEndsARunWhoseOutputNeverAnswers) {
  SimWorld world;
  world.messages = 2000;
  world.unavailable_percent = 100;
  Running run(1, 2, world, std::string(kSteps) + "output: { sim_output: {} }\n");
  ASSERT_NE(run.stream, nullptr);
  std::thread stopper([&] {
    while (run.stream->totals().received() < 50) std::this_thread::yield();
    run.stream->stop();
    run.stream->abort();
  });
  EXPECT_EQ(run.stream->run(), engine::ExitCode::kNotDrained);
  stopper.join();
  // What was not delivered was not acknowledged either.
  std::int64_t acknowledged = 0;
  for (const auto& [partition, position] : world.acknowledged) acknowledged += position;
  EXPECT_LT(acknowledged, 50);
}

}  // namespace
}  // namespace weir::test
