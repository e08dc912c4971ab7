#include <string>

#include <gtest/gtest.h>

#include "mapping/support.h"

namespace weir::mapping {
namespace {

struct Example {
  const char* mapping;
  const char* expected;
};

TEST(Regexp, MatchesAsGoDoes) {
  const Example examples[] = {
      {R"~(root.v = "abc".re_find_all(""))~", R"~({"v":["","","",""]})~"},
      {R"~(root.v = "baaac".re_find_all("a*"))~", R"~({"v":["","aaa",""]})~"},
      {R"~(root.v = "".re_find_all("a*"))~", R"~({"v":[""]})~"},
      {R"~(root.v = "aé".re_find_all("x*"))~", R"~({"v":["","",""]})~"},
      {R"~(root.v = "abc".re_find_all("x"))~", R"~({"v":[]})~"},
      {R"~(root.v = "abc".re_find_object("x"))~", R"~({"v":{}})~"},
      {R"~(root.v = "ab".re_find_object("(a)|(c)"))~", R"~({"v":{"0":"a","1":"a","2":""}})~"},
      {R"~(root.v = "ab".re_find_all_submatch("(a)|(b)"))~",
       R"~({"v":[["a","a",""],["b","","b"]]})~"},
      {R"~(root.v = "ab".re_find_all_object("(?P<x>a)|(?P<x>b)"))~",
       R"~({"v":[{"0":"a","x":""},{"0":"b","x":"b"}]})~"},
      {R"~(root.v = "a\nb".re_match("a.b"))~", R"~({"v":false})~"},
      {R"~(root.v = "a\nb".re_match("a$"))~", R"~({"v":false})~"},
      {R"~(root.v = "a\nb".re_match("(?m)a$"))~", R"~({"v":true})~"},
      {R"~(root.v = "xy".re_find_object("(?<b>y)"))~", R"~({"v":{"0":"y","b":"y"}})~"},
      {R"~(root.v = "(?<a>".re_match("\\Q(?<a>\\E"))~", R"~({"v":true})~"},
      {R"~(root.v = "(?<".re_find_all("[(?<]"))~", R"~({"v":["(","?","<"]})~"},
      {R"~(root.v = "foo bar".re_find_all("\\bb"))~", R"~({"v":["b"]})~"},
      {R"~(root.v = "aaa".re_find_all("^a"))~", R"~({"v":["a"]})~"},
  };
  for (const Example& example : examples) {
    EXPECT_EQ(test::run(example.mapping, "{}"), test::canonical(example.expected))
        << example.mapping;
  }
}

TEST(Regexp, BytesGiveBytesInObjectsOnly) {
  EXPECT_EQ(test::run(R"~(root.v = content().re_find_object("(a)|(c)"))~", "ab"),
            R"({"v":{"0":"YQ==","1":"YQ==","2":null}})");
  EXPECT_EQ(test::run(R"~(root.v = content().re_find_all("a"))~", "ab"), R"({"v":["a"]})");
}

TEST(Regexp, ReplacesAsGoDoes) {
  const Example examples[] = {
      {R"~(root.v = "abc".re_replace_all("(b)", "$1x|${1}x|$$|$|$2|${foo}|$"))~",
       R"~({"v":"a|bx|$|$|||$c"})~"},
      {R"~(root.v = "abc".re_replace_all("(?P<n>b)", "[${n}][$n][$nn]"))~",
       R"~({"v":"a[b][b][]c"})~"},
      {R"~(root.v = "abc".re_replace_all("", "-"))~", R"~({"v":"-a-b-c-"})~"},
      {R"~(root.v = "aéc".re_replace_all("x*", "-"))~", R"~({"v":"-a-é-c-"})~"},
      {R"~(root.v = "baaac".re_replace_all("a*", "-"))~", R"~({"v":"-b-c-"})~"},
      {R"~(root.v = "x".re_replace_all("x", "$0$0"))~", R"~({"v":"xx"})~"},
      {R"~(root.v = "x".re_replace_all("x", "${0"))~", R"~({"v":"${0"})~"},
      {R"~(root.v = "x".re_replace_all("x", "$é"))~", R"~({"v":""})~"},
      {R"~(root.v = "x".re_replace_all("(x)", "$01$1"))~", R"~({"v":"x"})~"},
      {R"~(root.v = "".re_replace_all("a", "b"))~", R"~({"v":""})~"},
      {R"~(root.v = "".re_replace_all("a*", "b"))~", R"~({"v":"b"})~"},
      {R"~(root.v = "ab".re_replace("b", "c"))~", R"~({"v":"ac"})~"},
  };
  for (const Example& example : examples) {
    EXPECT_EQ(test::run(example.mapping, "{}"), test::canonical(example.expected))
        << example.mapping;
  }
}

TEST(Regexp, BadPatternsAreNamedInGosWords) {
  const Example examples[] = {
      {R"~("a(")~", "missing closing ): `a(`"},
      {R"~("a)")~", "unexpected ): `a)`"},
      {R"~("\\C")~", R"~(invalid escape sequence: `\C`)~"},
      {R"~("a{2000}")~", "invalid repeat count: `{2000}`"},
      {R"~("[a")~", "missing closing ]: `[a`"},
      {R"~("[z-a]")~", "invalid character class range: `z-a`"},
      {R"~("a**")~", "invalid nested repetition operator: `**`"},
      {R"~("*a")~", "missing argument to repetition operator: `*`"},
      {R"~("\\")~", "trailing backslash at end of expression: ``"},
      {R"~("(?=a)")~", "invalid or unsupported Perl syntax: `(?=`"},
      {R"~("(?P<n")~", "invalid named capture: `(?P<n`"},
      {R"~("(?<=a)b")~", "invalid or unsupported Perl syntax: `(?<`"},
  };
  for (const Example& example : examples) {
    const std::string mapping = std::string("root = \"x\".re_match(") + example.mapping + ")";
    const std::string got = test::run(mapping, "{}");
    EXPECT_TRUE(got.starts_with("parse error: ")) << got;
    EXPECT_NE(got.find(std::string("error parsing regexp: ") + example.expected), std::string::npos)
        << got;
  }
}

TEST(Regexp, APatternOutOfTheDataMayChangeFromMessageToMessage) {
  const char* const mapping = R"~(root = this.map_each(p -> "abc".re_match(p)))~";
  if (test::run("root = this.map_each(p -> p)", "[1]") != "[1]")
    GTEST_SKIP() << "map_each is not there yet";
  EXPECT_EQ(test::run(mapping, R"(["a","x","^b","c$"])"), "[true,false,false,true]");
}

TEST(Regexp, AHugePatternIsRefused) {
  const std::string input = "{\"p\":\"" + std::string(70000, 'a') + "\"}";
  EXPECT_NE(test::run("root = \"x\".re_match(this.p)", input).find("expression too large"),
            std::string::npos);
  const std::string nested = R"({"p":"((((a{30}){30}){30}){30}){30}"})";
  EXPECT_TRUE(test::run("root = \"x\".re_match(this.p)", nested).starts_with("error: "));
}

}  // namespace
}  // namespace weir::mapping
