#include <chrono>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server.h"
#include "http/test_server.h"
#include "http/websocket.h"
#include "net/certificates.h"

namespace weir::http::test {
namespace {

using testing::HasSubstr;

ServerOptions secure(const net::test::Authority& authority, bool ask_client = false,
                     Limits limits = {}) {
  const auto issued = authority.issue();
  ServerOptions options;
  options.limits = limits;
  options.tls.emplace();
  options.tls->certificate.cert = issued.cert;
  options.tls->certificate.key = issued.key;
  if (ask_client) {
    options.tls->client_cas = authority.pem();
    options.tls->require_client_cert = true;
  }
  return options;
}

net::TlsOptions trusting(const net::test::Authority& authority) {
  net::TlsOptions options;
  options.enabled = true;
  options.root_cas = authority.pem();
  return options;
}

TEST(ServerTls, serves_requests_small_and_large) {
  const net::test::Authority authority;
  TestServer server(secure(authority));
  server.echo();
  RawClient client(server.port(), trusting(authority));
  const std::string big(3 << 20, 'x');
  for (int i = 0; i < 3; ++i) {
    client.send(post("/echo", "small") + post("/echo", "pipelined"));
    EXPECT_EQ(body_of(client.read_response()), "small");
    EXPECT_EQ(body_of(client.read_response()), "pipelined");
    client.send(post("/echo", big));
    EXPECT_TRUE(body_of(client.read_response()) == big);
  }
}

TEST(ServerTls, tells_handlers_who_the_client_is) {
  const net::test::Authority authority;
  TestServer server(secure(authority, true));
  server.route("/who", [](Request& request, Responder responder) {
    EXPECT_TRUE(request.tls);
    responder.send(Response::text(200, request.peer_verified ? request.peer_subject : "nobody"));
  });
  net::TlsOptions options = trusting(authority);
  net::test::Authority::Wish wish;
  wish.subject = "robot";
  const auto issued = authority.issue(wish);
  options.client_certs.push_back({issued.cert, issued.key, "", "", ""});
  RawClient client(server.port(), options);
  client.send(get("/who"));
  EXPECT_EQ(body_of(client.read_response()), "CN=robot\n");
}

TEST(ServerTls, hangs_up_on_clients_that_do_not_shake_hands) {
  const net::test::Authority authority;
  Limits limits;
  limits.tls_timeout = std::chrono::milliseconds(100);
  TestServer server(secure(authority, false, limits));
  RawClient silent = server.connect();
  RawClient plain = server.connect();
  plain.send(get("/x"));
  EXPECT_TRUE(plain.ended());
  EXPECT_TRUE(silent.ended());
  while (server->stats().connections > 0) std::this_thread::yield();
  EXPECT_GE(server->stats().timeouts, 1U);
}

TEST(ServerTls, carries_websockets) {
  const net::test::Authority authority;
  TestServer server(secure(authority));
  Mailbox<std::string> messages;
  Mailbox<std::shared_ptr<WebSocketSession>> opened;
  server.route("/ws", [&](Request&, Responder responder) {
    WebSocketHandlers handlers;
    auto session = std::make_shared<std::shared_ptr<WebSocketSession>>();
    handlers.on_open = [session](const std::shared_ptr<WebSocketSession>& open) {
      *session = open;
    };
    handlers.on_message = [session](FrameKind kind, Body body) {
      (*session)->send(kind, std::string(body.view()));
    };
    handlers.on_close = [session](const WebSocketClose&) { session->reset(); };
    responder.accept_websocket({}, std::move(handlers));
  });
  WebSocketClient client;
  WebSocketConnectOptions options;
  options.url = "wss://localhost:" + std::to_string(server.port()) + "/ws";
  options.tls.root_cas = authority.pem();
  WebSocketHandlers handlers;
  handlers.on_open = [&](const std::shared_ptr<WebSocketSession>& open) { opened.put(open); };
  handlers.on_message = [&](FrameKind, Body body) { messages.put(std::string(body.view())); };
  Mailbox<core::Error> failed;
  client.connect(options, handlers, [&](core::Error error) { failed.put(std::move(error)); });
  const auto session = opened.take();
  const std::string big(2 << 20, 'w');
  session->send(FrameKind::kBinary, big);
  session->send(FrameKind::kText, "small");
  EXPECT_TRUE(messages.take() == big);
  EXPECT_EQ(messages.take(), "small");
  options.tls.root_cas = net::test::Authority().pem();
  client.connect(options, handlers, [&](core::Error error) { failed.put(std::move(error)); });
  const core::Error refused = failed.take();
  EXPECT_EQ(refused.code, core::ErrorCode::kUnavailable);
  EXPECT_THAT(refused.message, HasSubstr("certificate"));
}

}  // namespace
}  // namespace weir::http::test
