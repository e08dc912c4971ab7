// Interpolated strings: `${! expression }` in a text.

#include "mapping/template.h"

#include <string>

#include <gtest/gtest.h>

#include "support.h"

namespace weir::mapping {
namespace {

std::string render(std::string_view text, std::string_view input = "{}") {
  const auto made = Template::parse(text);
  if (!made) return "parse error: " + to_string(made.error());
  core::Batch batch = core::Batch::of({std::string(input)});
  batch[0].set_metadata("k", core::Value::string("v"));
  const Environment environment = Environment::system();
  core::SeededRandom random(1);
  Context context(environment, random);
  context.bind(batch[0]);
  const auto out = made->render(context);
  return out ? std::string(*out) : "error: " + out.error().message;
}

TEST(Template, ExpressionsBecomeText) {
  EXPECT_EQ(render("a ${! this.x } b ${!@k}", R"({"x":1.50})"), "a 1.50 b v");
  EXPECT_EQ(render("${! this.o }", R"({"o":{"b":"<","a":1}})"), "{\"a\":1,\"b\":\"\\u003c\"}");
  EXPECT_EQ(render("${! this.nope } ${! deleted() } ${! nothing() }"), "null null null");
  EXPECT_EQ(render("${! 1000000.0 }"), "1e+06");
  EXPECT_EQ(render("${! \"}\" + {\"a\":\"}\"}.a }"), "}}");
  EXPECT_EQ(render("${! content() }", "raw"), "raw");
}

TEST(Template, OnlyTheMarkerIsSpecial) {
  EXPECT_EQ(render("$ {! } ${x} $${! 1 } ${"), "$ {! } ${x} $1 ${");
  EXPECT_EQ(render("${{! this.x }} and ${! 1 }"), "${! this.x } and 1");
  EXPECT_EQ(render(""), "");
}

TEST(Template, ErrorsAreErrors) {
  EXPECT_EQ(render("a ${! this.x }", "no json").substr(0, 7), "error: ");
  EXPECT_EQ(render("a ${! throw(\"why\") }"), "error: why");
  EXPECT_EQ(render("a ${! this.x.nope() } b"),
            "parse error: line 1 char 14: unrecognised method 'nope'");
  EXPECT_NE(render("a ${! this.x ").find("required: expected end of expression"),
            std::string::npos);
  EXPECT_NE(render("a ${! this.x\n}").find("required: expected end of expression"),
            std::string::npos);
  EXPECT_NE(render("a ${{! this.x").find("required: expected end of escaped expression"),
            std::string::npos);
}

TEST(Template, KnowsWhatIsConstant) {
  const auto constant = Template::parse("a ${{! b }}");
  EXPECT_TRUE(constant->is_constant());
  EXPECT_EQ(constant->constant(), "a ${! b }");
  const auto dynamic = Template::parse("dir/${! this.a }.txt");
  EXPECT_FALSE(dynamic->is_constant());
  EXPECT_EQ(dynamic->literal_prefix(), "dir/");
  EXPECT_TRUE(Template().is_constant());
  EXPECT_EQ(Template::literal("${! x }").constant(), "${! x }");
}

TEST(Template, ALoneExpressionKeepsItsKind) {
  core::Batch batch = core::Batch::of({R"({"a":[1]})"});
  const Environment environment = Environment::system();
  core::SeededRandom random(1);
  Context context(environment, random);
  context.bind(batch[0]);
  EXPECT_TRUE(Template::parse("${! this.a }")->value(context)->is(core::Kind::kArray));
  EXPECT_TRUE(Template::parse("x${! this.a }")->value(context)->is(core::Kind::kString));
}

}  // namespace
}  // namespace weir::mapping
