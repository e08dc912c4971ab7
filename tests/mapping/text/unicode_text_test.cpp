#include "mapping/text/unicode_text.h"

#include <gtest/gtest.h>

namespace weir::mapping::text {
namespace {

using Append = void (*)(std::string&, std::string_view);

std::string appended(Append append, std::string_view text) {
  std::string out;
  append(out, text);
  return out;
}

struct Case {
  const char* in;
  const char* out;
};

TEST(UnicodeText, ChangesCaseOfSingleCharacters) {
  for (const Case& c : {Case{"foobar", "FOOBAR"},
                        {"abc-123", "ABC-123"},
                        {"été straße", "ÉTÉ STRAßE"},
                        {"ǆ ı ﬁ", "Ǆ I ﬁ"},
                        {"привет", "ПРИВЕТ"},
                        {"a\xffz", "A\ufffdZ"},
                        {"", ""}}) {
    EXPECT_EQ(appended(append_uppercase, c.in), c.out);
  }
  for (const Case& c : {Case{"HELLO World", "hello world"},
                        {"ÉTÉ", "été"},
                        {"İ", "i"},
                        {"ΣΑΣ", "σασ"},
                        {"ẞ", "ß"},
                        {"\xc3", "\ufffd"}}) {
    EXPECT_EQ(appended(append_lowercase, c.in), c.out);
  }
}

TEST(UnicodeText, CapitalizesWords) {
  for (const Case& c : {Case{"the foo bar", "The Foo Bar"},
                        {"alice smith", "Alice Smith"},
                        {"ABC def", "Abc Def"},
                        {"don't o'neill's", "Don't O'neill's"},
                        {"foo-bar foo_bar foo.bar foo:bar", "Foo-Bar Foo_bar Foo.bar Foo:bar"},
                        {"foo..bar foo/bar foo,bar", "Foo..Bar Foo/Bar Foo,Bar"},
                        {"3d 1st", "3D 1St"},
                        {"ß ﬁn ŉ ǆ", "Ss Fin ʼN ǅ"},
                        {"ΌΔΟΣ ΣΊΣΥΦΟΣ", "Όδος Σίσυφος"},
                        {"éCOLE", "École"},
                        {"e\u0301cole", "E\u0301cole"},
                        {"世foo", "世Foo"},
                        {"a\xffz", "A\xffZ"},
                        {"aİ", "Ai\u0307"},
                        {"'quoted'", "'Quoted'"},
                        {"", ""}}) {
    EXPECT_EQ(appended(append_capitalized, c.in), c.out) << c.in;
  }
}

TEST(UnicodeText, ReversesCharacters) {
  EXPECT_EQ(appended(append_reversed, "backwards"), "sdrawkcab");
  EXPECT_EQ(appended(append_reversed, "aé☺\U0001F600"), "\U0001F600☺éa");
  EXPECT_EQ(appended(append_reversed, "a\xff"), "\ufffda");
  EXPECT_EQ(appended(append_reversed, "\xe2\x98"), "\ufffd\ufffd");
}

TEST(UnicodeText, RepairsWhatIsNotUtf8) {
  EXPECT_TRUE(is_valid_utf8("aé☺"));
  EXPECT_FALSE(is_valid_utf8("a\xc3"));
  EXPECT_FALSE(is_valid_utf8("\xed\xa0\x80"));
  EXPECT_EQ(appended(append_valid_utf8, "aé\xff\xc3z"), "aé\ufffd\ufffdz");
  EXPECT_EQ(appended(append_valid_utf8, "\xed\xa0\x80"), "\ufffd\ufffd\ufffd");
}

TEST(UnicodeText, TakesCharactersOff) {
  std::string_view text = "aé\xff☺";
  EXPECT_EQ(take_character(text), "a");
  EXPECT_EQ(take_character(text), "é");
  EXPECT_EQ(take_character(text), "\xff");
  EXPECT_EQ(take_character(text), "☺");
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(take_character(text), "");
}

TEST(UnicodeText, TrimsBothEnds) {
  EXPECT_EQ(trimmed(" the foo bar   "), "the foo bar");
  EXPECT_EQ(trimmed("\t\n\v\f\r \u0085\u00a0\u2003\u3000x\u2029"), "x");
  EXPECT_EQ(trimmed(" \u00a0 "), "");
  EXPECT_EQ(trimmed("\u200bx"), "\u200bx");
  EXPECT_EQ(trimmed("!!?!the foo bar!", "!?"), "the foo bar");
  EXPECT_EQ(trimmed("ééaé", "é"), "a");
  EXPECT_EQ(trimmed("abc", ""), "abc");
  EXPECT_EQ(trimmed("aaa", "a"), "");
  EXPECT_EQ(trimmed("\xffx\xff", "\ufffd"), "x");
}

}  // namespace
}  // namespace weir::mapping::text
