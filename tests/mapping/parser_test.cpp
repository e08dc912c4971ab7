// What the parser accepts and refuses, and where and how it says so.

#include <string>

#include <gtest/gtest.h>

#include "mapping/mapping.h"
#include "support.h"

namespace weir::mapping {
namespace {

using test::run;

ParseErrors errors_of(std::string_view mapping, const CompileOptions& options = {}) {
  const auto compiled = Mapping::compile(mapping, options);
  return compiled ? ParseErrors{} : compiled.error();
}

std::string first_error(std::string_view mapping) {
  const ParseErrors errors = errors_of(mapping);
  return errors.empty() ? "no error" : to_string(errors.front());
}

TEST(Parser, AnErrorNamesLineAndCharacter) {
  EXPECT_EQ(first_error("root.a = 1\nroot.b = this.x nope"), "line 2 char 17: expected line break");
  EXPECT_EQ(first_error("root = \"\u00fc\u00fc\" x"), "line 1 char 13: expected line break");
  EXPECT_EQ(first_error("let foo+bar = baz"), "line 1 char 8: expected whitespace");
  EXPECT_EQ(first_error("meta foo+bar = baz"), "line 1 char 9: expected =");
  EXPECT_EQ(first_error("root.a=1"), "line 1 char 7: expected whitespace");
  EXPECT_EQ(first_error("root.a =1"), "line 1 char 9: expected whitespace");
}

TEST(Parser, TheLineIsShownWithACaret) {
  const std::string text = "root.a = 1\n\troot.b = this.x.not_nulll()";
  const ParseErrors errors = errors_of(text);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(to_string(errors, text),
            "line 2 char 18: unrecognised method 'not_nulll' (did you mean `not_null`?)\n"
            "  2 | \troot.b = this.x.not_nulll()\n"
            "    | \t                ^^^^^^^^^");
}

TEST(Parser, SeveralMistakesAreToldTogether) {
  const ParseErrors errors = errors_of(
      "root.a = this.a.nope_one()\n"
      "root.b = = 5\n"
      "root.c = nope_two(this.x.nope_three())\n"
      "root.d = this.d\n"
      "root.e = \"open\n");
  ASSERT_EQ(errors.size(), 5U);
  EXPECT_EQ(errors[0].line, 1U);
  EXPECT_EQ(errors[1].line, 2U);
  EXPECT_EQ(errors[2].line, 3U);
  EXPECT_EQ(errors[3].line, 3U);
  EXPECT_EQ(errors[4].line, 5U);
}

TEST(Parser, AMistakeInsideABlockDoesNotHideTheStatementsBehindIt) {
  const ParseErrors errors =
      errors_of("if this.a {\n  root.b = +\n}\nroot.c = this.c.nopenope()\n");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].line, 2U);
  EXPECT_EQ(errors[1].line, 4U);
}

TEST(Parser, NamesAreSuggested) {
  EXPECT_NE(first_error("root = this.strin()").find("did you mean `string`?"), std::string::npos);
  EXPECT_NE(first_error("root = contet()").find("did you mean `content`?"), std::string::npos);
  EXPECT_NE(first_error("root = this.number(defalt: 5)").find("did you mean `default`?"),
            std::string::npos);
  EXPECT_NE(first_error("root = not_null(this.a)").find("is a method"), std::string::npos);
  EXPECT_NE(first_error("root = this.content()").find("is a function"), std::string::npos);
}

TEST(Parser, ABrokenLoneExpressionIsToldWhereItBreaks) {
  EXPECT_EQ(first_error("this.a.b +"), "line 1 char 11: required: expected query");
  EXPECT_EQ(first_error("this.a\nthis.b"),
            "line 2 char 1: expected the mapping to end here as the beginning is shorthand for "
            "`root = this.a`, "
            "but this shorthand form cannot be followed with more assignments");
}

TEST(Parser, NothingIsNoMapping) {
  for (const char* text : {"", "\n  ", "# only a comment", "# one\n\n# two\n"}) {
    EXPECT_NE(first_error(text).find("expected import, map, or assignment"), std::string::npos)
        << text;
  }
}

TEST(Parser, WhatTheFamilyRefusesIsRefused) {
  for (const char* text : {"root = nullable",
                           "root = !!true",
                           "root = a[0]",
                           "root = 'x'",
                           "root = 9223372036854775808",
                           "root = {5: 1}",
                           "root = match { }",
                           "root = if true { let a = 1 }",
                           "root = \"\\q\"",
                           "root = \"\\ud83d\"",
                           "root = \"\\U00110000\"",
                           "root = \"\\400\"",
                           "root = \"a\nb\"",
                           "root = .5",
                           "root = 5.",
                           "root = this.foo\n.bar",
                           "root = 1\n+ 1",
                           "@foo = 1",
                           "meta a.b = 1",
                           "meta(\"k\") = 1",
                           "root.a == 1 2",
                           "map a {\n  import \"x\"\n}",
                           "if true {\n map x { root = 1 }\n}",
                           "root = (x -> y -> y)",
                           "root = if true { 1 }\nelse if false { 2 }\nelse  if true { 3 }",
                           "root.* = 1",
                           "root = $",
                           "root = 5 / 0",
                           "root = 1 + \"a\"",
                           "root = true < false",
                           "root = -\"a\"",
                           "map a { root = 1 }\nmap a { root = 2 }",
                           "root = throw()",
                           "root = throw(\"a\", \"b\")",
                           "root = this.map(query: this, query: this)",
                           "root = throw(why: \"a\", \"b\")"}) {
    EXPECT_FALSE(errors_of(text).empty()) << text;
  }
}

TEST(Parser, WhatTheFamilyAcceptsIsAccepted) {
  EXPECT_EQ(run("root = if", R"({"if":5})"), "5");
  EXPECT_EQ(run("root.match = this.match\nroot.let = 1", R"({"match":5})"),
            R"({"let":1,"match":5})");
  EXPECT_EQ(run("root = {foo: 1}", R"({"foo":"bar"})"), R"({"bar":1})");
  EXPECT_EQ(run("root = this.(a + b).(this * 2)", R"({"a":1,"b":2})"), "6");
  EXPECT_EQ(run("root = this.\n  # why\n  a.\n  b", R"({"a":{"b":1}})"), "1");
  EXPECT_EQ(run("root = this.a +\n  # more\n  this.b", R"({"a":1,"b":2})"), "3");
  EXPECT_EQ(run("root = [\n1, # one\n2,\n]", "{}"), "[1,2]");
  EXPECT_EQ(run("root.a = 1 # end\r\nroot.b = 2\r\n", "{}"), R"({"a":1,"b":2})");
  EXPECT_EQ(run("#!blobl\nroot = 1", "{}"), "1");
  EXPECT_EQ(run("root = \"\"\"a \"\"b\" c\nd\\n\"\"\"", "{}"), "a \"\"b\" c\nd\\n");
  EXPECT_EQ(run("root = \"\\x41\\101\\u00e9\\U0001F600\\a\\v\"", "{}"), "AA\u00e9\U0001F600\a\v");
  EXPECT_EQ(run("root = match this.x {}\nroot.a = 1", "{}"), R"({"a":1})");
  EXPECT_EQ(run("root = match {\"a\":1} { this.a == 1 => \"yes\" }", "{}"), "yes");
  EXPECT_EQ(run("root = match { this.a == 1 => \"one\", _ => \"other\" }", R"({"a":1})"), "one");
  EXPECT_EQ(run("root = 1.2.3", "{}"), "null");
  EXPECT_EQ(run("root = this.\"a.b\".\"*\"", R"({"a.b":{"*":1}})"), "1");
  EXPECT_EQ(run("map a { root.x = this.y }", R"({"y":1})"), R"({"y":1})");
}

TEST(Parser, MoreThanTheFamilyIsAccepted) {
  EXPECT_EQ(run("root.a = 1.0e3\nroot.b = 1e3\nroot.c = 2.5E-1", "{}"),
            R"({"a":1000,"b":1000,"c":0.25})");
  EXPECT_EQ(run("root = -9223372036854775808", "{}"), "-9223372036854775808");
  EXPECT_EQ(run("root = 1 # no line break behind this", "{}"), "1");
}

TEST(Parser, DeepTextsEndInAnErrorNotInACrash) {
  const std::string open(1'000'000, '(');
  EXPECT_NE(first_error("root = " + open + "1" + std::string(1'000'000, ')')).find("too deeply"),
            std::string::npos);
  EXPECT_NE(first_error("root = " + std::string(1'000'000, '[')).find("too deeply"),
            std::string::npos);
  std::string text = "root = ";
  for (int i = 0; i < 100'000; ++i) text += "{\"a\":";
  EXPECT_NE(first_error(text).find("too deeply"), std::string::npos);
  text = "root = ";
  for (int i = 0; i < 100'000; ++i) text += "if true { ";
  EXPECT_NE(first_error(text).find("too deeply"), std::string::npos);
  text.clear();
  for (int i = 0; i < 100'000; ++i) text += "if true {\n";
  EXPECT_NE(first_error(text).find("too deeply"), std::string::npos);
  text = "root = this";
  for (int i = 0; i < 200'000; ++i) text += ".type()";
  EXPECT_NE(first_error(text).find("too deeply"), std::string::npos);
  text = "root = ";
  for (int i = 0; i < 100'000; ++i) text += "match { ";
  EXPECT_NE(first_error(text).find("too deeply"), std::string::npos);
  text = "root = ";
  for (int i = 0; i < 100'000; ++i) text += "a -> (";
  EXPECT_NE(first_error(text).find("too deeply"), std::string::npos);
}

TEST(Parser, NestedMatchesDoNotTakeExponentialTime) {
  std::string text = "root = ";
  for (int i = 0; i < 60; ++i) text += "match { ";
  text += "true => 1";
  for (int i = 0; i < 60; ++i) text += " == 1 => 1 }";
  (void)errors_of(text);  // ends: that is the test
}

TEST(Parser, LongFlatTextsAreFine) {
  std::string sum = "root = 1";
  for (int i = 0; i < 50'000; ++i) sum += " + this.a";
  EXPECT_EQ(run(sum, R"({"a":1})"), "50001");
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "root.a = this.a\n";
  EXPECT_EQ(run(many, R"({"a":1})"), R"({"a":1})");
  std::string path = "root = this";
  for (int i = 0; i < 900; ++i) path += ".a";
  EXPECT_EQ(run(path, R"({"a":1})"), "null");
}

TEST(Parser, OnlyAnExpressionWhereOnlyOneIsAllowed) {
  CompileOptions options;
  options.expression_only = true;
  EXPECT_TRUE(errors_of("this.a == 1", options).empty());
  EXPECT_FALSE(errors_of("root = this.a == 1", options).empty());
  EXPECT_FALSE(errors_of("root.a = 1\nroot.b = 2", options).empty());
}

}  // namespace
}  // namespace weir::mapping
