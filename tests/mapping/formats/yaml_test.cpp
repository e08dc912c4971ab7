#include "mapping/formats/yaml.h"

#include <string>

#include <gtest/gtest.h>

#include "core/json_index.h"
#include "core/json_text.h"
#include "mapping/values.h"

namespace weir::mapping {
namespace {

std::string to_json(core::Value value) {
  core::Buffer out;
  const auto done = core::write_json(value, out, {.sort_keys = true});
  return done ? std::string(out.view()) : "error: " + done.error().message;
}

std::string parse(const std::string& yaml, std::size_t memory = std::size_t{1} << 26) {
  core::Arena arena;
  const auto value = parse_yaml(yaml, ArenaBudget(arena, memory));
  return value ? to_json(*value) : "error: " + value.error().message;
}

std::string write(core::Value value, std::size_t max_size = 1 << 20) {
  core::Arena arena;
  core::Buffer out;
  const auto done = write_yaml(value, max_size, arena, out);
  return done ? std::string(out.view()) : "error: " + done.error().message;
}

std::string write_json(const std::string& json) {
  core::Arena arena;
  return write(*core::parse_json(json, arena));
}

TEST(ParseYaml, PlainScalarsHaveTheTypesOfTheFamily) {
  const std::pair<const char*, const char*> cases[] = {
      {"yes", R"("yes")"},
      {"on", R"("on")"},
      {"n", R"("n")"},
      {"true", "true"},
      {"True", "true"},
      {"tRUE", R"("tRUE")"},
      {"null", "null"},
      {"~", "null"},
      {"", "null"},
      {"nULL", R"("nULL")"},
      {"0x1F", "31"},
      {"0o17", "15"},
      {"017", "15"},
      {"08", "8"},
      {"0o8", R"("0o8")"},
      {"0b11", "3"},
      {"-0b11", "-3"},
      {"0b2", R"("0b2")"},
      {"1_000", "1000"},
      {"1_000.5", "1000.5"},
      {"_1", R"("_1")"},
      {"+1", "1"},
      {"1e3", "1000"},
      {"1.", "1"},
      {".5", "0.5"},
      {"1e", R"("1e")"},
      {"0x", R"("0x")"},
      {"1e400", R"("1e400")"},
      {"12:30", R"("12:30")"},
      {"18446744073709551615", "18446744073709551615"},
      {"12345678901234567890123", "1.2345678901234568e+22"},
      {"2020-01-01", R"("2020-01-01T00:00:00Z")"},
      {"2020-1-2", R"("2020-01-02T00:00:00Z")"},
      {"2001-12-14t21:59:43.10-05:00", R"("2001-12-14T21:59:43.1-05:00")"},
      {"2020-01-01 10:00:00", R"("2020-01-01T10:00:00Z")"},
      {"2020-13-01", R"("2020-13-01")"},
      {"\"1\"", R"("1")"},
      {"'true'", R"("true")"},
      {"!!str 5", R"("5")"},
      {"!!int \"5\"", "5"},
      {"!!float 5", "5"},
      {"!!binary aGk=", R"("hi")"},
      {"!foo x", R"("x")"},
      {"=", R"("=")"},
      {"\"\\u00e9\"", R"("é")"},
  };
  for (const auto& [text, json] : cases) {
    EXPECT_EQ(parse("a: " + std::string(text)), "{\"a\":" + std::string(json) + "}") << text;
  }
  EXPECT_NE(parse("a: !!bool yes").find("cannot decode \"yes\" as a !!bool"), std::string::npos);
  EXPECT_NE(parse("a: !!binary !").find("error: "), std::string::npos);
}

TEST(ParseYaml, CollectionsAnchorsAndMerges) {
  EXPECT_EQ(parse("- a\n- b: c\n  d: [1, {e: f}]\n"), R"(["a",{"b":"c","d":[1,{"e":"f"}]}])");
  EXPECT_EQ(parse("a: &x {b: 1}\nc: *x\n"), R"({"a":{"b":1},"c":{"b":1}})");
  EXPECT_EQ(parse("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n"),
            R"({"a":{"b":1,"c":2},"d":{"b":1,"c":3}})");
  EXPECT_EQ(parse("a: &x {b: 1}\nd:\n  <<: [*x, {b: 2, e: 3}]\n"),
            R"({"a":{"b":1},"d":{"b":1,"e":3}})");
  EXPECT_EQ(parse("1: a\ntrue: b\n~: c\n1.50: d\n"),
            R"({"1":"a","1.50":"d","null":"c","true":"b"})");
  EXPECT_EQ(parse("&k a: 1\nb: *k\n"), R"({"a":1,"b":"a"})");
  EXPECT_EQ(parse(""), "null");
  EXPECT_EQ(parse("# c\n"), "null");
  EXPECT_EQ(parse("5"), "5");
  EXPECT_EQ(parse("a: |\n  x\n  y\nb: >\n  x\n  y\n"), R"({"a":"x\ny\n","b":"x y\n"})");
  EXPECT_EQ(parse("\xef\xbb\xbf"
                  "a: 1"),
            R"({"a":1})");
}

TEST(ParseYaml, AnAliasedValueIsNotSharedWhenOneIsChanged) {
  core::Arena arena;
  core::Value value = *parse_yaml("a: &x {b: 1}\nc: *x\n", ArenaBudget(arena, 1 << 20));
  core::Member* const first = core::find(value, "a");
  core::writable(first->value, arena);
  core::set_member(first->value, "b", core::Value::integer(2), arena);
  EXPECT_EQ(to_json(value), R"({"a":{"b":2},"c":{"b":1}})");
}

TEST(ParseYaml, MistakesNameTheLine) {
  EXPECT_EQ(parse("a: 1\na: 2\n"), "error: line 2: mapping key \"a\" already defined");
  EXPECT_EQ(parse("? [a]\n: b").find("error: line 1: invalid map key"), 0U);
  EXPECT_EQ(parse("a: *x").find("error: line 1: "), 0U);
  EXPECT_EQ(parse("&a [*a]").find("error: line 1: "), 0U);
  EXPECT_EQ(parse("a: 1\n---\nb: 2\n").find("error: line 2: a second document"), 0U);
  EXPECT_EQ(parse("a: b: c").find("error: line 1: "), 0U);
  EXPECT_EQ(parse("[1, 2").find("error: "), 0U);
  EXPECT_EQ(parse("a: 1\nb: \x01").find("error: line 2: "), 0U);
  EXPECT_EQ(parse("a: {<<: 5}"),
            "error: line 1: map merge requires map or sequence of maps as the value");
}

TEST(ParseYaml, HostileTextsAreRefused) {
  std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 8; ++k) laughs += "," + before;
    laughs += "]\n";
  }
  EXPECT_EQ(parse(laughs), "error: the data takes more memory than allowed");
  std::string deep_aliases = "a0: &a0 [x]\n";
  for (int i = 1; i < 200; ++i) {
    deep_aliases += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" +
                    std::to_string(i - 1) + "]\n";
  }
  EXPECT_EQ(parse(deep_aliases), "error: the data is nested too deep");
  EXPECT_EQ(parse(std::string(1000, '[')).find("error: "), 0U);
  EXPECT_EQ(parse(std::string((4 << 20) + 1, 'a')).find("error: more than 4194304 bytes"), 0U);
  std::string wide;
  for (int i = 0; i < 100'000; ++i) wide += "- []\n";
  EXPECT_EQ(parse(wide, 1 << 20), "error: the data takes more memory than allowed");
}

TEST(WriteYaml, HasTheLayoutOfTheFamily) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"b":[1,2,{"c":null}],"a":1,"d":{},"e":[]})",
       "a: 1\nb:\n    - 1\n    - 2\n    - c: null\nd: {}\ne: []\n"},
      {R"([[1,[2,[3]]],{"a":[{"b":[1]}]},[[]],[{}]])",
       "- - 1\n  - - 2\n    - - 3\n- a:\n    - b:\n        - 1\n- - []\n- - {}\n"},
      {R"([{"a":1,"b":2},{"c":[1,{"d":1,"e":{"f":1,"g":[]}}],"x":1}])",
       "- a: 1\n  b: 2\n- c:\n    - 1\n    - d: 1\n      e:\n        f: 1\n        g: []\n  x: "
       "1\n"},
      {R"({"a":{"b":"l1\nl2\n","c":["p\nq\n\n"]}})",
       "a:\n    b: |\n        l1\n        l2\n    c:\n        - |+\n          p\n          q\n\n"},
      {R"([[[["x\ny"]]]])", "- - - - |-\n        x\n        y\n"},
      {R"([{"a":[{"b":"x\ny"}]}])", "- a:\n    - b: |-\n        x\n        y\n"},
      {R"("multi\nline\n\n")", "|+\n    multi\n    line\n\n"},
      {R"("str")", "str\n"},
      {"null", "null\n"},
      {"true", "true\n"},
      {"1.50", "1.50\n"},
      {"[]", "[]\n"},
      {"{}", "{}\n"},
  };
  for (const auto& [json, yaml] : cases) EXPECT_EQ(write_json(json), yaml) << json;
}

TEST(WriteYaml, QuotesWhatWouldReadOtherwise) {
  const std::pair<const char*, const char*> cases[] = {
      {"yes", R"("yes")"},
      {"No", R"("No")"},
      {"y", R"("y")"},
      {"oN", R"("oN")"},
      {"true", R"("true")"},
      {"null", R"("null")"},
      {"~", R"("~")"},
      {"", R"("")"},
      {"1", R"("1")"},
      {"1e3", R"("1e3")"},
      {"0x1", R"("0x1")"},
      {"0xg", "0xg"},
      {".5", R"(".5")"},
      {".nan", R"(".nan")"},
      {"nan", "nan"},
      {"190:20:30", R"("190:20:30")"},
      {"2020-01-01", R"("2020-01-01")"},
      {"a: b", "'a: b'"},
      {"a:b", "a:b"},
      {"a:", "'a:'"},
      {"a #b", "'a #b'"},
      {"a#b", "a#b"},
      {"- a", "'- a'"},
      {"-a", "-a"},
      {"-", "'-'"},
      {"<<", "'<<'"},
      {"  x", "'  x'"},
      {"x ", "'x '"},
      {"a'b", "a'b"},
      {"'a", "'''a'"},
      {"[a]", "'[a]'"},
      {"&a", "'&a'"},
      {"*a", "'*a'"},
      {"!a", "'!a'"},
      {"%a", "'%a'"},
      {"@a", "'@a'"},
      {"|", "'|'"},
      {"---", "'---'"},
      {"a\tb", R"("a\tb")"},
      {"\x01", R"("\x01")"},
      {"a\r\nb", R"("a\r\nb")"},
      {"\xe2\x80\xa8", R"("\u2028")"},
      {"\xef\xbb\xbf", R"("\uFEFF")"},
      {"trail \nx", R"("trail \nx")"},
      {"  lead\nx", R"("  lead\nx")"},
      {"\n", R"("\n")"},
      {"é", "é"},
      {"😀", "😀"},
      {"a\\b", "a\\b"},
      {"\xff", "!!binary /w=="},
  };
  for (const auto& [text, yaml] : cases)
    EXPECT_EQ(write(core::Value::string(text)), std::string(yaml) + "\n") << text;
}

TEST(WriteYaml, EveryTextReadsBack) {
  core::Arena arena;
  for (const char* const text :
       {"",      " ",     "a",     "a\nb",     "a\n",          "\na",      "a\n\n",    "\n\n",
        "a\n b", " a\nb", "a \nb", "a\n\nb\n", "# x\ny",       "a:\nb",    "- x\n- y", "'",
        "\"",    "\\",    "\\n",   "\t",       "a\tb",         "\xc2\x85", "\xc2\xa0", "true",
        "1",     "<<",    "k: v",  "x #y",     "---",          "...",      "{a: b}",   "%TAG",
        "?x",    "? x",   ":x",    "é\nü",     "\xe2\x80\xa8x"}) {
    core::Value object = core::Value::object(arena);
    core::set_member(object, text, core::Value::string(text), arena);
    core::Value array = core::Value::array(arena);
    core::append_item(array, core::Value::string(text), arena);
    core::append_item(array, object, arena);
    for (const core::Value value : {core::Value::string(text), object, array}) {
      const std::string yaml = write(value);
      EXPECT_EQ(parse(yaml), to_json(value)) << yaml;
    }
  }
  core::Value long_key = core::Value::object(arena);
  core::set_member(long_key, arena.copy(std::string(5000, 'k')), core::Value::integer(1), arena);
  EXPECT_EQ(parse(write(long_key)), to_json(long_key));
}

TEST(WriteYaml, RefusesMarkersAndTooMuch) {
  EXPECT_EQ(write(core::Value::deletion()), "error: a marker cannot be written");
  EXPECT_EQ(write(core::Value::string(std::string(1000, 'a')), 100),
            "error: the data takes more memory than allowed");
}

}  // namespace
}  // namespace weir::mapping
