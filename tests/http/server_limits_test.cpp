#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "http/server.h"
#include "http/test_server.h"

namespace weir::http::test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

ServerOptions with(Limits limits) {
  ServerOptions options;
  options.limits = limits;
  return options;
}

/// What a server says to bytes that no proper client sends.
struct BadInput {
  const char* name;
  std::string bytes;
  int status;
  const char* text;
};

class ServerBadInput : public testing::TestWithParam<BadInput> {};

TEST_P(ServerBadInput, is_answered_with_a_status_and_a_reason_and_the_end) {
  TestServer server;
  server.echo("/x");
  RawClient client = server.connect();
  (void)client.try_send(GetParam().bytes);
  const std::string response = client.read_all();
  EXPECT_EQ(status_of(response), GetParam().status) << response;
  EXPECT_THAT(response, HasSubstr(GetParam().text));
  EXPECT_THAT(response, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(server->stats().requests, 0U);

  RawClient good = server.connect();  // and nobody else suffers
  good.send(post("/x", "fine"));
  EXPECT_EQ(body_of(good.read_response()), "fine");
}

std::string repeat(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

const std::string kPost = "POST /x HTTP/1.1\r\nHost: a\r\n";

INSTANTIATE_TEST_SUITE_P(
    , ServerBadInput,
    testing::Values(
        BadInput{"length_and_chunked",
                 kPost + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc", 400,
                 "Content-Length"},
        BadInput{"chunked_and_length",
                 kPost + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc", 400,
                 "Content-Length"},
        BadInput{"two_lengths", kPost + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400,
                 "Content-Length"},
        BadInput{"same_length_twice", kPost + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
                 400, "repeated"},
        BadInput{"list_of_lengths", kPost + "Content-Length: 3, 3\r\n\r\nabc", 400, "not a number"},
        BadInput{"signed_length", kPost + "Content-Length: +3\r\n\r\nabc", 400, "Content-Length"},
        BadInput{"negative_length", kPost + "Content-Length: -3\r\n\r\nabc", 400, "Content-Length"},
        BadInput{"huge_length", kPost + "Content-Length: 99999999999999999999\r\n\r\n", 400,
                 "Content-Length"},
        BadInput{"other_coding", kPost + "Transfer-Encoding: gzip\r\n\r\n", 501, "chunked"},
        BadInput{"disguised_coding", kPost + "Transfer-Encoding: xchunked\r\n\r\n", 501, "chunked"},
        BadInput{"chunked_not_last", kPost + "Transfer-Encoding: chunked, identity\r\n\r\n", 501,
                 "chunked"},
        BadInput{"chunked_twice",
                 kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
                 "repeated"},
        BadInput{"chunked_in_1_0", "POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
                 "HTTP/1.0"},
        BadInput{"chunk_size_overflow",
                 kPost + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400,
                 "malformed"},
        BadInput{"chunk_size_just_fits",
                 kPost + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", 413, "longer"},
        BadInput{"chunk_without_digits", kPost + "Transfer-Encoding: chunked\r\n\r\n\r\nabc", 400,
                 "malformed"},
        BadInput{"chunk_with_bare_lf", kPost + "Transfer-Encoding: chunked\r\n\r\n3\nabc", 400,
                 "malformed"},
        BadInput{"chunk_too_long_for_its_size",
                 kPost + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", 400,
                 "malformed"},
        BadInput{"chunk_size_with_space",
                 kPost + "Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n", 400,
                 "malformed"},
        BadInput{"endless_chunk_extension",
                 kPost + "Transfer-Encoding: chunked\r\n\r\n3;" + std::string(5000, 'x'), 400,
                 "malformed"},
        BadInput{
            "endless_trailers",
            kPost + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + repeat("T: 0123456789\r\n", 2000),
            400, "malformed"},
        BadInput{"bare_lf", "GET /x HTTP/1.1\nHost: a\n\n", 400, "CR LF"},
        BadInput{"bare_lf_inside", "GET /x HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400, "CR LF"},
        BadInput{"bare_cr_inside", "GET /x HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", 400, "CR LF"},
        BadInput{"nul_in_value", std::string("GET /x HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 34),
                 400, "malformed"},
        BadInput{"space_before_colon", "GET /x HTTP/1.1\r\nHost : a\r\n\r\n", 400, "malformed"},
        BadInput{"no_host", "GET /x HTTP/1.1\r\n\r\n", 400, "Host"},
        BadInput{"two_hosts", "GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "Host"},
        BadInput{"garbage", std::string("\x16\x03\x01\x02\x00\x01\r\n\r\n", 10), 400, "malformed"},
        BadInput{"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version"},
        BadInput{"http_1_7", "GET /x HTTP/1.7\r\nHost: a\r\n\r\n", 505, "version"},
        BadInput{"no_version", "GET /x\r\nHost: a\r\n\r\n", 400, "malformed"},
        BadInput{"connect", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
        BadInput{"broken_escape", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400, "escape"},
        BadInput{"nul_escape", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "escape"},
        BadInput{"long_header",
                 "GET /x HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n", 431,
                 "32768"},
        BadInput{"long_target", "GET /" + std::string(40'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n",
                 431, "32768"},
        BadInput{"many_headers",
                 "GET /x HTTP/1.1\r\nHost: a\r\n" + repeat("X: 1\r\n", 100) + "\r\n", 431, "100"},
        BadInput{"endless_header", "GET /x HTTP/1.1\r\nHost: a\r\nX: " + std::string(200'000, 'x'),
                 431, "32768"},
        BadInput{"length_over_the_limit", kPost + "Content-Length: 16777217\r\n\r\n", 413,
                 "16777217"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(ServerLimits, header_bytes_are_taken_up_to_the_limit_and_not_beyond) {
  Limits limits;
  limits.header_bytes = 1000;
  TestServer server(with(limits));
  server.echo("/x");
  const std::string frame = "GET /x HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n";
  for (const std::size_t size : {999U, 1000U, 1001U}) {
    for (const bool in_pieces : {false, true}) {
      std::string request = frame;
      request.insert(frame.find("X: ") + 3, std::string(size - frame.size(), 'x'));
      RawClient client = server.connect();
      if (in_pieces) {
        for (std::size_t i = 0; i < request.size(); i += 97)
          (void)client.try_send(request.substr(i, 97));
      } else {
        client.send(request);
      }
      EXPECT_EQ(status_of(client.read_response()), size <= 1000 ? 200 : 431) << size;
    }
  }
}

TEST(ServerLimits, body_bytes_are_taken_up_to_the_limit_and_not_beyond) {
  TestServer server;
  RouteOptions options;
  options.path = "/x";
  options.max_body_bytes = 70'000;
  server.route(options, [](Request& request, Responder responder) {
    responder.send(Response::text(200, std::to_string(request.body.size())));
  });
  for (const std::size_t size : {69'999U, 70'000U, 70'001U}) {
    const int expected = size <= 70'000 ? 200 : 413;
    RawClient client = server.connect();
    (void)client.try_send(post("/x", std::string(size, 'x')));
    EXPECT_EQ(status_of(client.read_response()), expected) << size;
    RawClient chunked = server.connect();
    std::string body = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t left = size; left > 0;) {
      const std::size_t piece = std::min<std::size_t>(left, 1000);
      char head[16];
      std::snprintf(head, sizeof head, "%zx\r\n", piece);
      body += head + std::string(piece, 'x') + "\r\n";
      left -= piece;
    }
    (void)chunked.try_send(body + "0\r\n\r\n");
    EXPECT_EQ(status_of(chunked.read_response()), expected) << size;
  }
}

TEST(ServerLimits, a_client_that_goes_on_sending_still_reads_the_refusal) {
  TestServer server;
  server.echo("/x");
  RawClient client = server.connect();
  // Far more than socket buffers hold: without a patient end the answer would be lost to a reset.
  std::thread sender([&] {
    (void)client.try_send(kPost + "Content-Length: 60000000\r\n\r\n" +
                          std::string(60'000'000, 'x'));
  });
  EXPECT_EQ(status_of(client.read_response()), 413);
  sender.join();
}

TEST(ServerLimits, headers_that_do_not_come_in_time_are_answered_408) {
  Limits limits;
  limits.header_timeout = milliseconds(100);
  TestServer server(with(limits));
  RawClient client = server.connect();
  client.send("GET /x HTTP/1.1\r\nHost:");
  const std::string response = client.read_all();
  EXPECT_EQ(status_of(response), 408);
  EXPECT_THAT(response, HasSubstr("100 ms"));
}

TEST(ServerLimits, a_client_that_says_nothing_is_hung_up_on) {
  Limits limits;
  limits.header_timeout = milliseconds(50);
  TestServer server(with(limits));
  RawClient client = server.connect();
  EXPECT_EQ(client.read_all(), "");
}

TEST(ServerLimits, an_idle_connection_is_closed_without_a_word) {
  Limits limits;
  limits.idle_timeout = milliseconds(50);
  TestServer server(with(limits));
  server.echo("/x");
  RawClient client = server.connect();
  client.send(post("/x", "1"));
  EXPECT_EQ(status_of(client.read_response()), 200);
  EXPECT_EQ(client.read_all(), "");
}

TEST(ServerLimits, a_body_that_stops_coming_is_answered_408) {
  Limits limits;
  limits.body_timeout = milliseconds(100);
  TestServer server(with(limits));
  server.echo("/x");
  for (const std::string head :
       {"Content-Length: 100\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nab"}) {
    RawClient client = server.connect();
    client.send(kPost + head);
    const std::string response = client.read_all();
    EXPECT_EQ(status_of(response), 408);
    EXPECT_THAT(response, HasSubstr("slowly"));
  }
}

TEST(ServerLimits, a_body_that_trickles_below_the_least_rate_is_answered_408) {
  Limits limits;
  limits.body_timeout = milliseconds(200);
  limits.min_bytes_per_second = 1'000'000;
  TestServer server(with(limits));
  server.echo("/x");
  RawClient client = server.connect();
  client.send(kPost + "Content-Length: 100000\r\n\r\n");
  // One byte at a time never pauses for long, and is still far too slow.
  while (client.try_send("x") && !client.stream().peer_closed()) {
  }
  EXPECT_EQ(status_of(client.read_response()), 408);
}

TEST(ServerLimits, a_client_that_does_not_read_its_answer_is_cut_off) {
  Limits limits;
  limits.write_timeout = milliseconds(100);
  TestServer server(with(limits));
  Mailbox<bool> sent;
  server.route("/big", [&](Request&, Responder responder) {
    Response response;
    response.body.assign(64 << 20, 'x');
    responder.send(std::move(response), [&](bool ok) { sent.put(ok); });
  });
  RawClient client = server.connect();
  client.send(get("/big"));
  EXPECT_FALSE(sent.take());
}

TEST(ServerLimits, truncated_bodies_never_reach_a_handler) {
  TestServer server;
  server.echo("/x");
  for (const std::string head :
       {"Content-Length: 100\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
    RawClient client = server.connect();
    client.send(kPost + head);
    client.half_close();
    EXPECT_EQ(status_of(client.read_all()), 400);
  }
  EXPECT_EQ(server->stats().requests, 0U);
}

TEST(ServerLimits, connections_beyond_the_limit_are_told_so) {
  Limits limits;
  limits.connections = 2;
  TestServer server(with(limits));
  server.echo("/x");
  {
    RawClient first = server.connect();
    RawClient second = server.connect();
    first.send(post("/x", "1"));
    second.send(post("/x", "2"));
    EXPECT_EQ(body_of(first.read_response()), "1");
    EXPECT_EQ(body_of(second.read_response()), "2");
    RawClient third = server.connect();
    (void)third.try_send(post("/x", "3"));
    const std::string response = third.read_all();
    EXPECT_EQ(status_of(response), 503);
    EXPECT_THAT(response, HasSubstr("too many connections"));
    EXPECT_THAT(response, HasSubstr("Retry-After: "));
    EXPECT_EQ(server->stats().refused_connections, 1U);
  }
  while (server->stats().connections > 0) std::this_thread::yield();
  RawClient again = server.connect();
  again.send(post("/x", "4"));
  EXPECT_EQ(body_of(again.read_response()), "4");
}

TEST(ServerLimits, connections_of_one_address_are_limited_too) {
  Limits limits;
  limits.connections_per_ip = 1;
  TestServer server(with(limits));
  server.echo("/x");
  RawClient first = server.connect();
  first.send(post("/x", "1"));
  EXPECT_EQ(status_of(first.read_response()), 200);
  RawClient second = server.connect();
  const std::string response = second.read_all();
  EXPECT_EQ(status_of(response), 503);
  EXPECT_THAT(response, HasSubstr("your address"));
}

TEST(ServerLimits, bodies_being_received_share_one_budget) {
  Limits limits;
  limits.buffered_body_bytes = 1'000'000;
  TestServer server(with(limits));
  server.echo("/x");
  RawClient half = server.connect();
  half.send(kPost + "Content-Length: 900001\r\n\r\n" + std::string(900'000, 'x'));
  while (server->stats().buffered_body_bytes < 900'000) std::this_thread::yield();
  RawClient other = server.connect();
  (void)other.try_send(post("/x", std::string(900'000, 'x')));
  const std::string response = other.read_response();
  EXPECT_EQ(status_of(response), 503);
  EXPECT_THAT(response, HasSubstr("Retry-After: "));
  half.send("x");
  EXPECT_EQ(status_of(half.read_response()), 200);
  // Nothing leaks: afterwards a body of nearly the whole budget passes.
  RawClient later = server.connect();
  later.send(post("/x", std::string(990'000, 'y')));
  EXPECT_EQ(status_of(later.read_response()), 200);
}

TEST(ServerLimits, two_thousand_slow_clients_do_not_starve_a_good_one) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  constexpr std::size_t kSlow = 2000;
  ASSERT_GE(files.rlim_cur, 2 * kSlow + 100);
  TestServer server;
  server.echo("/x");
  std::vector<RawClient> slow;
  slow.reserve(kSlow);
  for (std::size_t i = 0; i < kSlow; ++i) {
    slow.push_back(server.connect());
    slow.back().send(i % 2 == 0 ? "POST /x HTTP/1.1\r\nHo"
                                : kPost + "Content-Length: 9999\r\n\r\nx");
  }
  while (server->stats().connections < kSlow) std::this_thread::yield();
  RawClient good = server.connect();
  for (int i = 0; i < 200; ++i) {
    slow[static_cast<std::size_t>(i) * 10].send("s");
    good.send(post("/x", std::to_string(i)));
    EXPECT_EQ(body_of(good.read_response()), std::to_string(i));
  }
}

TEST(ServerStop, closes_idle_connections_and_finishes_what_is_under_way) {
  TestServer server;
  Mailbox<Responder> held;
  server.echo("/x");
  server.route("/slow", [&](Request&, Responder responder) { held.put(std::move(responder)); });
  RawClient idle = server.connect();
  idle.send(post("/x", "1"));
  EXPECT_EQ(status_of(idle.read_response()), 200);
  RawClient busy = server.connect();
  busy.send(get("/slow"));
  Responder responder = held.take();
  std::thread stop([&] { server->stop(std::chrono::minutes(1)); });
  EXPECT_EQ(idle.read_all(), "");
  responder.send(Response::text(200, "done"));
  const std::string response = busy.read_all();
  EXPECT_THAT(response, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(body_of(response), "done\n");
  stop.join();
}

TEST(ServerStop, cuts_what_is_not_done_in_time) {
  TestServer server;
  Mailbox<Responder> held;
  Mailbox<bool> sent;
  server.route("/slow", [&](Request&, Responder responder) { held.put(std::move(responder)); });
  RawClient busy = server.connect();
  busy.send(get("/slow"));
  Responder responder = held.take();
  server->stop(milliseconds(20));
  EXPECT_TRUE(busy.ended());
  responder.send(Response::text(200, "late"), [&](bool ok) { sent.put(ok); });
  EXPECT_FALSE(sent.take());
}

TEST(ServerStop, may_be_destroyed_while_requests_are_being_answered) {
  for (int round = 0; round < 20; ++round) {
    ServerOptions options;
    options.threads = 2;
    TestServer server(std::move(options));
    server.echo("/x");
    std::vector<std::thread> clients;
    std::atomic<int> running{0};
    for (int c = 0; c < 4; ++c) {
      clients.emplace_back([&] {
        RawClient client(server.port());
        bool first = true;
        while (client.try_send(post("/x", "abc")) && !client.read_response().empty()) {
          if (std::exchange(first, false)) running.fetch_add(1);
        }
      });
    }
    // All of them: nobody may still be connecting when the server has gone.
    while (running.load() < 4) std::this_thread::yield();
    server->stop(milliseconds(0));
    for (auto& client : clients) client.join();
  }
}

}  // namespace
}  // namespace weir::http::test
