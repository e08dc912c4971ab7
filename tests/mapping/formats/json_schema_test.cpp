#include "mapping/formats/json_schema.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "core/json_index.h"

namespace weir::mapping {
namespace {

std::string checked(std::string_view schema, std::string_view document,
                    std::uint64_t budget = 1'000'000) {
  const auto compiled = JsonSchema::compile(schema);
  if (!compiled) return "schema: " + compiled.error().message;
  core::Arena arena;
  const auto value = core::parse_json(document, arena);
  if (!value) return "document: " + value.error().message;
  const auto problems = (*compiled)->check(*value, arena, [&budget](std::uint64_t steps) {
    if (steps > budget) return false;
    budget -= steps;
    return true;
  });
  return problems ? *problems : "error: " + problems.error().message;
}

TEST(JsonSchema, NamesEveryProblemWithItsPlace) {
  EXPECT_EQ(
      checked(
          R"({"type":"object","required":["id","at"],"properties":{"id":{"type":["integer","null"]},
             "tags":{"type":"array","items":{"type":"string","minLength":2},"maxItems":2}},
             "additionalProperties":false})",
          R"({"id":1.5,"tags":["ok",7,"é"],"x":1})"),
      "(root) at is required\n"
      "id invalid type. expected: integer/null, given: number\n"
      "tags.1 invalid type. expected: string, given: integer\n"
      "tags.2 string length must be greater than or equal to 2\n"
      "tags array must have at most 2 items\n"
      "(root) additional property x is not allowed");
}

TEST(JsonSchema, KnowsTheKeywordsOfItsDrafts) {
  struct Case {
    const char* schema;
    const char* good;
    const char* bad;
  };
  for (
      const Case& c : {
          Case{"true", "1", ""},
          Case{"false", "", "1"},
          Case{R"({"enum":[1,"a",{"b":[null]}]})", R"({"b":[null]})", "true"},
          Case{R"({"const":1})", "1.0", "true"},
          Case{R"({"minimum":3,"maximum":5})", "5", "5.1"},
          Case{R"({"exclusiveMinimum":3})", "3.1", "3"},
          Case{R"({"minimum":3,"exclusiveMinimum":true})", "4", "3"},
          Case{R"({"maximum":3,"exclusiveMaximum":true})", "2", "3"},
          Case{R"({"multipleOf":0.01})", "4.35", "4.355"},
          Case{R"({"pattern":"^a+$"})", R"("aa")", R"("ab")"},
          Case{R"({"pattern":"^a+$"})", "5", R"("")"},
          Case{R"({"maxLength":2})", R"("éé")", R"("abc")"},
          Case{R"({"items":[{"type":"string"}],"additionalItems":false})", R"(["a"])",
               R"(["a",1])"},
          Case{R"({"items":[{"type":"string"}],"additionalItems":{"type":"null"}})",
               R"(["a",null])", R"(["a",1])"},
          Case{R"({"contains":{"const":2}})", "[1,2]", "[1]"},
          Case{R"({"uniqueItems":true})", R"([1,"1",true,[1],[2]])", "[[1],[1.0]]"},
          Case{R"({"minItems":1})", "[1]", "[]"},
          Case{R"({"minProperties":1,"maxProperties":1})", R"({"a":1})", "{}"},
          Case{
              R"({"patternProperties":{"^n_":{"type":"number"}},"additionalProperties":{"type":"string"}})",
              R"({"n_a":1,"b":"x"})", R"({"n_a":"x"})"},
          Case{R"({"propertyNames":{"maxLength":1}})", R"({"a":1})", R"({"ab":1})"},
          Case{R"({"dependencies":{"a":["b"],"c":{"required":["d"]}}})", R"({"a":1,"b":2})",
               R"({"c":1})"},
          Case{R"({"allOf":[{"minimum":1},{"maximum":2}]})", "2", "3"},
          Case{R"({"anyOf":[{"type":"string"},{"minimum":2}]})", R"("a")", "1"},
          Case{R"({"oneOf":[{"multipleOf":3},{"multipleOf":5}]})", "5", "15"},
          Case{R"({"not":{"type":"null"}})", "1", "null"},
          Case{R"({"if":{"type":"string"},"then":{"minLength":1},"else":{"const":0}})", R"("a")",
               "1"},
          Case{R"({"$ref":"#/definitions/a~1b","definitions":{"a/b":{"type":"null"}}})", "null",
               "1"},
          Case{R"({"properties":{"child":{"$ref":"#"}},"additionalProperties":false})",
               R"({"child":{"child":{}}})", R"({"child":{"x":1}})"},
          Case{R"({"format":"date-time"})", R"("2020-01-01T00:00:00Z")", R"("yesterday")"},
          Case{R"({"format":"date"})", R"("2020-02-29")", R"("2021-02-29")"},
          Case{R"({"format":"time"})", R"("10:00:00Z")", R"("25:00:00Z")"},
          Case{R"({"format":"email"})", R"("a.b@example.com")", R"("a b@example.com")"},
          Case{R"({"format":"hostname"})", R"("a-b.example")", R"("-a.example")"},
          Case{R"({"format":"ipv4"})", R"("127.0.0.1")", R"("127.0.0.256")"},
          Case{R"({"format":"ipv6"})", R"("::1")", R"("::1::")"},
          Case{R"({"format":"uuid"})", R"("8a6e0804-2bd0-4672-b79d-d97027f9071a")",
               R"("8a6e0804")"},
          Case{R"({"format":"uri"})", R"("https://example.com/a?b#c")", R"("/relative")"},
          Case{R"({"format":"json-pointer"})", R"("/a~0b")", R"("/a~2")"},
          Case{R"({"format":"regex"})", R"("a+")", R"("a(")"},
          Case{R"({"format":"something of ours"})", R"("x")", ""},
      }) {
    if (*c.good != 0) {
      EXPECT_EQ(checked(c.schema, c.good), "") << c.schema << " " << c.good;
    }
    if (*c.bad != 0) {
      const std::string got = checked(c.schema, c.bad);
      EXPECT_FALSE(got.empty()) << c.schema << " " << c.bad;
      EXPECT_FALSE(got.starts_with("schema: ") || got.starts_with("document: ")) << got;
    }
  }
}

TEST(JsonSchema, SaysWhatIsWrongWithASchema) {
  EXPECT_EQ(checked(R"({"type":"text"})", "1"),
            "schema: schema at `#`: `type` must be one or more of null, boolean, integer, number, "
            "string, array, object");
  EXPECT_EQ(checked(R"({"properties":{"a":{"minimum":"1"}}})", "1"),
            "schema: schema at `#/properties/a`: `minimum` must be a number");
  EXPECT_EQ(checked(R"({"$ref":"#/nowhere"})", "1"),
            "schema: reference `#/nowhere`: there is nothing at this place");
  EXPECT_EQ(checked(R"({"$ref":"http://example.com/s.json"})", "1"),
            "schema: reference `http://example.com/s.json`: schemas are not read from elsewhere, "
            "only from below `#`");
  EXPECT_TRUE(checked(R"({"pattern":"a("})", "1").starts_with("schema: error parsing regexp"));
  EXPECT_TRUE(checked("{", "1").starts_with("schema: invalid JSON"));
  EXPECT_EQ(checked("5", "1"), "schema: schema at `#` must be an object or a bool");
}

TEST(JsonSchema, HostileSchemasEnd) {
  EXPECT_TRUE(checked(R"({"$ref":"#"})", "1").starts_with("error: "));
  // Every level doubles the work.
  EXPECT_TRUE(checked(R"({"anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}],"not":{}})",
                      std::string(100, '[') + std::string(100, ']'), 100'000)
                  .starts_with("error: "));
  std::string chain = R"({"$ref":"#/d/0","d":{)";
  for (int i = 0; i < 20'000; ++i)
    chain += "\"" + std::to_string(i) + R"(":{"$ref":"#/d/)" + std::to_string(i + 1) + "\"},";
  chain += R"("20000":{}}})";
  EXPECT_TRUE(checked(chain, "1").starts_with("error: "));
  std::string many = "[";
  for (int i = 0; i < 5000; ++i) many += (i == 0 ? "" : ",") + std::to_string(i);
  EXPECT_TRUE(checked(R"({"uniqueItems":true})", many + "]").starts_with("error: "));
  const std::string wrong = checked(R"({"items":{"type":"null"}})", many + "]");
  EXPECT_EQ(std::count(wrong.begin(), wrong.end(), '\n'), 99);
}

}  // namespace
}  // namespace weir::mapping
