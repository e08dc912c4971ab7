#include "mapping/text/html_text.h"

#include <gtest/gtest.h>

namespace weir::mapping::text {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped_html(out, text);
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  append_unescaped_html(out, text);
  return out;
}

TEST(HtmlText, EscapesFiveCharacters) {
  EXPECT_EQ(escaped("foo & bar"), "foo &amp; bar");
  EXPECT_EQ(escaped("<script>alert('xss')</script>"),
            "&lt;script&gt;alert(&#39;xss&#39;)&lt;/script&gt;");
  EXPECT_EQ(escaped("\"é\""), "&#34;é&#34;");
}

struct Case {
  const char* in;
  const char* out;
};

TEST(HtmlText, ResolvesReferences) {
  for (const Case& c : {Case{"foo &amp; bar", "foo & bar"},
                        {"&lt;p&gt;Hello &amp; goodbye&lt;/p&gt;", "<p>Hello & goodbye</p>"},
                        {"&eacute;&hellip;&zwnj;", "é…\u200c"},
                        {"&NotEqualTilde;", "\u2242\u0338"},
                        {"&CounterClockwiseContourIntegral;", "\u2233"},
                        {"&amp&lt&copy", "&<©"},
                        {"&ltx &notit; &ampamp;", "<x ¬it; &amp;"},
                        {"&#65;&#x41;&#X1F600;&#065", "AA\U0001F600A"},
                        {"&#128;&#x9f;", "€Ÿ"},
                        {"&#0;&#xD800;&#x110000;&#99999999999;", "\ufffd\ufffd\ufffd\ufffd"},
                        {"&", "&"},
                        {"&&&amp;", "&&&"},
                        {"&#;&#x;&;", "&#;\ufffd&;"},
                        {"&#5 &#x", "&#5 &#x"},
                        {"&hellip", "&hellip"},
                        {"&nosuch;&a", "&nosuch;&a"},
                        {"&AMP;&Amp;", "&&Amp;"},
                        {"", ""}}) {
    EXPECT_EQ(unescaped(c.in), c.out) << c.in;
  }
}

TEST(HtmlText, WhatIsEscapedIsResolvedAgain) {
  const std::string text = "a<b>&'\"é&amp;";
  EXPECT_EQ(unescaped(escaped(text)), text);
}

}  // namespace
}  // namespace weir::mapping::text
