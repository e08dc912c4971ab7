#include "config/yaml_reader.h"

#include <gtest/gtest.h>

#include "config/yaml_support.h"

namespace weir::config {
namespace {

TEST(YamlReader, ReadsMappingsSequencesAndScalars) {
  const Reading read("a: 1\nb: [x, 'y', \"z\"]\nc:\n  - d: ~\n  - e:\n    f: |\n      text\n");
  EXPECT_EQ(read.found(), "");
  EXPECT_EQ(read.tree(), R"({a: 1, b: [x, "y", "z"], c: [{d: ~}, {e: ~, f: "text
"}]})");
}

TEST(YamlReader, AnEmptyTextIsANullDocument) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n", "~", "null\n"}) {
    const Reading read(text);
    ASSERT_TRUE(read.document) << text << read.found();
    EXPECT_TRUE(read.root().is_null()) << text;
    EXPECT_EQ(read.found(), "") << text;
  }
}

TEST(YamlReader, EveryNodeAndKeyKnowsItsPlace) {
  const Reading read(
      "input:\n  file: { paths: [ 'a', b ] }\n  codec: !!str x\nempty:\nlist:\n- 1\n");
  ASSERT_TRUE(read.document) << read.found();
  const Node& root = read.root();
  EXPECT_EQ(root.where.to_string(), "f.yaml:1:1");
  EXPECT_EQ(place(root.members[0].key_where), "1:1");
  const Node& input = *root.find("input");
  EXPECT_EQ(place(input.where), "2:3");
  const Node& file = *input.find("file");
  EXPECT_EQ(place(file.where), "2:9");
  EXPECT_EQ(place(file.members[0].key_where), "2:11");
  const Node& paths = *file.find("paths");
  EXPECT_EQ(place(paths.where), "2:18");
  EXPECT_EQ(place(paths.items[0].where), "2:20");
  EXPECT_EQ(place(paths.items[0].text_start), "2:21");
  EXPECT_EQ(place(paths.items[1].where), "2:25");
  EXPECT_EQ(place(paths.items[1].text_start), "2:25");
  EXPECT_EQ(place(input.find("codec")->where), "3:10");
  EXPECT_EQ(place(input.find("codec")->text_start), "3:16");
  EXPECT_EQ(place(root.find("empty")->where), "4:1") << "a value that is not written: its key";
  EXPECT_EQ(place(root.find("list")->items[0].where), "6:3");
}

TEST(YamlReader, AMissingValueStandsAtItsKeyWhateverFollows) {
  const Reading read("a: # c\nnull b: 1\nc: &x\nnull: {d, null, ~: }\ne: null\nf: &y null\n");
  ASSERT_TRUE(read.document) << read.found();
  EXPECT_EQ(read.tree(), "{a: ~, null b: 1, c: ~, null: {d: ~, null: ~, ~: ~}, e: ~, f: ~}");
  EXPECT_EQ(place(read.root().find("a")->where), "1:1");
  EXPECT_EQ(place(read.root().find("null")->find("null")->where), "4:11");
  EXPECT_EQ(place(read.root().find("null")->find("~")->where), "4:17");
  EXPECT_EQ(place(read.root().find("e")->where), "5:4");
  EXPECT_EQ(place(read.root().find("f")->where), "6:4");
}

TEST(YamlReader, BlockTextKnowsWhereItsFirstLineStands) {
  struct Case {
    const char* name;
    const char* text;
    const char* start;
  };
  for (const Case& c : {
           Case{"indented by two", "m: |\n  root = this\n", "2:3"},
           Case{"indented by five", "m: |\n     root = this\n", "2:6"},
           Case{"chomped", "m: |-\n    a\n    b\n", "2:5"},
           Case{"folded", "m: >\n    a\n", "2:5"},
           Case{"first line empty", "m: |\n\n    a\n", "2:5"},
           Case{"explicit indentation keeps blanks", "m: |2\n    a\n  b\n", "2:3"},
           Case{"comment on the header", "m: | # why\n   a\n", "2:4"},
           Case{"tagged and anchored", "m: !!str &x |\n   a\n", "2:4"},
           Case{"tag on a line of its own", "m: !!str\n  |\n   a\n", "3:4"},
           Case{"in a list", "m:\n  - - |\n        a\n", "3:9"},
           Case{"carriage returns", "m: |\r\n   a\r\n", "2:4"},
       }) {
    const Reading read(c.text);
    ASSERT_TRUE(read.document) << c.name << read.found();
    const Node* node = read.root().find("m");
    while (node->is_sequence()) {
      node = &node->items[0];
    }
    EXPECT_EQ(place(node->text_start), c.start) << c.name;
  }
}

TEST(YamlReader, APositionInsideBlockTextIsAPlaceInTheFile) {
  const Reading read("p:\n  - mapping: |\n      root = this\n      root.x = bad(\n");
  ASSERT_TRUE(read.document);
  const Node& mapping = *read.root().find("p")->items[0].find("mapping");
  EXPECT_EQ(mapping.scalar, "root = this\nroot.x = bad(\n");
  EXPECT_EQ(place(position_in_text(mapping, 2, 10)), "4:16");
  EXPECT_EQ(place(position_in_text(mapping, 1, 1)), "3:7");
}

TEST(YamlReader, APositionInsideOneLineOfTextIsAPlaceInTheFile) {
  const Reading read("a: root = x\nb: 'root = x'\nc: 'root =\n  x'\n");
  ASSERT_TRUE(read.document);
  EXPECT_EQ(place(position_in_text(*read.root().find("a"), 1, 8)), "1:11");
  EXPECT_EQ(place(position_in_text(*read.root().find("b"), 1, 8)), "2:12");
  EXPECT_EQ(place(position_in_text(*read.root().find("c"), 2, 1)), "3:5") << "folded: its start";
}

TEST(YamlReader, QuotedTextIsNeverANumber) {
  const Reading read("a: '5'\nb: \"5\"\nc: 5\nd: |\n  5\ne: !!str 5\nf: !!int '5'\ng: ! 5\n");
  EXPECT_EQ(read.found(), "");
  EXPECT_EQ(read.tree(), "{a: \"5\", b: \"5\", c: 5, d: \"5\n\", e: \"5\", f: 5, g: \"5\"}");
}

TEST(YamlReader, EscapesInDoubleQuotesBecomeUtf8) {
  const Reading read(R"("\a\x41\u00e9\U0001F600\N\_\L\P\e\/")");
  EXPECT_EQ(read.root().scalar,
            "\a"
            "A"
            "é"
            "😀"
            "\xC2\x85"
            "\xC2\xA0"
            "\xE2\x80\xA8"
            "\xE2\x80\xA9"
            "\x1B"
            "/");
}

TEST(YamlReader, YesAndNoAreWords) {
  const Reading read("[yes, no, on, off, true]");
  EXPECT_EQ(scalar_type(read.root().items[0]), ScalarType::kString);
  EXPECT_EQ(scalar_type(read.root().items[4]), ScalarType::kBool);
}

TEST(YamlReader, CoreTagsAreAccepted) {
  const Reading read(
      "a: !!int 5\nb: !!float 1e3\nc: !!bool yes\nd: !!null ''\ne: !!map {x: 1}\nf: !!seq [1]\n"
      "g: !<tag:yaml.org,2002:int> 7\n");
  EXPECT_EQ(read.found(), "");
  EXPECT_EQ(read.tree(), "{a: 5, b: 1e3, c: yes, d: ~, e: {x: 1}, f: [1], g: 7}");
  EXPECT_EQ(read.root().find("a")->tag, "!!int");
  EXPECT_EQ(read.root().find("g")->tag, "!!int");
}

TEST(YamlReader, OtherTagsAreRefusedWithTheirPlace) {
  const Reading read("a: !secret x\nb: !!binary aGk=\nc: !!set {x: ~}\nd: [ !!map x ]\n");
  ASSERT_TRUE(read.document) << "the rest can still be checked";
  EXPECT_EQ(read.found(),
            "f.yaml:1:4 E0107 the tag `!secret` is not known for a scalar\n"
            "f.yaml:2:4 E0107 the tag `!!binary` is not known for a scalar\n"
            "f.yaml:3:4 E0107 the tag `!!set` is not known for a mapping\n"
            "f.yaml:4:6 E0107 the tag `!!map` is not known for a scalar\n");
}

TEST(YamlReader, ATagThatDoesNotFitItsValueIsRefused) {
  EXPECT_EQ(Reading("a: !!int x").found(),
            "f.yaml:1:4 E0107 `x` is no int, as the tag `!!int` says\n");
  EXPECT_EQ(Reading("a: !!bool 2").found(),
            "f.yaml:1:4 E0107 `2` is no bool, as the tag `!!bool` says\n");
  EXPECT_EQ(Reading("a: !!float ''").found(),
            "f.yaml:1:4 E0107 `` is no float, as the tag `!!float` says\n");
}

TEST(YamlReader, AKeyGivenTwiceNamesBothPlaces) {
  const Reading read("a: 1\nb: 2\na: 3\n");
  EXPECT_EQ(read.found(), "f.yaml:3:1 E0106 the key `a` is given twice, first at f.yaml:1:1\n");
  EXPECT_EQ(read.tree(), "{a: 1, b: 2}");
}

TEST(YamlReader, AKeyGivenTwiceIsFoundAmongMany) {
  std::string text;
  for (int i = 0; i < 500; ++i) {
    text += "key" + std::to_string(i) + ": 1\n";
  }
  EXPECT_EQ(Reading(text).found(), "");
  EXPECT_EQ(Reading(text + "key7: 2\n").found(),
            "f.yaml:501:1 E0106 the key `key7` is given twice, first at f.yaml:8:1\n");
}

TEST(YamlReader, KeysAreTakenAsText) {
  const Reading read("5: a\ntrue: b\nnull: c\n~: d\n'q': e\n1.0: f\n");
  EXPECT_EQ(read.found(), "");
  EXPECT_EQ(read.tree(), "{5: a, true: b, null: c, ~: d, q: e, 1.0: f}");
}

TEST(YamlReader, ACollectionIsNoKey) {
  EXPECT_EQ(Reading("[a]: 1\nb: 2\n").found(),
            "f.yaml:1:1 E0103 a key must be a scalar, not a sequence\n");
  const Reading read("? {x: 1}\n: 1\nb: 2\n");
  EXPECT_EQ(read.found(), "f.yaml:1:3 E0103 a key must be a scalar, not a mapping\n");
  EXPECT_EQ(read.tree(), "{b: 2}");
}

TEST(YamlReader, AliasesRepeatTheirAnchor) {
  const Reading read("a: &x {k: [1, 2]}\nb: *x\nc: [*x]\n*y : 1\n");
  EXPECT_FALSE(read.document);
  EXPECT_EQ(read.found(), "f.yaml:4:1 E0103 the alias names an anchor that does not exist\n");
  const Reading good("a: &x {k: [1, 2]}\nb: *x\nc: [*x]\nd: &k key\n*k : v\n");
  EXPECT_EQ(good.found(), "");
  EXPECT_EQ(good.tree(), "{a: {k: [1, 2]}, b: {k: [1, 2]}, c: [{k: [1, 2]}], d: key, key: v}");
  EXPECT_EQ(place(good.root().find("b")->where), "1:4") << "the anchor's place";
}

TEST(YamlReader, AnAnchorMayBeGivenAgain) {
  EXPECT_EQ(Reading("[&a 1, *a, &a 2, *a]").tree(), "[1, 1, 2, 2]");
}

TEST(YamlReader, AnAliasInsideItsOwnAnchorIsAnError) {
  EXPECT_EQ(Reading("&a [*a]").found(),
            "f.yaml:1:5 E0108 the alias stands inside the value that it names\n");
  EXPECT_EQ(Reading("a: &x\n  b: {c: *x}\n").found(),
            "f.yaml:2:10 E0108 the alias stands inside the value that it names\n");
}

TEST(YamlReader, FindingsInsideARepeatedValueAreReportedOnce) {
  EXPECT_EQ(Reading("a: &x {k: 1, k: 2, e: \"${NO}\"}\nb: *x\nc: *x\n").found(),
            "f.yaml:1:14 E0106 the key `k` is given twice, first at f.yaml:1:8\n"
            "f.yaml:1:24 E0110 the environment variable `NO` is not set and has no default\n");
}

TEST(YamlReader, MergeKeysFillInWhatIsNotGiven) {
  const Reading read(
      "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\n"
      "one:\n  <<: *b\n  x: own\n"
      "two:\n  x: own\n  <<: [*b, *m]\n"
      "three: {<<: {q: 1}}\n"
      "four: {'<<': 1}\n");
  EXPECT_EQ(read.found(), "");
  EXPECT_EQ(outline(*read.root().find("one")), "{x: own, y: 2}");
  EXPECT_EQ(outline(*read.root().find("two")), "{x: own, y: 2, z: 4}");
  EXPECT_EQ(outline(*read.root().find("three")), "{q: 1}");
  EXPECT_EQ(outline(*read.root().find("four")), "{<<: 1}") << "quoted, it is a key like any other";
}

TEST(YamlReader, WhatCannotBeMergedIsAnError) {
  EXPECT_EQ(Reading("a:\n  <<: 5\n").found(),
            "f.yaml:2:7 E0109 `<<` merges a mapping or a list of mappings, not a scalar\n");
  EXPECT_EQ(Reading("a:\n  <<: [{b: 1}, x]\n").found(),
            "f.yaml:2:7 E0109 `<<` merges a mapping or a list of mappings, not a sequence\n");
  EXPECT_EQ(Reading("a:\n  <<: {}\n  <<: {}\n").found(),
            "f.yaml:3:3 E0106 the key `<<` is given twice, first at f.yaml:2:3\n");
}

TEST(YamlReader, ASecondDocumentIsRefused) {
  EXPECT_EQ(Reading("a: 1\n---\nb: 2\n").found(),
            "f.yaml:2:1 E0105 a second document starts here\n");
  EXPECT_EQ(Reading("---\na: 1\n...\n---\nb: 2\n").found(),
            "f.yaml:4:1 E0105 a second document starts here\n");
  EXPECT_EQ(Reading("---\na: 1\n...\n").found(), "") << "the marks of one document are fine";
  EXPECT_EQ(Reading("%YAML 1.2\n---\na: 1\n").tree(), "{a: 1}");
}

TEST(YamlReader, TextWithoutProgressIsAnErrorNotALoop) {
  EXPECT_EQ(Reading(",").found(),
            "f.yaml:1:1 E0103 unexpected `,` after the end of the document\n");
  EXPECT_EQ(Reading("- a\n,\n").found(),
            "f.yaml:2:1 E0103 unexpected `,` after the end of the document\n");
}

TEST(YamlReader, AKeyMayStandAloneWhereYamlSaysSo) {
  for (const char* text : {"a: 1\nb:\n", "a: 1\nb:", "? a\n? b\n", "{a, b}\n", "{a: 1, b}\n",
                           "'a': 1\n'b':\n", "a: 1\nb: # c\n"}) {
    EXPECT_EQ(Reading(text).found(), "") << text;
  }
}

TEST(YamlReader, SyntaxErrorsSayWhereAndWhat) {
  struct Case {
    const char* text;
    const char* found;
  };
  for (const Case& c : {
           Case{"a: b: c\n", "f.yaml:1:5 E0103 a `: ` is not allowed here\n"},
           Case{"a:\n\t- b\n", "f.yaml:2:2 E0103 a `- ` is not allowed here\n"},
           Case{"a: |\n  x\n \ty\n", "f.yaml:3:2 E0103 a tab is used for indentation\n"},
           Case{"a: [1, 2\nb: 3\n",
                "f.yaml:2:2 E0103 the `[` before this is not closed properly\n"},
           Case{"a: {b: 1\n", "f.yaml:2:1 E0103 the `{` before this is not closed properly\n"},
           Case{"a: 1\n b: 2\n", "f.yaml:2:3 E0103 a `: ` is not allowed here\n"},
           Case{"a: 1\nb\n", "f.yaml:2:1 E0103 a key without `:`\n"},
           Case{"a: 1\nb\n c # d: e", "f.yaml:2:1 E0103 a key without `:`\n"},
           Case{"a: 1\nb\nc: 2\n", "f.yaml:3:2 E0103 a `: ` is not allowed here\n"},
           Case{"a: 1\n- b\n", "f.yaml:2:1 E0103 this does not fit the mapping above it\n"},
           Case{"a: @x\n", "f.yaml:1:4 E0103 no value can begin with this character\n"},
           Case{"a: 'x\n", "f.yaml:1:4 E0103 the quote is never closed\n"},
           Case{"a: 'x", "f.yaml:1:6 E0103 a quote is opened and never closed\n"},
           Case{"a: ]\n", "f.yaml:1:4 E0103 a closing bracket without the opening one\n"},
           Case{"a: \"\\q\"\n", "f.yaml:1:7 E0103 `\\q` is not an escape in double quotes\n"},
           Case{"a: *no\n", "f.yaml:1:4 E0103 the alias names an anchor that does not exist\n"},
       }) {
    const Reading read(c.text);
    EXPECT_FALSE(read.document) << c.text;
    EXPECT_EQ(read.found(), c.found) << c.text;
  }
}

TEST(YamlReader, BytesThatAreNoTextNameTheirLine) {
  EXPECT_EQ(Reading("a: 1\nb: \xFF\n").found(), "f.yaml:2:4 E0102 the text is not valid UTF-8\n");
  EXPECT_EQ(Reading("a: \xC0\xAF").found(), "f.yaml:1:4 E0102 the text is not valid UTF-8\n");
  EXPECT_EQ(Reading("a: \xED\xA0\x80").found(), "f.yaml:1:4 E0102 the text is not valid UTF-8\n");
  EXPECT_EQ(Reading("a: \xF4\x90\x80\x80").found(),
            "f.yaml:1:4 E0102 the text is not valid UTF-8\n");
  EXPECT_EQ(Reading("a: \xE2\x82").found(), "f.yaml:1:4 E0102 the text is not valid UTF-8\n");
  EXPECT_EQ(Reading("a: \x04").found(),
            "f.yaml:1:4 E0102 the control character U+0004 is not allowed\n");
  EXPECT_EQ(Reading(std::string_view("a\0b", 3)).found(),
            "f.yaml:1:2 E0102 the control character U+0000 is not allowed\n");
  EXPECT_EQ(Reading("a: 1\rb: 2").found(),
            "f.yaml:1:5 E0102 a carriage return without a line feed\n");
  EXPECT_EQ(Reading("\xEF\xBB\xBF\xEF\xBB\xBFx: 1").found(),
            "f.yaml:1:1 E0102 a second byte order mark\n");
}

TEST(YamlReader, AByteOrderMarkAndWindowsLinesAreFine) {
  const Reading read(
      "\xEF\xBB\xBF"
      "a: 1\r\nb:\r\n  - 'x'\r\n");
  EXPECT_EQ(read.tree(), "{a: 1, b: [\"x\"]}");
  EXPECT_EQ(place(read.root().find("b")->items[0].where), "3:5");
}

TEST(YamlReader, ColumnsCountBytes) {
  EXPECT_EQ(place(Reading("é: ü x").root().members[0].value.where), "1:5");
}

TEST(YamlReader, SuppressionCommentsNameTheirLineAndRules) {
  const Reading read(
      "a: 1  # weir-lint-ignore E0123,W0456\n"
      "# weir-lint-ignore W1, W2\n"
      "b: '# weir-lint-ignore NO'\n"
      "c: |\n"
      "  # weir-lint-ignore NO\n"
      "d: \"x\n"
      "  # weir-lint-ignore NO\n"
      "  y\"\n"
      "e: x#  weir-lint-ignore NO\n"
      "f: 1 # weir-lint-ignored NO\n"
      "  #weir-lint-ignore\n"
      "g: 2\n"
      "h: it's # weir-lint-ignore W9 because\n");
  ASSERT_TRUE(read.document) << read.found();
  const auto& found = read.document->suppressions;
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].line, 1U);
  EXPECT_EQ(found[0].rules, (std::vector<std::string>{"E0123", "W0456"}));
  EXPECT_EQ(place(found[0].where), "1:7");
  EXPECT_EQ(found[1].line, 3U) << "alone on its line: it is about the next";
  EXPECT_EQ(found[1].rules, (std::vector<std::string>{"W1", "W2"}));
  EXPECT_EQ(found[2].line, 12U);
  EXPECT_TRUE(found[2].rules.empty());
  EXPECT_EQ(found[3].line, 13U);

  Diagnostic warning{Severity::kWarning, "W2", {"f.yaml", 3, 5}, "m", ""};
  EXPECT_TRUE(is_suppressed(warning, found));
  warning.rule = "W3";
  EXPECT_FALSE(is_suppressed(warning, found));
  warning.where.line = 12;
  EXPECT_TRUE(is_suppressed(warning, found)) << "a comment without rules silences all";
  warning.where.file = "other.yaml";
  EXPECT_FALSE(is_suppressed(warning, found));
}

TEST(YamlReader, TheFirstLineCanTurnLintOff) {
  EXPECT_TRUE(Reading("# WEIR LINT DISABLE\na: 1\n").document->lint_disabled);
  EXPECT_TRUE(Reading("# BENTHOS LINT DISABLE  \r\na: 1\n").document->lint_disabled);
  EXPECT_FALSE(Reading("a: 1\n# WEIR LINT DISABLE\n").document->lint_disabled);
  EXPECT_FALSE(Reading("# WEIR LINT DISABLED\n").document->lint_disabled);
}

}  // namespace
}  // namespace weir::config
