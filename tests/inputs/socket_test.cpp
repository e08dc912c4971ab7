#include "net/socket.h"

#include <gmock/gmock.h>

#include "inputs/support.h"
#include "support/stream_world.h"

namespace weir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

net::Deadline soon() {
  return net::deadline_in(std::chrono::seconds(20));
}

net::Stream dial(const std::string& address, net::Network network = net::Network::kTcp) {
  net::ConnectOptions options;
  options.network = network;
  options.address = address;
  options.tls.enabled = network == net::Network::kTls;
  options.tls.skip_cert_verify = true;
  auto stream = net::connect(options, soon());
  EXPECT_TRUE(stream) << stream.error().message;
  return *std::move(stream);
}

std::string server(const std::string& fields) {
  return "input:\n  socket_server: { " + fields + " }\noutput: { collect: {} }\n";
}

std::string address_of(StreamWorld& world) {
  EXPECT_TRUE(world.until([&] { return !world.logged("listening", "address").empty(); }))
      << world.mistakes;
  return world.logged("listening", "address");
}

net::Listener listen(const std::string& address, net::Network network = net::Network::kTcp) {
  net::ListenOptions options;
  options.network = network;
  options.address = address;
  auto listener = net::Listener::listen(options);
  EXPECT_TRUE(listener);
  return *std::move(listener);
}

TEST(SocketServerInput, ReadsLinesOfAllWhoConnectAndSaysWhereItListens) {
  StreamWorld world;
  ASSERT_TRUE(world.start(server("network: tcp, address: '127.0.0.1:0'"))) << world.mistakes;
  const std::string address = address_of(world);
  EXPECT_THAT(address, testing::StartsWith("127.0.0.1:"));
  EXPECT_THAT(address, testing::Not(testing::EndsWith(":0")));
  {
    net::Stream first = dial(address);
    net::Stream second = dial(address);
    ASSERT_TRUE(first.write_all("one\ntw"));
    ASSERT_TRUE(second.write_all("other\n"));
    ASSERT_TRUE(world.until([&] { return world.count() == 2; }));
    ASSERT_TRUE(first.write_all("o\nwithout an end"));
    first.shutdown_write();
    ASSERT_TRUE(world.until([&] { return world.count() == 4; }));
  }
  EXPECT_THAT(world.got(), testing::UnorderedElementsAre("one", "two", "other", "without an end"));
  EXPECT_THAT(world.metadata()[0].at("*"), HasSubstr("\"remote_address\":\"127.0.0.1:"));
  EXPECT_EQ(world.stop(), engine::ExitCode::kOk);
}

TEST(SocketServerInput, ListensOnAUnixPathAndLeavesNothingBehind) {
  TempFolder folder;
  StreamWorld world;
  ASSERT_TRUE(world.start(server("network: unix, address: '" + folder / "s" + "'")))
      << world.mistakes;
  address_of(world);
  net::Stream client = dial(folder / "s", net::Network::kUnix);
  ASSERT_TRUE(client.write_all("hello\n"));
  ASSERT_TRUE(world.until([&] { return world.count() == 1; }));
  EXPECT_EQ(world.stop(), engine::ExitCode::kOk);
  EXPECT_FALSE(folder.has("s"));
}

TEST(SocketServerInput, SpeaksTlsAndOutlivesThoseWhoDoNot) {
  StreamWorld world;
  ASSERT_TRUE(
      world.start(server("network: tls, address: '127.0.0.1:0', tls: { self_signed: true }")))
      << world.mistakes;
  const std::string address = address_of(world);
  net::Stream plain = dial(address);
  ASSERT_TRUE(plain.write_all("this is no handshake\n"));
  net::Stream client = dial(address, net::Network::kTls);
  std::string lines;
  for (int i = 0; i < 5000; ++i) lines += std::to_string(i) + "\n";
  ASSERT_TRUE(client.write_all(lines));
  client.shutdown_write();
  ASSERT_TRUE(world.until([&] { return world.count() == 5000; }));
  EXPECT_EQ(world.got().back(), "4999");
  EXPECT_EQ(world.stop(), engine::ExitCode::kOk);
}

TEST(SocketServerInput, EachDatagramEndsItsMessages) {
  StreamWorld world;
  ASSERT_TRUE(world.start(server("network: udp, address: '127.0.0.1:0'"))) << world.mistakes;
  net::ConnectOptions options;
  options.network = net::Network::kUdp;
  options.address = address_of(world);
  auto client = net::DatagramSocket::connect(options, soon());
  ASSERT_TRUE(client);
  for (const char* text : {"one", "two\nthree\n", "four"}) {
    const std::size_t before = world.count();
    ASSERT_TRUE(client->send(text));
    ASSERT_TRUE(world.until([&] { return world.count() > before; }));
  }
  EXPECT_THAT(world.got(), ElementsAre("one", "two", "three", "four"));
  world.stop();
}

TEST(SocketServerInput, LetsNoMoreInThanAllowedUntilOneLeaves) {
  StreamWorld world;
  ASSERT_TRUE(world.start(server("network: tcp, address: '127.0.0.1:0', max_connections: 1")))
      << world.mistakes;
  const std::string address = address_of(world);
  auto first = std::make_unique<net::Stream>(dial(address));
  ASSERT_TRUE(first->write_all("first\n"));
  ASSERT_TRUE(world.until([&] { return world.count() == 1; }));
  net::Stream second = dial(address);  // the system takes the call, nobody answers it yet
  ASSERT_TRUE(second.write_all("second\n"));
  ASSERT_TRUE(world.until([&] { return world.times_logged("connections_at_limit") == 1; }));
  ASSERT_TRUE(first->write_all("still first\n"));
  ASSERT_TRUE(world.until([&] { return world.count() == 2; }));
  EXPECT_THAT(world.got(), ElementsAre("first", "still first"));
  first.reset();
  ASSERT_TRUE(world.until([&] { return world.count() == 3; }));
  EXPECT_EQ(world.got().back(), "second");
  world.stop();
}

TEST(SocketServerInput, ATakenPortEndsTheRunWithAMessage) {
  net::Listener taken = listen("127.0.0.1:0");
  StreamWorld world;
  EXPECT_EQ(world.run(server("network: tcp, address: '" + taken.address() + "'")),
            engine::ExitCode::kCannotStart);
  EXPECT_THAT(world.mistakes, HasSubstr(taken.address()));
}

TEST(SocketServerInput, RefusesTlsWithoutACertificate) {
  InputWorld world;
  EXPECT_FALSE(world.make("socket_server: { network: tls, address: '127.0.0.1:0' }"));
  EXPECT_FALSE(world.make("socket_server: { network: tcp, address: 'nowhere' }"));
  EXPECT_FALSE(world.make("socket_server: { network: carrier_pigeon, address: 'x:1' }"));
}

TEST(SocketInput, SaysItsOpeningReadsAndComesBackWhenThePeerLeaves) {
  net::Listener listener = listen("127.0.0.1:0");
  StreamWorld world;
  ASSERT_TRUE(world.start("input:\n  socket:\n    network: tcp\n    address: '" +
                          listener.address() +
                          "'\n    open_message_mapping: 'root = \"hello\\n\"'\n"
                          "output: { collect: {} }\n"))
      << world.mistakes;
  for (int round = 0; round < 2; ++round) {
    auto peer = listener.accept(soon());
    ASSERT_TRUE(peer);
    char opening[6];
    std::size_t got = 0;
    while (got < 6) {
      auto n = peer->read(opening + got, 6 - got, soon());
      ASSERT_TRUE(n) << n.error().message;
      ASSERT_GT(*n, 0U);
      got += *n;
    }
    EXPECT_EQ(std::string(opening, 6), "hello\n");
    ASSERT_TRUE(peer->write_all("round " + std::to_string(round) + "\n"));
  }
  ASSERT_TRUE(world.until([&] { return world.count() == 2; }));
  EXPECT_THAT(world.got(), ElementsAre("round 0", "round 1"));
  world.stop();
}

TEST(SocketOutput, DeliversAcrossALostConnection) {
  TempFolder folder;
  folder.write("data", "1\n");
  net::Listener listener = listen("127.0.0.1:0");
  StreamWorld world;
  world.data_dir = folder / "state";
  ASSERT_TRUE(world.start("input: { file: { paths: [ '" + folder / "data" +
                          "' ], follow: true } }\noutput: { socket: { network: tcp, address: '" +
                          listener.address() + "' } }\n"))
      << world.mistakes;
  const auto read_line = [&](net::Stream& peer) {
    std::string line;
    char c = 0;
    while (line.empty() || line.back() != '\n') {
      auto n = peer.read(&c, 1, soon());
      if (!n || *n == 0) break;
      line.push_back(c);
    }
    return line;
  };
  {
    auto peer = listener.accept(soon());
    ASSERT_TRUE(peer);
    EXPECT_EQ(read_line(*peer), "1\n");
  }
  folder.append("data", "2\n3\n");  // the peer has gone by now
  auto peer = listener.accept(soon());
  ASSERT_TRUE(peer);
  EXPECT_EQ(read_line(*peer), "2\n");
  EXPECT_EQ(read_line(*peer), "3\n");
  EXPECT_EQ(world.stop(), engine::ExitCode::kOk);
}

TEST(SocketOutput, WaitsForAPeerThatIsDown) {
  TempFolder folder;
  StreamWorld world;
  ASSERT_TRUE(
      world.start("input: { generate: { count: 1, mapping: 'root = \"here\"' } }\n"
                  "output: { socket: { network: unix, address: '" +
                  folder / "s" + "', codec: 'delim:;' } }\n"))
      << world.mistakes;
  ASSERT_TRUE(world.until([&] { return world.times_logged("output_write_failed") > 0; }));
  net::Listener listener = listen(folder / "s", net::Network::kUnix);
  auto peer = listener.accept(soon());
  ASSERT_TRUE(peer);
  char text[5];
  std::size_t got = 0;
  while (got < 5) {
    auto n = peer->read(text + got, 5 - got, soon());
    ASSERT_TRUE(n);
    got += *n;
  }
  EXPECT_EQ(std::string(text, 5), "here;");
  EXPECT_EQ(world.wait(), engine::ExitCode::kOk);
}

TEST(SocketOutput, ADatagramThatIsTooLongFailsAlone) {
  net::ListenOptions options;
  options.network = net::Network::kUdp;
  options.address = "127.0.0.1:0";
  auto receiver = net::DatagramSocket::bind(options);
  ASSERT_TRUE(receiver);
  StreamWorld world;
  EXPECT_EQ(world.run("input: { generate: { count: 3, interval: '', mapping: 'root = if counter() "
                      "== 2 { \"x\".repeat(100000) } else { \"fine\" }' } }\n"
                      "output: { socket: { network: udp, address: '" +
                      receiver->address() + "' } }\n"),
            engine::ExitCode::kFailedMessages)
      << world.mistakes;
  char text[64];
  for (int i = 0; i < 2; ++i) {
    auto got = receiver->receive(text, sizeof text, soon());
    ASSERT_TRUE(got);
    EXPECT_EQ(std::string(text, got->size), "fine\n");
  }
}

TEST(SocketOutput, APeerThatDoesNotReadHoldsUpNothingButItsMessages) {
  net::Listener listener = listen("127.0.0.1:0");
  StreamWorld world;
  ASSERT_TRUE(
      world.start("input: { generate: { interval: '', mapping: 'root = "
                  "\"x\".repeat(10000)' } }\noutput: { socket: { network: tcp, address: '" +
                  listener.address() + "' } }\nshutdown_timeout: 100ms\n"))
      << world.mistakes;
  auto peer = listener.accept(soon());
  ASSERT_TRUE(peer);
  // The budget fills up and the input waits; then the stop gives up what is stuck.
  ASSERT_TRUE(world.until([&] { return !world.stream().budget().has_room(); }));
  EXPECT_EQ(world.stop(), engine::ExitCode::kNotDrained);
}

}  // namespace
}  // namespace weir::test
