#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "functions/world.h"

namespace weir::mapping::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

bool matches(const std::string& text, const char* pattern) {
  return RE2::FullMatch(text, pattern);
}

TEST(Ids, HaveTheirForm) {
  World world;
  EXPECT_TRUE(matches(world.run("root = uuid_v4()"),
                      "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_TRUE(matches(world.run("root = uuid_v7()"),
                      "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_TRUE(matches(world.run("root = ulid()"), "[0-7][0-9A-HJKMNP-TV-Z]{25}"));
  EXPECT_TRUE(matches(world.run("root = ulid(\"hex\", \"fast_random\")"), "[0-9a-f]{32}"));
  EXPECT_TRUE(matches(world.run("root = ksuid()"), "[0-9A-Za-z]{27}"));
  EXPECT_TRUE(matches(world.run("root = nanoid()"), "[0-9A-Za-z_-]{21}"));
  EXPECT_TRUE(matches(world.run("root = nanoid(5, \"ab\")"), "[ab]{5}"));
  EXPECT_EQ(world.run("root = nanoid(3, \"é\")"), "ééé");
  EXPECT_EQ(world.run("root = nanoid(0)"), "");
}

TEST(Ids, BeginWithTheTimeOfTheClock) {
  World world;
  world.clock.nanos = 1'577'836'800 * kSecond;  // 2020-01-01T00:00:00Z
  EXPECT_EQ(world.run("root = uuid_v7()").substr(0, 19), "016f5e66-e800-7000-");
  EXPECT_EQ(world.run("root = ulid(\"hex\")").substr(0, 12), "016f5e66e800");
  EXPECT_EQ(world.run("root = ulid()").substr(0, 10), "01DXF6DT00");
  // 177836800 seconds after the epoch of KSUIDs.
  EXPECT_EQ(world.run("root = ksuid()").substr(0, 5), "1Vlny");
  world.clock.nanos += 500'000;  // half a millisecond: 0x800 of 0x1000
  EXPECT_EQ(world.run("root = uuid_v7()").substr(0, 18), "016f5e66-e800-7800");
  EXPECT_EQ(world.run("root = uuid_v7(1577836800.25)").substr(0, 18), "016f5e66-e8fa-7000");
}

TEST(Ids, AreInTheOrderOfTime) {
  World world;
  for (const char* mapping : {"root = uuid_v7()", "root = ulid()", "root = ksuid()"}) {
    std::string latest;
    for (int i = 0; i < 50; ++i) {
      world.clock.nanos += kSecond;
      const std::string id = world.run(mapping);
      EXPECT_LT(latest, id) << mapping;
      latest = id;
    }
  }
}

TEST(Ids, ComeFromTheRandomNumbersGiven) {
  for (const char* mapping : {"root = uuid_v4()", "root = uuid_v7()", "root = ulid()",
                              "root = ksuid()", "root = nanoid()"}) {
    World one;
    World other;
    EXPECT_EQ(one.run(mapping), other.run(mapping)) << mapping;
    EXPECT_NE(one.run(mapping), one.run(mapping)) << mapping;
  }
}

TEST(Ids, OfATimeThatTheyCannotHoldAreErrors) {
  World world;
  world.clock.nanos = -kSecond;
  for (const char* mapping :
       {"root = uuid_v7()", "root = ulid()", "root = ksuid()", "root = snowflake_id(17)",
        "root = uuid_v7(-1)", "root = uuid_v7(1e18)"}) {
    EXPECT_TRUE(world.run(mapping).starts_with("error: ")) << mapping << ": " << world.run(mapping);
  }
}

TEST(Nanoid, RefusesBadArgumentsWhenCompiled) {
  World world;
  for (const char* mapping :
       {"root = nanoid(-1)", "root = nanoid(5, \"\")", "root = nanoid(alphabet: \"ab\")"}) {
    EXPECT_TRUE(world.run(mapping).starts_with("parse error: ")) << mapping;
  }
  EXPECT_EQ(
      world.run("root = nanoid(5, this.set)", R"({"set":""})"),
      "error: failed assignment (line 1): alphabet must not be empty and contain no more than 255 "
      "chars");
  EXPECT_NE(world.run("root = nanoid(4611686018427387904)").find("larger than the limit allows"),
            std::string::npos);
}

TEST(Nanoid, UsesEveryCharacterAlike) {
  World world;
  const std::string id = world.run("root = nanoid(30000, \"abc\")");
  for (const char c : {'a', 'b', 'c'}) {
    const auto count = std::count(id.begin(), id.end(), c);
    EXPECT_NEAR(static_cast<double>(count), 10000, 500) << c;
  }
}

TEST(SnowflakeId, HoldsTimeNodeAndStep) {
  World world;
  world.clock.nanos = 4'000'000'000 * kSecond;  // no other test is that late
  const std::uint64_t millis = 4'000'000'000'000 - 1'288'834'974'657;
  EXPECT_EQ(world.run("root = snowflake_id(5)"), std::to_string(millis << 22 | 5 << 12));
  EXPECT_EQ(world.run("root = snowflake_id(5)"), std::to_string(millis << 22 | 5 << 12 | 1));
  world.clock.nanos -= kSecond;  // a clock that goes back does not repeat ids
  EXPECT_EQ(world.run("root = snowflake_id(5)"), std::to_string(millis << 22 | 5 << 12 | 2));
  EXPECT_EQ(world.run("root = snowflake_id(1024)"),
            "error: failed assignment (line 1): node number must be between 0 and 1023");
}

TEST(SnowflakeId, IsUniqueAmongThreadsAndCallSites) {
  const World shared;
  const auto mapping = shared.compiled("root.a = snowflake_id(9)\nroot.b = snowflake_id(9)");
  constexpr int kThreads = 4;
  constexpr int kRuns = 1500;  // past the 4096 steps of a millisecond
  std::vector<std::vector<std::string>> ids(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        World world;
        for (int i = 0; i < kRuns; ++i) {
          const std::string both = world.run(mapping);
          std::string a;
          std::string b;
          RE2::FullMatch(both, R"re(\{"a":"(\d+)","b":"(\d+)"\})re", &a, &b);
          ids[static_cast<std::size_t>(t)].push_back(a);
          ids[static_cast<std::size_t>(t)].push_back(b);
        }
      });
    }
  }
  std::set<std::string> all;
  for (const auto& some : ids) all.insert(some.begin(), some.end());
  EXPECT_EQ(all.size(), std::size_t{2} * kThreads * kRuns);
}

}  // namespace
}  // namespace weir::mapping::test
