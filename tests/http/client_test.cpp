#include "http/client.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/scripted_server.h"
#include "http/test_server.h"
#include "net/certificates.h"

namespace weir::http::test {
namespace {

using core::ErrorCode;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

std::unique_ptr<Client> client_with(ClientOptions options = {}) {
  auto client = Client::make(std::move(options));
  if (!client) {
    ADD_FAILURE() << client.error().message;
    std::abort();
  }
  return *std::move(client);
}

ClientRequest request_to(std::string url) {
  ClientRequest request;
  request.url = std::move(url);
  request.timeout = std::chrono::seconds(60);
  return request;
}

std::string url_of(TestServer& server, const std::string& path) {
  return "http://127.0.0.1:" + std::to_string(server.port()) + path;
}

/// Answers with what it got, as text.
void mirror(TestServer& server) {
  server.route("/mirror", [](Request& request, Responder responder) {
    Response response;
    response.body = request.method + ' ' + request.target + '\n';
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
      response.body.append(request.headers[i].name)
          .append(": ")
          .append(request.headers[i].value)
          .append("\n");
    }
    response.body.append("\n").append(request.body.view());
    responder.send(std::move(response));
  });
}

TEST(Client, sends_method_headers_and_body_as_given) {
  TestServer server;
  mirror(server);
  const auto client = client_with();
  for (const std::string method :
       {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"}) {
    ClientRequest request = request_to(url_of(server, "/mirror?q=1"));
    request.method = method;
    request.headers.add("X-Empty", "");
    request.headers.add("X-Two", "a");
    request.headers.add("X-Two", "b");
    if (method != "GET") request.body = "the body";
    const auto response = client->send_and_wait(std::move(request));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    const std::string text(response->body.view());
    EXPECT_THAT(text, testing::StartsWith(method + " /mirror?q=1\n"));
    EXPECT_THAT(text, HasSubstr("\nX-Empty: \n"));
    EXPECT_THAT(text, HasSubstr("\nX-Two: a\nX-Two: b\n"));
    EXPECT_THAT(text, HasSubstr("\nUser-Agent: weir\n"));
    EXPECT_THAT(text, Not(HasSubstr("Content-Type")));
    EXPECT_THAT(text, Not(HasSubstr("Expect")));
    EXPECT_THAT(text, testing::EndsWith(method == "GET" ? "\n\n" : "\n\nthe body"));
  }
}

TEST(Client, sends_a_body_with_get_and_none_with_post) {
  TestServer server;
  mirror(server);
  const auto client = client_with();
  ClientRequest get = request_to(url_of(server, "/mirror"));
  get.body = "odd";
  EXPECT_THAT(std::string(client->send_and_wait(get)->body.view()),
              testing::AllOf(testing::StartsWith("GET "), testing::EndsWith("odd")));
  ClientRequest post = request_to(url_of(server, "/mirror"));
  post.method = "POST";
  EXPECT_THAT(std::string(client->send_and_wait(post)->body.view()),
              HasSubstr("Content-Length: 0\n"));
  ClientRequest head = request_to(url_of(server, "/mirror"));
  head.method = "HEAD";
  const auto response = client->send_and_wait(head);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_TRUE(response->body.empty());
}

TEST(Client, gives_status_and_headers_of_the_answer) {
  TestServer server;
  server.route("/x", [](Request&, Responder responder) {
    Response response = Response::text(503, "busy");
    response.headers.add("Retry-After", "7");
    response.headers.add("Set-Cookie", "a=1");
    response.headers.add("Set-Cookie", "b=2");
    responder.send(std::move(response));
  });
  const auto response = client_with()->send_and_wait(request_to(url_of(server, "/x")));
  ASSERT_TRUE(response);  // a status is not an error
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->headers.get("retry-after"), "7");
  EXPECT_THAT(response->headers.get_all("Set-Cookie"), testing::ElementsAre("a=1", "b=2"));
  EXPECT_EQ(response->body.view(), "busy\n");
}

TEST(Client, runs_many_requests_at_once_over_reused_connections) {
  TestServer server;
  server.echo();
  ClientOptions options;
  options.max_connections_per_host = 4;
  const auto client = client_with(options);
  Mailbox<std::pair<int, std::string>> answers;
  for (int i = 0; i < 300; ++i) {
    ClientRequest request = request_to(url_of(server, "/echo"));
    request.method = "POST";
    request.body = std::to_string(i);
    client->send(std::move(request), [&answers, i](core::Result<ClientResponse> response) {
      answers.put({i, response ? std::string(response->body.view()) : response.error().message});
    });
  }
  for (int i = 0; i < 300; ++i) {
    const auto [number, text] = answers.take();
    EXPECT_EQ(text, std::to_string(number));
  }
  EXPECT_LE(server->stats().accepted, 4U);
}

TEST(Client, follows_redirects_as_browsers_do) {
  TestServer server;
  mirror(server);
  TestServer elsewhere;
  mirror(elsewhere);
  for (const int status : {301, 302, 303, 307, 308}) {
    server.route("/to/" + std::to_string(status), [status](Request&, Responder responder) {
      Response response;
      response.status = status;
      response.headers.add("Location", "/mirror?from=redirect");
      response.body = "not this";
      responder.send(std::move(response));
    });
  }
  server.route("/away", [&](Request&, Responder responder) {
    Response response;
    response.status = 307;
    response.headers.add("Location", url_of(elsewhere, "/mirror"));
    responder.send(std::move(response));
  });
  const auto client = client_with();
  for (const int status : {301, 302, 303, 307, 308}) {
    ClientRequest request = request_to(url_of(server, "/to/" + std::to_string(status)));
    request.method = "PUT";
    request.body = "payload";
    request.headers.add("Authorization", "secret");
    const auto response = client->send_and_wait(request);
    ASSERT_TRUE(response) << response.error().message;
    const bool repeated = status >= 307;
    const std::string text(response->body.view());
    EXPECT_THAT(text, testing::StartsWith(repeated ? "PUT /mirror?from=redirect"
                                                   : "GET /mirror?from=redirect"));
    EXPECT_THAT(text, testing::EndsWith(repeated ? "payload" : "\n\n"));
    EXPECT_THAT(text, HasSubstr("Authorization: secret"));  // the same host
    EXPECT_THAT(response->url, HasSubstr("/mirror?from=redirect"));
  }
  ClientRequest away = request_to(url_of(server, "/away"));
  away.headers.add("Authorization", "secret");
  away.headers.add("Cookie", "secret");
  away.headers.add("X-Other", "kept");
  const auto response = client->send_and_wait(away);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_THAT(std::string(response->body.view()),
              testing::AllOf(Not(HasSubstr("secret")), HasSubstr("X-Other: kept")));
  ClientOptions options;
  options.follow_redirects = false;
  EXPECT_EQ(client_with(options)->send_and_wait(request_to(url_of(server, "/to/302")))->status,
            302);
}

TEST(Client, goes_nowhere_but_http_and_not_for_ever) {
  TestServer server;
  const auto redirect = [&](const std::string& path, const std::string& target) {
    server.route(path, [target](Request&, Responder responder) {
      Response response;
      response.status = 302;
      response.headers.add("Location", target);
      responder.send(std::move(response));
    });
  };
  redirect("/file", "file:///etc/passwd");
  redirect("/gopher", "gopher://127.0.0.1:1/");
  redirect("/loop", "/loop");
  const auto client = client_with();
  for (const char* path : {"/file", "/gopher", "/loop"}) {
    const auto response = client->send_and_wait(request_to(url_of(server, path)));
    ASSERT_FALSE(response) << path;
    EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(response.error().message, HasSubstr("redirects"));
  }
  for (const char* url : {"file:///etc/passwd", "ftp://h/", "h/x", "", "http://", "http://h:0/"}) {
    const auto response = client->send_and_wait(request_to(url));
    ASSERT_FALSE(response) << url;
    EXPECT_EQ(response.error().code, ErrorCode::kInvalidConfig) << response.error().message;
  }
}

TEST(Client, limits_the_length_of_answers) {
  TestServer server;
  server.route("/x", [](Request& request, Responder responder) {
    Response response;
    response.body.assign(static_cast<std::size_t>(std::stoul(*request.query_param("n"))), 'x');
    responder.send(std::move(response));
  });
  const auto client = client_with();
  for (const std::size_t size : {9'999U, 10'000U, 10'001U}) {
    ClientRequest request = request_to(url_of(server, "/x?n=" + std::to_string(size)));
    request.max_response_bytes = 10'000;
    const auto response = client->send_and_wait(request);
    EXPECT_EQ(response.has_value(), size <= 10'000);
    if (!response) {
      EXPECT_EQ(response.error().code, ErrorCode::kLimit);
    }
  }
}

TEST(Client, limits_the_headers_of_answers) {
  std::string endless = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 10'000; ++i) endless += "X-Filler: " + std::string(100, 'x') + "\r\n";
  ScriptedServer server({ScriptedServer::answer(endless)});
  const auto response = client_with()->send_and_wait(request_to(server.url()));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kLimit);
}

struct BadAnswer {
  const char* name;
  ScriptedServer::Script script;
  const char* text;
};
class ClientBadAnswer : public testing::TestWithParam<BadAnswer> {};

TEST_P(ClientBadAnswer, is_unavailable_with_host_and_cause) {
  ScriptedServer server({GetParam().script});
  ClientRequest request = request_to(server.url("/path?token=secret"));
  request.method = "POST";
  request.body = "x";
  const auto response = client_with()->send_and_wait(std::move(request));
  ASSERT_FALSE(response) << response->body.view();
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(response.error().message,
              testing::StartsWith("requesting `POST " + server.url("/path") + "`: "));
  EXPECT_THAT(response.error().message, HasSubstr(GetParam().text));
  EXPECT_THAT(response.error().message, Not(HasSubstr("secret")));
}

INSTANTIATE_TEST_SUITE_P(
    , ClientBadAnswer,
    testing::Values(
        BadAnswer{"closed_at_once", [](net::Stream&) {}, ""},
        BadAnswer{"closed_after_request",
                  [](net::Stream& s) { (void)ScriptedServer::read_head(s); }, ""},
        BadAnswer{"reset_at_once", [](net::Stream& s) { ScriptedServer::reset(s); }, ""},
        BadAnswer{"reset_in_the_body",
                  [](net::Stream& s) {
                    ScriptedServer::answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")(s);
                    ScriptedServer::reset(s);
                  },
                  ""},
        BadAnswer{"truncated_body",
                  ScriptedServer::answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"),
                  "cut short"},
        BadAnswer{
            "truncated_chunks",
            ScriptedServer::answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"),
            ""},
        BadAnswer{
            "broken_chunks",
            ScriptedServer::answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
            ""},
        BadAnswer{"garbage", ScriptedServer::answer("220 mail.example ESMTP\r\n"), "not HTTP"},
        BadAnswer{"wrong_length",
                  ScriptedServer::answer("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc"), ""},
        BadAnswer{"broken_gzip",
                  ScriptedServer::answer(
                      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
                  ""}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(Client, says_when_nobody_listens) {
  std::string url;
  {
    const ScriptedServer gone({});
    url = gone.url();
  }
  const auto response = client_with()->send_and_wait(request_to(url));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(response.error().message,
            "requesting `GET " + url + "`: connecting: Connection refused");
  const auto unknown = client_with()->send_and_wait(request_to("http://no-such-host.invalid/"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(unknown.error().message, HasSubstr("the host is not known"));
}

TEST(Client, times_out_on_a_server_that_stalls) {
  for (const std::string said : {"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"}) {
    const core::Interrupt* until = nullptr;
    ScriptedServer server({[&](net::Stream& stream) {
      ScriptedServer::answer(said)(stream);
      char byte = 0;
      while (stream.read(&byte, 1, soon(), until).value_or(0) > 0) {
      }
    }});
    until = &server.interrupt();
    ClientRequest request = request_to(server.url());
    request.timeout = milliseconds(100);
    const auto response = client_with()->send_and_wait(request);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(response.error().message, HasSubstr("timed out"));
  }
}

TEST(Client, sends_again_on_a_kept_connection_that_the_server_has_closed) {
  const auto once = ScriptedServer::answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  ScriptedServer server({once, once, once});
  const auto client = client_with();
  for (int i = 0; i < 3; ++i) {
    const auto response = client->send_and_wait(request_to(server.url()));
    ASSERT_TRUE(response) << response.error().message;
  }
}

TEST(Client, forgets_what_came_before_the_final_answer) {
  ScriptedServer server(
      {ScriptedServer::answer("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 "
                              "OK\r\nX-Late: 1\r\nContent-Length: 2\r\n\r\nok")});
  const auto response = client_with()->send_and_wait(request_to(server.url()));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_FALSE(response->headers.contains("X-Early"));
  EXPECT_TRUE(response->headers.contains("X-Late"));
}

TEST(Client, calls_back_with_cancelled_when_cancelled_or_destroyed) {
  TestServer server;
  Mailbox<Responder> held;
  server.route("/x", [&](Request&, Responder responder) { held.put(std::move(responder)); });
  Mailbox<ErrorCode> results;
  const auto note = [&](core::Result<ClientResponse> response) {
    results.put(response ? ErrorCode::kInternal : response.error().code);
  };
  auto client = client_with();
  Call call = client->send(request_to(url_of(server, "/x")), note);
  Responder first = held.take();
  call.cancel();
  EXPECT_EQ(results.take(), ErrorCode::kCancelled);
  call.cancel();  // harmless
  client->send(request_to(url_of(server, "/x")), note);
  Responder second = held.take();
  client.reset();
  EXPECT_EQ(results.take(), ErrorCode::kCancelled);
  EXPECT_EQ(results.size(), 0U);
}

TEST(Client, takes_requests_from_callbacks_and_refuses_them_while_it_ends) {
  TestServer server;
  server.echo();
  Mailbox<bool> results;
  auto client = client_with();
  Client& raw = *client;
  std::atomic<int> left{50};
  std::function<void(core::Result<ClientResponse>)> again;
  again = [&](core::Result<ClientResponse> response) {
    results.put(response.has_value());
    if (left.fetch_sub(1) > 0) raw.send(request_to(url_of(server, "/echo")), again);
  };
  raw.send(request_to(url_of(server, "/echo")), again);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(results.take());
  client.reset();
}

TEST(Client, denies_private_addresses_when_told_to) {
  TestServer server;
  server.echo();
  ClientOptions options;
  options.deny_private_addresses = true;
  const auto client = client_with(options);
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    const auto response = client->send_and_wait(
        request_to("http://" + host + ":" + std::to_string(server.port()) + "/echo"));
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(response.error().message, HasSubstr("private"));
  }
  EXPECT_EQ(server->stats().accepted, 0U);
}

TEST(Client, goes_through_a_proxy) {
  TestServer proxy;
  proxy.route("/*", [](Request& request, Responder responder) {
    responder.send(
        Response::text(200, request.target + " for " + std::string(*request.headers.get("Host"))));
  });
  ClientOptions options;
  options.proxy_url = "http://127.0.0.1:" + std::to_string(proxy.port());
  const auto response = client_with(options)->send_and_wait(request_to("http://far.example/a?b"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body.view(), "http://far.example/a?b for far.example\n");
  options.proxy_url = "not a url";
  EXPECT_EQ(Client::make(options).error().code, ErrorCode::kInvalidConfig);
}

struct Streamed {
  explicit Streamed(TestServer& server) {
    server.route("/stream",
                 [this](Request&, Responder responder) { streams.put(responder.stream({})); });
  }
  StreamCallbacks callbacks() {
    StreamCallbacks result;
    result.on_head = [this](const ClientResponse& response) {
      heads.put(response.status);
      return take_head;
    };
    result.on_data = [this](std::string_view piece) {
      pieces.put(std::string(piece));
      return !pause.load();
    };
    result.on_done = [this](core::Status status) {
      done.put(status ? std::string("ok") : std::string(core::name(status.error().code)));
    };
    return result;
  }

  bool take_head = true;
  std::atomic<bool> pause{false};
  Mailbox<ResponseStream> streams;
  Mailbox<int> heads;
  Mailbox<std::string> pieces;
  Mailbox<std::string> done;
};

TEST(ClientStream, hands_out_pieces_as_they_come) {
  TestServer server;
  Streamed streamed(server);
  const auto client = client_with();
  ClientRequest request = request_to(url_of(server, "/stream"));
  client->stream(request, streamed.callbacks());
  ResponseStream stream = streamed.streams.take();
  EXPECT_EQ(streamed.heads.take(), 200);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(stream.write("line " + std::to_string(i)), SendStatus::kQueued);
    EXPECT_EQ(streamed.pieces.take(), "line " + std::to_string(i));
  }
  stream.finish();
  EXPECT_EQ(streamed.done.take(), "ok");
}

TEST(ClientStream, says_when_it_was_cut) {
  TestServer server;
  Streamed streamed(server);
  const auto client = client_with();
  client->stream(request_to(url_of(server, "/stream")), streamed.callbacks());
  {
    ResponseStream stream = streamed.streams.take();
    EXPECT_EQ(stream.write("x"), SendStatus::kQueued);
    EXPECT_EQ(streamed.pieces.take(), "x");
  }
  EXPECT_EQ(streamed.done.take(), "unavailable");
}

TEST(ClientStream, pauses_and_resumes) {
  TestServer server;
  Streamed streamed(server);
  const auto client = client_with();
  streamed.pause = true;
  Call call = client->stream(request_to(url_of(server, "/stream")), streamed.callbacks());
  ResponseStream stream = streamed.streams.take();
  EXPECT_EQ(stream.write("first"), SendStatus::kQueued);
  EXPECT_EQ(streamed.pieces.take(), "first");
  // While paused the server gets rid of no more than the buffers on the way hold.
  const std::string block(1 << 20, 'x');
  std::size_t written = 5;
  while (written < (64U << 20) && stream.write(block) == SendStatus::kQueued)
    written += block.size();
  EXPECT_EQ(streamed.pieces.size(), 0U);
  streamed.pause = false;
  call.resume();
  std::size_t received = 5;
  while (received < written) received += streamed.pieces.take().size();
  stream.finish();
  EXPECT_EQ(streamed.done.take(), "ok");
}

TEST(ClientStream, may_be_refused_at_the_head_or_cancelled) {
  TestServer server;
  Streamed streamed(server);
  const auto client = client_with();
  streamed.take_head = false;
  client->stream(request_to(url_of(server, "/stream")), streamed.callbacks());
  ResponseStream first = streamed.streams.take();
  EXPECT_EQ(streamed.done.take(), "cancelled");
  streamed.take_head = true;
  (void)streamed.heads.take();
  Call call = client->stream(request_to(url_of(server, "/stream")), streamed.callbacks());
  ResponseStream second = streamed.streams.take();
  EXPECT_EQ(streamed.heads.take(), 200);
  call.cancel();
  EXPECT_EQ(streamed.done.take(), "cancelled");
}

TEST(ClientStream, waits_for_the_head_only_so_long) {
  TestServer server;
  Mailbox<Responder> held;
  server.route("/silent", [&](Request&, Responder responder) { held.put(std::move(responder)); });
  Streamed streamed(server);
  const auto client = client_with();
  ClientRequest request = request_to(url_of(server, "/silent"));
  request.timeout = milliseconds(100);
  client->stream(request, streamed.callbacks());
  EXPECT_EQ(streamed.done.take(), "unavailable");
  // With the head there, silence is fine.
  request.url = url_of(server, "/stream");
  request.timeout = std::chrono::seconds(60);
  client->stream(request, streamed.callbacks());
  ResponseStream stream = streamed.streams.take();
  EXPECT_EQ(streamed.heads.take(), 200);
  stream.finish();
  EXPECT_EQ(streamed.done.take(), "ok");
}

struct Secure {
  explicit Secure(const net::test::Authority::Wish& wish = {}, bool ask_client = false) {
    const auto issued = authority.issue(wish);
    ServerOptions options;
    options.tls.emplace();
    options.tls->certificate.cert = issued.cert;
    options.tls->certificate.key = issued.key;
    if (ask_client) options.tls->client_cas = authority.pem();
    server = std::make_unique<TestServer>(std::move(options));
    server->route("/who", [](Request& request, Responder responder) {
      responder.send(Response::text(200, request.peer_verified ? request.peer_subject : "nobody"));
    });
  }
  core::Result<ClientResponse> get(ClientOptions options) {
    return client_with(std::move(options))
        ->send_and_wait(request_to("https://127.0.0.1:" + std::to_string(server->port()) + "/who"));
  }
  ClientOptions trusting() {
    ClientOptions options;
    options.tls.root_cas = authority.pem();
    return options;
  }

  net::test::Authority authority;
  std::unique_ptr<TestServer> server;
};

TEST(ClientTls, trusts_the_authorities_it_is_given_and_only_those) {
  Secure secure;
  const auto trusted = secure.get(secure.trusting());
  ASSERT_TRUE(trusted) << trusted.error().message;
  EXPECT_EQ(trusted->body.view(), "nobody\n");
  for (const bool other_authority : {false, true}) {
    ClientOptions options;
    if (other_authority) options.tls.root_cas = net::test::Authority().pem();
    const auto refused = secure.get(options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("certificate"));
    EXPECT_THAT(refused.error().message, HasSubstr("127.0.0.1"));
  }
  ClientOptions careless;
  careless.tls.skip_cert_verify = true;
  EXPECT_TRUE(secure.get(careless));
}

TEST(ClientTls, refuses_expired_and_foreign_certificates) {
  net::test::Authority::Wish expired;
  expired.valid_from = -7200;
  expired.valid_until = -3600;
  Secure old(expired);
  EXPECT_THAT(old.get(old.trusting()).error().message, HasSubstr("expired"));
  net::test::Authority::Wish foreign;
  foreign.names = "DNS:other.example";
  Secure other(foreign);
  EXPECT_THAT(other.get(other.trusting()).error().message, HasSubstr("127.0.0.1"));
}

TEST(ClientTls, shows_its_certificate) {
  Secure secure({}, true);
  net::test::Authority::Wish wish;
  wish.subject = "robot";
  wish.password = "open sesame";
  const auto issued = secure.authority.issue(wish);
  ClientOptions options = secure.trusting();
  options.tls.client_certs.push_back({issued.cert, issued.key, "", "", "open sesame"});
  const auto response = secure.get(options);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body.view(), "CN=robot\n");
  EXPECT_EQ(secure.get(secure.trusting())->body.view(), "nobody\n");
  options.tls.client_certs[0].password = "wrong";
  EXPECT_EQ(Client::make(options).error().code, ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace weir::http::test
