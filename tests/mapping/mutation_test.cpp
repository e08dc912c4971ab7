// Mutations change the document they read; result maps overlay another one.

#include <string>

#include <gtest/gtest.h>

#include "mapping/mapping.h"
#include "support.h"

namespace weir::mapping {
namespace {

struct World {
  Environment environment = Environment::system();
  core::SeededRandom random{1};
  Context context{environment, random};
};

std::string mutate(std::string_view mapping, std::string_view input) {
  const auto compiled = Mapping::compile(mapping);
  if (!compiled) return to_string(compiled.error());
  core::Batch batch = core::Batch::of({std::string(input)});
  World world;
  world.context.bind(batch[0]);
  const auto verdict = compiled->mutate(world.context, batch[0]);
  std::string out;
  if (!verdict) out = "error: " + verdict.error().message + " ";
  if (verdict && *verdict == Verdict::kDeleted) return "deleted";
  return out + test::canonical(*batch[0].payload());
}

TEST(Mutation, SeesItsOwnChanges) {
  EXPECT_EQ(mutate("root.v = this.v + 1\nroot.w = this.v", R"({"v":1})"), R"({"v":2,"w":2})");
  EXPECT_EQ(mutate("root.v = 2\nroot.j = json(\"v\")\nroot.c = content().string()", R"({"v":1})"),
            R"({"c":"{\"v\":2,\"j\":2}","j":2,"v":2})");
  EXPECT_EQ(mutate("root.a.b = 1\nroot.c = this.a", "{}"), R"({"a":{"b":1},"c":{"b":1}})");
}

TEST(Mutation, ReplacingRootEndsTheAlias) {
  EXPECT_EQ(mutate("root.x = 1\nroot = this.o\nroot.v = 2\nroot.seen = this.x", R"({"o":{"v":1}})"),
            R"({"seen":1,"v":2})");
  EXPECT_EQ(mutate("root = this\nroot.self = this", R"({"a":1})"), R"({"a":1,"self":{"a":1}})");
}

TEST(Mutation, KeepsWhatItDidBeforeItFailed) {
  EXPECT_EQ(mutate("root.a = 1\nroot.b = throw(\"x\")", R"({"z":0})"),
            R"(error: failed assignment (line 2): x {"a":1,"z":0})");
}

TEST(Mutation, StartsFromNothingWithoutADocument) {
  EXPECT_EQ(mutate("root.a = content().string()", "not json"), R"({"a":"not json"})");
  EXPECT_EQ(mutate("meta a = 1", "not json"), "not json");
}

TEST(Mutation, DeletesMembersAndMessages) {
  EXPECT_EQ(mutate("root.a = deleted()", R"({"a":1,"b":2})"), R"({"b":2})");
  EXPECT_EQ(mutate("root = deleted()", "{}"), "deleted");
}

TEST(Mutation, AnEarlierMessageOfTheBatchIsSeenChanged) {
  const auto compiled = Mapping::compile("root.first = json(\"v\").from(0)\nroot.v = this.v + 10");
  core::Batch batch = core::Batch::of({R"({"v":1})", R"({"v":2})"});
  World world;
  world.context.bind(batch.messages(), 0);
  ASSERT_TRUE(compiled->mutate(world.context, batch[0]));
  world.context.select(1);
  ASSERT_TRUE(compiled->mutate(world.context, batch[1]));
  EXPECT_EQ(test::canonical(*batch[1].payload()), R"({"first":11,"v":12})");
}

TEST(Mutation, AnOverlayReadsOneMessageAndChangesAnother) {
  const auto compiled =
      Mapping::compile("root.result = this.name\nmeta got = metadata(\"m\")\nmeta had = @k");
  core::Batch original = core::Batch::of({R"({"id":1})"});
  core::Batch result = core::Batch::of({R"({"name":"x"})"});
  original[0].set_metadata("k", core::Value::string("original"));
  result[0].set_metadata("m", core::Value::string("result"));
  World world;
  world.context.bind(result[0]);
  ASSERT_TRUE(compiled->mutate(world.context, original[0]));
  EXPECT_EQ(*original[0].payload(), R"({"id":1,"result":"x"})");
  EXPECT_EQ(original[0].find_metadata("got")->stored(), "result");
  EXPECT_EQ(original[0].find_metadata("had")->stored(), "original");
}

TEST(Mutation, AFailedOverlayLeavesTheOtherMessageAlone) {
  const auto compiled = Mapping::compile("root.a = 1\nmeta k = 2\nroot.b = throw(\"x\")");
  core::Batch original = core::Batch::of({R"({"id":1})"});
  core::Batch result = core::Batch::of({"{}"});
  World world;
  world.context.bind(result[0]);
  ASSERT_FALSE(compiled->mutate(world.context, original[0]));
  EXPECT_EQ(*original[0].payload(), R"({"id":1})");
  EXPECT_TRUE(original[0].metadata().is_null());
}

TEST(Mapping, BuildsIntoAnotherMessage) {
  // What a branch's request map does.
  const auto compiled = Mapping::compile("root.n = this.name\nmeta k = @k + \"!\"");
  core::Batch batch = core::Batch::of({R"({"name":"x"})"});
  batch[0].set_metadata("k", core::Value::string("v"));
  core::Message request = batch[0].share_copy();
  request.set_payload("");
  World world;
  world.context.bind(batch[0]);
  ASSERT_TRUE(compiled->map(world.context, request));
  EXPECT_EQ(*request.payload(), R"({"n":"x"})");
  EXPECT_EQ(request.find_metadata("k")->stored(), "v!");
  EXPECT_EQ(batch[0].find_metadata("k")->stored(), "v");
  EXPECT_EQ(*batch[0].payload(), R"({"name":"x"})");
}

TEST(Mapping, ConditionsMustBeBools) {
  World world;
  core::Batch batch = core::Batch::of({R"({"a":5})"});
  world.context.bind(batch[0]);
  EXPECT_TRUE(*Mapping::compile("this.a == 5")->check(world.context));
  const auto wrong = Mapping::compile("this.a")->check(world.context);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("expected bool value, got number"), std::string::npos);
}

TEST(Mapping, EvaluatesOverAGivenValueWithoutAMessage) {
  World world;
  core::Arena arena;
  world.context.bind_arena(arena);
  const auto compiled = Mapping::compile("this.a + 1");
  const core::Value self = *core::parse_json(R"({"a":5})", arena);
  EXPECT_EQ(compiled->evaluate(world.context, self)->as_int(), 6);
  EXPECT_FALSE(Mapping::compile("content()")->evaluate(world.context, self));
  EXPECT_FALSE(Mapping::compile("this.a")->evaluate(world.context));
}

TEST(Mapping, KnowsItself) {
  const auto compiled = Mapping::compile("root.a = this.x.y\nroot.b.c = @k\nmeta m = this");
  const PathUse xy{{"x", "y"}, false};
  const PathUse bc{{"b", "c"}, false};
  const PathUse k{{"k"}, true};
  const auto has = [](const std::vector<PathUse>& all, const PathUse& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  EXPECT_TRUE(has(compiled->reads(), xy));
  EXPECT_TRUE(has(compiled->reads(), k));
  EXPECT_TRUE(has(compiled->reads(), PathUse{}));
  EXPECT_TRUE(has(compiled->writes(), bc));
  EXPECT_TRUE(compiled->is_deterministic());
  EXPECT_FALSE(compiled->reads_batch());
  EXPECT_TRUE(Mapping::compile("root = json().from_all()")->reads_batch());
  ASSERT_NE(Mapping::compile("{\"a\": [1]}")->constant(), nullptr);
  EXPECT_EQ(compiled->constant(), nullptr);
}

TEST(Mapping, ConstantsOutliveTheMappingInTheMessagesThatGotThem) {
  core::Batch batch = core::Batch::of({"{}"});
  {
    World world;
    world.context.bind(batch[0]);
    const auto compiled = Mapping::compile("root.a = {\"deep\": [\"constant text\"]}");
    ASSERT_TRUE(compiled->map(world.context, batch[0]));
  }
  EXPECT_EQ(*batch[0].payload(), R"({"a":{"deep":["constant text"]}})");
}

TEST(Mapping, WarnsAboutWhatCannotBeMeant) {
  const auto codes = [](std::string_view text) {
    std::string out;
    const auto compiled = Mapping::compile(text);
    if (!compiled) return to_string(compiled.error());
    for (const Issue& issue : compiled->warnings())
      out += issue.code + "@" + std::to_string(issue.line) + " ";
    return out;
  };
  EXPECT_EQ(codes("let a = 1\nlet b = $a\nroot = 5"), "unused-variable@2 ");
  EXPECT_EQ(codes("let a = 1\nroot = var(\"a\")"), "");
  EXPECT_EQ(codes("root = match this { _ => 1\n 5 => 2 }"), "unreachable-case@2 ");
  EXPECT_EQ(codes("root = 5.apply(\"x\")\nroot.a = $nope"), "unknown-map@1 undefined-variable@2 ");
  EXPECT_EQ(codes("root = this.a.not()\nroot.b = 5.not()"), "wrong-kind@2 ");
  EXPECT_EQ(codes("root = {\"a\": 1, \"a\": 2}"), "duplicate-key@1 ");
  EXPECT_EQ(codes("root = this"), "no-effect@1 ");
  EXPECT_EQ(codes("root.a = \"x\" == 5"), "never-equal@1 ");
  EXPECT_EQ(codes("root.a = this.b.string() == 5"), "never-equal@1 ");
}

}  // namespace
}  // namespace weir::mapping
