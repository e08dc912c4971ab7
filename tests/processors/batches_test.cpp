// What cuts, joins and picks batches: group_by, group_by_value, split, select_parts, insert_part,
// bounds_check, sync_response.
#include "processors/support.h"

namespace weir::test {
namespace {

using core::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(GroupBy, MakesABatchOfEachGroup) {
  ProcessorWorld world;
  const auto run = world.run(
      "group_by:\n"
      "  - { check: this.n > 3, processors: [ { mapping: 'root.big = this.n' } ] }\n"
      "  - { check: this.n > 1 }\n",
      {"{\"n\":1}", "{\"n\":4}", "{\"n\":2}", "bad", "{\"n\":5}"});
  EXPECT_THAT(run.payloads(),
              ElementsAre("{\"big\":4}", "{\"big\":5}", "{\"n\":2}", "{\"n\":1}", "bad"));
  EXPECT_THAT(run.sizes(), ElementsAre(2U, 1U, 2U));
  EXPECT_THAT(run.all()[4].error, HasSubstr("evaluating `check`"));
  EXPECT_EQ(run.outcomes.size(), 5U);
}

TEST(GroupByValue, MakesABatchOfEachValueInTheirOrder) {
  ProcessorWorld world;
  const auto run = world.run("group_by_value: { value: '${! this.k }' }",
                             {"{\"k\":\"b\"}", "{\"k\":\"a\"}", "bad", "{\"k\":\"b\"}"});
  EXPECT_THAT(run.payloads(),
              ElementsAre("{\"k\":\"b\"}", "{\"k\":\"b\"}", "{\"k\":\"a\"}", "bad"));
  EXPECT_THAT(run.sizes(), ElementsAre(2U, 1U, 1U));
  EXPECT_NE(run.all()[3].error, "");
}

TEST(Split, CutsByNumberAndBySize) {
  ProcessorWorld world;
  const std::vector<ProcessorWorld::Given> five = {"11", "22", "333333", "4", "5"};
  EXPECT_THAT(world.run("split: {}", five).sizes(), ElementsAre(1U, 1U, 1U, 1U, 1U));
  EXPECT_THAT(world.run("split: { size: 2 }", five).sizes(), ElementsAre(2U, 2U, 1U));
  EXPECT_THAT(world.run("split: { size: 0, byte_size: 4 }", five).sizes(), ElementsAre(2U, 1U, 2U));
  EXPECT_THAT(world.run("split: { size: 0 }", five).sizes(), ElementsAre(5U));
}

TEST(SelectParts, PicksPlaces) {
  ProcessorWorld world;
  const auto run = world.run("select_parts: { parts: [ -1, 0, 0, 7, -9 ] }", {"a", "b", "c"});
  EXPECT_THAT(run.payloads(), ElementsAre("c", "a", "a"));
  EXPECT_THAT(run.outcomes,
              ElementsAre(Outcome::kDelivered, Outcome::kFiltered, Outcome::kDelivered));
  EXPECT_TRUE(world.run("select_parts: { parts: [ 3 ] }", {"a"}).batches.empty());
}

TEST(InsertPart, PutsAMessageInto) {
  ProcessorWorld world;
  const auto put = [&](const std::string& index) {
    return world
        .run("insert_part: { index: " + index + ", content: '${! content() }!' }", {"a", "b"})
        .payloads();
  };
  EXPECT_THAT(put("-1"), ElementsAre("a", "b", "a!"));
  EXPECT_THAT(put("-2"), ElementsAre("a", "a!", "b"));
  EXPECT_THAT(put("-9"), ElementsAre("a!", "a", "b"));
  EXPECT_THAT(put("0"), ElementsAre("a!", "a", "b"));
  EXPECT_THAT(put("1"), ElementsAre("a", "a!", "b"));
  EXPECT_THAT(put("9"), ElementsAre("a", "b", "a!"));
}

TEST(BoundsCheck, DropsWhatIsOutside) {
  ProcessorWorld world;
  const auto run = world.run("bounds_check: { max_part_size: 3 }", {"", "abc", "abcd"});
  EXPECT_THAT(run.payloads(), ElementsAre("abc"));
  EXPECT_THAT(run.outcomes,
              ElementsAre(Outcome::kFiltered, Outcome::kDelivered, Outcome::kFiltered));
  EXPECT_TRUE(world.run("bounds_check: { max_parts: 1 }", {"a", "b"}).batches.empty());
  EXPECT_TRUE(world.run("bounds_check: { min_parts: 2 }", {"a"}).batches.empty());
  EXPECT_EQ(world.run("bounds_check: { min_parts: 2 }", {"a", "b"}).payloads().size(), 2U);
}

TEST(SyncResponse, AnswersAlsoFromABranch) {
  ProcessorWorld world;
  const auto run = world.run(
      "branch: { processors: [ { mapping: root.answer = this.n }, { sync_response: {} } ] }",
      {{"{\"n\":1}", {{"k", "v"}}}});
  ASSERT_EQ(run.responses.size(), 1U);
  EXPECT_EQ(run.responses[0].payload, "{\"answer\":1}");
  EXPECT_EQ(run.responses[0].metadata[0].second, "v");
  EXPECT_THAT(run.payloads(), ElementsAre("{\"n\":1}"));
}

}  // namespace
}  // namespace weir::test
