#include <gmock/gmock.h>

#include "http/test_server.h"
#include "http_fields/pipeline.h"

namespace weir::test {
namespace {

using http::test::Mailbox;
using http::test::TestServer;

/// A server whose clients are seen and spoken to.
struct SocketServer {
  explicit SocketServer(TestServer& server) {
    server.route("/ws", [this](http::Request&, http::Responder responder) {
      http::WebSocketHandlers handlers;
      handlers.on_open = [this](const std::shared_ptr<http::WebSocketSession>& session) {
        opened.put(session);
      };
      handlers.on_message = [this](http::FrameKind, http::Body body) {
        received.put(std::string(body.view()));
      };
      responder.accept_websocket({}, std::move(handlers));
    });
    url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/ws";
  }
  std::string url;
  Mailbox<std::shared_ptr<http::WebSocketSession>> opened;
  Mailbox<std::string> received;
};

TEST(WebsocketInput, SendsTheOpenMessageReadsAndConnectsAgain) {
  TestServer from;
  SocketServer source(from);
  TestServer to;
  SocketServer sink(to);
  Pipeline pipeline("input: { websocket: { url: '" + source.url +
                    "', open_message: subscribe } }\n"
                    "output: { websocket: { url: '" +
                    sink.url + "' } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  auto session = source.opened.take();
  EXPECT_EQ(source.received.take(), "subscribe");
  EXPECT_EQ(session->send(http::FrameKind::kText, "one"), http::SendStatus::kQueued);
  EXPECT_EQ(session->send(http::FrameKind::kText, "two"), http::SendStatus::kQueued);
  EXPECT_EQ(sink.received.take(), "one");
  EXPECT_EQ(sink.received.take(), "two");
  session->close(1001, "maintenance");
  session = source.opened.take();  // again
  EXPECT_EQ(source.received.take(), "subscribe");
  EXPECT_EQ(session->send(http::FrameKind::kText, "three"), http::SendStatus::kQueued);
  EXPECT_EQ(sink.received.take(), "three");
  EXPECT_EQ(pipeline.stop(), engine::ExitCode::kOk);
}

TEST(WebsocketOutput, ConnectsAgainWhenTheServerCloses) {
  TestServer to;
  SocketServer sink(to);
  Pipeline pipeline(
      "input: { http_server: { address: '127.0.0.1:0', path: /in } }\n"
      "output: { websocket: { url: '" +
      sink.url + "' } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  const std::string in = "http://" + pipeline.address() + "/in";
  EXPECT_EQ(request(in, "POST", "one").status, 200);
  EXPECT_EQ(sink.received.take(), "one");
  sink.opened.take()->close();
  std::string got;
  do {
    // What is sent while the close is under way may be lost: that is said in the manual.
    EXPECT_EQ(request(in, "POST", "two").status, 200);
    if (sink.opened.size() > 0) got = sink.received.take();
  } while (got.empty());
  EXPECT_EQ(got, "two");
}

TEST(WebsocketInput, GivesUpAfterTheRetriesItIsAllowed) {
  std::string url;
  {
    TestServer gone;
    url = "ws://127.0.0.1:" + std::to_string(gone.port()) + "/ws";
  }
  Pipeline pipeline("input: { websocket: { url: '" + url +
                    "', connection: { max_retries: 1 } } }\noutput: { drop: {} }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(pipeline.wait(), engine::ExitCode::kCannotStart);
}

TEST(HttpServerInput, TakesMessagesOverAWebSocketAndGreets) {
  TestServer to;
  SocketServer sink(to);
  Pipeline pipeline(
      "input: { http_server: { address: '127.0.0.1:0', ws_path: /ws, ws_welcome_message: hi } }\n"
      "output: { websocket: { url: '" +
      sink.url + "' } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  http::WebSocketClient client;
  Mailbox<std::shared_ptr<http::WebSocketSession>> opened;
  Mailbox<std::string> heard;
  http::WebSocketConnectOptions options;
  options.url = "ws://" + pipeline.address() + "/ws";
  http::WebSocketHandlers handlers;
  handlers.on_open = [&](const auto& session) { opened.put(session); };
  handlers.on_message = [&](http::FrameKind, http::Body body) {
    heard.put(std::string(body.view()));
  };
  client.connect(std::move(options), std::move(handlers),
                 [](core::Error error) { ADD_FAILURE() << error.message; });
  const auto session = opened.take();
  EXPECT_EQ(heard.take(), "hi");
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(session->send(http::FrameKind::kBinary, std::to_string(i)),
              http::SendStatus::kQueued);
  }
  for (int i = 0; i < 200; ++i) EXPECT_EQ(sink.received.take(), std::to_string(i));
}

}  // namespace
}  // namespace weir::test
