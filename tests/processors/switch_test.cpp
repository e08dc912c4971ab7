#include "processors/support.h"

namespace weir::test {
namespace {

using core::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Switch, RunsTheFirstCaseThatFitsAndKeepsTheOrder) {
  ProcessorWorld world;
  const auto run = world.run(
      "switch:\n"
      "  - { check: this.n % 2 == 0, processors: [ { mapping: 'root.even = this.n' } ] }\n"
      "  - { check: this.n == 3, processors: [ { mapping: 'root = deleted()' } ] }\n"
      "  - { check: this.n == 5, processors: [ { mapping: 'root.five = batch_size()' } ] }\n",
      {"{\"n\":1}", "{\"n\":2}", "{\"n\":3}", "{\"n\":4}", "{\"n\":5}"});
  EXPECT_THAT(run.payloads(),
              ElementsAre("{\"n\":1}", "{\"even\":2}", "{\"even\":4}", "{\"five\":1}"));
  EXPECT_THAT(run.outcomes,
              ElementsAre(Outcome::kDelivered, Outcome::kDelivered, Outcome::kFiltered,
                          Outcome::kDelivered, Outcome::kDelivered));
  EXPECT_THAT(run.sizes(), ElementsAre(4U));
}

TEST(Switch, FallsThroughAndGoesOn) {
  ProcessorWorld world;
  const std::string cases =
      "  - { check: this.n == 1, fallthrough: true, processors: [ { mutation: root.a = 1 } ] }\n"
      "  - { check: this.n == 2, processors: [ { mutation: root.b = 1 } ] }\n"
      "  - { check: this.n == 3, continue: true, processors: [ { mutation: root.c = 1 } ] }\n"
      "  - { check: this.c == 1, processors: [ { mutation: root.d = 1 } ] }\n";
  const auto run = world.run("switch:\n" + cases, {"{\"n\":3}", "{\"n\":2}", "{\"n\":1}"});
  EXPECT_THAT(run.payloads(),
              ElementsAre(R"({"n":3,"c":1,"d":1})", R"({"n":2,"b":1})", R"({"n":1,"a":1,"b":1})"));
}

TEST(Switch, LosesNothingBehindTheLastCase) {
  ProcessorWorld world;
  const auto run = world.run(
      "switch: [ { fallthrough: true, processors: [ { mutation: root.a = 1 } ] } ]", {"{}", "{}"});
  EXPECT_THAT(run.payloads(), ElementsAre("{\"a\":1}", "{\"a\":1}"));
  EXPECT_THAT(run.outcomes, ElementsAre(Outcome::kDelivered, Outcome::kDelivered));
  EXPECT_THAT(world.findings, ElementsAre(HasSubstr("nothing to fall through to")));
}

TEST(Switch, FlagsAMessageWhoseCheckFails) {
  ProcessorWorld world;
  const auto run =
      world.run("switch: [ { check: this.n, processors: [ { mutation: root.a = 1 } ] } ]",
                {"{\"n\":true}", "{\"n\":5}", "bad"});
  EXPECT_EQ(run.all()[0].payload, R"({"n":true,"a":1})");
  EXPECT_THAT(run.all()[1].error, HasSubstr("evaluating `check`"));
  EXPECT_NE(run.all()[2].error, "");
  EXPECT_EQ(run.all()[2].payload, "bad");
}

TEST(Switch, RefusesAndWarns) {
  ProcessorWorld world;
  EXPECT_EQ(world.make("switch: [ { fallthrough: true, continue: true } ]"), nullptr);
  world.findings.clear();
  EXPECT_NE(world.make("switch: [ { processors: [] }, { check: 'true' } ]"), nullptr);
  EXPECT_THAT(world.findings, ElementsAre(HasSubstr("no message comes here")));
}

TEST(Switch, KeepsTheOrderWhenItIsNestedAndSplit) {
  ProcessorWorld world;
  const auto run = world.run(
      "switch:\n"
      "  - check: this % 2 == 0\n"
      "    processors:\n"
      "      - group_by_value: { value: '${! this % 4 }' }\n"
      "      - switch: [ { check: this == 4, processors: [ { mapping: root = 40 } ] } ]\n",
      {"0", "1", "2", "3", "4", "5", "6"});
  EXPECT_THAT(run.payloads(), ElementsAre("0", "1", "2", "3", "40", "5", "6"));
}

}  // namespace
}  // namespace weir::test
