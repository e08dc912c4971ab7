// for_each, parallel, while, retry, processors, resource, try_catch.
#include "processors/support.h"

namespace weir::test {
namespace {

using core::Outcome;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ForEach, RunsEachMessageAlone) {
  ProcessorWorld world;
  const auto run = world.run("for_each: [ { mapping: 'root = batch_size()' } ]", {"1", "2", "3"});
  EXPECT_THAT(run.payloads(), ElementsAre("1", "1", "1"));
  EXPECT_THAT(run.sizes(), ElementsAre(3U));
}

TEST(Parallel, RunsEachMessageAloneAndKeepsTheOrder) {
  for (const bool threads : {true, false}) {
    ProcessorWorld world;
    world.shared.own_threads = threads;
    std::vector<ProcessorWorld::Given> given;
    for (int i = 0; i < 300; ++i) given.emplace_back("{\"n\":" + std::to_string(i) + "}");
    const auto run = world.run(
        "parallel:\n"
        "  cap: 7\n"
        "  processors:\n"
        "    - mapping: 'root = if this.n % 10 == 3 { deleted() } else { { \"n\": this.n + "
        "batch_index() } }'\n"
        "    - mutation: 'root.s = if this.n % 10 == 4 { throw(\"four\") } else { this.n.string() "
        "}'\n",
        given);
    const auto all = run.all();
    ASSERT_EQ(all.size(), 270U);
    EXPECT_EQ(run.sizes().size(), 1U);
    std::size_t at = 0;
    for (int i = 0; i < 300; ++i) {
      EXPECT_EQ(run.outcomes[static_cast<std::size_t>(i)],
                i % 10 == 3 ? Outcome::kFiltered : Outcome::kDelivered);
      if (i % 10 == 3) continue;
      EXPECT_THAT(all[at].payload, HasSubstr("{\"n\":" + std::to_string(i)));
      EXPECT_EQ(all[at].error.empty(), i % 10 != 4);
      ++at;
    }
  }
}

TEST(While, LoopsAsLongAsTheCheckHolds) {
  ProcessorWorld world;
  EXPECT_THAT(
      world
          .run("while: { check: this.n < 5, processors: [ { mapping: root.n = this.n + 1 } ] }",
               {"{\"n\":3}", "{\"n\":0}"})
          .payloads(),
      ElementsAre("{\"n\":5}", "{\"n\":2}"));
  EXPECT_THAT(world
                  .run("while: { at_least_once: true, check: 'false', processors: [ { mapping: "
                       "'root = 1' } ] }",
                       {"0"})
                  .payloads(),
              ElementsAre("1"));
  EXPECT_THAT(
      world
          .run("while: { max_loops: 3, check: 'true', processors: [ { mapping: 'root = this "
               "+ 1' } ] }",
               {"0"})
          .payloads(),
      ElementsAre("3"));
}

TEST(While, EndsWhenNothingIsLeftOrTheCheckFails) {
  ProcessorWorld world;
  const auto gone =
      world.run("while: { check: 'true', processors: [ { mapping: 'root = deleted()' } ] }", {"0"});
  EXPECT_TRUE(gone.batches.empty());
  EXPECT_THAT(gone.outcomes, ElementsAre(Outcome::kFiltered));
  const auto failed =
      world.run("while: { check: this.x, processors: [ { noop: {} } ] }", {"0", "1"});
  EXPECT_THAT(failed.errors(), Each(HasSubstr("evaluating `check`")));
  EXPECT_EQ(world.make("while: { processors: [] }"), nullptr);
}

TEST(Retry, TriesUntilNothingIsFlagged) {
  ProcessorWorld world;
  const std::string fields =
      "  backoff: { initial_interval: 1ns, max_interval: 1ns }\n"
      "  processors: [ { mapping: 'root = if @retry_count.or(0) < this.n { throw(\"not yet\") } "
      "else { [ this.n, @retry_count.or(0), @backoff_duration.or(\"none\").type() ] }' } ]\n";
  for (const char* const parallel : {"  parallel: false\n", "  parallel: true\n"}) {
    const auto run =
        world.run("retry:\n" + fields + parallel, {"{\"n\":0}", "{\"n\":2}", "{\"n\":5}"});
    EXPECT_THAT(run.payloads(),
                ElementsAre("[0,0,\"string\"]", "[2,2,\"string\"]", "[5,5,\"string\"]"));
    EXPECT_THAT(run.outcomes, Each(Outcome::kDelivered));
    EXPECT_EQ(run.outcomes.size(), 3U);
  }
  const auto spent = world.run("retry:\n  max_retries: 3\n" + fields, {"{\"n\":3}", "{\"n\":4}"});
  EXPECT_EQ(spent.all()[0].error, "");
  EXPECT_THAT(spent.all()[1].error, HasSubstr("not yet"));
  EXPECT_EQ(spent.all()[1].payload, "{\"n\":4}");
  EXPECT_THAT(spent.outcomes, ElementsAre(Outcome::kDelivered, Outcome::kDelivered));
}

TEST(Processors, AreAGroup) {
  ProcessorWorld world;
  EXPECT_THAT(
      world
          .run("processors: [ { mapping: 'root = this + 1' }, { split: { size: 1 } } ]", {"1", "2"})
          .sizes(),
      ElementsAre(1U, 1U));
}

TEST(Resource, StandsForAnother) {
  ProcessorWorld world;
  world.resources["plus"] = "mapping: root = this + 1";
  world.resources["loop"] = "resource: loop";
  EXPECT_THAT(world.run("resource: plus", {"1"}).payloads(), ElementsAre("2"));
  EXPECT_EQ(world.make("resource: loop"), nullptr);
  EXPECT_THAT(world.mistakes, HasSubstr("refers to itself"));
  EXPECT_EQ(world.make("resource: nobody"), nullptr);
}

TEST(TryCatch, GivesTheFailureToTheHandler) {
  ProcessorWorld world;
  const auto run = world.run(
      "try_catch:\n"
      "  processors:\n"
      "    - mapping: 'root = if this == 2 { throw(\"two\") }'\n"
      "    - mapping: root = this + 10\n"
      "  catch:\n"
      "    - mapping: 'root = [ this, @error.what, @error.name, errored() ]'\n",
      {"1", "2", "3", {"4", {}, "before"}});
  EXPECT_EQ(run.all()[0].payload, "11");
  EXPECT_THAT(run.all()[1].payload, HasSubstr("two"));
  EXPECT_THAT(run.all()[1].payload, HasSubstr("\"mapping\",false]"));
  EXPECT_EQ(run.all()[2].payload, "13");
  EXPECT_EQ(run.all()[3].payload, "4");
  EXPECT_THAT(run.errors(), ElementsAre("", "", "", "before"));
}

}  // namespace
}  // namespace weir::test
