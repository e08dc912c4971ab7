#include "config/env.h"

#include <gtest/gtest.h>

namespace weir::config {
namespace {

std::string read(std::string_view text) {
  const auto entries = parse_dotenv(text, "x.env");
  if (!entries) {
    return entries.error().message;
  }
  std::string out;
  for (const EnvEntry& entry : *entries) {
    out += entry.name + "=" + entry.value + ";";
  }
  return out;
}

TEST(Dotenv, ReadsNamesAndValues) {
  EXPECT_EQ(read("A=1\nB = two words \n\n# comment\nexport C=3\nD: 4\nE=\n_f.1=x"),
            "A=1;B=two words;C=3;D=4;E=;_f.1=x;");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("A=1\r\nB=2\r\n"), "A=1;B=2;");
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "A=1"),
            "A=1;");
  EXPECT_EQ(read("export=1"), "export=1;");
}

TEST(Dotenv, CommentsNeedABlankInFront) {
  EXPECT_EQ(read("A=x # y\nB=x#y\nC=# y\nD='x' # y\nE=\"#\""), "A=x;B=x#y;C=;D=x;E=#;");
}

TEST(Dotenv, QuotesKeepBlanksAndLines) {
  EXPECT_EQ(read("A=' x '\nB=\" x\ny \"\nC='a\\n$b'\nD=\"a\\n\\t\\\"\\\\\\$\\q\""),
            "A= x ;B= x\ny ;C=a\\n$b;D=a\n\t\"\\$\\q;");
}

TEST(Dotenv, ValuesAreNotExpanded) {
  EXPECT_EQ(read("A=1\nB=$A${A}"), "A=1;B=$A${A};");
}

TEST(Dotenv, ANameGivenTwiceAppearsTwice) {
  EXPECT_EQ(read("A=1\nA=2"), "A=1;A=2;");
}

TEST(Dotenv, ErrorsNameTheirPlace) {
  EXPECT_EQ(read("A=1\nB\n"), "x.env:2:2: expected `=` after the name");
  EXPECT_EQ(read("A=1\n 1B=2\n"), "x.env:2:2: expected `NAME=value`");
  EXPECT_EQ(read("A=1\nB=\"x\ny"), "x.env:2:3: the quote is never closed");
  EXPECT_EQ(read("A='x' y"), "x.env:1:7: unexpected text after the closing quote");
  EXPECT_EQ(read(std::string_view("A=\0", 3)), "x.env: holds a NUL byte: not a text file");
  EXPECT_EQ(read(std::string((4U << 20U) + 1, '\n')), "x.env: larger than 4 MiB");
}

TEST(Dotenv, TheNumberOfVariablesIsCapped) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    text += "A=1\n";
  }
  EXPECT_TRUE(parse_dotenv(text, "x"));
  EXPECT_FALSE(parse_dotenv(text + "A=1\n", "x"));
}

TEST(Base64, DecodesWithAndWithoutPadding) {
  const auto decoded = [](std::string_view text) {
    const auto result = base64_decode(text);
    return result ? *result : "error";
  };
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("TQ=="), "M");
  EXPECT_EQ(decoded("TWE="), "Ma");
  EXPECT_EQ(decoded("TWFu"), "Man");
  EXPECT_EQ(decoded("TWE"), "Ma");
  EXPECT_EQ(decoded("TWFu\nTWFu\r\n"), "ManMan");
  EXPECT_EQ(decoded("T"), "error");
  EXPECT_EQ(decoded("TR=="), "error") << "bits left over";
  EXPECT_EQ(decoded("TWE=TWE="), "error");
  EXPECT_EQ(decoded("TQ="), "error");
  EXPECT_EQ(decoded("TWFu===="), "error");
  EXPECT_EQ(decoded("a b"), "error");
  EXPECT_EQ(decoded("_-"), "error");
}

}  // namespace
}  // namespace weir::config
