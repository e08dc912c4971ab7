#include "core/quote.h"

#include <gtest/gtest.h>

namespace weir::core {
namespace {

struct Case {
  std::string plain;
  std::string literal;
};

TEST(Quote, WritesGoStringLiterals) {
  for (const Case& c : {Case{"foo\nbar\nbaz", "\"foo\\nbar\\nbaz\""},
                        {"hello\tworld", "\"hello\\tworld\""},
                        {"", "\"\""},
                        {"a\"b\\c'd", "\"a\\\"b\\\\c'd\""},
                        {std::string("\0\x07\b\f\v\x1b\x7f", 7), "\"\\x00\\a\\b\\f\\v\\x1b\\x7f\""},
                        {"é☺\U0001F600", "\"é☺\U0001F600\""},
                        {"\u00ad\u00a0\u2028\u200d", "\"\\u00ad\\u00a0\\u2028\\u200d\""},
                        {"\U000e0001", "\"\\U000e0001\""},
                        {"\xff\xc3(", "\"\\xff\\xc3(\""},
                        {"\ufffd", "\"\ufffd\""},
                        {"\xed\xa0\x80", "\"\\xed\\xa0\\x80\""}}) {
    EXPECT_EQ(go_quoted(c.plain), c.literal);
    EXPECT_EQ(unquote(c.literal).value(), c.plain);
  }
}

TEST(Quote, CanKeepToAscii) {
  std::string out;
  append_quoted(out, "é☺\U0001F600~", true);
  EXPECT_EQ(out, "\"\\u00e9\\u263a\\U0001f600~\"");
}

TEST(Quote, QuotesCharacters) {
  const auto quoted_char = [](char32_t c, bool ascii = false) {
    std::string out;
    append_quoted_char(out, c, ascii);
    return out;
  };
  EXPECT_EQ(quoted_char(U'x'), "'x'");
  EXPECT_EQ(quoted_char(U'\''), "'\\''");
  EXPECT_EQ(quoted_char(U'"'), "'\"'");
  EXPECT_EQ(quoted_char(U'\n'), "'\\n'");
  EXPECT_EQ(quoted_char(U'⌘', true), "'\\u2318'");
  EXPECT_EQ(quoted_char(0x110000), "'\ufffd'");
}

TEST(Unquote, ReadsAllLiteralForms) {
  EXPECT_EQ(unquote(R"("\a\b\f\n\r\t\v\\\"\x41\101\u00e9\U0001F600")").value(),
            "\a\b\f\n\r\t\v\\\"AAé\U0001F600");
  EXPECT_EQ(unquote("`a\\n\"b`").value(), "a\\n\"b");
  EXPECT_EQ(unquote("`a\r\nb`").value(), "a\nb");
  EXPECT_EQ(unquote("'x'").value(), "x");
  EXPECT_EQ(unquote("''").value(), "");
  EXPECT_EQ(unquote("'☺'").value(), "☺");
  EXPECT_EQ(unquote("'\\''").value(), "'");
  EXPECT_EQ(unquote("\"\\xff\"").value(), "\xff");
}

TEST(Unquote, RefusesEverythingElse) {
  for (const char* literal : {"",          "\"",        "a",           "\"a",
                              "a\"",       "\"a\nb\"",  "\"a\"b\"",    "'ab'",
                              "`a`b`",     "\"\\q\"",   "\"\\'\"",     "'\\\"'",
                              "\"\\x4\"",  "\"\\u12\"", "\"\\ud800\"", "\"\\U00110000\"",
                              "\"\\400\"", "\"\\8\"",   "\"\\\"",      "<a>",
                              "\"a'"}) {
    const auto text = unquote(literal);
    ASSERT_FALSE(text) << literal;
    EXPECT_NE(text.error().message.find("invalid syntax"), std::string::npos);
  }
}

TEST(Utf8, DecodesOnlyShortestForms) {
  EXPECT_EQ(decode_utf8("").size, 0);
  EXPECT_EQ(decode_utf8("a").code_point, U'a');
  EXPECT_EQ(decode_utf8("é").size, 2);
  EXPECT_EQ(decode_utf8("\U0010ffff").code_point, 0x10FFFFU);
  for (const char* text :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x98", "\xff"}) {
    const Utf8Step step = decode_utf8(text);
    EXPECT_FALSE(step.valid);
    EXPECT_EQ(step.size, 1);
    EXPECT_EQ(step.code_point, 0xFFFDU);
  }
  EXPECT_EQ(decode_last_utf8("aé").code_point, U'é');
  EXPECT_EQ(decode_last_utf8("é\x80").size, 1);
  EXPECT_FALSE(decode_last_utf8("\xe2\x98").valid);
  EXPECT_EQ(decode_last_utf8("").size, 0);
  std::string out;
  append_utf8(out, 0xD800);
  EXPECT_EQ(out, "\ufffd");
}

}  // namespace
}  // namespace weir::core
