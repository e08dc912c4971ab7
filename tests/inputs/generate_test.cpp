#include <gmock/gmock.h>

#include "inputs/support.h"

namespace weir::test {
namespace {

using testing::ElementsAre;

TEST(GenerateInput, MakesAsManyAsAskedForAndEnds) {
  InputWorld world;
  auto input = world.make("generate: { interval: '', count: 3, mapping: 'root.n = counter()' }");
  ASSERT_TRUE(input) << world.mistakes;
  EXPECT_TRUE(input->traits().finite);
  ASSERT_TRUE(world.connect(*input));
  EXPECT_THAT(InputWorld::payloads(world.read_all(*input)),
              ElementsAre(R"({"n":1})", R"({"n":2})", R"({"n":3})"));
  EXPECT_EQ(world.read(*input)->status, core::ReadStatus::kEnd);
}

TEST(GenerateInput, IsEndlessWithoutACount) {
  InputWorld world;
  auto input = world.make("generate: { mapping: 'root = 1' }");
  ASSERT_TRUE(input) << world.mistakes;
  EXPECT_FALSE(input->traits().finite);
}

TEST(GenerateInput, KeepsTheInterval) {
  InputWorld world;
  auto input =
      world.make("generate: { interval: 5s, batch_size: 2, mapping: 'root.n = counter()' }");
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  EXPECT_EQ(world.read_all(*input).size(), 2U);  // the first ones come at once
  world.clock.advance(std::chrono::milliseconds(4999));
  EXPECT_EQ(world.read_all(*input).size(), 0U);
  world.clock.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(world.read_all(*input).size(), 2U);
}

TEST(GenerateInput, LeavesDeletedMessagesOutAndFlagsFailedOnes) {
  InputWorld world;
  auto input = world.make(
      "generate:\n  interval: ''\n  count: 3\n  mapping: |\n"
      "    let n = counter()\n"
      "    root = if $n == 1 { deleted() } else if $n == 2 { throw(\"no\") } else { $n }\n");
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  const auto got = world.read_all(*input);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_THAT(got[0].error, testing::HasSubstr("no"));
  EXPECT_EQ(got[1].payload, "3");
}

TEST(GenerateInput, WaitsForTheTimesOfASchedule) {
  InputWorld world;
  world.clock.wall = 1'700'000'000'000'000'000;  // 22:13:20
  auto input = world.make("generate: { interval: 'TZ=UTC 30 * * * *', mapping: 'root = 1' }");
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  EXPECT_EQ(world.read_all(*input).size(), 0U);
  world.clock.advance(std::chrono::minutes(17));
  EXPECT_EQ(world.read_all(*input).size(), 1U);
  EXPECT_EQ(world.read_all(*input).size(), 0U);
}

TEST(GenerateInput, RefusesAnIntervalThatIsNone) {
  InputWorld world;
  EXPECT_FALSE(world.make("generate: { interval: 'often', mapping: 'root = 1' }"));
}

}  // namespace
}  // namespace weir::test
