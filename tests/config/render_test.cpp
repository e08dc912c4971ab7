#include "config/render.h"

#include <gtest/gtest.h>

#include "config/yaml_support.h"

namespace weir::config {
namespace {

std::string again(std::string_view text, std::map<std::string, std::string> values = {}) {
  const Reading read(text, std::move(values));
  return read.found() + to_yaml(read.root());
}

std::string json(std::string_view text) {
  return to_json(Reading(text).root());
}

TEST(ToYaml, WritesBlockStyle) {
  const char* text =
      "input:\n"
      "  file:\n"
      "    paths:\n"
      "      - a.jsonl\n"
      "      - b: 1\n"
      "        c: 2\n"
      "      - - x\n"
      "        - y\n"
      "    codec: lines\n"
      "empty: {}\n"
      "none: []\n"
      "nothing: null\n";
  EXPECT_EQ(again(text), text);
  EXPECT_EQ(again("{a: [1, {b: c}]}"), "a:\n  - 1\n  - b: c\n");
}

TEST(ToYaml, QuotesOnlyWhatNeedsIt) {
  struct Case {
    const char* in;
    const char* out;
  };
  for (const Case& c : {
           Case{"'x'", "x"},
           Case{"'5'", "\"5\""},
           Case{"'true'", "\"true\""},
           Case{"'no'", "\"no\""},
           Case{"no", "no"},
           Case{"''", "\"\""},
           Case{"'null'", "\"null\""},
           Case{"'a: b'", "\"a: b\""},
           Case{"'a #b'", "\"a #b\""},
           Case{"'a#b:c'", "a#b:c"},
           Case{"'- x'", "\"- x\""},
           Case{"'-x'", "-x"},
           Case{"'[x]'", "\"[x]\""},
           Case{"' x'", "\" x\""},
           Case{"'say \"hi\": \\n'", "'say \"hi\": \\n'"},
           Case{"'it''s'", "it's"},
           Case{"\"tab\\there\"", "\"tab\\there\""},
           Case{"\"\\e[0m\"", "\"\\x1b[0m\""},
           Case{"'http://h:80/?a=b'", "http://h:80/?a=b"},
           Case{"!!int 5", "!!int 5"},
           Case{"!!str 5", "!!str \"5\""},
           Case{"\"nel\\N\"", "\"nel\\u0085\""},
       }) {
    EXPECT_EQ(again(c.in), c.out + std::string("\n")) << c.in;
  }
}

TEST(ToYaml, TextOfSeveralLinesIsABlock) {
  const char* text =
      "a:\n  - m: |\n      root = this\n\n      root.x = 1\n    n: |-\n      x\n      y\n";
  EXPECT_EQ(again(text), text);
  EXPECT_EQ(again("a: \"x\\n\\n\\n\"\nb: 1\n"), "a: |+\n  x\n\n\nb: 1\n");
  EXPECT_EQ(again("a: \"  x\\ny\"\n"), "a: \"  x\\ny\"\n") << "leading blanks need quotes";
  EXPECT_EQ(again("a: \"x\\r\\ny\"\n"), "a: \"x\\r\\ny\"\n");
}

TEST(ToYaml, ReferencesAreKept) {
  const char* text = "a: ${A:5}\nb: x ${B} y\nc: !!int ${A:5}\n";
  EXPECT_EQ(again(text, {{"B", "v"}}), text);
  EXPECT_EQ(again("a: ${A:\"x\"}\nb: '${A:\"x\"}'\n"), "a: ${A:\"x\"}\nb: '${A:\"x\"}'\n");
  EXPECT_EQ(again("a: '${A:5}'\n"), "a: '${A:5}'\n") << "quoted, it stays text";
  EXPECT_EQ(again("a: |\n  x ${B}\n  y\n", {{"B", "v"}}), "a: |\n  x ${B}\n  y\n");
  const Reading read("a: ${A:5}\nb: '${B}'\n", {{"B", "v: w"}});
  YamlRenderOptions values;
  values.keep_references = false;
  EXPECT_EQ(to_yaml(read.root(), values), "a: 5\nb: \"v: w\"\n");
}

TEST(ToYaml, TextThatLooksLikeAReferenceIsEscaped) {
  EXPECT_EQ(again("a: ${{A}}\n"), "a: ${{A}}\n");
  EXPECT_EQ(again("a: '${{A}}: x'\n"), "a: '${{A}}: x'\n");
  EXPECT_EQ(again("a: \"\\x24{{A}}\"\n"), "a: \"\\x24{{A}}\"\n");
}

TEST(ToYaml, InterpolationsStandAsTheyAre) {
  const char* text = "a: ${! json(\"a # b\") }\nb: 'x-${! meta(\"k\") }: y'\nc: ${{! x }}\n";
  EXPECT_EQ(again(text), text);
  EXPECT_EQ(again("a: \"${! json(\\\"a\\\") }\"\n"), "a: ${! json(\"a\") }\n");
}

TEST(ToYaml, FieldsCanCarryComments) {
  const Reading read("a: 1\nb:\n  - c: 2\n    d: |\n      x\n      y\n");
  YamlRenderOptions options;
  options.comment = [](const std::string& path, const Node::Member& member) {
    return FieldComment{member.key == "d" ? "" : "about " + path + "\nsecond",
                        path == "b.0.c" ? "" : "beside\nit"};
  };
  EXPECT_EQ(to_yaml(read.root(), options),
            "# about a\n# second\na: 1  # beside\\nit\n"
            "# about b\n# second\nb:  # beside\\nit\n"
            "  - # about b.0.c\n# second\n    c: 2\n"
            "    d: |  # beside\\nit\n      x\n      y\n");
  EXPECT_EQ(Reading(to_yaml(read.root(), options)).tree(), read.tree());
}

TEST(ToYaml, LongKeysAreWrittenSoThatTheyCanBeRead) {
  const std::string key(3000, 'k');
  Node root;
  root.kind = Node::Kind::kMapping;
  root.members.push_back({key, {}, {}});
  EXPECT_EQ(Reading(to_yaml(root)).tree(), "{" + key + ": ~}");
}

TEST(ToYaml, BytesThatAreNoTextCannotBreakTheFile) {
  Node root;
  root.kind = Node::Kind::kScalar;
  root.scalar = std::string("a\xFF\0b\x85", 5);
  EXPECT_EQ(to_yaml(root), "\"a\\xff\\x00b\\x85\"\n");
}

TEST(ToJson, ScalarsFollowTheirType) {
  EXPECT_EQ(json("{a: 1, b: '1', c: true, d: yes, e: ~, f: x, g: []}"),
            R"({"a":1,"b":"1","c":true,"d":"yes","e":null,"f":"x","g":[]})");
  EXPECT_EQ(json("[+1, -0, 007, 0x10, 0o17, .5, 5., -1.50e3, .inf, -.nan, TRUE]"),
            R"([1,-0,7,16,15,0.5,5.0,-1.50e3,".inf","-.nan",true])");
  EXPECT_EQ(json("[12345678901234567890123, 0xffffffffffffffffff]"),
            R"([12345678901234567890123,"0xffffffffffffffffff"])");
  EXPECT_EQ(json("[!!bool yes, !!bool off, !!bool On, !!str 5, !!float 5]"),
            R"([true,false,true,"5",5])");
}

TEST(ToJson, StringsAreEscaped) {
  EXPECT_EQ(json("\"a\\\"b\\\\c\\n\\t\\x01\\u2028é\""),
            "\"a\\\"b\\\\c\\n\\t\\u0001\xE2\x80\xA8é\"");
  Node root;
  root.kind = Node::Kind::kScalar;
  root.quoted = true;
  root.scalar = "a\xFF";
  EXPECT_EQ(to_json(root), "\"a\xEF\xBF\xBD\"");
}

TEST(ToJson, CanBePretty) {
  const Reading read("a: [1, {b: 2}]\nc: {}\n");
  EXPECT_EQ(to_json(read.root(), {.pretty = true}),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": {}\n}");
}

}  // namespace
}  // namespace weir::config
