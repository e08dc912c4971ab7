#include <gmock/gmock.h>
#include <sys/resource.h>

#include "http_fields/pipeline.h"

namespace weir::test {
namespace {

using http::test::RawClient;
using testing::HasSubstr;

const std::string kServer = "input:\n  http_server: { address: '127.0.0.1:0', path: '/in/{kind}' ";

TEST(HttpServerInput, AnswersWithWhatSyncResponseStoredOnceAllIsDelivered) {
  Pipeline pipeline(
      kServer +
      ", sync_response: { status: '${! this.n + 200 }', headers: { X-Kind: '${! @kind }' }, "
      "metadata_headers: { include_prefixes: [ tag ] } } }\n"
      "pipeline: { processors: [ { mutation: 'meta tag = \"t\"' } ] }\n"
      "output: { sync_response: {} }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  const Answer answer =
      request("http://" + pipeline.address() + "/in/a%20b?q=1", "POST", R"({"n":1})");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, R"({"n":1})");
  EXPECT_EQ(answer.headers.get("X-Kind"), "a b");
  EXPECT_EQ(answer.headers.get("tag"), "t");
  EXPECT_EQ(pipeline.stop(), engine::ExitCode::kOk);
}

TEST(HttpServerInput, AFanOutMayAnswerBesideOtherOutputs) {
  Pipeline pipeline(
      kServer + "}\noutput: { broker: { outputs: [ { drop: {} }, { sync_response: {} } ] } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(request("http://" + pipeline.address() + "/in/x", "POST", "hello").body, "hello");
}

TEST(HttpServerInput, SaysWhyARequestIsRefused) {
  Pipeline pipeline(
      kServer +
      ", max_body_size: 1000 }\npipeline: { processors: [ { mapping: 'root = this' } ] }\n"
      "output: { switch: { cases: [ { check: 'this.go == true', output: { drop: {} } }, "
      "{ output: { reject: 'not today' } } ] } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  const std::string url = "http://" + pipeline.address() + "/in/x";
  EXPECT_EQ(request(url, "POST", R"({"go":true})").status, 200);
  const Answer bad = request(url, "POST", "no json");
  EXPECT_EQ(bad.status, 400);
  const Answer rejected = request(url, "POST", R"({"go":false})");
  EXPECT_GE(rejected.status, 400);
  EXPECT_THAT(rejected.body, HasSubstr("not today"));
  EXPECT_EQ(request(url, "POST", std::string(1001, 'x')).status, 413);
  EXPECT_EQ(request(url, "GET").status, 405);
  EXPECT_EQ(request(url, "POST", "x", {{"Content-Encoding", "br"}}).status, 415);
  EXPECT_EQ(request(url, "POST", "x", {{"Content-Encoding", "gzip"}}).status, 400);
  EXPECT_EQ(request("http://" + pipeline.address() + "/other", "POST", "x").status, 404);
}

TEST(HttpServerInput, SplitsLinesArraysAndMultipartBodies) {
  Pipeline pipeline(kServer + ", split: json_array }\noutput: { sync_response: {} }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  const std::string url = "http://" + pipeline.address() + "/in/x";
  const Answer array = request(url, "POST", R"( [ {"a":1}, 2, "three" ] )");
  EXPECT_THAT(array.headers.get("Content-Type").value_or(""), HasSubstr("multipart/mixed"));
  EXPECT_THAT(array.body, HasSubstr("{\"a\":1}"));
  EXPECT_THAT(array.body, HasSubstr("\"three\""));
  EXPECT_EQ(request(url, "POST", "[1, 2").status, 400);
  EXPECT_EQ(request(url, "POST", "{\"not\":\"an array\"}").body, "{\"not\":\"an array\"}");
  const Answer parts = request(url, "POST", "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
                               {{"Content-Type", "multipart/mixed; boundary=b"}});
  EXPECT_THAT(parts.body, HasSubstr("\r\n\r\none\r\n"));
  EXPECT_THAT(parts.body, HasSubstr("\r\n\r\ntwo\r\n"));

  Pipeline lines(kServer + "}\noutput: { drop: {} }\n");
  const std::string other = "http://" + lines.address() + "/in/x";
  EXPECT_EQ(
      request(other, "POST", "1\n2\r\n\n3", {{"Content-Type", "application/x-ndjson"}}).status,
      200);
  EXPECT_EQ(lines.totals().received(), 3U);
  EXPECT_EQ(request(other, "POST", "1\n2\n3").status, 200);  // not said to be lines
  EXPECT_EQ(lines.totals().received(), 4U);
  EXPECT_EQ(request(other, "POST", "\n\n", {{"Content-Type", "application/x-ndjson"}}).status, 200);
  EXPECT_EQ(lines.totals().received(), 4U);
}

TEST(HttpServerInput, ALateDeliveryIsAnswered408AndBackPressure503) {
  // Nobody takes what the output hands out.
  Pipeline pipeline(kServer +
                        ", timeout: 200ms, max_pending: 1 }\n"
                        "output: { http_server: { address: '127.0.0.1:0' } }\n",
                    1);
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  const std::string url = "http://" + pipeline.address("root.input") + "/in/x";
  const Answer late = request(url, "POST", "one");
  EXPECT_EQ(late.status, 408);
  EXPECT_THAT(late.body, HasSubstr("may still be"));
  const Answer busy = request(url, "POST", "two");  // the budget is used up: it is never read
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.headers.get("Retry-After"), "1");
  // What timed out is still delivered when somebody asks.
  EXPECT_EQ(request("http://" + pipeline.address("root.output") + "/get").body, "one");
}

TEST(HttpServerInput, TellsAtTheStartThatThePortIsTaken) {
  Pipeline first(kServer + "}\noutput: { drop: {} }\n");
  ASSERT_TRUE(first.running()) << first.mistakes;
  Pipeline second("input: { http_server: { address: '" + first.address() +
                  "' } }\noutput: { drop: {} }\n");
  ASSERT_TRUE(second.running()) << second.mistakes;
  EXPECT_EQ(second.wait(), engine::ExitCode::kCannotStart);
}

TEST(HttpServerInput, ServesGoodClientsWhileTwoThousandAreSlow) {
  constexpr std::size_t kSlow = 2000;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < 3 * kSlow) GTEST_SKIP() << "too few descriptors";
  Pipeline pipeline(kServer + "}\noutput: { sync_response: {} }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  const std::uint16_t port = pipeline.port();
  std::vector<std::unique_ptr<RawClient>> slow;
  for (std::size_t i = 0; i < kSlow; ++i) {
    slow.push_back(std::make_unique<RawClient>(port));
    // Half of them stop in the head, half in a body that says it is big.
    slow.back()->send(i % 2 == 0
                          ? "POST /in/x HTTP/1.1\r\nHost: a\r\nX-Slow: "
                          : "POST /in/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nx");
  }
  for (int i = 0; i < 50; ++i) {
    const Answer answer =
        request("http://127.0.0.1:" + std::to_string(port) + "/in/x", "POST", "good");
    ASSERT_EQ(answer.status, 200) << answer.body;
    ASSERT_EQ(answer.body, "good");
  }
  EXPECT_EQ(pipeline.totals().received(), 50U);  // nothing half reached the pipeline
}

TEST(HttpServerInput, LimitsConnections) {
  Pipeline pipeline(kServer + ", max_connections: 2 }\noutput: { drop: {} }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  const std::uint16_t port = pipeline.port();
  RawClient one(port);
  RawClient two(port);
  RawClient three(port);
  three.send("POST /in/x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(three.read_all(), HasSubstr("503"));
}

TEST(HttpServerInput, TakesOversizedHeadsAndGarbageWithAStatus) {
  Pipeline pipeline(kServer + "}\noutput: { drop: {} }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  RawClient big(pipeline.port());
  (void)big.try_send("POST /in/x HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'x') +
                     "\r\n\r\n");
  EXPECT_EQ(http::test::status_of(big.read_all()), 431);
  RawClient garbage(pipeline.port());
  (void)garbage.try_send("\x16\x03\x01 hello\r\n\r\n");
  EXPECT_EQ(http::test::status_of(garbage.read_all()), 400);
}

}  // namespace
}  // namespace weir::test
