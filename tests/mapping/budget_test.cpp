// Hostile mappings end in an error on their message, within their budget; never in a crash or a
// stall.

#include <string>

#include <gtest/gtest.h>
#include <pthread.h>

#include "mapping/mapping.h"
#include "mapping/template.h"
#include "support.h"

namespace weir::mapping {
namespace {

using test::run;

struct Limited {
  core::Result<Verdict> verdict;
  std::size_t footprint;
};

Limited run_limited(std::string_view text, std::string_view input, const Limits& limits = {}) {
  const auto compiled = Mapping::compile(text);
  EXPECT_TRUE(compiled) << (compiled ? "" : to_string(compiled.error()));
  core::Batch batch = core::Batch::of({std::string(input)});
  const Environment environment = Environment::system();
  core::SeededRandom random(1);
  Context context(environment, random);
  context.limits = limits;
  context.bind(batch[0]);
  auto verdict = compiled->map(context, batch[0]);
  return {std::move(verdict), batch.storage().footprint()};
}

constexpr std::size_t kSlack = std::size_t{64} << 20;

TEST(Budget, TextThatDoublesEndsInTheMemoryLimit) {
  std::string text = "let a = \"0123456789abcdef\"\n";
  for (int i = 0; i < 100; ++i) text += "let a = $a + $a\n";
  text += "root = $a";
  const Limited got = run_limited(text, "{}");
  ASSERT_FALSE(got.verdict);
  EXPECT_EQ(got.verdict.error().code, core::ErrorCode::kLimit);
  EXPECT_LT(got.footprint, Limits{}.max_memory + kSlack);
}

TEST(Budget, AMapThatAppliesItselfStopsAtItsLimit) {
  const std::string got = run("map m { root = this.apply(\"m\") }\nroot = this.apply(\"m\")", "{}");
  EXPECT_NE(got.find("exceeded maximum allowed stacks of 5000"), std::string::npos)
      << got.substr(0, 300);
  EXPECT_LT(got.size(), 40'000U);
}

TEST(Budget, AMapThatAppliesItselfTwiceStopsToo) {
  Limits limits;
  limits.max_steps = 1'000'000;
  const Limited got = run_limited(
      "map m { root = [this.apply(\"m\").catch(1), this.apply(\"m\").catch(1)] }\nroot = "
      "this.apply(\"m\")",
      "{}", limits);
  ASSERT_FALSE(got.verdict);
  EXPECT_EQ(got.verdict.error().code, core::ErrorCode::kLimit);
  EXPECT_LT(got.footprint, Limits{}.max_memory + kSlack);
}

TEST(Budget, MapsMayNestAsDeepAsTheyAreAllowedToOnASmallStack) {
  // Wide frames, thousands of levels, a thread with little stack.
  struct Job {
    std::string got;
  } job;
  const auto body = [](void* argument) -> void* {
    static_cast<Job*>(argument)->got =
        run("map m {\n  root = match { this.n > 0 => {\"v\": [{\"w\": {\"n\": this.n - "
            "1}.apply(\"m\").d + 1}]}, _ => "
            "{\"v\": [{\"w\": 0}]} }.(v.(this.0.(w))).({\"d\": this})\n}\nroot = {\"n\": "
            "4900}.apply(\"m\")",
            "{}");
    return nullptr;
  };
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 512 * 1024);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, body, &job), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  EXPECT_EQ(job.got, R"({"d":4900})");
}

TEST(Budget, AnErrorThatIsCaughtOverAndOverDoesNotHelp) {
  std::string text = "let a = \"0123456789abcdef\"\n";
  for (int i = 0; i < 200; ++i) text += "let a = ($a + $a).catch($a)\n";
  text += "root.size = 1";
  const Limited got = run_limited(text, "{}");
  EXPECT_LT(got.footprint, Limits{}.max_memory + kSlack);
}

TEST(Budget, DocumentsThatNestDeeperWithEveryStepCannotBeWritten) {
  std::string text = "let a = {}\n";
  for (int i = 0; i < 300; ++i) text += "let a = {\"x\": $a}\n";
  text += "root.a = $a\nroot.s = $a == $a";
  const std::string got = run(text, "{}");
  EXPECT_NE(got.find("nested deeper than 128 levels"), std::string::npos) << got.substr(0, 200);
}

TEST(Budget, StepsAreCounted) {
  Limits limits;
  limits.max_steps = 1000;
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "let a = 1\n";
  text += "root = 1";
  const Limited got = run_limited(text, "{}", limits);
  ASSERT_FALSE(got.verdict);
  EXPECT_NE(got.verdict.error().message.find("more steps than its limit allows"),
            std::string::npos);
}

TEST(Budget, AMillionKeysAreFine) {
  std::string document = "{";
  for (int i = 0; i < 1'000'000; ++i) {
    if (i > 0) document += ',';
    document += "\"k" + std::to_string(i) + "\":" + std::to_string(i);
  }
  document += "}";
  EXPECT_EQ(run("root.a = this.k999999\nroot.b = this.k0", document), R"({"a":999999,"b":0})");
  const Limited got = run_limited("root = this\nroot.k5 = \"x\"\nroot.new = 1", document);
  EXPECT_TRUE(got.verdict);
}

TEST(Budget, ANumberOfAnyLengthIsRead) {
  const std::string digits(1'000'000, '9');
  EXPECT_EQ(run("root.a = this.a == this.a\nroot.b = (this.a + 1).catch(\"no number\")",
                "{\"a\":" + digits + "}"),
            R"({"a":true,"b":"no number"})");
  EXPECT_EQ(run("root.a = this.a > 1", "{\"a\":0." + digits + "}"), R"({"a":false})");
}

}  // namespace
}  // namespace weir::mapping
