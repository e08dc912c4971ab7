#include "mapping/text/url_text.h"

#include <gtest/gtest.h>

namespace weir::mapping::text {
namespace {

template <class Function>
std::string appended(Function function, std::string_view text) {
  std::string out;
  function(out, text);
  return out;
}

TEST(UrlText, EscapesForPathAndQuery) {
  EXPECT_EQ(appended(append_escaped_url_path, "foo & bar"), "foo%20&%20bar");
  EXPECT_EQ(appended(append_escaped_url_path, "a/b?c;d,e:f@g=h+i$é~-_."),
            "a%2Fb%3Fc%3Bd%2Ce:f@g=h+i$%C3%A9~-_.");
  EXPECT_EQ(appended(append_escaped_url_query, "foo & bar"), "foo+%26+bar");
  EXPECT_EQ(appended(append_escaped_url_query, "hello world!"), "hello+world%21");
  EXPECT_EQ(appended(append_escaped_url_query, "\xff%"), "%FF%25");
}

std::string path(std::string_view text) {
  std::string out;
  const core::Status status = append_unescaped_url_path(out, text);
  return status ? out : "error: " + status.error().message;
}

std::string query(std::string_view text) {
  std::string out;
  const core::Status status = append_unescaped_url_query(out, text);
  return status ? out : "error: " + status.error().message;
}

TEST(UrlText, UnescapesPathAndQuery) {
  EXPECT_EQ(path("foo%20&%20bar"), "foo & bar");
  EXPECT_EQ(path("a+b%2f"), "a+b/");
  EXPECT_EQ(query("foo+%26+bar"), "foo & bar");
  EXPECT_EQ(path("%zz"), "error: invalid URL escape \"%zz\"");
  EXPECT_EQ(query("a%4"), "error: invalid URL escape \"%4\"");
  EXPECT_EQ(query("%"), "error: invalid URL escape \"%\"");
}

TEST(ParseUrl, TakesUrlsApart) {
  const Url docs =
      parse_url("https://docs.redpanda.com/redpanda-connect/guides/bloblang/about/").value();
  EXPECT_EQ(docs.scheme, "https");
  EXPECT_EQ(docs.host, "docs.redpanda.com");
  EXPECT_EQ(docs.path, "/redpanda-connect/guides/bloblang/about/");
  EXPECT_EQ(docs.raw_path + docs.raw_query + docs.fragment + docs.raw_fragment + docs.opaque, "");
  EXPECT_FALSE(docs.user);

  const Url amqp = parse_url("AMQP://foo:b%61r@127.0.0.1:5672/a%20b?x=1&y=%20#frag%20ment").value();
  EXPECT_EQ(amqp.scheme, "amqp");
  ASSERT_TRUE(amqp.user);
  EXPECT_EQ(amqp.user->name, "foo");
  EXPECT_EQ(amqp.user->password, "bar");
  EXPECT_EQ(amqp.host, "127.0.0.1:5672");
  EXPECT_EQ(amqp.path, "/a b");
  EXPECT_EQ(amqp.raw_path, "");
  EXPECT_EQ(amqp.raw_query, "x=1&y=%20");
  EXPECT_EQ(amqp.fragment, "frag ment");

  EXPECT_FALSE(parse_url("redis://localhost:6379").value().user);
  EXPECT_FALSE(parse_url("redis://me@localhost").value().user->password);
  EXPECT_EQ(parse_url("mailto:me@example.com").value().opaque, "me@example.com");
  EXPECT_EQ(parse_url("http://a/b%2fc").value().raw_path, "/b%2fc");
  EXPECT_EQ(parse_url("http://a/b%2fc").value().path, "/b/c");
  EXPECT_EQ(parse_url("http://[fe80::1%25en0]:80/").value().host, "[fe80::1%en0]:80");
  EXPECT_EQ(parse_url("postgres://a:1,b:2/db").value().host, "a:1,b:2");
  EXPECT_EQ(parse_url("relative/path?q").value().path, "relative/path");
  EXPECT_EQ(parse_url("//host/path").value().host, "host");
  EXPECT_EQ(parse_url("///path").value().path, "///path");
  EXPECT_EQ(parse_url("*").value().path, "*");
  EXPECT_EQ(parse_url("").value().path, "");
  EXPECT_EQ(parse_url("http://h?").value().raw_query, "");
}

struct Refused {
  const char* url;
  const char* why;
};

TEST(ParseUrl, SaysWhatIsWrong) {
  for (const Refused& c :
       {Refused{"invalid %&# url", "parse \"invalid %&\": invalid URL escape \"%&\""},
        {":foo", "parse \":foo\": missing protocol scheme"},
        {"1http:foo", "first path segment in URL cannot contain colon"},
        {"http://h:x/", "invalid port \":x\" after host"},
        {"http://h:1:2/", "invalid port \":1:2\" after host"},
        {"http://[::1", "missing ']' in host"},
        {"http://[::1]x", "invalid port \"x\" after host"},
        {"http://[1.2.3.4]/", "invalid host"},
        {"http://[fe80::1%25]/", "invalid host"},
        {"http://a[b]/", "invalid IP-literal"},
        {"http://a b/", "invalid character \" \" in host name"},
        {"http://%41/", "invalid URL escape \"%41\""},
        {"http://u[@h/", "net/url: invalid userinfo"},
        {"http://h/\x01", "net/url: invalid control character in URL"},
        {"http://h/#%zz", "parse \"http://h/#%zz\": invalid URL escape \"%zz\""}}) {
    const auto url = parse_url(c.url);
    ASSERT_FALSE(url) << c.url;
    EXPECT_NE(url.error().message.find(c.why), std::string::npos) << url.error().message;
  }
  EXPECT_LT(parse_url(std::string(1 << 20, '%')).error().message.size(), 1000U);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(ParseQuery, GivesThePairsInOrder) {
  EXPECT_EQ(parse_query("noise=meow&animal=cat&fur=orange&fur=fluffy").value(),
            (Pairs{{"noise", "meow"}, {"animal", "cat"}, {"fur", "orange"}, {"fur", "fluffy"}}));
  EXPECT_EQ(parse_query("email=example%40email.com&a+b&&=x&c=1=2").value(),
            (Pairs{{"email", "example@email.com"}, {"a b", ""}, {"", "x"}, {"c", "1=2"}}));
  EXPECT_EQ(parse_query("").value(), Pairs{});
}

TEST(ParseQuery, RefusesBadOnes) {
  EXPECT_EQ(parse_query("a;b=1").error().message, "invalid semicolon separator in query");
  EXPECT_EQ(parse_query("a=%zz").error().message, "invalid URL escape \"%zz\"");
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "a&";
  EXPECT_EQ(parse_query(many).value().size(), 10'000U);
  EXPECT_FALSE(parse_query(many + "a"));
}

}  // namespace
}  // namespace weir::mapping::text
