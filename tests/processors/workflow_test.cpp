#include "processors/support.h"

namespace weir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const char* const kThree =
    "workflow:\n"
    "  branches:\n"
    "    last: { request_map: 'root.v = this.a + this.b', processors: [ { noop: {} } ],\n"
    "            result_map: 'root.sum = this.v' }\n"
    "    a: { request_map: 'root.v = this.n + 1', processors: [ { noop: {} } ],\n"
    "         result_map: 'root.a = this.v' }\n"
    "    b: { request_map: 'root.v = this.n * 10', processors: [ { noop: {} } ],\n"
    "         result_map: 'root.b = this.v' }\n";

TEST(Workflow, RunsBranchesInTheOrderTheyNeedEachOther) {
  ProcessorWorld world;
  const auto run = world.run(kThree, {"{\"n\":1}", "{\"n\":2}"});
  EXPECT_THAT(
      run.payloads(),
      ElementsAre(
          R"({"n":1,"a":2,"b":10,"sum":12,"meta":{"workflow":{"succeeded":["a","b","last"]}}})",
          R"({"n":2,"a":3,"b":20,"sum":23,"meta":{"workflow":{"succeeded":["a","b","last"]}}})"));
  EXPECT_EQ(run.outcomes.size(), 2U);
}

TEST(Workflow, GivesTheSameWithoutThreads) {
  ProcessorWorld world;
  ProcessorWorld alone;
  alone.shared.own_threads = false;
  const std::vector<ProcessorWorld::Given> given = {"{\"n\":1}", "{\"n\":\"x\"}", "no", "[]"};
  EXPECT_EQ(world.run(kThree, given).payloads(), alone.run(kThree, given).payloads());
  EXPECT_EQ(world.run(kThree, given).errors(), alone.run(kThree, given).errors());
}

TEST(Workflow, RecordsWhatFailsAndWhatIsSkipped) {
  ProcessorWorld world;
  const auto run = world.run(
      "workflow:\n"
      "  meta_path: w\n"
      "  order: [ [ bad, no ], [ good ] ]\n"
      "  branches:\n"
      "    bad: { processors: [ { mapping: 'root = throw(\"boom\")' } ] }\n"
      "    no: { request_map: 'root = deleted()', processors: [ { noop: {} } ] }\n"
      "    good: { processors: [ { noop: {} } ], result_map: root.x = 1 }\n",
      {"{}"});
  EXPECT_THAT(run.errors(), ElementsAre(""));
  EXPECT_THAT(run.payloads()[0], HasSubstr(R"("succeeded":["good"],"skipped":["no"])"));
  EXPECT_THAT(run.payloads()[0], HasSubstr(R"("failed":{"bad":"processors failed: )"));
  EXPECT_THAT(run.payloads()[0], HasSubstr("boom"));
}

TEST(Workflow, LeavesOutWhatAnEarlierRunHasDone) {
  ProcessorWorld world;
  const auto done = world.run(kThree, {R"({"n":1,"meta":{"workflow":{"succeeded":["a"],)"
                                       R"("failed":{"b":"x"}}},"a":5})"});
  EXPECT_THAT(done.payloads()[0], HasSubstr(R"("a":5,"b":10,"sum":15)"));
  EXPECT_THAT(done.payloads()[0],
              HasSubstr(R"("previous":{"succeeded":["a"],"failed":{"b":"x"}})"));
  EXPECT_THAT(done.payloads()[0], HasSubstr(R"("skipped":["a"])"));
  const auto apply = world.run(kThree, {R"({"n":1,"meta":{"workflow":{"apply":["a"]}}})"});
  EXPECT_THAT(apply.payloads()[0], HasSubstr(R"("skipped":["b","last"])"));
}

TEST(Workflow, FlagsTheMessageWithoutARecord) {
  ProcessorWorld world;
  const auto run = world.run(
      "workflow:\n"
      "  meta_path: ''\n"
      "  branches:\n"
      "    b1: { processors: [ { mapping: 'root = throw(\"x\")' } ] }\n"
      "    b2: { processors: [ { noop: {} } ], result_map: root.ok = true }\n",
      {"{}"});
  EXPECT_THAT(run.errors(), ElementsAre(HasSubstr("workflow branches failed: b1: ")));
  EXPECT_THAT(run.payloads(), ElementsAre(R"({"ok":true})"));
}

TEST(Workflow, UsesBranchesOfTheResources) {
  ProcessorWorld world;
  world.resources["far"] = "branch: { processors: [ { noop: {} } ], result_map: root.far = 1 }";
  world.resources["other"] = "noop: {}";
  const auto run = world.run("workflow: { branch_resources: [ far ] }", {"{}"});
  EXPECT_THAT(run.payloads()[0], HasSubstr(R"({"far":1,)"));
  EXPECT_EQ(world.make("workflow: { branch_resources: [ other ] }"), nullptr);
  EXPECT_THAT(world.mistakes, HasSubstr("not a `branch`"));
}

TEST(Workflow, RefusesOrdersThatDoNotWork) {
  ProcessorWorld world;
  const std::string branches = " branches: { a: { processors: [] }, b: { processors: [] } } }";
  EXPECT_EQ(world.make("workflow: { order: [ [ a ] ]," + branches), nullptr);
  EXPECT_THAT(world.mistakes, HasSubstr("leaves out `b`"));
  EXPECT_EQ(world.make("workflow: { order: [ [ a, b, a ] ]," + branches), nullptr);
  EXPECT_EQ(world.make("workflow: { order: [ [ a, b ], [ c ] ]," + branches), nullptr);
  EXPECT_EQ(world.make("workflow: {}"), nullptr);
  EXPECT_EQ(
      world.make("workflow:\n"
                 "  branches:\n"
                 "    a: { request_map: root = this.y, processors: [], result_map: root.x = 1 }\n"
                 "    b: { request_map: root = this.x, processors: [], result_map: root.y = 1 }\n"),
      nullptr);
  EXPECT_THAT(world.mistakes, HasSubstr("`a`, `b`"));
}

TEST(Workflow, FlagsADocumentThatCannotHoldTheRecord) {
  ProcessorWorld world;
  const auto run = world.run("workflow: { branches: { a: { processors: [ { noop: {} } ] } } }",
                             {"[1]", "no json", "{\"meta\":1}"});
  for (const auto& got : run.all()) EXPECT_NE(got.error, "");
  EXPECT_THAT(run.payloads(), ElementsAre("[1]", "no json", "{\"meta\":1}"));
}

}  // namespace
}  // namespace weir::test
