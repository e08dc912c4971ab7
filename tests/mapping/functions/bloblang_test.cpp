#include <string>

#include <gtest/gtest.h>

#include "functions/world.h"

namespace weir::mapping::test {
namespace {

TEST(Bloblang, RunsAMappingOfTheDataOnAValue) {
  World world;
  EXPECT_EQ(world.run("root = this.v.bloblang(this.m)",
                      R"({"v":{"a":[1,{"z":1.10}]},"m":"let x = this.a\nroot.b = $x"})"),
            R"({"b":[1,{"z":1.10}]})");
  EXPECT_EQ(world.run("root = this.map_each(i -> i.bloblang(\"root = this * 2\"))", "[1,2,3]"),
            "[2,4,6]");
  EXPECT_EQ(world.run("root.v = this.bloblang(\"map m { root = 1 }\")"), R"({"v":null})");
  EXPECT_NE(world.run("root = this.bloblang(\"root = deleted()\")").find("root was deleted"),
            std::string::npos);
}

TEST(Bloblang, SeesNothingButTheValue) {
  World world;
  for (const char* mapping :
       {"root = content()", "root = env(\\\"A\\\")", "root = file(\\\"a\\\")", "root = hostname()",
        "import \\\"a\\\"", "root = meta(\\\"k\\\")", "root = batch_index()"}) {
    const std::string got = world.run("root = this.bloblang(\"" + std::string(mapping) + "\")");
    EXPECT_TRUE(got.starts_with("parse error: ")) << mapping << "\n" << got;
  }
}

TEST(Bloblang, SharesTheBudgetOfTheMappingAround) {
  World world;
  world.limits.max_memory = std::size_t{4} << 20;
  const std::string memory =
      world.run("root = range(0, 1000).map_each(this.bloblang(\"root = range(0, 10000)\"))");
  EXPECT_NE(memory.find("limit allows"), std::string::npos) << memory.substr(0, 300);
  world.limits = Limits{};
  world.limits.max_steps = 100'000;
  const std::string steps =
      world.run("root = range(0, 1000).map_each(this.bloblang(\"root = range(0, 1000).sum()\"))");
  EXPECT_NE(steps.find("limit allows"), std::string::npos) << steps.substr(0, 300);
}

TEST(Bloblang, AMappingThatRunsItselfEnds) {
  World world;
  const std::string got =
      world.run("root = this.bloblang(this.m)", R"x({"m":"root = this.bloblang(this.m)"})x");
  EXPECT_NE(got.find("more than 16 levels deep"), std::string::npos) << got.substr(0, 300);
}

}  // namespace
}  // namespace weir::mapping::test
