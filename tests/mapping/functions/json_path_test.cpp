#include <string>

#include <gtest/gtest.h>

#include "functions/world.h"
#include "mapping/functions/json_path_parser.h"

namespace weir::mapping::test {
namespace {

constexpr const char* kStore = R"({"store":{
  "book":[
    {"category":"reference","author":"Nigel Rees","title":"Sayings","price":8.95},
    {"category":"fiction","author":"Evelyn Waugh","title":"Sword","price":12.99},
    {"category":"fiction","author":"Herman Melville","title":"Moby","isbn":"0-553","price":8.99},
    {"category":"fiction","author":"Tolkien","title":"Rings","isbn":"0-395","price":22.99}],
  "bicycle":{"color":"red","price":19.95}},
  "odd key":{"a.b":1},"limit":10})";

struct PathCase {
  const char* name;
  const char* path;
  const char* expected;
};

std::string path_case_name(const testing::TestParamInfo<PathCase>& tested) {
  return tested.param.name;
}

class JsonPathFinds : public testing::TestWithParam<PathCase> {};

TEST_P(JsonPathFinds, WhatTheTableSays) {
  World world;
  EXPECT_EQ(
      world.run(std::string("root = this.json_path(\"\"\"") + GetParam().path + "\"\"\")", kStore),
      GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, JsonPathFinds,
    testing::Values(
        PathCase{"all_authors", "$.store.book[*].author",
                 R"(["Nigel Rees","Evelyn Waugh","Herman Melville","Tolkien"])"},
        PathCase{"every_price", "$.store..price", "[8.95,12.99,8.99,22.99,19.95]"},
        PathCase{"third_title", "$..book[2].title", R"(["Moby"])"},
        PathCase{"a_definite_path_gives_the_value", "$.store.book[2].title", "Moby"},
        PathCase{"last_title", "$.store.book[-1].title", "Rings"},
        PathCase{"last_by_script", "$.store.book[(@.length-1)].title", "Rings"},
        PathCase{"first_two", "$.store.book[:2].price", "[8.95,12.99]"},
        PathCase{"union_of_indexes", "$.store.book[0, 3].price", "[8.95,22.99]"},
        PathCase{"union_of_names", "$.store.bicycle['color','price']", R"(["red",19.95])"},
        PathCase{"slice_with_step", "$.store.book[::2].price", "[8.95,8.99]"},
        PathCase{"slice_backwards", "$.store.book[::-1].price", "[22.99,8.99,12.99,8.95]"},
        PathCase{"slice_with_a_huge_step", "$.store.book[0:4:9223372036854775807].price", "[8.95]"},
        PathCase{"slice_from_the_end", "$.store.book[-2:].price", "[8.99,22.99]"},
        PathCase{"quoted_names", "$['odd key'][\"a.b\"]", "1"},
        PathCase{"names_with_hyphens", "$.no-such-name.*", "[]"},
        PathCase{"those_with_a_member", "$..book[?(@.isbn)].price", "[8.99,22.99]"},
        PathCase{"cheaper_than", "$..book[?(@.price < 10)].title", R"(["Sayings","Moby"])"},
        PathCase{"compared_with_the_root", "$..book[?(@.price > $.limit)].title",
                 R"(["Sword","Rings"])"},
        PathCase{
            "combined",
            "$..book[?(@.category == 'fiction' && (@.price < 10 || @.author == 'Tolkien'))].title",
            R"(["Moby","Rings"])"},
        PathCase{"negated", "$..book[?(!@.isbn)].price", "[8.95,12.99]"},
        PathCase{"unequal_wants_the_member", "$..book[?(@.isbn != '0-553')].title", R"(["Rings"])"},
        PathCase{"pattern", "$..book[?(@.author =~ '^(Evelyn|Herman)')].title",
                 R"(["Sword","Moby"])"},
        PathCase{"arithmetic", "$..book[?(@.price * 2 - 1 > 40 % 30)].price",
                 "[8.95,12.99,8.99,22.99]"},
        PathCase{"kinds_that_do_not_compare", "$..book[?(@.title > 5)]", "[]"},
        PathCase{"filter_of_an_object", "$.store[?(@.color)].price", "[19.95]"},
        PathCase{"wildcard_of_a_scalar", "$.limit.*", "[]"},
        PathCase{"the_root_itself", "$.limit", "10"},
        PathCase{"nothing_there", "$.store.nope",
                 "error: failed assignment (line 1): field `this`: unknown key nope"},
        PathCase{"no_such_element", "$.store.book[7]",
                 "error: failed assignment (line 1): field `this`: index 7 is out of range"}),
    path_case_name);

TEST(JsonPathText, IsRefusedWithThePosition) {
  const auto why = [](std::string_view text) {
    const auto path = JsonPath::parse(text);
    return path ? std::string("accepted") : path.error().message;
  };
  EXPECT_EQ(why(""), "expected `$` at position 0");
  EXPECT_EQ(why("a.b"), "expected `$` at position 0");
  EXPECT_EQ(why("$."), "expected a name at position 2");
  EXPECT_EQ(why("$.a b"), "expected the end of the path at position 4");
  EXPECT_EQ(why("$[1"), "expected `]` at position 3");
  EXPECT_EQ(why("$['a"), "expected a closing quote at position 4");
  EXPECT_EQ(why("$['a\\"), "expected a closing quote at position 5");
  EXPECT_EQ(why("$['\\u00g0']"), "expected four hexadecimal digits at position 7");
  EXPECT_EQ(why("$[99999999999999999999]"), "expected an integer at position 2");
  EXPECT_EQ(why("$[1:2:0]"), "expected a step other than 0 at position 7");
  EXPECT_EQ(why("$[?(@.a =~ @.b)]"), "expected a pattern in quotes before this at position 14");
  EXPECT_NE(why("$[?(@.a =~ '(')]").find("bad pattern"), std::string::npos);
  EXPECT_EQ(why("$[?(@.a == 1"), "expected `)` at position 12");
  EXPECT_EQ(why("$[?(1.)]"), "expected a value at position 4");
}

TEST(JsonPathText, MayNotNestWithoutEnd) {
  const std::string deep =
      "$[?(" + std::string(10'000, '(') + "1" + std::string(10'000, ')') + ")]";
  EXPECT_FALSE(JsonPath::parse(deep));
  std::string chain = "$[?(1";
  for (int i = 0; i < 10'000; ++i) chain += "+1";
  EXPECT_FALSE(JsonPath::parse(chain + ")]"));
  EXPECT_FALSE(JsonPath::parse("$[?(" + std::string(10'000, '!') + "@.a)]"));
  std::string nested;
  for (int i = 0; i < 10'000; ++i) nested += "$[?(@";
  EXPECT_FALSE(JsonPath::parse(nested));
}

TEST(JsonPathBudget, StopsASearchThatVisitsTooMuch) {
  World world;
  world.limits.max_steps = 100'000;
  const std::string steps = "$..*..*..*..*..*";
  std::string document = "0";
  for (int i = 0; i < 60; ++i) document = "[" + document + ",1]";
  EXPECT_EQ(world.run("root = this.json_path(\"" + steps + "\")", document),
            "error: failed assignment (line 1): evaluation takes more steps than its limit allows");
}

}  // namespace
}  // namespace weir::mapping::test
