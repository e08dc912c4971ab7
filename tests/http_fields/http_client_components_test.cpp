#include <atomic>

#include <gmock/gmock.h>

#include "http/scripted_server.h"
#include "http/test_server.h"
#include "http_fields/pipeline.h"

namespace weir::test {
namespace {

using http::Request;
using http::Responder;
using http::Response;
using http::test::Mailbox;
using http::test::ScriptedServer;
using http::test::TestServer;
using testing::HasSubstr;

std::string base(TestServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.port());
}

std::string generate(int count) {
  return "input: { generate: { interval: '', count: " + std::to_string(count) +
         ", mapping: 'root.n = counter()' } }\n";
}

struct Seen {
  std::string method;
  std::string path;
  std::string body;
  std::string header;
};

void record(TestServer& server, Mailbox<Seen>& seen, const std::string& path = "/*") {
  server.route(path, [&seen](Request& request, Responder responder) {
    seen.put({request.method, request.path, std::string(request.body.view()),
              std::string(request.headers.get("X-N").value_or(""))});
    responder.send(Response::text(200, "ok"));
  });
}

TEST(HttpClientOutput, MakesARequestOfEachMessageInOrderWithOneInFlight) {
  TestServer server;
  Mailbox<Seen> seen;
  record(server, seen);
  Pipeline pipeline(generate(3) + "output: { http_client: { url: '" + base(server) +
                    "/items/${! this.n }', verb: PUT, max_in_flight: 1, headers: { X-N: 'n ${! "
                    "this.n }' } } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(pipeline.wait(), engine::ExitCode::kOk);
  for (int n = 1; n <= 3; ++n) {
    const Seen one = seen.take();
    EXPECT_EQ(one.method, "PUT");
    EXPECT_EQ(one.path, "/items/" + std::to_string(n));
    EXPECT_EQ(one.header, "n " + std::to_string(n));
    EXPECT_EQ(one.body, "{\"n\":" + std::to_string(n) + "}");
  }
}

TEST(HttpClientOutput, TriesAgainAfterResetsGarbageAnd500AndKeepsTheOrder) {
  TestServer good;
  std::atomic<int> tries{0};
  Mailbox<std::string> bodies;
  good.route("/x", [&](Request& request, Responder responder) {
    const int at = tries.fetch_add(1);
    if (at % 3 == 0) {
      responder.send(Response::text(500, "broken"));
    } else if (at % 3 == 1) {
      Response busy = Response::text(429, "slow down");
      busy.headers.set("Retry-After", "0");
      responder.send(std::move(busy));
    } else {
      bodies.put(std::string(request.body.view()));
      responder.send(Response::text(200, "ok"));
    }
  });
  Pipeline pipeline(
      generate(4) + "output: { http_client: { url: '" + base(good) +
      "/x', max_in_flight: 1, retries: 1, retry_period: 1ms, max_retry_backoff: 2ms } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(pipeline.wait(), engine::ExitCode::kOk);
  for (int n = 1; n <= 4; ++n) EXPECT_EQ(bodies.take(), "{\"n\":" + std::to_string(n) + "}");
  EXPECT_EQ(bodies.size(), 0U);
}

TEST(HttpClientOutput, SurvivesAPeerThatResetsStallsAndTalksGarbage) {
  ScriptedServer server({
      [](net::Stream& stream) { ScriptedServer::reset(stream); },
      ScriptedServer::answer("what?\r\n\r\n"),
      [](net::Stream& stream) {
        char byte = 0;  // never answers; ends when the client gives up
        while (true) {
          const auto got = stream.read(&byte, 1, soon());
          if (!got || *got == 0) break;
        }
      },
      ScriptedServer::answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
  });
  Pipeline pipeline(generate(1) + "output: { http_client: { url: '" + server.url("/x") +
                    "', retries: 0, timeout: 300ms } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(pipeline.wait(), engine::ExitCode::kOk);
}

TEST(HttpClientOutput, GivesUpAtOnceOnDropOnAndOnRefusals) {
  TestServer server;
  std::atomic<int> tries{0};
  server.route("/x", [&](Request&, Responder responder) {
    tries.fetch_add(1);
    responder.send(Response::text(503, "go away"));
  });
  Pipeline pipeline(generate(1) + "output: { http_client: { url: '" + base(server) +
                    "/x', drop_on: [ 503 ] } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(pipeline.wait(), engine::ExitCode::kFailedMessages);
  EXPECT_EQ(tries.load(), 1);
  EXPECT_THAT(pipeline.log().wait_for("message_failed", "error"),
              HasSubstr("503 Service Unavailable: go away"));
}

TEST(HttpClientOutput, SendsBatchesAsMultipartAndFormsByParts) {
  TestServer server;
  Mailbox<Seen> seen;
  record(server, seen);
  Pipeline pipeline(generate(2) + "output: { http_client: { url: '" + base(server) +
                    "/x', batch_as_multipart: true, batching: { count: 2 } } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(pipeline.wait(), engine::ExitCode::kOk);
  const Seen batch = seen.take();
  EXPECT_THAT(batch.body, HasSubstr("\r\n\r\n{\"n\":1}\r\n--"));
  EXPECT_THAT(batch.body, HasSubstr("\r\n\r\n{\"n\":2}\r\n--"));
  Pipeline form(generate(1) + "output: { http_client: { url: '" + base(server) +
                "/x', multipart: [ { content_type: text/plain, content_disposition: 'form-data; "
                "name=\"n\"', body: '${! this.n }' } ] } }\n");
  ASSERT_TRUE(form.running()) << form.mistakes;
  EXPECT_EQ(form.wait(), engine::ExitCode::kOk);
  EXPECT_THAT(seen.take().body,
              HasSubstr("Content-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n"));
}

TEST(HttpClientOutput, HandsTheAnswerToTheClientOfTheInput) {
  TestServer server;
  server.route("/x", [](Request& request, Responder responder) {
    responder.send(Response::text(200, "got " + std::string(request.body.view())));
  });
  Pipeline pipeline(
      "input: { http_server: { address: '127.0.0.1:0', path: /in } }\noutput: { "
      "http_client: { url: '" +
      base(server) + "/x', propagate_response: true } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(request("http://" + pipeline.address() + "/in", "POST", "it").body, "got it\n");
}

TEST(HttpProcessor, ReplacesTheContentInOrderAlsoInParallel) {
  TestServer server;
  server.route("/x", [](Request& request, Responder responder) {
    Response response = Response::text(200, "");
    response.headers.set("X-Tag", "t");
    response.body = "<" + std::string(request.body.view()) + ">";
    responder.send(std::move(response));
  });
  TestServer sink;
  Mailbox<Seen> seen;
  record(sink, seen);
  Pipeline pipeline(generate(20) + "pipeline: { processors: [ { http: { url: '" + base(server) +
                    "/x', parallel: true, extract_headers: { include_prefixes: [ x- ] } } } ] }\n"
                    "output: { http_client: { url: '" +
                    base(sink) +
                    "/y', max_in_flight: 1, headers: { X-N: '${! @http_status_code } ${! "
                    "meta(\"x-tag\") }' } } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(pipeline.wait(), engine::ExitCode::kOk);
  for (int n = 1; n <= 20; ++n) {
    const Seen one = seen.take();
    EXPECT_EQ(one.body, "<{\"n\":" + std::to_string(n) + "}>");
    EXPECT_EQ(one.header, "200 t");
  }
}

TEST(HttpProcessor, FlagsAMessageWhoseRequestFails) {
  TestServer server;
  server.route("/x",
               [](Request&, Responder responder) { responder.send(Response::text(404, "no")); });
  Pipeline pipeline(generate(1) + "pipeline: { processors: [ { http: { url: '" + base(server) +
                    "/x', retries: 0 } } ] }\noutput: { drop: {} }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(pipeline.wait(), engine::ExitCode::kFailedMessages);
  EXPECT_THAT(pipeline.log().wait_for("message_failed", "error"), HasSubstr("404 Not Found: no"));
}

TEST(HttpClientInput, AsksForPageAfterPage) {
  TestServer server;
  Mailbox<std::string> asked;
  server.route("/items", [&](Request& request, Responder responder) {
    const std::string after = request.query_param("after").value_or("");
    asked.put(after);
    const int next = after.empty() ? 1 : std::stoi(after) + 1;
    responder.send(Response::json(200, "{\"last\":" + std::to_string(next) + "}"));
  });
  TestServer sink;
  Mailbox<Seen> seen;
  record(sink, seen);
  Pipeline pipeline(
      "input: { http_client: { url: '" + base(server) +
      "/items?after=${! this.last.catch(\"\") }' } }\noutput: { http_client: { url: '" +
      base(sink) + "/y', max_in_flight: 1 } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(asked.take(), "");
  EXPECT_EQ(asked.take(), "1");
  EXPECT_EQ(asked.take(), "2");
  EXPECT_EQ(seen.take().body, "{\"last\":1}");
  EXPECT_EQ(seen.take().body, "{\"last\":2}");
  EXPECT_EQ(pipeline.stop(), engine::ExitCode::kOk);
}

TEST(HttpClientInput, ReadsAStreamThroughAScannerAndEndsWithIt) {
  ScriptedServer server(
      {ScriptedServer::answer("HTTP/1.1 200 OK\r\nX-Kind: k\r\n\r\none\ntwo\nthree")});
  TestServer sink;
  Mailbox<Seen> seen;
  record(sink, seen);
  Pipeline pipeline("input: { http_client: { url: '" + server.url("/x") +
                    "', stream: { enabled: true, reconnect: false }, extract_headers: { "
                    "include_prefixes: [ x- ] } } }\n"
                    "output: { http_client: { url: '" +
                    base(sink) +
                    "/y', max_in_flight: 1, headers: { X-N: '${! meta(\"x-kind\") }' } } }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(pipeline.wait(), engine::ExitCode::kOk);
  for (const char* line : {"one", "two", "three"}) {
    const Seen one = seen.take();
    EXPECT_EQ(one.body, line);
    EXPECT_EQ(one.header, "k");
  }
}

TEST(HttpClientInput, StopsWhileAServerStalls) {
  ScriptedServer server({[](net::Stream& stream) {
    char byte = 0;
    while (true) {
      const auto got = stream.read(&byte, 1, soon());
      if (!got || *got == 0) break;
    }
  }});
  Pipeline pipeline("input: { http_client: { url: '" + server.url("/x") +
                    "', timeout: 0s } }\noutput: { drop: {} }\n");
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  EXPECT_EQ(pipeline.stop(), engine::ExitCode::kOk);
}

TEST(HttpClientComponents, LintNamesMistakes) {
  Pipeline pipeline(
      generate(1) +
      "output: { http_client: { url: 'ftp://a/b', backoff_on: [ 42 ], oauth: { enabled: "
      "true }, basic_auth: { enabled: true } } }\n");
  EXPECT_FALSE(pipeline.running());
  EXPECT_THAT(pipeline.mistakes, HasSubstr("`http://` or `https://`"));
  EXPECT_THAT(pipeline.mistakes, HasSubstr("only one of `oauth`"));
}

}  // namespace
}  // namespace weir::test
