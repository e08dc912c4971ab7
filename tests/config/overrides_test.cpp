#include "config/overrides.h"

#include <gtest/gtest.h>

#include "config/yaml_support.h"

namespace weir::config {
namespace {

std::string overridden(std::string_view text, const std::vector<std::string>& settings) {
  Reading read(text);
  apply_overrides(read.document->root, settings, read.diagnostics);
  return read.found() + outline(read.document->root);
}

TEST(Overrides, SetAndCreateMembers) {
  EXPECT_EQ(overridden("a: {b: 1}", {"a.b=2"}), "{a: {b: 2}}");
  EXPECT_EQ(overridden("a: {b: 1}", {"a.c=x", "d.e.f=true"}),
            "{a: {b: 1, c: x}, d: {e: {f: true}}}");
  EXPECT_EQ(overridden("", {"a.b=1"}), "{a: {b: 1}}");
  EXPECT_EQ(overridden("a:", {"a.b=1"}), "{a: {b: 1}}");
}

TEST(Overrides, TheValueIsYaml) {
  EXPECT_EQ(overridden("", {"a=[x, {y: 1}]"}), "{a: [x, {y: 1}]}");
  EXPECT_EQ(overridden("", {"a='5'"}), "{a: \"5\"}");
  EXPECT_EQ(overridden("", {"a="}), "{a: ~}");
  EXPECT_EQ(overridden("", {"a=b=c"}), "{a: b=c}");
  EXPECT_EQ(overridden("", {"a=|\n  x\n  y\n"}), "{a: \"x\ny\n\"}");
}

TEST(Overrides, TheValueIsLiteral) {
  EXPECT_EQ(overridden("", {"a=${X}"}), "{a: ${X}}");
}

TEST(Overrides, NumbersIndexListsFromEitherEnd) {
  EXPECT_EQ(overridden("l: [a, b, c]", {"l.0=x", "l.-1=z"}), "{l: [x, b, z]}");
  EXPECT_EQ(overridden("l: [{a: 1}]", {"l.0.a=2", "l.-1.b=3"}), "{l: [{a: 2, b: 3}]}");
  EXPECT_EQ(overridden("m: {0: a}", {"m.0=b"}), "{m: {0: b}}") << "in a mapping it is a key";
}

TEST(Overrides, ADashAppends) {
  EXPECT_EQ(overridden("l: [a]", {"l.-=b", "l.-.c=d"}), "{l: [a, b, {c: d}]}");
  EXPECT_EQ(overridden("", {"p.l.-.x=1"}), "{p: {l: [{x: 1}]}}") << "a missing list is made";
}

TEST(Overrides, DotsInKeysAreEscaped) {
  EXPECT_EQ(overridden("a.b: 1", {"a~1b=2", "c~0d=3"}), "{a.b: 2, c~d: 3}");
}

TEST(Overrides, ErrorsNameTheSettingAndChangeNothing) {
  struct Case {
    const char* setting;
    const char* found;
  };
  for (const Case& c : {
           Case{"x", "--set[0]:1:1 E0113 expected `path=value`\n"},
           Case{"=1", "--set[0]:1:1 E0113 expected `path=value`\n"},
           Case{"a..b=1", "--set[0]:1:3 E0113 an empty name in the path\n"},
           Case{"a.=1", "--set[0]:1:3 E0113 an empty name in the path\n"},
           Case{"l.1.x=1",
                "--set[0]:1:5 E0113 there is no `x` in the scalar before it, set at f.yaml:1:8\n"},
           Case{"l.2=1", "--set[0]:1:3 E0113 index 2 is outside the list, which has 2 items\n"},
           Case{"l.-3=1", "--set[0]:1:3 E0113 index -3 is outside the list, which has 2 items\n"},
           Case{"l.-9223372036854775808=1",
                "--set[0]:1:3 E0113 index -9223372036854775808 is outside "
                "the list, which has 2 items\n"},
           Case{"l.x=1",
                "--set[0]:1:3 E0113 `x` is no index of the list at f.yaml:1:4 (a number, or "
                "`-` to append)\n"},
           Case{"new.l=a: b: c", "--set[0]:1:11 E0103 a `: ` is not allowed here\n"},
           Case{"a={k: 1, k: 2}",
                "--set[0]:1:10 E0106 the key `k` is given twice, first at --set[0]:1:4\n"},
       }) {
    EXPECT_EQ(overridden("l: [a, b]", {c.setting}), std::string(c.found) + "{l: [a, b]}")
        << c.setting;
  }
}

TEST(Overrides, PlacesPointIntoTheArgument) {
  Reading read("a: 1");
  apply_overrides(read.document->root, {"x=1", "b.c={d: e}"}, read.diagnostics);
  const Node& c = *read.root().find("b")->find("c");
  EXPECT_EQ(c.where.to_string(), "--set[1]:1:5");
  EXPECT_EQ(c.members[0].key_where.to_string(), "--set[1]:1:6");
  EXPECT_EQ(c.members[0].value.where.to_string(), "--set[1]:1:9");
  EXPECT_EQ(read.root().members[2].key_where.to_string(), "--set[1]:1:1");
}

TEST(Overrides, DepthAtTheCapIsSetAndOneMoreIsNot) {
  const auto path = [](std::size_t names) { return "a" + repeat(".a", names - 1); };
  EXPECT_EQ(lines([&] {
              Diagnostics found;
              Node root;
              apply_overrides(root, {path(64) + "=1", path(63) + "=[1]"}, found);
              return found;
            }()),
            "");
  Diagnostics found;
  Node root;
  apply_overrides(root, {path(65) + "=1", path(64) + "=[1]"}, found);
  EXPECT_EQ(lines(found),
            "--set[0]:1:1 E0113 the path and its value are deeper than 64 levels\n"
            "--set[1]:1:1 E0113 the path and its value are deeper than 64 levels\n");
  EXPECT_TRUE(root.is_null());
}

std::string merged(std::string_view main, std::string_view resources) {
  Reading read(main);
  Reading file(resources);
  merge_resources(read.document->root, std::move(file.document->root), read.diagnostics);
  return read.found() + outline(read.document->root);
}

TEST(ResourceFiles, ListsAreAppended) {
  EXPECT_EQ(merged("cache_resources: [a]\ninput: x\n", "cache_resources: [b]\ntests: [t]\n"),
            "{cache_resources: [a, b], input: x, tests: [t]}");
  EXPECT_EQ(merged("", "rate_limit_resources: [a]"), "{rate_limit_resources: [a]}");
  EXPECT_EQ(merged("tests:\n", "tests: [a]"), "{tests: [a]}");
}

TEST(ResourceFiles, AnEmptyFileOrListAddsNothing) {
  EXPECT_EQ(merged("a: 1", ""), "{a: 1}");
  EXPECT_EQ(merged("a: 1", "tests:\n"), "{a: 1}");
}

TEST(ResourceFiles, AnythingElseIsAnError) {
  EXPECT_EQ(merged("a: 1", "tests: []\ninput: x\n"),
            "f.yaml:2:1 E0114 `input` cannot stand in a resource file\n{a: 1, tests: []}");
  EXPECT_EQ(merged("a: 1", "[x]"),
            "f.yaml:1:1 E0114 a resource file is a mapping, not a sequence\n{a: 1}");
  EXPECT_EQ(merged("a: 1", "tests: {a: 1}"),
            "f.yaml:1:8 E0114 `tests` must be a list, not a mapping\n{a: 1}");
}

TEST(ResourceFiles, ExtensionsArePassedOver) {
  EXPECT_EQ(merged("a: 1", "x-base: &b {c: 1}\ntests: [*b]\n"), "{a: 1, tests: [{c: 1}]}");
}

}  // namespace
}  // namespace weir::config
