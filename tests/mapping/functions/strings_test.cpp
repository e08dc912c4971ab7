// What strings do at their edges. Every expectation is what the family does, except where a name
// says otherwise.
#include <string>

#include <gtest/gtest.h>

#include "mapping/support.h"

namespace weir::mapping {
namespace {

struct Example {
  const char* mapping;
  const char* expected;
};

void check(std::initializer_list<Example> examples, const char* input = "{}") {
  for (const Example& example : examples) {
    const std::string got = test::run(example.mapping, input);
    const std::string expected = example.expected;
    if (expected.starts_with("error: ") || expected.starts_with("parse error: ")) {
      const std::size_t words = expected.find(": ") + 2;
      EXPECT_TRUE(got.starts_with(expected.substr(0, words)) &&
                  got.find(expected.substr(words)) != std::string::npos)
          << example.mapping << "\n  got " << got << "\n  not " << expected;
    } else {
      EXPECT_EQ(got, test::canonical(expected)) << example.mapping;
    }
  }
}

TEST(Strings, SliceBoundsCountFromTheEndAndAreChecked) {
  check(
      {
          {R"(root.v = "abc".slice(3))", R"({"v":""})"},
          {R"(root.v = "abc".slice(0, 0))", R"({"v":""})"},
          {R"(root.v = "abc".slice(0, -5))", R"({"v":""})"},
          {R"(root.v = "abc".slice(-10, 2))", R"({"v":"ab"})"},
          {R"(root.v = "abc".slice(low: 1))", R"({"v":"bc"})"},
          {R"(root.v = "abc".slice(5))",
           "error: string literal: lower slice bound 5 must be lower than or equal to upper bound "
           "(3) and target length (3)"},
          {R"(root.v = "abc".slice(5, 10))",
           "error: lower slice bound 5 must be lower than or equal to upper bound (3)"},
          {R"(root.v = "abc".slice(-1, -2))",
           "error: lower slice bound 2 must be lower than or equal to upper bound (1)"},
          {R"(root.v = "abc".slice("1".number(), 0))",
           "error: lower slice bound 1 must be lower than or equal to upper bound (0)"},
          {R"(root.v = "abc".slice(2, 1))",
           "parse error: lower slice bound 2 must be lower than upper (1)"},
          {R"(root.v = "abc".slice(1, 1))",
           "parse error: lower slice bound 1 must be lower than upper (1)"},
          {R"(root.v = "abc".slice("2".number(), "1".number()))",
           "error: lower slice bound 2 must be lower than upper (1)"},
          {R"(root.v = [1,2,3].slice(-1,-3))", "error: array literal: lower slice bound 2"},
          {R"(root.v = 5.slice(1))",
           "error: expected array or string value, got number from number literal (5)"},
          {R"(root.v = this.v.slice(1, -1))", R"({"v":[2]})"},
      },
      R"({"v":[1,2,3]})");
}

TEST(Strings, SliceTakesTheSmallestBoundThereIs) {
  check({{R"(root.v = "abc".slice(-9223372036854775808, 9223372036854775807))", R"({"v":"abc"})"},
         {R"(root.v = "abc".slice(-9223372036854775808, -9223372036854775808))", R"({"v":""})"}});
}

TEST(Strings, ASlicedArrayDoesNotChangeItsSource) {
  check({{"let part = this.v.slice(0, 1)\nroot.part = $part\nroot.part.0.a = 2\nroot.all = this.v",
          R"({"part":[{"a":2}],"all":[{"a":1},{"a":2}]})"}},
        R"({"v":[{"a":1},{"a":2}]})");
}

TEST(Strings, SplitKeepsEmptyPartsAndSplitsCharacters) {
  check({
      {R"(root.v = "".split(""))", R"({"v":[]})"},
      {R"(root.v = "".split(","))", R"({"v":[""]})"},
      {R"(root.v = ",".split(",", true))", R"({"v":[null,null]})"},
      {R"(root.v = "aéb".split(""))", R"({"v":["a","é","b"]})"},
      {R"(root.v = "aéb".bytes().split(""))", R"({"v":["YQ==","w6k=","Yg=="]})"},
      {R"(root.v = "a--b---c".split("--"))", R"({"v":["a","b","-c"]})"},
  });
}

TEST(Strings, ReplaceAllWithNothingToReplaceGoesBetweenCharacters) {
  check({
      {R"(root.v = "éa".replace_all("", "-"))", R"({"v":"-é-a-"})"},
      {R"(root.v = "".replace_all("", "-"))", R"({"v":"-"})"},
      {R"(root.v = "aaa".replace_all("aa", ""))", R"({"v":"a"})"},
      {R"(root.v = "".replace_all("a", "b"))", R"({"v":""})"},
      {R"(root.v = "abc".replace("a", "x"))", R"({"v":"xbc"})"},
      {R"(root.v = "abc".replace_all_many(["a","b","b","c"]))", R"({"v":"ccc"})"},
      {R"(root.v = "abc".replace_many(["a","x"]))", R"({"v":"xbc"})"},
      {R"(root.v = "abc".replace_all_many(["a"]))", "parse error: replacements should be in pairs"},
      {R"(root.v = "abc".replace_all_many(["a", 5]))",
       "parse error: invalid replacement value at index 1: expected string value, got number (5)"},
  });
}

TEST(Strings, TrimTakesUnicodeWhiteSpaceOrACutset) {
  check({
      {"root.v = \"\\u00a0 x \\u3000\\u0085\".trim()", R"({"v":"x"})"},
      {"root.v = \"\\ufeffx\".trim()", "{\"v\":\"\xef\xbb\xbfx\"}"},
      {R"(root.v = "éaé".trim("é"))", R"({"v":"a"})"},
      {R"(root.v = "xax".trim(""))", R"({"v":"xax"})"},
      {R"(root.v = "\xffa".trim("\ufffd").encode("hex"))", R"({"v":"61"})"},
  });
}

TEST(Strings, CaseIsUnicodeAndBytesStayBytes) {
  check({
      {R"(root.v = "straße ǆ".uppercase())", R"({"v":"STRAßE Ǆ"})"},
      {R"(root.v = "ΣΑΣ".lowercase())", R"({"v":"σασ"})"},
      {R"(root.v = "a\xffb".uppercase().encode("hex"))", R"({"v":"41efbfbd42"})"},
      {R"(root.v = "ab".bytes().uppercase())", R"({"v":"QUI="})"},
      {R"(root.v = "hello wORLD o'neil foo_bar foo-bar 3rd".capitalize())",
       R"({"v":"Hello World O'neil Foo_bar Foo-Bar 3Rd"})"},
      {R"(root.v = "ὈΔΥΣΣΕΎΣ ΣΑΣ".capitalize())", R"({"v":"Ὀδυσσεύς Σας"})"},
      {R"(root.v = "a\xffb".reverse().encode("hex"))", R"({"v":"62efbfbd61"})"},
      {R"(root.v = "a\xffb".bytes().reverse().encode("hex"))", R"({"v":"62ff61"})"},
  });
}

TEST(Strings, ContainsComparesItsArgumentOnTheLeft) {
  check({
      {R"(root.v = [1].contains(true))", R"({"v":true})"},
      {R"(root.v = [true].contains(1))", R"({"v":false})"},
      {R"(root.v = ["1"].contains(1))", R"({"v":false})"},
      {R"(root.v = [[1]].contains([1.0]))", R"({"v":true})"},
      {R"(root.v = [1,null].contains(null))", R"({"v":true})"},
      {R"(root.v = "abcnull".contains(null))", R"({"v":true})"},
      {R"(root.v = "x{\"a\":1}".contains({"a":1}))", R"({"v":true})"},
      {R"(root.v = "abc".contains(""))", R"({"v":true})"},
  });
}

TEST(Strings, TimestampsAreTextForEscapesOnly) {
  const char* const now = "let t = \"2020-01-01T00:00:00Z\".timestamp()\n";
  const auto with = [&](const char* rest) { return test::run(std::string(now) + rest, "{}"); };
  EXPECT_EQ(with("root.v = $t.escape_url_query()"), R"({"v":"2020-01-01T00%3A00%3A00Z"})");
  EXPECT_EQ(with("root.v = $t.quote()"), R"({"v":"\"2020-01-01T00:00:00Z\""})");
  EXPECT_NE(with("root.v = $t.uppercase()").find("expected string value, got timestamp"),
            std::string::npos);
  EXPECT_NE(with("root.v = $t.has_prefix(\"2\")").find("expected string value, got timestamp"),
            std::string::npos);
}

TEST(Strings, NothingGrowsWithoutBound) {
  const std::string big = R"({"v":")" + std::string(1000, 'a') + R"("})";
  for (const char* const mapping : {
           "root = this.v.repeat(9223372036854775807)",
           "root = this.v.repeat(1000000)",
           "root = this.v.replace_all(\"\", this.v).replace_all(\"\", this.v)",
           "root = "
           "this.v.replace_all_many([\"a\",\"aaaaaaaa\",\"a\",\"aaaaaaaa\",\"a\",\"aaaaaaaa\","
           "\"a\",\"aaaaaaaa\","
           "\"a\",\"aaaaaaaa\",\"a\",\"aaaaaaaa\",\"a\",\"aaaaaaaa\"])",
           "root = this.v.re_replace_all(\"\", this.v + this.v).re_replace_all(\"\", this.v)",
           "root = this.v.repeat(100000).split(\"\")",
           "root = \"%999999[1]v\".repeat(100).format(1)",
       }) {
    const std::string got = test::run(mapping, big);
    EXPECT_TRUE(got.starts_with("error: ")) << mapping << "\n  " << got.substr(0, 200);
  }
}

}  // namespace
}  // namespace weir::mapping
