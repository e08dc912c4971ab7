#include <gtest/gtest.h>

#include "config/yaml_support.h"

namespace weir::config {
namespace {

TEST(YamlLimits, SizeAtTheCapIsReadAndOneMoreIsNot) {
  YamlOptions options;
  options.limits.max_bytes = 10;
  EXPECT_EQ(Reading("a: 3456789", options).found(), "");
  EXPECT_EQ(Reading("a: 34567890", options).found(),
            "f.yaml E0101 the file has 11 bytes, more than the 10 that a configuration may have\n");
}

TEST(YamlLimits, TheDefaultSizeIsFourMebibytes) {
  std::string text = "k: |\n  " + std::string((4U << 20U) - 8, 'x') + "\n";
  ASSERT_EQ(text.size(), 4U << 20U);
  EXPECT_EQ(Reading(text).found(), "");
  text += '\n';
  EXPECT_EQ(Reading(text).document, std::nullopt);
}

TEST(YamlLimits, DepthAtTheCapIsReadAndOneMoreIsNot) {
  EXPECT_EQ(Reading(repeat("[", 64) + repeat("]", 64)).found(), "");
  EXPECT_EQ(Reading(repeat("[", 65) + repeat("]", 65)).found(),
            "f.yaml:1:65 E0104 nested deeper than 64 levels\n");
  EXPECT_EQ(Reading(repeat("- ", 64) + "x").found(), "");
  EXPECT_EQ(Reading(repeat("- ", 65) + "x").found(),
            "f.yaml:1:129 E0104 nested deeper than 64 levels\n");
}

TEST(YamlLimits, HugeDepthIsAnErrorNotACrash) {
  for (const char* part : {"[", "{a: ", "- ", "? ", ": "}) {
    const Reading read(repeat(part, 10'000));
    EXPECT_EQ(read.document, std::nullopt) << part;
    EXPECT_TRUE(read.diagnostics.has_errors()) << part;
  }
}

TEST(YamlLimits, HugeIndentationIsAnErrorNotACrash) {
  std::string text;
  for (std::size_t i = 0; i < 1000; ++i) {
    text += std::string(i, ' ') + "a:\n";
  }
  EXPECT_EQ(Reading(text).found(), "f.yaml:65:65 E0104 nested deeper than 64 levels\n");
}

TEST(YamlLimits, DepthCountsAliases) {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i <= 62; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            "]\n";
  }
  EXPECT_EQ(Reading(text).found(), "");
  EXPECT_EQ(Reading(text + "b: [*a62]").found(),
            "f.yaml:1:5 E0104 nested deeper than 64 levels, aliases included\n");
}

TEST(YamlLimits, ValuesAtTheCapAreReadAndOneMoreIsNot) {
  YamlOptions options;
  options.limits.max_nodes = 5;
  EXPECT_EQ(Reading("[1, 2, 3, 4]", options).found(), "");
  EXPECT_EQ(Reading("[1, 2, 3, 4, 5]", options).found(),
            "f.yaml:1:14 E0112 more than 5 values in one file\n");
}

TEST(YamlLimits, RepeatedValuesAtTheCapAreReadAndOneMoreIsNot) {
  YamlOptions options;
  options.limits.max_alias_nodes = 6;
  EXPECT_EQ(Reading("[&a [1, 2], *a, *a]", options).found(), "");
  EXPECT_EQ(Reading("[&a [1, 2], *a, *a, &b x, *b]", options).found(),
            "f.yaml:1:21 E0108 aliases repeat more than 6 values\n");
}

TEST(YamlLimits, ABillionLaughsEndEarly) {
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i <= 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1) + " ";
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    text += repeat("," + before, 9) + "]\n";
  }
  const Reading read(text);
  EXPECT_EQ(read.document, std::nullopt);
  ASSERT_EQ(read.diagnostics.all().size(), 1U);
  EXPECT_EQ(read.diagnostics.all()[0].rule, "E0108");
}

TEST(YamlLimits, RepeatedTextIsCounted) {
  YamlOptions options;
  options.limits.max_text_bytes = 1000;
  const std::string text = "[&a " + std::string(400, 'x') + ", *a";
  EXPECT_EQ(Reading(text + "]", options).found(), "");
  EXPECT_EQ(Reading(text + ", *a]", options).document, std::nullopt);
}

TEST(YamlLimits, ReplacedTextIsCounted) {
  YamlOptions options;
  options.limits.max_text_bytes = 1000;
  options.env = variables({{"A", std::string(400, 'x')}});
  EXPECT_EQ(Reading("'${A}${A}'", options).found(), "");
  EXPECT_EQ(Reading("'${A}${A}${A}'", options).document, std::nullopt);
}

TEST(YamlLimits, BracketsWithoutEndAreCheap) {
  // yaml-cpp keeps the tokens of an open bracket; unlimited, this would take a gigabyte.
  for (const char* part : {"[", "[,", "{a: {", "[a,", "[[],"}) {
    std::string text = repeat(part, (4U << 20U) / 8);
    const Reading read(text);
    EXPECT_EQ(read.document, std::nullopt) << part;
    EXPECT_EQ(read.diagnostics.all().size(), 1U) << part;
  }
}

}  // namespace
}  // namespace weir::config
