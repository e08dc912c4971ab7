#include <string>

#include <gtest/gtest.h>

#include "mapping/functions/calls.h"

namespace weir::mapping {
namespace {

using test::call;
using test::expect_error;

TEST(ParseUrl, GivesThePartsThatGoGives) {
  EXPECT_EQ(
      call("parse_url()", "http://user:pa%20ss@Ex.com:8080/a%2Fb/c d?q=1#fr%20ag"),
      R"({"r":{"fragment":"fr ag","host":"Ex.com:8080","opaque":"","path":"/a/b/c d","raw_fragment":"",)"
      R"("raw_path":"/a%2Fb/c d","raw_query":"q=1","scheme":"http","user":{"name":"user","password":"pa ss"}}})");
  EXPECT_EQ(call("parse_url().opaque", "mailto:foo@bar.com"), R"({"r":"foo@bar.com"})");
  EXPECT_EQ(call("parse_url().user", "http://u@h"), R"({"r":{"name":"u"}})");
  expect_error(call("parse_url()", ":foo"), "parse \":foo\": missing protocol scheme");
}

TEST(ParseForm, CollectsRepeatedKeys) {
  EXPECT_EQ(call("parse_form_url_encoded()", "a=1&a=2&b=&c&d=x%20y+z&=e&a=3"),
            R"({"r":{"":"e","a":["1","2","3"],"b":"","c":"","d":"x y z"}})");
  EXPECT_EQ(call("parse_form_url_encoded()", ""), R"({"r":{}})");
  expect_error(call("parse_form_url_encoded()", "a=1;b=2"),
               "failed to parse value as url-encoded data");
}

}  // namespace
}  // namespace weir::mapping
