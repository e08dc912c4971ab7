#include <algorithm>

#include "processors/support.h"
#include "support/random_processors.h"

namespace weir::test {
namespace {

using Shown = std::pair<int, std::string>;

// Number and everything else of each message, in the order in which they come out.
std::vector<Shown> shown(const ProcessorWorld::Run& run) {
  std::vector<Shown> all;
  for (const auto& got : run.all()) {
    const std::size_t at = got.payload.find("\"n\":");
    all.emplace_back(at == std::string::npos ? -1 : std::atoi(got.payload.c_str() + at + 4),
                     got.payload + " " + got.metadata + " " + got.error);
  }
  return all;
}

TEST(RandomTrees, MakeTheSameOfABatchAndOfItsMessagesOneByOne) {
  int dropped = 0;
  int flagged = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    core::SeededRandom random(seed);
    RandomProcessors trees(random);
    const std::string yaml = "processors: " + trees.list(4);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + yaml);
    ProcessorWorld world;
    world.shared.own_threads = seed % 2 == 0;
    auto processor = world.make(yaml);
    ASSERT_NE(processor, nullptr) << world.mistakes;
    std::vector<ProcessorWorld::Given> given;
    const std::uint64_t size = 1 + random.next() % 30;
    for (std::uint64_t n = 0; n < size; ++n) {
      given.emplace_back("{\"n\":" + std::to_string(n) + "}");
      if (random.next() % 8 == 0) given.back().error = "before";
    }
    const auto whole = world.run(*processor, given);
    ASSERT_EQ(whole.outcomes.size(), size) << "a message was lost";
    auto together = shown(whole);
    std::vector<Shown> alone;
    for (std::uint64_t n = 0; n < size; ++n) {
      const auto single = world.run(*processor, {given[n]});
      ASSERT_EQ(single.outcomes.size(), 1U);
      EXPECT_EQ(single.outcomes[0], whole.outcomes[n]);
      EXPECT_NE(single.outcomes[0], core::Outcome::kRetry);
      dropped += single.outcomes[0] == core::Outcome::kFiltered ? 1 : 0;
      for (const Shown& one : shown(single)) {
        alone.push_back(one);
        flagged += one.second.ends_with(' ') ? 0 : 1;
      }
    }
    if (trees.reorders()) {
      std::sort(together.begin(), together.end());
      std::sort(alone.begin(), alone.end());
    }
    ASSERT_EQ(together, alone);
    processor->close();
  }
  // Trees that never drop and never fail would prove nothing.
  EXPECT_GT(dropped, 100);
  EXPECT_GT(flagged, 100);
}

}  // namespace
}  // namespace weir::test
