#include "config/references.h"

#include <gtest/gtest.h>

#include "config/yaml_support.h"

namespace weir::config {
namespace {

std::string value(std::string_view text, std::map<std::string, std::string> values = {}) {
  const Reading read(text, std::move(values));
  const Node* node = read.document ? read.root().find("k") : nullptr;
  return read.found() + (node == nullptr ? "nothing" : outline(*node));
}

TEST(References, AVariableIsReplacedInEveryKindOfScalar) {
  const std::map<std::string, std::string> env = {{"A", "v"}, {"a.b_1", "w"}};
  EXPECT_EQ(value("k: ${A}", env), "v");
  EXPECT_EQ(value("k: x${A}y${a.b_1}z", env), "xvywz");
  EXPECT_EQ(value("k: 'x ${A}'", env), "\"x v\"");
  EXPECT_EQ(value("k: \"${A}\\n\"", env), "\"v\n\"");
  EXPECT_EQ(value("k: |\n  a ${A}\n  b", env), "\"a v\nb\"");
  EXPECT_EQ(value("k: >\n  a ${A}\n  b\n", env), "\"a v b\n\"");
  EXPECT_EQ(value("k: [ ${A}, {x: ${A} } ]", env), "[v, {x: v}]");
  EXPECT_EQ(value("${K}: 1", {{"K", "k"}}), "1");
}

TEST(References, APlainReferenceActsAsAPlainScalar) {
  EXPECT_EQ(value("k: ${N:5}"), "5");
  EXPECT_EQ(scalar_type(*Reading("k: ${N:5}").root().find("k")), ScalarType::kInt);
  EXPECT_EQ(value("k: !!int ${N:500}"), "500");
  EXPECT_EQ(value("k: !!int ${N:x}"), "f.yaml:1:4 E0107 `x` is no int, as the tag `!!int` says\nx");
  EXPECT_EQ(value("k: '${N:5}'"), "\"5\"");
}

TEST(References, ADefaultIsUsedForUnsetAndForEmpty) {
  EXPECT_EQ(value("k: ${A:d}"), "d");
  EXPECT_EQ(value("k: ${A:d}", {{"A", ""}}), "d");
  EXPECT_EQ(value("k: ${A:d}", {{"A", "v"}}), "v");
  EXPECT_EQ(value("k: ${A:}"), "");
  EXPECT_EQ(value("k: ${A}", {{"A", ""}}), "") << "set, though empty";
}

TEST(References, ADefaultMayHoldAnything) {
  EXPECT_EQ(value("k: ${A:http://h:80/x?y=#z}"), "http://h:80/x?y=#z");
  EXPECT_EQ(value("k: [${A:a, b}, c]"), "[a, b, c]") << "one item: `a, b`";
  EXPECT_EQ(Reading("k: [${A:a, b}, c]").root().find("k")->items.size(), 2U);
  EXPECT_EQ(value("k: ${A:${B}}", {{"B", "v"}}), "v");
  EXPECT_EQ(value("k: ${A:x${B:${C:deep}}y}"), "xdeepy");
  EXPECT_EQ(value("k: ${A:${! json(\"t\") }}"), "${! json(\"t\") }");
  EXPECT_EQ(value("k: ${A:a|b}"), "a|b");
  EXPECT_EQ(value("k: ${A: 5 }"), "5") << "blanks around a plain scalar mean nothing";
  EXPECT_EQ(value("k: '${A: 5 }'"), "\" 5 \"");
}

TEST(References, AQuotedDefaultOfAPlainScalarIsText) {
  EXPECT_EQ(value("k: ${A:\"\"}"), "\"\"");
  EXPECT_EQ(value("k: ${A:\"5\\n\"}"), "\"5\n\"");
  EXPECT_EQ(value("k: ${A:'it''s'}"), "\"it's\"");
  EXPECT_EQ(value("k: x${A:\"y\"}"), "x\"y\"") << "in the middle of a scalar quotes are text";
  EXPECT_EQ(value("k: ${A:\"y\"}", {{"A", "\"v\""}}), "\"v\"") << "of a value they are kept";
  EXPECT_FALSE(Reading("k: ${A:1}", {{"A", "\"v\""}}).root().find("k")->quoted);
}

TEST(References, ADefaultInQuotesFollowsTheQuotesRules) {
  EXPECT_EQ(value("k: \"${A:\\n}\""), "\"\n\"");
  EXPECT_EQ(value("k: \"${A:\\\"x\\\"}\""), "\"\"x\"\"");
  EXPECT_EQ(value("k: '${A:it''s}'"), "\"it's\"");
  EXPECT_EQ(value("k: \"${A:\"x\"}\""), "\"\"x\"\"");
}

TEST(References, AValueNeverAddsStructure) {
  EXPECT_EQ(value("k: ${A}", {{"A", "[x, y]"}}), "[x, y]");
  const Reading list("k: ${A}", {{"A", "[x, y]"}});
  EXPECT_TRUE(list.root().find("k")->is_scalar());
  EXPECT_TRUE(list.root().find("k")->from_env);
  const Reading lines("k: ${A}\n", {{"A", "v\nother: 1"}});
  EXPECT_EQ(lines.root().members.size(), 1U);
  EXPECT_EQ(lines.root().find("k")->scalar, "v\nother: 1");
  EXPECT_EQ(value("k: \"${A}\"", {{"A", "a\"b\\n"}}), "\"a\"b\\n\"") << "values are not unescaped";
  EXPECT_EQ(value("k: ${A}", {{"A", " x "}}), " x ") << "nor trimmed";
  EXPECT_EQ(value("k: ${A}", {{"A", "${B} ${! x }"}}), "${B} ${! x }") << "nor looked at again";
}

TEST(References, TheNodeKnowsThatItCameFromTheEnvironment) {
  const Reading read("k: x-${A:d}\nplain: x\nint: ${! x }\n");
  EXPECT_TRUE(read.root().find("k")->from_env);
  EXPECT_EQ(read.root().find("k")->original, "x-${A:d}");
  EXPECT_FALSE(read.root().find("plain")->from_env);
  EXPECT_FALSE(read.root().find("int")->from_env);
  EXPECT_EQ(read.root().find("int")->original, "");
}

TEST(References, AMissingVariableIsReportedAtEveryPlace) {
  const Reading read("k: ${A}\nl: [ x${A}, '${B:${C}}' ]\n# ${COMMENT}\n");
  ASSERT_TRUE(read.document);
  EXPECT_EQ(read.found(),
            "f.yaml:1:4 E0110 the environment variable `A` is not set and has no default\n"
            "f.yaml:2:7 E0110 the environment variable `A` is not set and has no default\n"
            "f.yaml:2:18 E0110 the environment variable `C` is not set and has no default\n");
  EXPECT_TRUE(read.root().find("k")->env_missing);
}

TEST(References, AMissingVariableCanBeAllowed) {
  const Reading read("k: !!int ${A}\n", YamlOptions{.missing_env = MissingEnv::kAllow});
  EXPECT_EQ(read.found(), "");
  EXPECT_TRUE(read.root().find("k")->env_missing);
}

TEST(References, UsesAreListed) {
  const Reading read("k: ${A}${B:1}\n", {{"A", "x"}});
  const auto& uses = read.document->env_uses;
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].name, "A");
  EXPECT_TRUE(uses[0].is_set);
  EXPECT_FALSE(uses[0].has_default);
  EXPECT_EQ(uses[1].name, "B");
  EXPECT_FALSE(uses[1].is_set);
  EXPECT_TRUE(uses[1].has_default);
  EXPECT_EQ(place(uses[1].where), "1:8");
}

TEST(References, DoubleBracesAreAnEscape) {
  EXPECT_EQ(value("k: ${{A}}"), "${A}");
  EXPECT_EQ(value("k: '${{A:x}} ${{A}}'"), "\"${A:x} ${A}\"");
  EXPECT_EQ(value("k: ${{A}"), "${{A}") << "not closed: not an escape";
}

TEST(References, WhatIsNoReferenceIsLeftAlone) {
  for (const char* text :
       {"$A", "$${", "${}", "${ A }", "${A-B}", "${A|}", "${A", "${{ A }}", "$"}) {
    EXPECT_EQ(value("k: '" + std::string(text) + "'"), '"' + std::string(text) + '"') << text;
  }
}

TEST(References, Base64IsDecodedOnDemand) {
  EXPECT_EQ(value("k: ${A|base64decode}", {{"A", "aGVsbG8="}}), "hello");
  EXPECT_EQ(value("k: ${A|base64decode:plain}"), "plain") << "a default is taken as it is";
  EXPECT_EQ(value("k: ${A|base64decode}", {{"A", "%"}}),
            "f.yaml:1:4 E0111 the value of `A` is not base64\n");
  EXPECT_EQ(value("k: ${A|upper}", {{"A", "x"}}),
            "f.yaml:1:4 E0111 `upper` is not a transform of references\n");
  EXPECT_EQ(value("k: ${A|base64decode}", {{"A", "/w=="}}),
            "f.yaml:1:4 E0111 the value of `A` is not UTF-8 text\n");
}

TEST(References, InterpolationsSurviveWhateverTheyHold) {
  for (const char* text : {
           R"(${! json("a # b") })",
           R"(${! json("a: b") })",
           R"(${! "}" })",
           R"(${! {"a": {"b": [1, 2]}}.a })",
           R"(x-${! meta("k") }-y)",
           R"(${! """a"}b""" })",
           R"(${! "\"}" })",
           R"(${!json()})",
           R"(${{! x }})",
           R"(${{! json("a # b: c") }})",
       }) {
    EXPECT_EQ(value("k: " + std::string(text)), text);
    EXPECT_EQ(value("k: [ " + std::string(text) + ", 1 ]"), "[" + std::string(text) + ", 1]");
    EXPECT_EQ(value("k: |\n  " + std::string(text)), '"' + std::string(text) + '"');
  }
}

TEST(References, InterpolationsInDoubleQuotesMayEscapeTheirQuotesOrNot) {
  EXPECT_EQ(value(R"(k: "${! json(\"a # b\") }")"), R"("${! json("a # b") }")");
  EXPECT_EQ(value(R"(k: "${! json("a") } b")"), R"("${! json("a") } b")");
  EXPECT_EQ(value(R"(k: "${! \"}\" }")"), R"("${! "}" }")");
  EXPECT_EQ(value(R"(k: "${! \"\\\"}\" }")"), R"("${! "\"}" }")");
  EXPECT_EQ(value(R"(k: '${! json("it''s") }')"), R"("${! json("it's") }")");
}

TEST(References, VariablesInsideInterpolationsAreReplaced) {
  EXPECT_EQ(value(R"(k: ${! "${P}-" + json("t") })", {{"P", "pre"}}),
            R"(${! "pre-" + json("t") })");
  EXPECT_EQ(value("k: ${! env(\"${P:x}\") }"), "${! env(\"x\") }");
}

TEST(References, AnInterpolationStaysOnItsLine) {
  EXPECT_EQ(value("k: |\n  ${! json(\n  \"${A:a}\") }\n"), "\"${! json(\n\"a\") }\n\"");
}

TEST(References, EscapedControlCharactersAreNotMistakenForPlaceholders) {
  EXPECT_EQ(value("k: \"\\x01AAA${A:v}\\u0002\""),
            "\"\x01"
            "AAAv\x02\"");
}

TEST(References, CanBeTurnedOff) {
  const Reading read("k: '${A} ${{B}}'\n", YamlOptions{.references = false});
  EXPECT_EQ(read.found(), "");
  EXPECT_EQ(read.tree(), "{k: \"${A} ${{B}}\"}");
}

TEST(References, ManyOpenBracesOnALineTakeLinearTime) {
  // Each of these was quadratic or worse in a naive scanner.
  for (const char* part : {"${A:", "${!", "${{A:", "${A:${{A:", "${! \"", "${A"}) {
    const std::string text = "k: '" + repeat(part, 10'000) + "'\n";
    EXPECT_EQ(Reading(text).found(), "") << part;
  }
}

TEST(References, TextIsEscapedSoThatItReadsBackTheSame) {
  struct Case {
    const char* text;
    const char* escaped;
    bool faithful;
  };
  for (const Case& c : {
           Case{"plain $x {y}", "plain $x {y}", true},
           Case{"a ${A} b", "a ${{A}} b", true},
           Case{"${A:x}", "${{A:x}}", true},
           Case{"l1 ${A}\nl2 ${B}", "l1 ${{A}}\nl2 ${{B}}", true},
           Case{"${! x }", "${! x }", true},
           Case{"${{A}}", nullptr, false},
           Case{"${! \"${A}\" }", nullptr, false},
       }) {
    const auto escaped = yaml::escape_references(c.text);
    EXPECT_EQ(escaped.faithful, c.faithful) << c.text;
    EXPECT_FALSE(escaped.open_ended) << c.text;
    if (c.faithful) {
      EXPECT_EQ(escaped.text, c.escaped);
    }
  }
  EXPECT_TRUE(yaml::escape_references("x ${A: y\nz").open_ended);
  EXPECT_TRUE(yaml::escape_references("${! x").open_ended);
}

}  // namespace
}  // namespace weir::config
