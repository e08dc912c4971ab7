#include "processors/grok_patterns.h"
#include "processors/support.h"

namespace weir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Grok, TakesFieldsOutOfAnAccessLog) {
  ProcessorWorld world;
  const auto run = world.run(
      "grok: { expressions: [ '%{COMBINEDAPACHELOG}' ] }",
      {R"x(10.0.0.1 - bob [10/Oct/2000:13:55:36 -0700] "GET /a.gif?x=1 HTTP/1.0" 200 2326 "http://x/" "Moz (y)")x",
       "nothing of the kind"});
  EXPECT_EQ(
      run.payloads()[0],
      R"({"clientip":"10.0.0.1","ident":"-","auth":"bob","timestamp":"10/Oct/2000:13:55:36 -0700",)"
      R"("verb":"GET","request":"/a.gif?x=1","httpversion":"1.0","response":"200","bytes":"2326",)"
      R"("referrer":"\"http://x/\"","agent":"\"Moz (y)\""})");
  EXPECT_EQ(run.payloads()[1], "nothing of the kind");
  EXPECT_EQ(run.errors()[1], "no expression matches the payload");
}

TEST(Grok, TriesExpressionsInOrderAndMakesTypes) {
  ProcessorWorld world;
  EXPECT_THAT(world
                  .run("grok:\n"
                       "  expressions: [ '^%{INT:n:int} %{NUMBER:f:float}$', '%{ACTION:what.did} "
                       "(?P<rest>.*)' ]\n"
                       "  pattern_definitions: { ACTION: '(?:pass|deny)' }\n",
                       {"-7 2.5", "deny all", "deny "})
                  .payloads(),
              ElementsAre(R"({"n":-7,"f":2.5})", R"({"what":{"did":"deny"},"rest":"all"})",
                          R"({"what":{"did":"deny"}})"));
  EXPECT_THAT(world
                  .run("grok: { expressions: [ '%{WORD} %{DATA:d}$' ], named_captures_only: false, "
                       "remove_empty_values: false }",
                       {"abc "})
                  .payloads(),
              ElementsAre(R"({"WORD":"abc","d":""})"));
}

TEST(Grok, KnowsItsPatterns) {
  ProcessorWorld world;
  for (const auto& [name, text] : processors::default_grok_patterns())
    EXPECT_NE(world.make("grok: { expressions: [ '%{" + name + ":x}' ] }"), nullptr) << name;
  const auto matches = [&](const std::string& name, const std::string& text) {
    return world.run("grok: { expressions: [ '^%{" + name + ":x}$' ] }", {text})
        .errors()[0]
        .empty();
  };
  EXPECT_TRUE(matches("IP", "192.168.0.255"));
  EXPECT_FALSE(matches("IP", "192.168.0.256"));
  EXPECT_TRUE(matches("IP", "2001:db8::1"));
  EXPECT_TRUE(matches("IP", "::ffff:1.2.3.4"));
  EXPECT_TRUE(matches("TIMESTAMP_ISO8601", "2024-01-31T23:59:59.123Z"));
  EXPECT_TRUE(matches("UUID", "01234567-89ab-cdef-0123-456789abcdef"));
  EXPECT_TRUE(matches("URI", "https://u:p@example.com:8080/a/b?c=d"));
  EXPECT_TRUE(matches("SYSLOGTIMESTAMP", "Jan  3 04:05:06"));
  EXPECT_TRUE(matches("EMAILADDRESS", "a.b@example.com"));
  EXPECT_TRUE(matches("QS", "\"a \\\" b\""));
  EXPECT_FALSE(matches("INT", "1.5"));
  EXPECT_TRUE(matches("MAC", "00:1b:2C:3d:4e:5f"));
}

TEST(Grok, RefusesWhatCannotBe) {
  ProcessorWorld world;
  EXPECT_EQ(world.make("grok: { expressions: [ '%{NOBODY:x}' ] }"), nullptr);
  EXPECT_THAT(world.mistakes, HasSubstr("no pattern called `NOBODY`"));
  EXPECT_EQ(world.make("grok: { expressions: [ '%{LOOP}' ], pattern_definitions: { LOOP: "
                       "'%{LOOP}' } }"),
            nullptr);
  EXPECT_THAT(world.mistakes, HasSubstr("32 deep"));
  EXPECT_EQ(
      world.make("grok: { expressions: [ '%{A}' ], pattern_definitions: { A: '%{B}%{B}%{B}%{B}', "
                 "B: '%{C}%{C}%{C}%{C}', C: '%{COMBINEDAPACHELOG}%{COMBINEDAPACHELOG}"
                 "%{COMBINEDAPACHELOG}%{COMBINEDAPACHELOG}%{COMBINEDAPACHELOG}' } }"),
      nullptr);
  EXPECT_EQ(world.make("grok: { expressions: [ '(' ] }"), nullptr);
  EXPECT_EQ(world.make("grok: { expressions: [ '%{WORD' ] }"), nullptr);
  EXPECT_EQ(world.make("grok: { expressions: [] }"), nullptr);
}

}  // namespace
}  // namespace weir::test
