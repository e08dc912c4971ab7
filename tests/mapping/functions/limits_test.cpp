#include <string>

#include <gtest/gtest.h>

#include "functions/world.h"

namespace weir::mapping::test {
namespace {

// Values that grow by sharing: small in memory, huge when walked.
constexpr const char* kDoubling = "let big = range(0, 60).fold([1], [this.tally, this.tally])\n";

TEST(SharedValues, AreNotWalkedWithoutEnd) {
  for (const char* mapping : {
           "root = range(0, 1000).find($big)",
           "root = [$big, $big].find([$big])",
           "root = {\"a\": $big}.collapse().keys().index(0)",
           "root = $big.json_path(\"$..x\")",
           "root = $big.diff([$big, 1]).map_each(this.Type)",
           "root = {\"a\": $big}.merge({\"a\": {\"b\": 1}}).keys()",
           "root = {\"a\": {\"b\": $big}}.assign({\"a\": {\"b\": $big}}).keys()",
       }) {
    World world;
    world.limits.max_steps = 300'000;
    world.limits.max_memory = 64 << 20;
    const std::string got = world.run(std::string(kDoubling) + mapping);
    EXPECT_LT(got.size(), 4096U) << mapping;
  }
}

TEST(DeepValues, DoNotOverflowTheStack) {
  for (const char* mapping : {
           "root = $deep.collapse()",
           "root = $deep.json_path(\"$..x\")",
           "root = $deep.merge($deep).keys()",
           "root = $deep.assign($deep).keys()",
           "root = $deep.diff($other)",
           "root = [$deep].find($deep)",
       }) {
    World world;
    const std::string got = world.run(
        std::string("let deep = range(0, 20000).fold({}, {\"a\": this.tally})\n"
                    "let other = range(0, 20000).fold({\"b\": 1}, {\"a\": this.tally})\n") +
        mapping);
    EXPECT_LT(got.size(), 100'000U) << mapping;
  }
}

TEST(GrowingResults, EndAtTheLimitOfMemory) {
  for (const char* mapping : {
           "root = range(0, 20).fold([1], this.tally.concat(this.tally))",
           "root = range(0, 40).fold([1], this.tally.append(this.tally).flatten())",
           "root = range(0, 20).fold([1], this.tally.merge(this.tally))",
           "root = range(0, 30000).map_each(range(0, 100))",
           "root = range(0, 30000).enumerated().enumerated()",
           "root = range(0, 1000).map_each(i -> {\"v\": range(0, 1000)}.explode(\"v\"))",
           "let a = range(0, 100000)\nroot = $a.zip($a, $a, $a, $a)",
           "root = range(0, 100000).map_each(this.string() + \"x\").unique()",
           "root = range(0, 100000).sort(this.left > this.right)",
       }) {
    World world;
    world.limits.max_memory = 1 << 20;
    const std::string got = world.run(mapping);
    EXPECT_TRUE(got.starts_with("error: failed assignment (line ")) << mapping << "\n"
                                                                    << got.substr(0, 200);
    EXPECT_NE(got.find("limit allows"), std::string::npos) << mapping << "\n" << got.substr(0, 200);
  }
}

TEST(LongLoops, EndAtTheLimitOfSteps) {
  for (const char* mapping : {
           "root = range(0, 1000000).sum()",
           "root = range(0, 1000000).max()",
           "root = range(0, 1000).map_each(range(0, 1000).find(-1))",
           "root = range(0, 1000000).find_by(false)",
           "root = nanoid(1000000).type()",
       }) {
    World world;
    world.limits.max_steps = 200'000;
    EXPECT_NE(world.run(mapping).find("more steps than its limit allows"), std::string::npos)
        << mapping;
  }
}

}  // namespace
}  // namespace weir::mapping::test
