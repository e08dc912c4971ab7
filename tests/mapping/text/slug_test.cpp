#include "mapping/text/slug.h"

#include <gtest/gtest.h>

namespace weir::mapping::text {
namespace {

struct Case {
  const char* text;
  const char* lang;
  const char* slug;
};

TEST(Slug, MakesTextFitForUrls) {
  for (const Case& c : {Case{"Hello World! Welcome to Redpanda Connect", "en",
                             "hello-world-welcome-to-redpanda-connect"},
                        {"Café & Restaurant", "fr", "cafe-et-restaurant"},
                        {"a & b @ c", "en", "a-and-b-at-c"},
                        {"a & b", "xx", "a-and-b"},
                        {"a & b", "DE", "a-und-b"},
                        {"a & b", "ell", "a-kai-b"},
                        {"a & b", "hu", "a-b"},
                        {"Übergröße", "de", "uebergroesse"},
                        {"Übergröße", "en", "ubergrosse"},
                        {"Blåbærsyltetøy", "nb", "blaabaersyltetoey"},
                        {"Blåbærsyltetøy", "en", "blabaersyltetoy"},
                        {"Zażółć gęślą jaźń", "pl", "zazolc-gesla-jazn"},
                        {"Đorđe", "sl", "dzordze"},
                        {"ΦΩΣ φως", "en", "phos-phos"},
                        {"φως", "el", "fos"},
                        {"Привет, Мир", "en", "privet-mir"},
                        {"Щука Юля", "en", "shchuka-iulia"},
                        {"Щука Юля", "bg", "shtuka-yulya"},
                        {"don't \"quote\" ’me’", "en", "dont-quote-me"},
                        {"--a__b  -- c--", "en", "a__b-c"},
                        {"_a_", "en", "a"},
                        {"1½ €", "en", "11-2-eu"},
                        {"ﬁne ™ №", "en", "fine-tm-no"},
                        {"a☺b\U0001F600c", "en", "abc"},
                        {"世界", "en", ""},
                        {"  ", "en", ""},
                        {"", "en", ""},
                        {"a\xff z", "en", "a-z"}}) {
    std::string out;
    append_slug(out, c.text, c.lang);
    EXPECT_EQ(out, c.slug) << c.text << " " << c.lang;
  }
}

}  // namespace
}  // namespace weir::mapping::text
