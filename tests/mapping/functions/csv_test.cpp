#include <string>

#include <gtest/gtest.h>

#include "mapping/functions/calls.h"

namespace weir::mapping {
namespace {

using test::call;
using test::expect_error;

TEST(ParseCsv, FollowsGosReader) {
  EXPECT_EQ(call("parse_csv()", "a,a\n1,2"), R"({"r":[{"a":"2"}]})");
  EXPECT_EQ(call("parse_csv()", "a,b\r\n\"1\r\n2\",3\r\n"), R"({"r":[{"a":"1\n2","b":"3"}]})");
  EXPECT_EQ(call("parse_csv(delimiter: \";\")", "a;b\n1;2"), R"({"r":[{"a":"1","b":"2"}]})");
  EXPECT_EQ(call("parse_csv()", "a,b"), R"({"r":[]})");
  expect_error(call("parse_csv()", ""), "zero records were parsed");
  expect_error(call("parse_csv()", "\n\n"), "zero records were parsed");
  expect_error(call("parse_csv(delimiter: \"\")", "a"),
               "delimiter value must be exactly one character");
  expect_error(call("parse_csv(delimiter: \"ab\")", "a"),
               "delimiter value must be exactly one character");
  expect_error(call("parse_csv(delimiter: \"\\\"\")", "a"), "invalid field or comment delimiter");
  expect_error(call("parse_csv()", "a,b\n1\"x,2"), "bare \" in non-quoted");
  expect_error(call("parse_csv()", "a,b\n\"1x,2"), "extraneous or missing \" in quoted-field");
  expect_error(call("parse_csv(false)", "a,b\n1"), "record on line 2: wrong number of fields");
}

}  // namespace
}  // namespace weir::mapping
