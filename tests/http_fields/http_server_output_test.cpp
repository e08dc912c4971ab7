#include <gmock/gmock.h>

#include "http_fields/pipeline.h"

namespace weir::test {
namespace {

const std::string kPair =
    "input: { http_server: { address: '127.0.0.1:0', path: /in, split: lines, timeout: 60s } }\n"
    "output: { http_server: { address: '127.0.0.1:0', timeout: 200ms } }\n";

TEST(HttpServerOutput, GivesEachRequestOneMessageAnd408WhenThereIsNone) {
  Pipeline pipeline(kPair);
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  const std::string in = "http://" + pipeline.address("root.input") + "/in";
  const std::string out = "http://" + pipeline.address("root.output") + "/get";
  EXPECT_EQ(request(out).status, 408);
  Answer posted;
  std::thread sender([&] { posted = request(in, "POST", "one\ntwo\n"); });
  std::string first;
  while (first.empty()) {
    const Answer answer = request(out);
    if (answer.status == 200) first = answer.body;
  }
  EXPECT_EQ(first, "one");
  EXPECT_EQ(request(out).body, "two");
  sender.join();
  EXPECT_EQ(posted.status, 200);
  EXPECT_EQ(pipeline.stop(), engine::ExitCode::kOk);
}

TEST(HttpServerOutput, StreamsLinesToWhoListens) {
  Pipeline pipeline(kPair);
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  http::test::RawClient client(pipeline.port("root.output"));
  client.send("GET /get/stream HTTP/1.1\r\nHost: a\r\n\r\n");
  (void)client.read_until("\r\n\r\n");
  EXPECT_EQ(
      request("http://" + pipeline.address("root.input") + "/in", "POST", "one\ntwo\n").status,
      200);
  EXPECT_THAT(client.read_until("two\n"), testing::HasSubstr("one\n"));
}

TEST(HttpServerOutput, AMessageWhoseClientLeftGoesToAnother) {
  Pipeline pipeline(kPair);
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  const std::uint16_t port = pipeline.port("root.output");
  {
    http::test::RawClient gone(port);
    gone.send("GET /get/stream HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)gone.read_until("\r\n\r\n");
  }
  std::thread sender([&] {
    EXPECT_EQ(
        request("http://" + pipeline.address("root.input") + "/in", "POST", "a\nb\nc\nd\n").status,
        200);
  });
  http::test::RawClient client(port);
  client.send("GET /get/stream HTTP/1.1\r\nHost: a\r\n\r\n");
  (void)client.read_until("d\n");
  sender.join();
}

}  // namespace
}  // namespace weir::test
