#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "buffers/all.h"
#include "config/pipeline.h"
#include "engine/stream.h"
#include "outputs/all.h"
#include "support/sim_runtime.h"
#include "support/sim_world.h"

namespace weir::test {
namespace {

using core::Outcome;

// A random configuration of scripted parts; everything about the run follows from the seed.
std::string random_config(core::SeededRandom& random) {
  std::string text = "input:\n  sim_input: {}\n";
  if (random.next() % 3 == 0) text += "  processors: [ { sim_split: {} } ]\n";
  text += "pipeline:\n  processors:\n";
  const char* const kinds[] = {"sim_filter", "sim_fail", "sim_split"};
  for (std::uint64_t i = 0, n = 1 + random.next() % 4; i < n; ++i) {
    text += std::string("    - ") + kinds[random.next() % 3] + ": {}\n";
  }
  text += "output:\n";
  if (random.next() % 3 == 0) {
    text += "  sim_batched_output: { batching: { count: " + std::to_string(1 + random.next() % 60) +
            ", period: 50ms } }\n";
  } else {
    text += "  sim_output: {}\n";
  }
  if (random.next() % 4 == 0) text += "  processors: [ { sim_split: {} } ]\n";
  return text;
}

// An output tree of the real combinators over scripted outputs; `indent` is that of its type's
// name.
std::string random_output(core::SeededRandom& random, int depth, const std::string& indent) {
  const std::uint64_t kind = depth == 0 ? 0 : random.next() % 5;
  if (kind == 0) return indent + "sim_output: {}\n";
  const auto children = [&](const std::string& at) {
    std::string text;
    for (std::uint64_t i = 0, n = 1 + random.next() % 3; i < n; ++i) {
      std::string child = random_output(random, depth - 1, at + "  ");
      child.replace(at.size(), 1, "-");
      text += child;
    }
    return text;
  };
  switch (kind) {
    case 1: {
      const char* const patterns[] = {"fan_out",
                                      "fan_out_fail_fast",
                                      "fan_out_sequential",
                                      "fan_out_sequential_fail_fast",
                                      "round_robin",
                                      "greedy"};
      return indent + "broker:\n" + indent + "  pattern: " + patterns[random.next() % 6] + "\n" +
             indent + "  outputs:\n" + children(indent + "    ");
    }
    case 2: return indent + "fallback:\n" + children(indent + "  ");
    case 3:
      return indent + "retry:\n" + indent +
             "  backoff: { initial_interval: 1ms, max_interval: " + "5ms }\n" + indent +
             "  output:\n" + random_output(random, depth - 1, indent + "    ");
    default: {
      std::string text = indent + "switch:\n" + indent + "  cases:\n";
      text += indent + "    - check: this.n % 2 == 0\n" + indent + "      output:\n" +
              random_output(random, depth - 1, indent + "        ");
      text += indent + "    - output:\n" + random_output(random, depth - 1, indent + "        ");
      return text;
    }
  }
}

std::string random_tree_config(core::SeededRandom& random) {
  std::string text = "input:\n  sim_input: {}\n";
  if (random.next() % 3 == 0) text += "buffer:\n  memory: { limit: 20000 }\n";
  text += "pipeline:\n  processors:\n    - sim_split: {}\n";
  if (random.next() % 2 == 0) text += "    - sim_filter: {}\n";
  return text + "output:\n" + random_output(random, 3, "  ");
}

struct SeedRun {
  engine::ExitCode code = engine::ExitCode::kInternal;
  std::string config;
  std::uint64_t received = 0, delivered = 0, filtered = 0, failed = 0;
  std::int64_t in_flight = 0;
  std::uint64_t steps = 0;
};

SeedRun run_seed(std::uint64_t seed, SimWorld& world, bool trees = false) {
  core::SeededRandom plan(seed * 2 + 1);
  SimRuntime runtime(seed, static_cast<unsigned>(plan.next() % 4));
  world.random = &runtime.random();
  world.executor = &runtime;
  world.messages = plan.next() % 400;
  world.partitions = 1 + plan.next() % 4;
  world.unavailable_percent = static_cast<unsigned>(plan.next() % 2 * (plan.next() % 60));
  world.refuse_percent = static_cast<unsigned>(plan.next() % 3 == 0 ? plan.next() % 10 : 0);
  world.slow_percent = static_cast<unsigned>(plan.next() % 101);
  world.in_flight = 1 + plan.next() % 8;

  config::Registry registry;
  add_sim_components(registry, world);
  if (trees) {
    outputs::add_all(registry);
    buffers::add_memory(registry);
  }
  SeedRun run;
  run.config = trees ? random_tree_config(plan) : random_config(plan);
  config::LoadRequest request;
  request.text = run.config;
  request.file = "sim.yaml";
  config::Loaded loaded = config::load_pipeline(request, registry);
  for (const auto& found : loaded.diagnostics.all()) {
    EXPECT_NE(found.severity, config::Severity::kError)
        << found.where.to_string() << ": " << found.message;
  }
  if (!loaded.usable) return run;
  // Making the pieces for lint drew from nothing: the run starts clean.
  core::Metrics metrics;
  config::Resources::Shared shared;
  shared.clock = &runtime.clock();
  shared.executor = &runtime;
  shared.metrics = &metrics;
  shared.random = [&runtime] { return runtime.random().next(); };
  // Small budgets make inputs wait all the time.
  auto stream =
      engine::Stream::make(loaded.config, shared, runtime, 20'000 + plan.next() % 200'000);
  if (!stream) {
    ADD_FAILURE() << stream.error().message;
    return run;
  }
  run.code = (*stream)->run();
  const auto& totals = (*stream)->totals();
  run.received = totals.received();
  run.delivered = totals.ended(Outcome::kDelivered);
  run.filtered = totals.ended(Outcome::kFiltered);
  run.failed = totals.ended(Outcome::kFailed);
  run.in_flight = totals.in_flight();
  run.steps = runtime.steps();
  EXPECT_EQ((*stream)->budget().used(), 0U) << "seed " << seed;
  return run;
}

std::uint64_t seeds() {
  const char* wanted = std::getenv("WEIR_SIM_SEEDS");
  return wanted == nullptr ? 600 : std::strtoull(wanted, nullptr, 10);
}

TEST(Simulation, NothingIsLostAndOrderHoldsWhateverFails) {
  std::uint64_t retried = 0;
  std::uint64_t failed = 0;
  std::uint64_t filtered = 0;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    SimWorld world;
    const SeedRun run = run_seed(seed, world);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + run.config);
    for (const std::string& mistake : world.mistakes) ADD_FAILURE() << mistake;
    const bool fails = run.config.find("sim_fail") != std::string::npos;
    const bool filters = run.config.find("sim_filter") != std::string::npos;
    EXPECT_EQ(run.received, world.messages);
    EXPECT_EQ(run.in_flight, 0);
    EXPECT_EQ(run.received, run.delivered + run.filtered + run.failed);
    EXPECT_EQ(run.code, run.failed > 0 ? engine::ExitCode::kFailedMessages : engine::ExitCode::kOk);
    for (const auto& [partition, last] : world.handed_out) {
      EXPECT_EQ(world.acknowledged[partition], last);
      const auto& accepted = world.accepted[partition];
      // One write at a time carries order through every retry; more only as long as none fails.
      const bool ordered = world.in_flight == 1 || world.unavailable_percent == 0;
      for (std::size_t i = 1; i < accepted.size() && ordered; ++i) {
        ASSERT_LT(accepted[i - 1], accepted[i]) << "order of " << partition;
      }
      for (std::int64_t n = 1; n <= last; ++n) {
        const int times = world.times[{partition, n}];
        const bool may_miss = (filters && n % 7 == 0) || (fails && n % 11 == 0) ||
                              world.refused.contains({partition, n});
        if (!may_miss) {
          EXPECT_EQ(times, 1) << partition << " " << n;
        }
        if (filters && n % 7 == 0) {
          EXPECT_EQ(times, 0);
        }
      }
    }
    if (world.unavailable_percent > 0) ++retried;
    failed += run.failed;
    filtered += run.filtered;
    if (HasFailure()) break;
  }
  // A run in which nothing ever went wrong would prove nothing.
  EXPECT_GT(retried, seeds() / 10);
  EXPECT_GT(failed, 0U);
  EXPECT_GT(filtered, 0U);
}

TEST(Simulation, OutputTreesAndBuffersLoseNothing) {
  std::uint64_t delivered = 0;
  for (std::uint64_t seed = 1; seed <= seeds() / 6; ++seed) {
    SimWorld world;
    const SeedRun run = run_seed(seed, world, true);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + run.config);
    for (const std::string& mistake : world.mistakes) ADD_FAILURE() << mistake;
    const bool filters = run.config.find("sim_filter") != std::string::npos;
    EXPECT_EQ(run.received, world.messages);
    EXPECT_EQ(run.in_flight, 0);
    EXPECT_EQ(run.received, run.delivered + run.filtered + run.failed);
    for (const auto& [partition, last] : world.handed_out) {
      EXPECT_EQ(world.acknowledged[partition], last);
      for (std::int64_t n = 1; n <= last; ++n) {
        const int times = world.times[{partition, n}];
        if (filters && n % 7 == 0) {
          EXPECT_EQ(times, 0) << partition << " " << n;
        } else if (!world.refused.contains({partition, n})) {
          EXPECT_GE(times, 1) << partition << " " << n;
        }
      }
    }
    delivered += run.delivered;
    if (HasFailure()) break;
  }
  EXPECT_GT(delivered, 0U);
}

TEST(Simulation, TheSameSeedGivesTheSameRun) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SimWorld first;
    SimWorld second;
    const SeedRun a = run_seed(seed, first);
    const SeedRun b = run_seed(seed, second);
    EXPECT_EQ(a.steps, b.steps);
    EXPECT_EQ(first.accepted, second.accepted);
  }
}

}  // namespace
}  // namespace weir::test
