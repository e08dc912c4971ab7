#include "http/websocket.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server.h"
#include "http/test_server.h"

namespace weir::http::test {
namespace {

using testing::HasSubstr;
constexpr const char* kUpgrade =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

using SessionPtr = std::shared_ptr<WebSocketSession>;

/// One end of a WebSocket; what happens to it ends up in mailboxes.
struct End {
  Mailbox<SessionPtr> opened;
  Mailbox<std::pair<FrameKind, std::string>> messages;
  Mailbox<WebSocketClose> closed;
  Mailbox<int> drained;
  Mailbox<core::Error> failed;

  WebSocketHandlers handlers() {
    WebSocketHandlers result;
    result.on_open = [this](const SessionPtr& session) { opened.put(session); };
    result.on_message = [this](FrameKind kind, Body body) {
      messages.put({kind, std::string(body.view())});
    };
    result.on_close = [this](const WebSocketClose& close) { closed.put(close); };
    result.on_drained = [this] { drained.put(1); };
    return result;
  }
};

struct WebSockets {
  explicit WebSockets(WebSocketOptions options = {}, ServerOptions server_options = {})
      : server(std::move(server_options)) {
    server.route("/ws", [this, options](Request& request, Responder responder) {
      header.put(std::string(request.headers.get("X-Test").value_or("none")));
      responder.accept_websocket(options, there.handlers());
    });
  }
  WebSocketConnectOptions to(const std::string& path) const {
    WebSocketConnectOptions options;
    options.url = "ws://127.0.0.1:" + std::to_string(server.port()) + path;
    return options;
  }
  void connect(WebSocketConnectOptions options) {
    client.connect(std::move(options), here.handlers(),
                   [this](core::Error error) { here.failed.put(std::move(error)); });
  }

  End there;
  End here;
  Mailbox<std::string> header;
  TestServer server;
  WebSocketClient client;
};

TEST(WebSocket, carries_messages_both_ways) {
  WebSockets test;
  WebSocketConnectOptions options = test.to("/ws");
  options.headers.add("X-Test", "yes");
  test.connect(std::move(options));
  EXPECT_EQ(test.header.take(), "yes");
  const SessionPtr mine = test.here.opened.take();
  const SessionPtr theirs = test.there.opened.take();
  const std::string big(1 << 20, 'b');
  EXPECT_EQ(mine->send(FrameKind::kText, "hello"), SendStatus::kQueued);
  EXPECT_EQ(mine->send(FrameKind::kBinary, big), SendStatus::kQueued);
  EXPECT_EQ(mine->send(FrameKind::kText, ""), SendStatus::kQueued);
  EXPECT_EQ(test.there.messages.take(), std::pair(FrameKind::kText, std::string("hello")));
  EXPECT_TRUE(test.there.messages.take() == std::pair(FrameKind::kBinary, big));
  EXPECT_EQ(test.there.messages.take().second, "");
  Mailbox<bool> sent;
  theirs->send(FrameKind::kBinary, "back", [&](bool ok) { sent.put(ok); });
  EXPECT_TRUE(sent.take());
  EXPECT_EQ(test.here.messages.take(), std::pair(FrameKind::kBinary, std::string("back")));
}

TEST(WebSocket, sends_what_is_queued_before_it_closes) {
  WebSockets test;
  test.connect(test.to("/ws"));
  const SessionPtr mine = test.here.opened.take();
  for (int i = 0; i < 100; ++i) mine->send(FrameKind::kText, std::to_string(i));
  mine->close(4001, "enough");
  mine->close(4002, "twice");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(test.there.messages.take().second, std::to_string(i));
  const WebSocketClose at_server = test.there.closed.take();
  EXPECT_EQ(at_server.code, 4001);
  EXPECT_EQ(at_server.reason, "enough");
  EXPECT_EQ(test.here.closed.take().code, 4001);
  EXPECT_EQ(mine->send(FrameKind::kText, "late"), SendStatus::kClosed);
  EXPECT_FALSE(mine->is_open());
}

TEST(WebSocket, reports_a_peer_that_vanishes) {
  WebSockets test;
  test.connect(test.to("/ws"));
  (void)test.here.opened.take();
  (void)test.there.opened.take();
  test.server->stop(std::chrono::milliseconds(0));
  EXPECT_THAT(test.here.closed.take().code, testing::AnyOf(1001, 1006));
  (void)test.there.closed.take();
}

TEST(WebSocket, says_goodbye_when_the_server_stops) {
  WebSockets test;
  test.connect(test.to("/ws"));
  (void)test.here.opened.take();
  (void)test.there.opened.take();
  test.server->stop(std::chrono::minutes(1));
  EXPECT_EQ(test.here.closed.take().code, 1001);
}

TEST(WebSocket, refuses_messages_beyond_the_limit) {
  WebSocketOptions options;
  options.max_message_bytes = 1000;
  WebSockets test(options);
  test.connect(test.to("/ws"));
  const SessionPtr mine = test.here.opened.take();
  mine->send(FrameKind::kText, std::string(1000, 'x'));
  EXPECT_EQ(test.there.messages.take().second.size(), 1000U);
  mine->send(FrameKind::kText, std::string(1001, 'x'));
  EXPECT_EQ(test.there.closed.take().code, 1009);
  EXPECT_EQ(test.here.closed.take().code, 1009);
}

TEST(WebSocket, takes_no_more_than_its_queue_holds_and_tells_when_it_is_empty) {
  WebSockets test;
  WebSocketConnectOptions options = test.to("/ws");
  options.websocket.max_queued_bytes = 1 << 20;
  test.connect(std::move(options));
  const SessionPtr mine = test.here.opened.take();
  const SessionPtr theirs = test.there.opened.take();
  theirs->pause();
  std::size_t taken = 0;
  const std::string message(300'000, 'x');
  while (mine->send(FrameKind::kBinary, message) == SendStatus::kQueued) ++taken;
  EXPECT_GE(taken, 3U);
  theirs->resume();
  (void)test.here.drained.take();
  for (std::size_t i = 0; i < taken; ++i) {
    EXPECT_EQ(test.there.messages.take().second.size(), message.size());
  }
  EXPECT_EQ(mine->send(FrameKind::kBinary, message), SendStatus::kQueued);
}

TEST(WebSocket, hands_out_nothing_while_paused) {
  WebSockets test;
  test.connect(test.to("/ws"));
  const SessionPtr mine = test.here.opened.take();
  const SessionPtr theirs = test.there.opened.take();
  theirs->pause();
  for (int i = 0; i < 10; ++i) mine->send(FrameKind::kText, std::to_string(i));
  Mailbox<bool> sent;
  mine->send(FrameKind::kText, "last", [&](bool ok) { sent.put(ok); });
  EXPECT_TRUE(sent.take());
  EXPECT_LE(test.there.messages.size(), 1U);  // one read was under way
  theirs->resume();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(test.there.messages.take().second, std::to_string(i));
  EXPECT_EQ(test.there.messages.take().second, "last");
}

TEST(WebSocket, closes_when_the_peer_is_silent_even_to_pings) {
  WebSocketOptions options;
  options.idle_timeout = std::chrono::milliseconds(100);
  ServerOptions server_options;
  server_options.limits.idle_timeout = std::chrono::milliseconds(40);  // looks often
  WebSockets test(options, std::move(server_options));
  RawClient client = test.server.connect();
  client.send(get("/ws", kUpgrade));
  EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  const WebSocketClose close = test.there.closed.take();
  EXPECT_EQ(close.code, 1006);
  EXPECT_THAT(close.reason, HasSubstr("nothing heard"));
  EXPECT_THAT(client.read_all(), HasSubstr("\x89"));  // it was asked first
}

TEST(WebSocket, stays_open_when_the_peer_answers_pings) {
  WebSocketOptions options;
  options.idle_timeout = std::chrono::milliseconds(2000);
  WebSockets test(options);
  RawClient client = test.server.connect();
  client.send(get("/ws", kUpgrade));
  (void)client.read_until("\r\n\r\n");
  for (int i = 0; i < 3; ++i) {  // longer in all than the timeout
    EXPECT_EQ(client.read_until(std::string("\x89\0", 2)), std::string("\x89\0", 2));
    client.send(std::string("\x8a\x80\0\0\0\0", 6));
  }
  client.send(std::string("\x81\x82\0\0\0\0hi", 8));
  EXPECT_EQ(test.there.messages.take().second, "hi");
}

TEST(WebSocket, ends_on_frames_that_break_the_protocol) {
  for (const std::string& frame : std::vector<std::string>{
           std::string("\x81\x05hello"),                // a client must mask
           std::string("\xf1\x80\0\0\0\0", 6),          // reserved bits
           std::string("\x83\x80\0\0\0\0", 6),          // reserved opcode
           std::string("\x80\x80\0\0\0\0", 6),          // continuation of nothing
           std::string("\x89\xfe\x01\x00\0\0\0\0", 8),  // a control frame longer than 125
           std::string("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14),  // absurd length
           std::string("\x81\x81\0\0\0\0\xff", 7)}) {  // text that is not UTF-8
    WebSockets test;
    RawClient client = test.server.connect();
    client.send(get("/ws", kUpgrade));
    (void)client.read_until("\r\n\r\n");
    client.send(frame);
    (void)client.read_all();
    (void)test.there.closed.take();
    EXPECT_EQ(test.there.messages.size(), 0U);
  }
}

TEST(WebSocket, takes_frames_sent_right_behind_the_request) {
  WebSockets test;
  RawClient client = test.server.connect();
  client.send(get("/ws", kUpgrade) + std::string("\x81\x82\0\0\0\0hi", 8));
  EXPECT_EQ(test.there.messages.take().second, "hi");
}

TEST(WebSocket, answers_426_to_a_plain_request) {
  WebSockets test;
  RawClient client = test.server.connect();
  client.send(get("/ws"));
  const std::string response = client.read_response();
  EXPECT_EQ(status_of(response), 426);
  EXPECT_THAT(response, HasSubstr("Upgrade: websocket\r\n"));
}

TEST(WebSocketClient, names_host_and_cause_of_a_failure) {
  WebSockets test;
  test.connect(test.to("/nothing"));
  const core::Error declined = test.here.failed.take();
  EXPECT_EQ(declined.code, core::ErrorCode::kUnavailable);
  EXPECT_THAT(declined.message, HasSubstr("127.0.0.1"));
  EXPECT_THAT(declined.message, HasSubstr("404"));

  WebSocketConnectOptions options;
  options.url = "http://127.0.0.1/";
  test.connect(options);
  EXPECT_EQ(test.here.failed.take().code, core::ErrorCode::kInvalidConfig);

  auto listener = net::Listener::listen({net::Network::kTcp, "127.0.0.1:0", {}, {}, 0600});
  ASSERT_TRUE(listener);
  options.url = "ws://" + listener->address() + "/";
  options.connect_timeout = std::chrono::milliseconds(100);
  test.connect(options);  // accepted by the kernel, and never answered
  const core::Error silent = test.here.failed.take();
  EXPECT_EQ(silent.code, core::ErrorCode::kUnavailable);
  EXPECT_THAT(silent.message, HasSubstr("timed out"));

  options.url = "ws://127.0.0.1:" + std::to_string(test.server.port()) + "/ws";
  test.server->stop(std::chrono::milliseconds(0));
  test.connect(options);
  const core::Error refused = test.here.failed.take();
  EXPECT_EQ(refused.code, core::ErrorCode::kUnavailable);
  EXPECT_THAT(refused.message, HasSubstr("Connection refused"));
}

TEST(WebSocketClient, ends_every_connection_when_destroyed) {
  End there;
  End here;
  TestServer server;
  server.route("/ws", [&](Request&, Responder responder) {
    responder.accept_websocket({}, there.handlers());
  });
  {
    WebSocketClient client;
    WebSocketConnectOptions options;
    options.url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/ws";
    client.connect(options, here.handlers(), [](const core::Error&) {});
    (void)here.opened.take();
    (void)there.opened.take();
  }
  EXPECT_EQ(here.closed.take().code, 1006);
  EXPECT_EQ(there.closed.take().code, 1006);
}

}  // namespace
}  // namespace weir::http::test
