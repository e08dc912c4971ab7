#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "mapping/functions/calls.h"

namespace weir::mapping {
namespace {

using test::call;
using test::expect_error;

TEST(ParseJson, TakesTheFirstValueAndMakesFloats) {
  EXPECT_EQ(call("parse_json()", R"({"a":1} x)"), R"({"r":{"a":1}})");
  EXPECT_EQ(call("parse_json()", "5 6"), R"({"r":5})");
  EXPECT_EQ(call("parse_json()", "01"), R"({"r":0})");
  EXPECT_EQ(call("parse_json()", R"({"a":1,"a":2})"), R"({"r":{"a":2}})");
  EXPECT_EQ(call("parse_json()", "[1.50, 1e2, 12345678901234567890]"),
            R"({"r":[1.5,100,12345678901234567000]})");
  EXPECT_EQ(call("parse_json(true)", "[1.50, 1e2, 12345678901234567890]"),
            R"({"r":[1.50,1e2,12345678901234567890]})");
  EXPECT_EQ(call("parse_json().string()", "1000000"), R"({"r":"1e+06"})");
  EXPECT_EQ(call("parse_json(false).string()", "[[1.0],[2]]"), R"({"r":"[[1],[2]]"})");
  EXPECT_EQ(test::run("root = content().parse_json()", "[\"a\xff\"]"), "[\"a\xef\xbf\xbd\"]");
}

TEST(ParseJson, ErrorsAreGos) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "JSON: EOF"},
      {"  ", "JSON: EOF"},
      {R"({"a":1,})", "invalid character '}' looking for beginning of object key string"},
      {"[1,2", "unexpected EOF"},
      {"nul", "unexpected EOF"},
      {"{a:1}", "invalid character 'a' looking for beginning of object key string"},
      {"'a'", R"(invalid character '\'' looking for beginning of value)"},
      {"\"a\nb\"", R"(invalid character '\n' in string literal)"},
      {R"({"a" 1})", "invalid character '1' after object key"},
      {R"({"a":1 "b"})", R"(invalid character '"' after object key:value pair)"},
      {"[1 2]", "invalid character '2' after array element"},
      {"[01]", "invalid character '1' after array element"},
      {R"("\x")", "invalid character 'x' in string escape code"},
      {R"("\u12g4")", R"(invalid character 'g' in \u hexadecimal character escape)"},
      {"-x", "invalid character 'x' in numeric literal"},
      {"1.x", "invalid character 'x' after decimal point in numeric literal"},
      {"1ex", "invalid character 'x' in exponent of numeric literal"},
      {"[1,]", "invalid character ']' looking for beginning of value"},
      {"1e400", "number 1e400 is beyond a 64-bit float"},
  };
  for (const auto& [text, words] : cases) expect_error(call("parse_json()", text), words);
}

TEST(ParseJson, DeepDataIsAnErrorNotACrash) {
  const std::string deep(100'000, '[');
  expect_error(call("parse_json()", deep), "unexpected EOF");
  expect_error(call("parse_json()", deep + std::string(100'000, ']')), "nested deeper than");
}

TEST(FormatJson, WritesSortedIndentedOrCompact) {
  const auto format = [](const std::string& call) {
    return test::run("root.r = this." + call + ".string()", R"({"b":[],"a":{"x":1.0}})");
  };
  EXPECT_EQ(format("format_json(\"\")"), R"({"r":"{\"a\":{\"x\":1.0},\"b\":[]}"})");
  EXPECT_EQ(format("format_json(\" \")"),
            R"({"r":"{\n \"a\": {\n  \"x\": 1.0\n },\n \"b\": []\n}"})");
  expect_error(test::run("root = deleted().format_json()", "{}"), "");
  expect_error(test::run("root = this.format_json(\"" + std::string(5000, ' ') + "\")", "[1]"), "");
}

}  // namespace
}  // namespace weir::mapping
