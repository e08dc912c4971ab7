#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "functions/world.h"

namespace weir::mapping::test {
namespace {

TEST(Counter, CountsRestartsAndPeeks) {
  World world;
  const auto mapping = world.compiled("root = counter(min: this.min, max: 12, set: this.set)");
  const auto next = [&](const char* input) { return world.run(mapping, input); };
  const char* const kCount = R"({"min":10,"set":"count"})";
  EXPECT_EQ(next(R"({"min":10})"), "9") << "null looks without counting";
  EXPECT_TRUE(next(kCount).starts_with("error: ")) << "text is no number";
  EXPECT_EQ(next(R"({"min":99,"set":5})"), "5") << "min is evaluated once";
  const auto counting =
      world.compiled("root = counter(min: 10, max: 12, set: if this.reset { deleted() })");
  EXPECT_EQ(world.run(counting, R"({"reset":false})"), "10");
  EXPECT_EQ(world.run(counting, R"({"reset":false})"), "11");
  EXPECT_EQ(world.run(counting, R"({"reset":true})"), "10");
  EXPECT_EQ(world.run(counting, R"({"reset":false})"), "11");
  EXPECT_EQ(world.run(counting, R"({"reset":false})"), "12");
  EXPECT_EQ(world.run(counting, R"({"reset":false})"), "10") << "after the largest";
}

TEST(Counter, KeepsItsPlacesApart) {
  World world;
  const auto mapping = world.compiled("root = [counter(), counter(min: 5), counter()]");
  EXPECT_EQ(world.run(mapping), "[1,5,1]");
  EXPECT_EQ(world.run(mapping), "[2,6,2]");
}

TEST(Counter, RefusesBadBounds) {
  World world;
  for (const char* mapping :
       {"root = counter(min: -1)", "root = counter(max: 0)", "root = counter(min: this.nope)",
        "root = counter(max: throw(\"x\"))"}) {
    EXPECT_TRUE(world.run(mapping).starts_with("error: failed assignment (line 1): ")) << mapping;
  }
}

TEST(Counter, MayCountWithinItsOwnArguments) {
  World world;
  EXPECT_EQ(world.run("map again { root = counter(set: counter()) }\nroot = null.apply(\"again\")"),
            "1");
}

TEST(Counter, GivesEachNumberToOneThread) {
  const World shared;
  const auto mapping = shared.compiled("root = counter()");
  std::mutex mutex;
  std::multiset<std::string> numbers;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        World world;
        for (int i = 0; i < 500; ++i) {
          std::string number = world.run(mapping);
          const std::lock_guard lock(mutex);
          numbers.insert(std::move(number));
        }
      });
    }
  }
  EXPECT_EQ(numbers.size(), 2000U);
  for (int i = 1; i <= 2000; ++i) EXPECT_EQ(numbers.count(std::to_string(i)), 1U) << i;
}

TEST(Count, IsSharedByNameWithinTheProcess) {
  World world;
  EXPECT_EQ(world.run("root = count(\"counters_test\")"), "1");
  EXPECT_EQ(world.run("root = count(\"counters_test\") + count(\"counters_test\")"), "5");
  EXPECT_TRUE(world.run("root = count(this.name)", R"({"name":")" + std::string(1025, 'x') + "\"}")
                  .starts_with("error: "));
}

TEST(RandomInt, IsTheSameSequenceForTheSameSeed) {
  World world;
  const auto run_three = [&](const char* text) {
    const auto mapping = world.compiled(text);
    return world.run(mapping) + " " + world.run(mapping) + " " + world.run(mapping);
  };
  EXPECT_EQ(run_three("root = random_int()"), run_three("root = random_int(0)"));
  EXPECT_EQ(run_three("root = random_int(5)"), run_three("root = random_int(this.seed | 5)"));
  EXPECT_NE(run_three("root = random_int(5)"), run_three("root = random_int(6)"));
}

TEST(RandomInt, StaysWithinItsBounds) {
  World world;
  const auto mapping = world.compiled("root = random_int(seed: 3, min: 5, max: 7)");
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert(world.run(mapping));
  EXPECT_EQ(seen, (std::set<std::string>{"5", "6", "7"}));
  EXPECT_EQ(world.run("root = random_int(min: 9223372036854775806)"), "9223372036854775806");
}

TEST(RandomInt, RefusesBadBoundsWhenCompiled) {
  World world;
  for (const char* mapping :
       {"root = random_int(1, 5, 4)", "root = random_int(1, -5, 4)",
        "root = random_int(1, 1, 9223372036854775807)", "root = random_int(1, this.min)"}) {
    EXPECT_TRUE(world.run(mapping).starts_with("parse error: ")) << mapping;
  }
  EXPECT_TRUE(world.run("root = random_int(\"x\")").starts_with("error: "))
      << "the seed is evaluated";
}

TEST(Range, EndsInAnErrorWhereItIsTooLong) {
  World world;
  for (const char* mapping : {
           "root = range(0, 4611686018427387904)",
           "root = range(-9223372036854775808, 9223372036854775807)",
           "root = range(9223372036854775807, -9223372036854775808, -1)",
           "root = range(0, 16777217)",
       }) {
    EXPECT_NE(world.run(mapping).find("range: the result is larger than the limit allows"),
              std::string::npos)
        << mapping;
  }
  world.limits.max_memory = 1 << 20;
  EXPECT_NE(world.run("root = range(0, 100000)").find("larger than the limit allows"),
            std::string::npos);
}

TEST(Range, ReachesTheEndsOfIntegers) {
  World world;
  EXPECT_EQ(world.run("root = range(9223372036854775805, 9223372036854775807)"),
            "[9223372036854775805,9223372036854775806]");
  EXPECT_EQ(
      world.run("root = range(-9223372036854775808, 9223372036854775807, 9223372036854775807)"),
      "[-9223372036854775808,-1]");
  EXPECT_EQ(world.run("root = range(0, 10, 3)"), "[0,3,6]");
  EXPECT_EQ(world.run("root = range(0, 0, -1)"), "[]");
  EXPECT_EQ(world.run("root = range(0, 2.9)"), "[0,1]");
}

}  // namespace
}  // namespace weir::mapping::test
