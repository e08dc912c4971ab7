#include "processors/support.h"

namespace weir::test {
namespace {

using core::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Branch, LaysTheResultOverTheMessage) {
  ProcessorWorld world;
  const auto run = world.run(
      "branch:\n"
      "  request_map: root.id = this.user\n"
      "  processors: [ { mapping: 'root.name = \"u\" + this.id.string()' } ]\n"
      "  result_map: |\n"
      "    root.name = this.name\n"
      "    meta got = this.name\n",
      {{"{\"user\":1}", {{"k", "v"}}}, "{\"user\":2}"});
  EXPECT_THAT(run.payloads(),
              ElementsAre(R"({"user":1,"name":"u1"})", R"({"user":2,"name":"u2"})"));
  EXPECT_EQ(run.all()[0].metadata, R"({"got":"u1","k":"v"})");
  EXPECT_THAT(run.outcomes, ElementsAre(Outcome::kDelivered, Outcome::kDelivered));
}

TEST(Branch, LeavesOutWhatTheRequestMapDeletes) {
  ProcessorWorld world;
  const auto run = world.run(
      "branch:\n"
      "  request_map: 'root = if this.n == 1 { deleted() }'\n"
      "  processors: [ { mapping: 'root.seen = batch_size()' } ]\n"
      "  result_map: root.seen = this.seen\n",
      {"{\"n\":0}", "{\"n\":1}", "{\"n\":2}"});
  EXPECT_THAT(run.payloads(),
              ElementsAre(R"({"n":0,"seen":2})", R"({"n":1})", R"({"n":2,"seen":2})"));
}

TEST(Branch, FlagsTheBatchWhenTheNumberOfMessagesChanges) {
  ProcessorWorld world;
  const auto dropped =
      world.run("branch: { processors: [ { mapping: 'root = if this.n == 1 { deleted() }' } ] }",
                {"{\"n\":0}", "{\"n\":1}"});
  EXPECT_THAT(dropped.errors(),
              testing::Each(HasSubstr("started with 2 messages, finished with 1")));
  EXPECT_THAT(dropped.payloads(), ElementsAre("{\"n\":0}", "{\"n\":1}"));
  EXPECT_THAT(dropped.outcomes, ElementsAre(Outcome::kDelivered, Outcome::kDelivered));
  const auto none = world.run("branch: { processors: [ { mapping: 'root = deleted()' } ] }", {"1"});
  EXPECT_THAT(none.errors(), ElementsAre("child processors resulted in zero messages"));
  const auto more = world.run("branch: { processors: [ { insert_part: { content: x } } ] }", {"1"});
  EXPECT_THAT(more.errors(), ElementsAre(HasSubstr("finished with 2")));
}

TEST(Branch, FindsTheMessagesOfResultsInAnotherOrder) {
  ProcessorWorld world;
  const auto run = world.run(
      "branch:\n"
      "  processors:\n"
      "    - group_by: [ { check: this.n % 2 == 1 } ]\n"
      "    - mapping: root.double = this.n * 2\n"
      "  result_map: root.double = this.double\n",
      {"{\"n\":0}", "{\"n\":1}", "{\"n\":2}"});
  EXPECT_THAT(run.payloads(), ElementsAre(R"({"n":0,"double":0})", R"({"n":1,"double":2})",
                                          R"({"n":2,"double":4})"));
}

TEST(Branch, LeavesTheMessageAsItIsWhenTheResultMapFails) {
  ProcessorWorld world;
  const auto run = world.run(
      "branch:\n"
      "  processors: [ { noop: {} } ]\n"
      "  result_map: |\n"
      "    root.a = 1\n"
      "    root.b = throw(\"no\")\n",
      {"{\"n\":0}"});
  EXPECT_THAT(run.payloads(), ElementsAre("{\"n\":0}"));
  EXPECT_THAT(run.errors(), ElementsAre(HasSubstr("result mapping failed: ")));
}

TEST(Branch, NestsInItself) {
  ProcessorWorld world;
  const auto run = world.run(
      "branch:\n"
      "  request_map: 'root = if this.n == 0 { deleted() } else { this }'\n"
      "  processors:\n"
      "    - branch:\n"
      "        request_map: 'root = if this.n == 1 { deleted() } else { this }'\n"
      "        processors: [ { mapping: root.x = this.n } ]\n"
      "        result_map: root.inner = this.x\n"
      "  result_map: root.outer = this\n",
      {"{\"n\":0}", "{\"n\":1}", "{\"n\":2}"});
  EXPECT_THAT(run.payloads(), ElementsAre(R"({"n":0})", R"({"n":1,"outer":{"n":1}})",
                                          R"({"n":2,"outer":{"n":2,"inner":2}})"));
}

}  // namespace
}  // namespace weir::test
