#include "http/url.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/multipart.h"

namespace weir::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(PercentDecode, reads_escapes_and_refuses_broken_ones) {
  EXPECT_EQ(percent_decode("a%20b%2fC"), "a b/C");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
  EXPECT_EQ(percent_decode("+"), "+");
  for (const char* broken : {"%", "%4", "a%", "%4g", "%%41"}) {
    EXPECT_EQ(percent_decode(broken), std::nullopt) << broken;
  }
}

TEST(PercentEncode, is_undone_by_decoding) {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("a-Z_0.~ /é"), "a-Z_0.~%20%2F%C3%A9");
}

TEST(ParseQuery, gives_pairs_in_order) {
  EXPECT_THAT(parse_query("a=1&b=x+y%21&a=2"),
              ElementsAre(Pair("a", "1"), Pair("b", "x y!"), Pair("a", "2")));
  EXPECT_THAT(parse_query("&&a&=b&c==d&"),
              ElementsAre(Pair("a", ""), Pair("", "b"), Pair("c", "=d")));
  EXPECT_THAT(parse_query("a=100%&b=%zz&c=%4"),
              ElementsAre(Pair("a", "100%"), Pair("b", "%zz"), Pair("c", "%4")));
  EXPECT_THAT(parse_query(""), IsEmpty());
}

TEST(ParseCookies, gives_pairs_in_order) {
  EXPECT_THAT(parse_cookies("a=1; b=\"x y\";c=;  d ; =e; f=g=h"),
              ElementsAre(Pair("a", "1"), Pair("b", "x y"), Pair("c", ""), Pair("f", "g=h")));
}

TEST(ParseUrl, splits_a_full_one) {
  const auto url = parse_url("HTTPS://us%40er:pa%3ass@Host.Example:8443/a/b?x=1&y=2#frag");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->user, "us@er");
  EXPECT_EQ(url->password, "pa:ss");
  EXPECT_EQ(url->host, "host.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/a/b");
  EXPECT_EQ(url->query, "x=1&y=2");
  EXPECT_EQ(url->target(), "/a/b?x=1&y=2");
  EXPECT_EQ(url->display(), "https://host.example:8443/a/b");
}

TEST(ParseUrl, fills_in_what_is_left_out) {
  const auto url = parse_url("ws://[::1]");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 80);
  EXPECT_EQ(url->path, "/");
  EXPECT_EQ(url->authority(), "[::1]");
  EXPECT_EQ(parse_url("wss://h:444")->authority(), "h:444");
  EXPECT_EQ(parse_url("https://h:443?q")->authority(), "h");
  EXPECT_EQ(parse_url("https://h:443?q")->query, "q");
}

TEST(ParseUrl, refuses_what_is_none_and_does_not_repeat_it) {
  for (const char* text :
       {"", "host/path", "://h", "http://", "http:///x", "http://h:0", "http://h:99999",
        "http://h:x", "http://[::1", "http://[::1]x", "http://a b/", "http://h/\n", "http://%zz@h/",
        "h ttp://x", "http://[[::1]/", "http://a]b/"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, core::ErrorCode::kInvalidConfig);
  }
  EXPECT_THAT(parse_url("http://user:secret@h:bad").error().message,
              testing::Not(HasSubstr("secret")));
}

TEST(HeaderParameter, reads_tokens_and_quoted_strings) {
  EXPECT_EQ(header_parameter("multipart/mixed; boundary=abc", "boundary"), "abc");
  EXPECT_EQ(header_parameter("x; a=1; Boundary = \"a;b\\\"c\" ; d=2", "boundary"), "a;b\"c");
  EXPECT_EQ(header_parameter("x; a=1; Boundary = \"a;b\\\"c\" ; d=2", "d"), "2");
  EXPECT_EQ(header_parameter("x; flag; a=1", "a"), "1");
  EXPECT_EQ(header_parameter("x; boundary", "boundary"), "");
  EXPECT_EQ(header_parameter("boundary=abc", "boundary"), "");
  EXPECT_EQ(media_type(" Text/Plain ; charset=x"), "text/plain");
}

TEST(Multipart, gives_back_the_parts_it_was_made_of) {
  std::vector<Part> parts(3);
  parts[0].headers.add("Content-Type", "text/plain");
  parts[0].body = "one\r\n--weir";
  parts[1].body = "";
  parts[2].headers.add("Content-Disposition", "form-data; name=\"x\"");
  parts[2].body = std::string("\0\r\n\r\n--", 7);
  const Multipart made = make_multipart(parts, "form-data");
  EXPECT_EQ(media_type(made.content_type), "multipart/form-data");
  const auto read = parse_multipart(made.content_type, made.body);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ((*read)[0].headers.get("content-type"), "text/plain");
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ((*read)[i].body, parts[i].body);
}

TEST(Multipart, reads_preamble_epilogue_and_padding) {
  const auto read =
      parse_multipart("multipart/mixed; boundary=b",
                      "preamble\r\n--b  \r\nA: 1\r\n\r\nx\r\n--b\r\n\r\n\r\n--b--\r\nepilogue");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].body, "x");
  EXPECT_EQ((*read)[1].body, "");
}

TEST(Multipart, refuses_broken_bodies) {
  const std::string type = "multipart/mixed; boundary=b";
  for (const char* body :
       {"", "--b", "--b\r\n", "--b\r\nA: 1\r\n\r\nx", "--b\r\nA: 1\r\n\r\nx\r\n--b",
        "--b\r\nno colon\r\n\r\nx\r\n--b--", "--bx\r\n\r\n--b--", "\r\n--c\r\n"}) {
    const auto read = parse_multipart(type, body);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().code, core::ErrorCode::kInvalidData);
  }
  EXPECT_FALSE(parse_multipart("multipart/mixed", "--b--"));
  EXPECT_FALSE(parse_multipart("multipart/mixed; boundary=" + std::string(71, 'b'), "--b--"));
}

TEST(Multipart, takes_parts_up_to_the_limit_and_not_beyond) {
  for (const std::size_t count : {4U, 5U, 6U}) {
    const Multipart made = make_multipart(std::vector<Part>(count));
    const auto read = parse_multipart(made.content_type, made.body, 5);
    EXPECT_EQ(read.has_value(), count <= 5);
    if (!read) {
      EXPECT_EQ(read.error().code, core::ErrorCode::kLimit);
    }
  }
}

}  // namespace
}  // namespace weir::http
