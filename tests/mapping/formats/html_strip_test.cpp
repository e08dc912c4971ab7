#include "mapping/formats/html_strip.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace weir::mapping {
namespace {

std::string strip(std::string_view html, const std::set<std::string, std::less<>>& keep = {}) {
  std::string out;
  append_stripped_html(out, html, keep);
  return out;
}

TEST(StripHtml, TagsGoAndTextStaysSafe) {
  const std::pair<const char*, const char*> cases[] = {
      {"<p>a & b</p>", "a &amp; b"},
      {"a &amp; b &lt; c &eacute; &#39; \" '", "a &amp; b &lt; c é &#39; &#34; &#39;"},
      {"<script>x<b>y</script>z", "z"},
      {"<SCRIPT>x</SCRIPT >y", "y"},
      {"<style>a{}</style>b", "b"},
      {"<!-- c -->a<!DOCTYPE html>b<?php x ?>c<![CDATA[x]]>d", "abcd"},
      {"a<b", "a"},
      {"a < b > c", "a &lt; b &gt; c"},
      {"<", "&lt;"},
      {"</", "&lt;/"},
      {"<a", ""},
      {"<br>a<br/>b", "ab"},
      {"<title>t</title>x", "x"},
      {"<textarea><b>&lt;x</b></textarea>", "&lt;b&gt;&lt;x&lt;/b&gt;"},
      {"<xmp><b>&lt;x</b></xmp>y", "&lt;b&gt;&amp;lt;x&lt;/b&gt;y"},
      {"<plaintext><b>x", "&lt;b&gt;x"},
      {"<object><p>x</p></object>y", "y"},
      {"<noscript>x</noscript>y", "y"},
      {"<svg><script>x</script></svg>y", "y"},
      {"<p title='a>b' x=\"<\" y=z>x</p>", "x"},
      {"<p\n>x</p\n>", "x"},
      {"<script>x", ""},
      {"<script/>x</script>y", "xy"},
      {"<<b>x", "&lt;x"},
      {"<b<i>x", "x"},
      {"<template>x</template>", "x"},
      {"<p =x>a", "a"},
      {"<p x = 'y'>a", "a"},
      {"<!-->a", "a"},
  };
  for (const auto& [html, expected] : cases) EXPECT_EQ(strip(html), expected) << html;
}

TEST(StripHtml, ListedElementsKeepTheirTags) {
  EXPECT_EQ(strip("<b>x</b><i>y</i>", {"b"}), "<b>x</b>y");
  EXPECT_EQ(strip("<B class=x onclick='y'>y</B>", {"b"}), "<b>y</b>");
  EXPECT_EQ(strip("<br>x<br/>", {"br"}), "<br>x<br/>");
  EXPECT_EQ(strip("<a href=x>y</a>", {"a"}), "y");
  EXPECT_EQ(strip("<script>x</script>y", {"script"}), "y");
  EXPECT_EQ(strip("<b><script>x</script></b>", {"b"}), "<b></b>");
  EXPECT_EQ(strip("<title>x</title>", {"title"}), "<title>x</title>");
  EXPECT_EQ(strip("<object><b>x</b></object><b>y</b>", {"b"}), "<b>y</b>");
}

TEST(StripHtml, LongHostileTextsTakeLinearTime) {
  for (const char* const piece :
       {"<", "</", "<!--", "<a '", "<script", "</script", "&", "<b =\""}) {
    std::string html;
    while (html.size() < 2'000'000) html += piece;
    strip(html);
    strip("<script>" + html);
  }
}

}  // namespace
}  // namespace weir::mapping
