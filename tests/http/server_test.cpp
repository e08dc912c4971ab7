#include "http/server.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/test_server.h"

namespace weir::http::test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

TEST(Server, answers_a_request_with_what_the_handler_sends) {
  TestServer server;
  server.route("/hello", [](Request& request, Responder responder) {
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, "/hello");
    EXPECT_EQ(request.query_param("name"), "a b");
    EXPECT_EQ(request.headers.get("x-thing"), "1");
    EXPECT_TRUE(request.loopback);
    EXPECT_THAT(request.remote, HasSubstr("127.0.0.1:"));
    Response response = Response::text(201, "good day");
    response.headers.add("X-Answer", "yes");
    responder.send(std::move(response));
  });
  RawClient client = server.connect();
  client.send(get("/hello?name=a+b", "X-Thing: 1\r\n"));
  const std::string response = client.read_response();
  EXPECT_THAT(response, HasSubstr("HTTP/1.1 201 Created\r\n"));
  EXPECT_THAT(response, HasSubstr("\r\nX-Answer: yes\r\n"));
  EXPECT_THAT(response, HasSubstr("\r\nDate: "));
  EXPECT_EQ(body_of(response), "good day\n");
}

TEST(Server, keeps_a_connection_for_the_next_request) {
  TestServer server;
  server.echo();
  RawClient client = server.connect();
  for (int i = 0; i < 100; ++i) {
    client.send(post("/echo", std::to_string(i)));
    EXPECT_EQ(body_of(client.read_response()), std::to_string(i));
  }
  EXPECT_EQ(server->stats().accepted, 1U);
  EXPECT_EQ(server->stats().requests, 100U);
}

TEST(Server, answers_pipelined_requests_in_their_order) {
  TestServer server;
  Mailbox<Responder> slow;
  server.echo();
  server.route("/slow", [&](Request&, Responder responder) { slow.put(std::move(responder)); });
  RawClient client = server.connect();
  std::string requests = get("/slow");
  for (int i = 0; i < 200; ++i) requests += post("/echo", std::to_string(i));
  client.send(requests);
  slow.take().send(Response::text(200, "first"));
  EXPECT_EQ(body_of(client.read_response()), "first\n");
  for (int i = 0; i < 200; ++i) EXPECT_EQ(body_of(client.read_response()), std::to_string(i));
}

TEST(Server, reads_a_request_that_comes_byte_by_byte) {
  TestServer server;
  server.echo();
  RawClient client = server.connect();
  for (const char c : post("/echo", "slowly")) client.send({&c, 1});
  EXPECT_EQ(body_of(client.read_response()), "slowly");
  for (const char c :
       std::string("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "3;x=y\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nTrailer: t\r\n\r\n")) {
    client.send({&c, 1});
  }
  EXPECT_EQ(body_of(client.read_response()), "abc0123456789abcdef");
}

TEST(Server, carries_large_bodies_both_ways) {
  TestServer server;
  server.echo();
  std::string body(5 << 20, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 131 >> 7);
  RawClient client = server.connect();
  client.send(post("/echo", body));
  const std::string response = body_of(client.read_response());
  EXPECT_EQ(response.size(), body.size()) << response.substr(0, 100);
  EXPECT_TRUE(response == body);  // not EXPECT_EQ: it would print both
}

TEST(Server, hands_out_a_body_that_may_be_read_over_its_end) {
  TestServer server;
  Mailbox<std::shared_ptr<const core::Block>> bodies;
  server.route("/x", [&](Request& request, Responder responder) {
    bodies.put(request.body.release());
    responder.send({});
  });
  RawClient client = server.connect();
  client.send(post("/x", "{\"a\":1}"));
  EXPECT_EQ(status_of(client.read_response()), 200);
  const auto block = bodies.take();
  EXPECT_EQ(block->view(), "{\"a\":1}");
  for (std::size_t i = 0; i < core::Block::kPadding; ++i) EXPECT_EQ(block->data()[7 + i], '\0');
}

TEST(Server, lets_a_handler_keep_the_whole_request) {
  TestServer server;
  Mailbox<Request> kept;
  server.route("/keep", [&](Request& request, Responder responder) {
    kept.put(std::move(request));
    responder.send({});
  });
  RawClient client = server.connect();
  for (int i = 0; i < 2; ++i) {
    client.send(post("/keep", "body", "X-N: " + std::to_string(i) + "\r\n"));
    (void)client.read_response();
    const Request request = kept.take();
    EXPECT_EQ(request.headers.get("X-N"), std::to_string(i));
    EXPECT_EQ(request.body.view(), "body");
    EXPECT_THAT(request.remote, HasSubstr("127.0.0.1:"));
  }
}

TEST(Server, takes_answers_from_other_threads) {
  ServerOptions options;
  options.threads = 2;
  TestServer server(std::move(options));
  Mailbox<std::pair<std::string, Responder>> work;
  server.route("/work", [&](Request& request, Responder responder) {
    work.put({std::string(request.body.view()), std::move(responder)});
  });
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      for (;;) {
        auto [text, responder] = work.take();
        if (text == "stop") return;
        Response response;
        response.body = text;
        responder.send(std::move(response));
      }
    });
  }
  std::vector<std::thread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&, c] {
      RawClient client = server.connect();
      for (int i = 0; i < 50; ++i) {
        const std::string text = std::to_string(c) + "/" + std::to_string(i);
        client.send(post("/work", text));
        EXPECT_EQ(body_of(client.read_response()), text);
      }
    });
  }
  for (auto& client : clients) client.join();
  for (int i = 0; i < 4; ++i) work.put({"stop", Responder()});
  for (auto& worker : workers) worker.join();
}

TEST(Server, answers_500_when_the_responder_is_dropped) {
  TestServer server;
  server.route("/drop", [](Request&, Responder) {});
  server.route("/throw", [](Request&, Responder) { throw std::runtime_error("oops"); });
  RawClient client = server.connect();
  client.send(get("/drop"));
  EXPECT_EQ(status_of(client.read_response()), 500);
  client.send(get("/throw"));
  EXPECT_EQ(status_of(client.read_response()), 500);
}

TEST(Server, tells_when_the_kernel_has_taken_the_answer) {
  TestServer server;
  Mailbox<bool> sent;
  server.route("/x", [&](Request&, Responder responder) {
    responder.send(Response::text(200, "ok"), [&](bool ok) { sent.put(ok); });
  });
  RawClient client = server.connect();
  client.send(get("/x"));
  EXPECT_TRUE(sent.take());
}

TEST(Server, tells_when_the_client_was_gone_before_the_answer) {
  TestServer server;
  Mailbox<Responder> held;
  Mailbox<bool> sent;
  server.route("/x", [&](Request&, Responder responder) { held.put(std::move(responder)); });
  Responder responder;
  {
    RawClient client = server.connect();
    client.send(get("/x"));
    responder = held.take();
    const linger reset{1, 0};
    ::setsockopt(client.stream().fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  Response response;
  response.body.assign(8 << 20, 'x');
  responder.send(std::move(response), [&](bool ok) { sent.put(ok); });
  EXPECT_FALSE(sent.take());
}

TEST(Server, answers_head_without_a_body) {
  TestServer server;
  RouteOptions options;
  options.path = "/x";
  options.methods = {"GET"};
  server.route(std::move(options), [](Request&, Responder responder) {
    responder.send(Response::text(200, "long text"));
  });
  RawClient client = server.connect();
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string response = client.read_response(false);
  EXPECT_THAT(response, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_EQ(body_of(response), "");
  client.send(get("/x"));
  EXPECT_EQ(body_of(client.read_response()), "long text\n");
}

TEST(Server, answers_404_and_405_and_goes_on_with_the_connection) {
  TestServer server;
  RouteOptions options;
  options.path = "/x";
  options.methods = {"POST", "GET"};
  server.route(std::move(options), [](Request&, Responder responder) { responder.send({}); });
  RawClient client = server.connect();
  client.send(get("/y"));
  EXPECT_EQ(status_of(client.read_response()), 404);
  client.send("DELETE /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  const std::string response = client.read_response();
  EXPECT_EQ(status_of(response), 405);
  EXPECT_THAT(response, HasSubstr("Allow: POST, GET, HEAD\r\n"));
  client.send(get("/x"));
  EXPECT_EQ(status_of(client.read_response()), 200);
}

TEST(Server, closes_after_the_answer_when_asked_to) {
  TestServer server;
  server.echo();
  for (const std::string head :
       {"POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", "POST /echo HTTP/1.0\r\n"}) {
    RawClient client = server.connect();
    client.send(head + "Content-Length: 2\r\n\r\nhi");
    const std::string response = client.read_all();
    EXPECT_EQ(status_of(response), 200);
    EXPECT_EQ(body_of(response), "hi");
  }
  RawClient client = server.connect();
  client.send("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_THAT(client.read_response(), HasSubstr("HTTP/1.0 200 OK\r\n"));
  client.send("POST /echo HTTP/1.0\r\nContent-Length: 2\r\n\r\nho");
  EXPECT_EQ(body_of(client.read_all()), "ho");
}

TEST(Server, answers_a_client_that_has_closed_its_side) {
  TestServer server;
  server.echo();
  RawClient client = server.connect();
  client.send(post("/echo", "last words"));
  client.half_close();
  EXPECT_EQ(body_of(client.read_all()), "last words");
}

TEST(Server, says_continue_before_the_body_and_only_when_it_wants_it) {
  TestServer server;
  server.echo();
  RawClient client = server.connect();
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_response(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_EQ(body_of(client.read_response()), "ok");
  client.send("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_of(client.read_all()), 404);
  RawClient other = server.connect();
  other.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: tea\r\n\r\n");
  EXPECT_EQ(status_of(other.read_all()), 417);
}

TEST(Server, serves_every_path_below_the_alias_prefix_too) {
  ServerOptions options;
  options.alias_prefix = "/benthos";
  TestServer server(std::move(options));
  server.route("/ping",
               [](Request&, Responder responder) { responder.send(Response::text(200, "pong")); });
  server.route("/s/{id}", [](Request& request, Responder responder) {
    responder.send(Response::text(200, *request.param("id")));
  });
  RawClient client = server.connect();
  client.send(get("/ping") + get("/benthos/ping") + get("/benthos/s/x%2Fy") + get("/benthosping"));
  EXPECT_EQ(body_of(client.read_response()), "pong\n");
  EXPECT_EQ(body_of(client.read_response()), "pong\n");
  EXPECT_EQ(body_of(client.read_response()), "x/y\n");
  EXPECT_EQ(status_of(client.read_response()), 404);
}

TEST(Server, a_route_that_has_ended_is_never_called_again) {
  TestServer server;
  std::atomic<bool> alive{true};
  std::atomic<int> calls{0};
  std::atomic<bool> stop{false};
  std::thread traffic([&] {
    RawClient client = server.connect();
    while (!stop.load()) {
      client.send(get("/x"));
      (void)client.read_response();
    }
  });
  for (int i = 0; i < 50; ++i) {
    alive = true;
    RouteOptions options;
    options.path = "/x";
    auto route = server->add_route(options, [&](Request&, Responder responder) {
      EXPECT_TRUE(alive.load());
      calls.fetch_add(1);
      responder.send({});
    });
    ASSERT_TRUE(route);
    const int before = calls.load();
    while (calls.load() == before) std::this_thread::yield();
    *route = Route();
    alive = false;
  }
  stop = true;
  traffic.join();
}

TEST(Server, refuses_a_path_that_is_taken_and_names_its_owner) {
  TestServer server;
  RouteOptions options;
  options.path = "/post";
  options.methods = {"POST"};
  options.owner = "input `orders`";
  server.route(options, [](Request&, Responder) {});
  const auto second = server->add_route(options, [](Request&, Responder) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, core::ErrorCode::kInvalidConfig);
  EXPECT_EQ(second.error().message, "adding path `/post`: it is taken by input `orders`");
  options.methods = {"PUT"};
  EXPECT_TRUE(server->add_route(options, [](Request&, Responder) {}));
}

TEST(Server, says_why_it_cannot_listen) {
  TestServer server;
  ServerOptions options;
  options.address = "127.0.0.1:" + std::to_string(server.port());
  const auto second = Server::bind(options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, core::ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message, HasSubstr("Address already in use"));
  options.address = "nowhere";
  const auto third = Server::bind(options);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, core::ErrorCode::kInvalidConfig);
}

TEST(Server, guards_refuse_before_the_body_is_read) {
  ServerOptions server_options;
  server_options.guard = [](const Request& request) -> std::optional<Response> {
    if (request.headers.get("Host") == "a") return std::nullopt;
    return Response::text(421, "not this host");
  };
  TestServer server(std::move(server_options));
  RouteOptions options;
  options.path = "/x";
  options.guard = [](const Request& request) -> std::optional<Response> {
    if (request.headers.contains("Authorization")) return std::nullopt;
    return Response::text(401, "who are you");
  };
  server.route(std::move(options), [](Request&, Responder responder) { responder.send({}); });
  RawClient client = server.connect();
  client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_EQ(status_of(client.read_response()), 401);
  RawClient other = server.connect();
  other.send("GET /x HTTP/1.1\r\nHost: b\r\n\r\n");
  EXPECT_EQ(status_of(other.read_response()), 421);
  other.send(get("/x", "Authorization: x\r\n"));
  EXPECT_EQ(status_of(other.read_response()), 200);
}

TEST(Server, sends_cors_headers_to_allowed_origins_only) {
  TestServer server;
  RouteOptions options;
  options.path = "/x";
  options.methods = {"POST"};
  options.cors = CorsOptions{true, {"https://good.example"}};
  server.route(std::move(options), [](Request&, Responder responder) { responder.send({}); });
  server.echo("/plain");
  RawClient client = server.connect();
  client.send(post("/x", "", "Origin: https://good.example\r\n"));
  EXPECT_THAT(client.read_response(),
              HasSubstr("Access-Control-Allow-Origin: https://good.example\r\n"));
  client.send(post("/x", "", "Origin: https://bad.example\r\n"));
  EXPECT_THAT(client.read_response(), Not(HasSubstr("Access-Control")));
  client.send(
      "OPTIONS /x HTTP/1.1\r\nHost: a\r\nOrigin: https://good.example\r\n"
      "Access-Control-Request-Method: POST\r\n\r\n");
  const std::string preflight = client.read_response();
  EXPECT_EQ(status_of(preflight), 204);
  EXPECT_THAT(preflight, HasSubstr("Access-Control-Allow-Methods: POST\r\n"));
  EXPECT_THAT(preflight, HasSubstr("Access-Control-Allow-Origin: https://good.example\r\n"));
  client.send(
      "OPTIONS /x HTTP/1.1\r\nHost: a\r\nOrigin: https://bad.example\r\n"
      "Access-Control-Request-Method: POST\r\n\r\n");
  EXPECT_EQ(status_of(client.read_response()), 403);
  client.send(post("/plain", "", "Origin: https://good.example\r\n"));
  EXPECT_THAT(client.read_response(), Not(HasSubstr("Access-Control")));
}

TEST(Server, cannot_be_made_to_send_a_header_by_data) {
  TestServer server;
  server.route("/x", [](Request& request, Responder responder) {
    Response response;
    response.headers.add("X-Data", *request.query_param("v"));
    responder.send(std::move(response));
  });
  RawClient client = server.connect();
  client.send(get("/x?v=1%0d%0aSet-Cookie:%20a=b"));
  const std::string response = client.read_response();
  EXPECT_THAT(response, HasSubstr("X-Data: 1  Set-Cookie: a=b\r\n"));
  EXPECT_THAT(response, Not(HasSubstr("\r\nSet-Cookie")));
}

}  // namespace
}  // namespace weir::http::test
