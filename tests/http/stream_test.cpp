#include <chrono>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server.h"
#include "http/test_server.h"

namespace weir::http::test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Streaming {
  explicit Streaming(Limits limits = {}) : server(options(limits)) {
    server.route("/stream", [this](Request&, Responder responder) {
      Response head;
      head.headers.add("Content-Type", "application/x-ndjson");
      streams.put(responder.stream(std::move(head)));
    });
    server.route("/after", [](Request&, Responder responder) {
      responder.send(Response::text(200, "after"));
    });
  }
  static ServerOptions options(Limits limits) {
    ServerOptions result;
    result.limits = limits;
    return result;
  }

  Mailbox<ResponseStream> streams;
  TestServer server;
};

TEST(ResponseStream, sends_pieces_as_they_come_and_an_end) {
  Streaming test;
  RawClient client = test.server.connect();
  client.send(get("/stream"));
  ResponseStream stream = test.streams.take();
  EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("Transfer-Encoding: chunked\r\n"));
  Mailbox<bool> sent;
  EXPECT_EQ(stream.write("one\n", [&](bool ok) { sent.put(ok); }), SendStatus::kQueued);
  EXPECT_TRUE(sent.take());
  EXPECT_EQ(client.read_until("\n\r\n"), "4\r\none\n\r\n");
  EXPECT_EQ(stream.write(""), SendStatus::kQueued);  // no end by accident
  EXPECT_EQ(stream.write("two\n"), SendStatus::kQueued);
  EXPECT_EQ(client.read_until("\n\r\n"), "4\r\ntwo\n\r\n");
  stream.finish();
  EXPECT_EQ(client.read_until("0\r\n\r\n"), "0\r\n\r\n");
  EXPECT_EQ(stream.write("late"), SendStatus::kClosed);
  client.send(get("/after"));
  EXPECT_EQ(body_of(client.read_response()), "after\n");
}

TEST(ResponseStream, is_ended_by_the_connection_for_http_1_0) {
  Streaming test;
  RawClient client = test.server.connect();
  client.send("GET /stream HTTP/1.0\r\n\r\n");
  ResponseStream stream = test.streams.take();
  EXPECT_EQ(stream.write("plain"), SendStatus::kQueued);
  stream.finish();
  const std::string response = client.read_all();
  EXPECT_THAT(response, Not(HasSubstr("chunked")));
  EXPECT_EQ(body_of(response), "plain");
}

TEST(ResponseStream, that_nobody_holds_cuts_the_connection) {
  Streaming test;
  RawClient client = test.server.connect();
  client.send(get("/stream"));
  {
    ResponseStream stream = test.streams.take();
    (void)client.read_until("\r\n\r\n");
  }
  EXPECT_THAT(client.read_all(), Not(HasSubstr("0\r\n\r\n")));
}

TEST(ResponseStream, tells_when_the_client_has_gone) {
  Streaming test;
  ResponseStream stream;
  Mailbox<bool> closed;
  {
    RawClient client = test.server.connect();
    client.send(get("/stream"));
    stream = test.streams.take();
    stream.on_closed([&] { closed.put(stream.is_open()); });
    (void)client.read_until("\r\n\r\n");
  }
  EXPECT_FALSE(closed.take());
  EXPECT_EQ(stream.write("x"), SendStatus::kClosed);
  stream.on_closed([&] { closed.put(true); });  // already happened: told at once
  EXPECT_TRUE(closed.take());
}

TEST(ResponseStream, takes_no_more_than_its_queue_holds) {
  Limits limits;
  limits.stream_queue_bytes = 1 << 20;
  Streaming test(limits);
  RawClient client = test.server.connect();
  client.send(get("/stream"));
  ResponseStream stream = test.streams.take();
  const std::string piece(100'000, 'x');
  std::size_t taken = 0;
  Mailbox<bool> sent;
  while (stream.write(piece, [&](bool ok) { sent.put(ok); }) == SendStatus::kQueued) ++taken;
  EXPECT_EQ(stream.write(piece), SendStatus::kFull);
  (void)client.read_until("\r\n\r\n");
  for (std::size_t i = 0; i < taken; ++i) {
    (void)client.read_until("\r\n" + piece + "\r\n");
    EXPECT_TRUE(sent.take());
  }
  EXPECT_EQ(stream.write("room again"), SendStatus::kQueued);
}

TEST(ResponseStream, may_be_finished_when_the_server_stops) {
  Streaming test;
  RawClient client = test.server.connect();
  client.send(get("/stream"));
  ResponseStream stream = test.streams.take();
  stream.on_closed([&] { stream.finish(); });
  std::thread stop([&] { test.server->stop(std::chrono::minutes(1)); });
  EXPECT_THAT(client.read_all(), HasSubstr("\r\n\r\n0\r\n\r\n"));
  stop.join();
}

TEST(ResponseStream, is_cut_when_the_server_is_destroyed) {
  auto test = std::make_unique<Streaming>();
  RawClient client = test->server.connect();
  client.send(get("/stream"));
  ResponseStream stream = test->streams.take();
  (void)client.read_until("\r\n\r\n");
  test->server.destroy();
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(stream.write("x"), SendStatus::kClosed);
}

}  // namespace
}  // namespace weir::http::test
