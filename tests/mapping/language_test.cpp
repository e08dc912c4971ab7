// What mappings mean: contexts, markers, paths, assignments, operators, errors.

#include <string>

#include <gtest/gtest.h>

#include "core/time_zone.h"
#include "mapping/mapping.h"
#include "support.h"

namespace weir::mapping {
namespace {

using test::run;

struct Row {
  const char* mapping;
  const char* input;
  const char* expected;
};

template <std::size_t n>
void check(const Row (&rows)[n]) {
  core::set_local_zone(core::utc_zone());
  for (const Row& row : rows) {
    EXPECT_EQ(run(row.mapping, row.input), row.expected) << row.mapping << "  on  " << row.input;
  }
}

TEST(Language, ContextsFollowTheBrackets) {
  check({
      {"root = this.a.(b.(c.(x -> this)))", R"({"a":{"b":{"c":{"d":1}}}})", R"({"c":{"d":1}})"},
      {"root = this.a.(x -> x.v + this.v)", R"({"a":{"v":1},"v":10})", "11"},
      {"root = this.a.map(x -> this.b.map(y -> x.v + y.v + this.w))",
       R"({"a":{"v":1},"b":{"v":2},"w":100})", "103"},
      {"root = x -> x.a", R"({"a":5})", "5"},
      {"root = this.a.(_ -> this.v)", R"({"a":1,"v":2})", "2"},
      {"root = this.foo.or(this.bar)", R"({"bar":3})", "3"},
      {"root = match this.a { this.b == 1 => this.b + 1, _ => this }", R"({"a":{"b":1}})", "2"},
      {"root = match this.a { x -> x.b == this.w => x -> this.w, _ => 0 }",
       R"({"a":{"b":7},"w":7})", "7"},
      {"root = this.a.catch(this)", R"({"a":"v"})", "v"},
      {"root = throw(\"why\").catch(\"because \" + this)", "{}", "because why"},
      {"root = throw(\"why\").catch(err -> {\"e\": err, \"doc\": this.a})", R"({"a":1})",
       R"({"doc":1,"e":"why"})"},
      {"let x = 5\nroot = this.a.($x + this)", R"({"a":1})", "6"},
  });
}

TEST(Language, MissingIsNullAndNothingIsNotAssigned) {
  check({
      {"root.a = this.x.y.z", R"({"x":5})", R"({"a":null})"},
      {"root.a = this.x.5", R"({"x":[1]})", R"({"a":null})"},
      {"root.a = 1\nroot.a = if false { 2 }\nroot.b = match 5 { 6 => 7 }", "{}", R"({"a":1})"},
      {"root.a = [if false {1}, 2, deleted(), null]", "{}", R"({"a":[2,null]})"},
      {"root = {\"a\": if false {1}, \"b\": deleted(), \"c\": null}", "{}", R"({"c":null})"},
      {"root = if this.missing { 1 } else { 2 }", "{}", "2"},
      {"if this.missing { root.a = 1 }", "{}",
       "error: failed assignment (line 1): field `this.missing` resolved to a non-boolean value "
       "<nil> (null)"},
      {"root.x = root", R"({"a":1})", R"({"a":1})"},
      {"root = deleted() | 1", "{}", "1"},
      {"root = nothing() | null | 2", "{}", "2"},
      {"root.t = nothing().type()\nroot.d = deleted().type()", "{}",
       R"({"d":"delete","t":"nothing"})"},
      {"root.s = nothing().string()", "{}", R"({"s":"null"})"},
      {"root.eq = this.x == null", "{}", R"({"eq":true})"},
  });
}

TEST(Language, PathsAreWritten) {
  check({
      {"root.a.b.c = 1", "{}", R"({"a":{"b":{"c":1}}})"},
      {"root.a.0 = 1", "{}", R"({"a":{"0":1}})"},
      {"root.a = [1,2]\nroot.a.0 = 9\nroot.a.\"-\" = 3\nroot.a.\"-\".x = 4", "{}",
       R"({"a":[9,2,3,{"x":4}]})"},
      {"root = []\nroot.\"-\" = 1", "{}", "[1]"},
      {"root.a = [1]\nroot.a.5 = 1", "{}",
       "error: failed assignment (line 2): unable to set target path a.5: index 5 is past the end "
       "of an array of 1"},
      {"root.a = null\nroot.a.b = 1", "{}", R"({"a":{"b":1}})"},
      {"root = null\nroot.a = 1", "{}", R"({"a":1})"},
      {"root.a = \"x\"\nroot.a.b = 1", "{}",
       "error: failed assignment (line 2): unable to set target path a.b as the value of a was a "
       "non-object type "
       "(string)"},
      {"root = deleted()\nroot.a = 1", "{}",
       "error: failed assignment (line 2): unable to set target path a as the value of the root "
       "was a non-object "
       "type (delete)"},
      {"root = deleted()\nroot = this", "{\"a\":1}", R"({"a":1})"},
      {"this.x = 1", "{}", R"({"this":{"x":1}})"},
      {"foo.bar = 1", "{}", R"({"foo":{"bar":1}})"},
      {"root.\"a.b\" = 1", "{}", R"({"a.b":1})"},
      {"root = this\nroot.o.x = deleted()\nroot.l.0 = deleted()\nroot.no.way = deleted()",
       R"({"o":{"x":1,"y":2},"l":[1,2]})", R"({"l":[2],"o":{"y":2}})"},
      {"root = this\nroot.0 = deleted()", "[1,2]", "[1,2]"},
      {"root.gone = deleted()", "[1]", "{}"},
      {"root.a = this.l.\"*\".v\nroot.b = this.l.\"*\".no", R"({"l":[{"v":1},{},{"v":2}]})",
       R"({"a":[1,2],"b":null})"},
      {"root.a = this.l.*", "{}",
       "parse error: line 1 char 17: required: expected method or field path"},
  });
}

TEST(Language, ValuesAreCopiedWhenAssigned) {
  check({
      {"let a = this.o\nroot.x = $a\nroot.x.v = 2\nroot.y = $a\nroot.z = this.o",
       R"({"o":{"v":1}})", R"({"x":{"v":2},"y":{"v":1},"z":{"v":1}})"},
      {"root = this\nroot.o.v = 2\nroot.before = this.o", R"({"o":{"v":1}})",
       R"({"before":{"v":1},"o":{"v":2}})"},
      {"root.a = this.o\nroot.b = root.a\nroot.b.v = 5\nroot.second = root", R"({"o":{"v":1}})",
       R"({"a":{"v":1},"b":{"v":5},"second":{"a":{"v":1},"b":{"v":5}}})"},
      {"meta m = this.o\nroot.o = this.o\nroot.o.v = 3\nroot.m = @m", R"({"o":{"v":1}})",
       R"({"m":{"v":1},"o":{"v":3}})"},
      {"let c = {\"x\": [1]}\nroot.a = $c\nroot.a.x.\"-\" = 2\nroot.b = $c", "{}",
       R"({"a":{"x":[1,2]},"b":{"x":[1]}})"},
  });
}

TEST(Language, OperatorsHaveFourLevels) {
  check({
      {"root = true || true && false", "{}", "false"},
      {"root = 5 + null | 3", "{}", "8"},
      {"root = -5.abs()", "{}", "-5"},
      {"root = (-5).abs()", "{}", "5"},
      {"root = 5--3", "{}", "8"},
      {"root = 7 / 2\n", "{}", "3.5"},
      {"root = -7 % 3", "{}", "-1"},
      {"root = 7.9 % 3.9", "{}", "1"},
      {"root = this.a * this.b | 5", R"({"a":1,"b":"x"})", "5"},
      {"root = !this.a.b", R"({"a":{"b":true}})", "false"},
      {"root = 9223372036854775807 + this.a", R"({"a":1})", "-9223372036854775808"},
      {"root = this.a + 1", R"({"a":9223372036854775807})", "-9223372036854775808"},
      {"root = this.a + 1", R"({"a":9223372036854775808})", "9223372036854776000"},
      {"root = this.a + 1", R"({"a":1.5e3})", "1501"},
      {"root = this.a == 1\n", R"({"a":true})", "true"},
      {"root = 1 == this.a", R"({"a":true})", "false"},
      {"root = this.a && 1", R"({"a":5})", "true"},
      {"root = false && throw(\"not evaluated\")", "{}", "false"},
      {"root = 1 || throw(\"not evaluated\")", "{}", "true"},
      {"root = this.a == this.b", R"({"a":[9007199254740993],"b":[9007199254740992]})", "true"},
      {"root = this.a == this.b", R"({"a":9007199254740993,"b":9007199254740992})", "false"},
      {"root = this.a == this.b", R"({"a":{"x":1,"y":null},"b":{"x":1.0,"z":2}})", "true"},
      {"root = \"B\" < \"a\"", "{}", "true"},
      {"root = this.nan.number() < 5 || this.nan.number() >= 5", R"({"nan":"NaN"})", "false"},
      {"root = this.a == this.a", R"({"a":1e400})", "true"},
      {"root = \"a\" + content()", "b", "ab"},
  });
}

TEST(Language, NumbersKeepTheirText) {
  check({
      {"root = this", R"({"a":1.10,"b":1e5,"c":-0.0,"d":12345678901234567890,"e":1e400})",
       R"({"a":1.10,"b":1e5,"c":-0.0,"d":12345678901234567890,"e":1e400})"},
      {"root.a = this.a", R"({"a":1.0})", R"({"a":1.0})"},
      {"root.a = this.a.string()", R"({"a":1.10})", R"({"a":"1.10"})"},
      {"root.a = this.a.number().string()", R"({"a":1597405526})", R"({"a":"1.597405526e+09"})"},
      {"root.a = 3.0\nroot.b = 1e20\nroot.c = 1e21\nroot.d = 1e-7", "{}",
       R"({"a":3,"b":100000000000000000000,"c":1e+21,"d":1e-7})"},
      {"root.a = this.a * 1.0", R"({"a":18446744073709551615})", R"({"a":18446744073709552000})"},
      {"root.n = this.a.number()", R"({"a":"NaN"})",
       "error: writing JSON: a number is not finite (NaN or infinity)"},
  });
}

TEST(Language, ErrorsSayWhereValuesComeFrom) {
  check({
      {"root = this.a + 5", R"({"a":"x"})",
       "error: failed assignment (line 1): cannot add types string (from field `this.a`) and "
       "number (from number "
       "literal)"},
      {"root = !this.a", R"({"a":5})",
       "error: failed assignment (line 1): expected bool value, got number from field `this.a` "
       "(5)"},
      {"root = $nope", "{}", "error: failed assignment (line 1): variable 'nope' undefined"},
      {"root.a = 1\n\nroot.b = throw(\"x\")", "{}", "error: failed assignment (line 3): x"},
      {"map m {\n  root.a = throw(\"deep\")\n}\n\nroot = this.apply(\"m\")", "{}",
       "error: failed assignment (line 5): failed assignment (line 2): deep"},
      {"root = {\"k\": throw(\"x\")}", "{}",
       "error: failed assignment (line 1): failed to resolve 'k' value: x"},
      {"root = {this.a: 1}", R"({"a":5})",
       "error: failed assignment (line 1): expected string value, got number from field `this.a` "
       "(5)"},
      {"root = match { throw(\"x\") => 1 }", "{}",
       "error: failed assignment (line 1): failed to check match case 0: x"},
      {"if true {\n  root.a = throw(\"x\")\n}", "{}", "error: failed assignment (line 2): x"},
      {"root = json(\"a\")", "nope",
       "error: failed assignment (line 1): invalid JSON at byte 1: not a JSON value, found `n`"},
      {"root = this.a.b | 5", "nope", "5"},
      {"root = this.catch(deleted())", "nope", "deleted"},
      {"root = this.a.not_null().b", "{}",
       "error: failed assignment (line 1): field `this.a`: value is null"},
      {"root = throw(this.a)", R"({"a":5})",
       "error: failed assignment (line 1): field why: expected string value, got number (5)"},
  });
}

TEST(Language, AFailedMappingLeavesTheMessageAsItWas) {
  for (const char* text :
       {"root = this\nroot.x = 1\nroot.a = 2\nroot.y = throw(\"x\")",
        "root = this\nroot.x = throw(\"x\")", "root.x = 1\nmeta k = 2\nroot.y = throw(\"x\")",
        "root = this\nroot.a = deleted()\nroot.x = throw(\"x\")"}) {
    const auto compiled = Mapping::compile(text);
    ASSERT_TRUE(compiled) << text;
    core::Batch batch = core::Batch::of({R"({"a":1, "b":2})"});
    const Environment environment = Environment::system();
    core::SeededRandom random(1);
    Context context(environment, random);
    context.bind(batch[0]);
    ASSERT_FALSE(compiled->map(context, batch[0]));
    EXPECT_EQ(*batch[0].payload(), R"({"a":1, "b":2})") << text;
    EXPECT_TRUE(batch[0].metadata().is_null()) << text;
    core::Buffer out;
    ASSERT_TRUE(core::write_json(*batch[0].root(), out, {.sort_keys = true}));
    EXPECT_EQ(out.view(), R"({"a":1,"b":2})") << text;
  }
}

TEST(Language, MapsHaveAScopeOfTheirOwn) {
  check({
      {"map fact {\n  root = if this <= 1 { 1 } else { this * (this - 1).apply(\"fact\") }\n}\n"
       "root = this.n.apply(\"fact\")",
       R"({"n":10})", "3628800"},
      {"let a = 1\nmap m { root = $a }\nroot = this.apply(\"m\")", "{}",
       "error: failed assignment (line 3): failed assignment (line 2): variable 'a' undefined"},
      {"map m { root.x = this.a }\nroot.keep = 1\nroot.m = this.apply(\"m\")", R"({"a":5})",
       R"({"keep":1,"m":{"x":5}})"},
      {"map m { let x = 1 }\nroot.a = this.apply(\"m\")\nroot.b = 2", "{}", R"({"b":2})"},
      {"map m { if true { meta a = 1 } }\nroot = this.apply(\"m\")", "{}",
       "error: failed assignment (line 2): failed assignment (line 1): setting meta fields is not "
       "allowed within a "
       "map"},
      {"map \"a b\" { root = 1 }\nroot = this.apply(\"a b\")", "{}", "1"},
  });
}

TEST(Language, MetadataIsTyped) {
  check({
      {"meta a = 5\nmeta \"b c\" = [1]\nroot.a = @a\nroot.b = @\"b c\".0\nroot.all = @\nroot.no = "
       "@nope",
       "{}", R"({"a":5,"all":{"a":5,"b c":[1]},"b":1,"no":null})"},
      {"meta a = 1\nroot.old = metadata(\"a\")\nroot.new = root_meta(\"a\")", "{}",
       R"({"new":"1","old":null})"},
      {"meta = {\"x\": 1}\nmeta y = 2\nmeta x = deleted()\nroot = @", "{}", R"({"y":2})"},
      {"meta = 5", "{}",
       "error: failed assignment (line 1): setting root meta object requires object value, "
       "received: number"},
  });
}

TEST(Language, TextThatIsNotUtf8IsCarried) {
  check({
      {"root = content()", "\xff\xfe", "\xff\xfe"},
      {"root.a = content().string()", "a\xff", "{\"a\":\"a\\ufffd\"}"},
      {"root.a = content()", "\xff", R"({"a":"/w=="})"},
      {"root = this.a", R"({"a":"\ud800x"})", "\xef\xbf\xbdx"},
      {"root.s = this.a", R"({"a":"x\u0000y"})", R"({"s":"x\u0000y"})"},
      {"root = this", R"({"a":1,"a":2})", R"({"a":2})"},
      {"root.v = this.a", R"({"a":1,"a":2})", R"({"v":2})"},
  });
}

}  // namespace
}  // namespace weir::mapping
