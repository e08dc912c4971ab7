#include <gtest/gtest.h>

#include "config/pipeline.h"
#include "engine/stream.h"
#include "processors/all.h"
#include "support/random_processors.h"
#include "support/sim_runtime.h"
#include "support/sim_world.h"

namespace weir::test {
namespace {

using core::Outcome;

TEST(Combinators, LoseNothingAndKeepTheOrderInRandomPipelines) {
  std::uint64_t failed = 0;
  std::uint64_t filtered = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    core::SeededRandom plan(seed * 2 + 1);
    SimWorld world;
    SimRuntime runtime(seed, static_cast<unsigned>(plan.next() % 4));
    world.random = &runtime.random();
    world.executor = &runtime;
    world.messages = plan.next() % 150;
    world.partitions = 1 + plan.next() % 3;
    world.unavailable_percent = static_cast<unsigned>(plan.next() % 2 * (plan.next() % 40));
    world.refuse_percent = static_cast<unsigned>(plan.next() % 3 == 0 ? plan.next() % 10 : 0);
    world.slow_percent = static_cast<unsigned>(plan.next() % 101);
    world.in_flight = 1 + plan.next() % 4;
    config::Registry registry;
    add_sim_components(registry, world);
    processors::add_all(registry);
    RandomProcessors trees(plan);
    config::LoadRequest request;
    request.text = "input: { sim_input: {} }\npipeline: { processors: " + trees.list(4) +
                   " }\noutput: { sim_output: {} }\n";
    request.file = "sim.yaml";
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + request.text);
    config::Loaded loaded = config::load_pipeline(request, registry);
    if (!loaded.usable) {
      for (const auto& found : loaded.diagnostics.all()) ADD_FAILURE() << found.message;
      break;
    }
    core::Metrics metrics;
    config::Resources::Shared shared;
    shared.clock = &runtime.clock();
    shared.executor = &runtime;
    shared.metrics = &metrics;
    shared.own_threads = false;
    shared.random = [&runtime] { return runtime.random().next(); };
    auto stream =
        engine::Stream::make(loaded.config, shared, runtime, 50'000 + plan.next() % 200'000);
    ASSERT_TRUE(stream) << stream.error().message;
    (void)(*stream)->run();
    const auto& totals = (*stream)->totals();
    for (const std::string& mistake : world.mistakes) ADD_FAILURE() << mistake;
    EXPECT_EQ(totals.received(), world.messages);
    EXPECT_EQ(totals.in_flight(), 0);
    EXPECT_EQ((*stream)->budget().used(), 0U);
    EXPECT_EQ(totals.received(), totals.ended(Outcome::kDelivered) +
                                     totals.ended(Outcome::kFiltered) +
                                     totals.ended(Outcome::kFailed));
    failed += totals.ended(Outcome::kFailed);
    filtered += totals.ended(Outcome::kFiltered);
    std::uint64_t accepted = 0;
    for (const auto& [partition, last] : world.handed_out) {
      EXPECT_EQ(world.acknowledged[partition], last);
      const auto& got = world.accepted[partition];
      accepted += got.size();
      const bool ordered =
          !trees.reorders() && (world.in_flight == 1 || world.unavailable_percent == 0);
      for (std::size_t i = 1; i < got.size() && ordered; ++i) ASSERT_LT(got[i - 1], got[i]);
    }
    for (const auto& [id, times] : world.times) EXPECT_EQ(times, 1) << id.first << id.second;
    EXPECT_EQ(accepted, totals.ended(Outcome::kDelivered));
    if (HasFailure()) break;
  }
  EXPECT_GT(failed, 0U);
  EXPECT_GT(filtered, 0U);
}

}  // namespace
}  // namespace weir::test
