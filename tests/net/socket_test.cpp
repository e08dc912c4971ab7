#include "net/socket.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/certificates.h"

namespace weir::net {
namespace {

using core::ErrorCode;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::StartsWith;

Deadline soon() {
  return deadline_in(std::chrono::seconds(60));
}

class Directory {
 public:
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-net-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

Listener listen_on(Network network, std::string address, TlsServerOptions tls = {}) {
  ListenOptions options;
  options.network = network;
  options.address = std::move(address);
  options.tls = std::move(tls);
  auto listener = Listener::listen(options);
  if (!listener) {
    ADD_FAILURE() << listener.error().message;
    std::abort();
  }
  return *std::move(listener);
}

ConnectOptions to(Network network, std::string address, TlsOptions tls = {}) {
  ConnectOptions options;
  options.network = network;
  options.address = std::move(address);
  options.tls = std::move(tls);
  return options;
}

template <class T>
T must(core::Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message;
    std::abort();
  }
  return *std::move(result);
}

std::string read_all(Stream& stream) {
  std::string all;
  char bytes[4096];
  for (;;) {
    const auto got = stream.read(bytes, sizeof bytes, soon());
    if (!got || *got == 0) {
      EXPECT_TRUE(got) << got.error().message;
      return all;
    }
    all.append(bytes, *got);
  }
}

TEST(ParseHostPort, takes_names_addresses_and_brackets) {
  EXPECT_EQ(must(parse_host_port("localhost:4195")).host, "localhost");
  EXPECT_EQ(must(parse_host_port("localhost:4195")).port, 4195);
  EXPECT_EQ(must(parse_host_port(":80")).host, "");
  EXPECT_EQ(must(parse_host_port("[::1]:65535")).host, "::1");
  EXPECT_EQ(must(parse_host_port("1.2.3.4:0")).port, 0);
  for (const char* bad : {"", "localhost", "localhost:", "localhost:65536", "localhost:-1",
                          "localhost:1x", "::1:80", "[::1]", "[::1:80", "a b:1", "a\n:1"}) {
    const auto result = parse_host_port(bad);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidConfig);
  }
}

TEST(ParseNetwork, knows_its_names) {
  EXPECT_EQ(must(parse_network("tcp")), Network::kTcp);
  EXPECT_EQ(must(parse_network("unixgram")), Network::kUnixgram);
  EXPECT_THAT(parse_network("ip").error().message, HasSubstr("tcp, udp, unix, unixgram, tls"));
}

TEST(Stream, carries_bytes_over_tcp_and_unix) {
  const Directory directory;
  for (const Network network : {Network::kTcp, Network::kUnix}) {
    Listener listener =
        listen_on(network, network == Network::kTcp ? "127.0.0.1:0" : directory.file("s"));
    Stream client = must(connect(to(network, listener.address()), soon()));
    Stream server = must(listener.accept(soon()));
    const std::string big(4 << 20, 'x');  // more than the sockets hold: both sides must move
    std::thread writer([&] {
      EXPECT_TRUE(client.write_all(big, soon()));
      client.shutdown_write();
    });
    EXPECT_TRUE(read_all(server) == big);
    writer.join();
    EXPECT_TRUE(server.write_all("answer", soon()));
    server.shutdown_write();
    EXPECT_EQ(read_all(client), "answer");
  }
}

TEST(Stream, gives_up_at_the_deadline_and_says_with_whom) {
  Listener listener = listen_on(Network::kTcp, "127.0.0.1:0");
  Stream client = must(connect(to(Network::kTcp, listener.address()), soon()));
  char byte = 0;
  const auto got = client.read(&byte, 1, deadline_in(milliseconds(10)));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(got.error().message, HasSubstr(listener.address()));
  EXPECT_THAT(got.error().message, HasSubstr("timed out"));
  const core::Status written =
      client.write_all(std::string(64 << 20, 'x'), deadline_in(milliseconds(10)));
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("timed out"));
}

TEST(Stream, is_woken_by_an_interrupt_at_once_and_for_good) {
  Listener listener = listen_on(Network::kTcp, "127.0.0.1:0");
  Stream client = must(connect(to(Network::kTcp, listener.address()), soon()));
  Interrupt interrupt;
  std::thread reader([&] {
    char byte = 0;
    const auto got = client.read(&byte, 1, kNoDeadline, &interrupt);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::kCancelled);
  });
  std::thread acceptor([&] {
    const Stream open = must(listener.accept(soon()));  // or the reader would see an end
    EXPECT_EQ(listener.accept(kNoDeadline, &interrupt).error().code, ErrorCode::kCancelled);
  });
  interrupt.raise();
  reader.join();
  acceptor.join();
  EXPECT_EQ(client.write_all("x", kNoDeadline, &interrupt).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(connect(to(Network::kTcp, listener.address()), kNoDeadline, &interrupt).error().code,
            ErrorCode::kCancelled);
}

TEST(Stream, reports_a_reset_as_an_error_not_as_an_end) {
  Listener listener = listen_on(Network::kTcp, "127.0.0.1:0");
  Stream client = must(connect(to(Network::kTcp, listener.address()), soon()));
  {
    Stream server = must(listener.accept(soon()));
    const linger reset{1, 0};
    ::setsockopt(server.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  char byte = 0;
  const auto got = client.read(&byte, 1, soon());
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message, HasSubstr("reset"));
  EXPECT_TRUE(client.peer_closed());
  EXPECT_FALSE(client.write_all("x", soon()));  // and no SIGPIPE
}

TEST(Connect, names_the_address_and_the_cause) {
  std::string address;
  {
    const Listener listener = listen_on(Network::kTcp, "127.0.0.1:0");
    address = listener.address();
  }
  const auto refused = connect(to(Network::kTcp, address), soon());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().message, "connecting to `" + address + "`: Connection refused");
  const auto missing = connect(to(Network::kUnix, "/nonexistent/socket"), soon());
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("No such file"));
  const auto unknown = connect(to(Network::kTcp, "no-such-host.invalid:1"), soon());
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(unknown.error().message, HasSubstr("no-such-host.invalid"));
  EXPECT_EQ(connect(to(Network::kUdp, address), soon()).error().code, ErrorCode::kInvalidConfig);
}

TEST(Connect, finds_localhost_by_name) {
  Listener listener = listen_on(Network::kTcp, "localhost:0");
  Stream client =
      must(connect(to(Network::kTcp, "localhost:" + std::to_string(listener.port())), soon()));
  EXPECT_TRUE(listener.accept(soon()));
}

TEST(Listener, serves_both_families_without_a_host) {
  Listener listener = listen_on(Network::kTcp, ":0");
  Stream client =
      must(connect(to(Network::kTcp, "127.0.0.1:" + std::to_string(listener.port())), soon()));
  const Stream server = must(listener.accept(soon()));
  EXPECT_THAT(server.remote(), StartsWith("127.0.0.1:"));
}

TEST(Listener, keeps_its_unix_socket_private_and_removes_it) {
  const Directory directory;
  const std::string path = directory.file("s");
  struct stat info {};
  {
    const Listener listener = listen_on(Network::kUnix, path);
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    ListenOptions second;
    second.network = Network::kUnix;
    second.address = path;
    const auto taken = Listener::listen(second);
    ASSERT_FALSE(taken);
    EXPECT_THAT(taken.error().message, HasSubstr("another process listens there"));
  }
  EXPECT_NE(::stat(path.c_str(), &info), 0);
}

TEST(Listener, replaces_a_dead_socket_but_no_other_file) {
  const Directory directory;
  ListenOptions options;
  options.network = Network::kUnix;
  options.address = directory.file("dead");
  {
    // What a process that was killed leaves behind.
    sockaddr_storage storage{};
    storage.ss_family = AF_UNIX;
    std::copy(options.address.begin(), options.address.end(),
              reinterpret_cast<char*>(&storage) + 2);
    const Fd dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<sockaddr*>(&storage),
                     static_cast<socklen_t>(3 + options.address.size())),
              0);
  }
  EXPECT_TRUE(Listener::listen(options));
  options.address = directory.file("precious");
  std::ofstream(options.address) << "data";
  const auto refused = Listener::listen(options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("in the way"));
  EXPECT_TRUE(std::filesystem::exists(options.address));
  options.address = directory.file(std::string(200, 'x'));
  EXPECT_EQ(Listener::listen(options).error().code, ErrorCode::kInvalidConfig);
}

TEST(Datagrams, arrive_whole_with_their_sender) {
  const Directory directory;
  for (const Network network : {Network::kUdp, Network::kUnixgram}) {
    ListenOptions options;
    options.network = network;
    options.address = network == Network::kUdp ? "127.0.0.1:0" : directory.file("d");
    DatagramSocket receiver = must(DatagramSocket::bind(options));
    DatagramSocket sender = must(DatagramSocket::connect(to(network, receiver.address()), soon()));
    char buffer[8];
    EXPECT_TRUE(sender.send("one"));
    EXPECT_TRUE(sender.send(""));
    EXPECT_TRUE(sender.send("12345678"));
    EXPECT_TRUE(sender.send("123456789"));
    auto got = must(receiver.receive(buffer, sizeof buffer, soon()));
    EXPECT_EQ(std::string(buffer, got.size), "one");
    EXPECT_THAT(got.from, StartsWith(network == Network::kUdp ? "127.0.0.1:" : "unix:"));
    EXPECT_EQ(must(receiver.receive(buffer, sizeof buffer, soon())).size, 0U);
    got = must(receiver.receive(buffer, sizeof buffer, soon()));
    EXPECT_EQ(got.size, 8U);
    EXPECT_FALSE(got.truncated);
    got = must(receiver.receive(buffer, sizeof buffer, soon()));
    EXPECT_EQ(got.size, 8U);
    EXPECT_TRUE(got.truncated);
    const core::Status too_long = sender.send(std::string(1 << 20, 'x'));
    ASSERT_FALSE(too_long);
    EXPECT_EQ(too_long.error().code, ErrorCode::kLimit);
    EXPECT_THAT(
        receiver.receive(buffer, sizeof buffer, deadline_in(milliseconds(5))).error().message,
        HasSubstr("timed out"));
  }
}

struct Tls {
  TlsServerOptions server(const test::Authority::Issued& issued) {
    TlsServerOptions options;
    options.certificate.cert = issued.cert;
    options.certificate.key = issued.key;
    return options;
  }
  TlsOptions client() {
    TlsOptions options;
    options.enabled = true;
    options.root_cas = authority.pem();
    return options;
  }
  /// One connection; the server echoes. What the client's end says.
  core::Result<std::string> exchange(TlsServerOptions server_options, TlsOptions client_options,
                                     const std::string& host = "127.0.0.1") {
    Listener listener = listen_on(Network::kTls, "127.0.0.1:0", std::move(server_options));
    std::thread server([&] {
      auto stream = listener.accept(soon());
      char bytes[100];
      const auto got = stream->read(bytes, sizeof bytes, soon());
      verified = got && stream->peer_verified();
      if (got) {
        (void)stream->write_all({bytes, *got}, soon());
        stream->shutdown_write();
      } else {
        server_error = got.error().message;
      }
    });
    auto result = [&]() -> core::Result<std::string> {
      WEIR_TRY(Stream stream,
               connect(to(Network::kTcp, host + ":" + std::to_string(listener.port()),
                          std::move(client_options)),
                       soon()));
      WEIR_CHECK_OK(stream.write_all("hello", soon()));
      std::string all;
      char bytes[100];
      for (;;) {
        WEIR_TRY(const std::size_t got, stream.read(bytes, sizeof bytes, soon()));
        if (got == 0) return all;
        all.append(bytes, got);
      }
    }();
    server.join();
    return result;
  }

  test::Authority authority;
  bool verified = false;
  std::string server_error;
};

TEST(TlsStream, carries_bytes_when_the_certificate_is_right) {
  Tls tls;
  EXPECT_EQ(must(tls.exchange(tls.server(tls.authority.issue()), tls.client())), "hello");
  EXPECT_EQ(must(tls.exchange(tls.server(tls.authority.issue()), tls.client(), "localhost")),
            "hello");
  EXPECT_FALSE(tls.verified);
  test::Authority::Wish rsa;
  rsa.rsa = true;
  EXPECT_EQ(must(tls.exchange(tls.server(tls.authority.issue(rsa)), tls.client())), "hello");
}

TEST(TlsStream, refuses_certificates_that_do_not_fit_and_says_why) {
  Tls tls;
  test::Authority::Wish expired;
  expired.valid_from = -7200;
  expired.valid_until = -3600;
  test::Authority::Wish other;
  other.names = "DNS:other.example";
  const test::Authority stranger;
  const auto why = [&](const test::Authority::Issued& issued) {
    const auto result = tls.exchange(tls.server(issued), tls.client());
    EXPECT_FALSE(result);
    return result ? std::string() : result.error().message;
  };
  EXPECT_THAT(why(tls.authority.issue(expired)), HasSubstr("certificate has expired"));
  EXPECT_THAT(why(tls.authority.issue(other)), HasSubstr("mismatch"));
  // Same name, another key: OpenSSL finds the issuer or its wrong signature.
  EXPECT_THAT(why(stranger.issue()), HasSubstr("certificate not accepted"));
  TlsOptions careless = tls.client();
  careless.skip_cert_verify = true;
  EXPECT_EQ(must(tls.exchange(tls.server(stranger.issue(other)), careless)), "hello");
}

TEST(TlsStream, shows_and_checks_client_certificates) {
  Tls tls;
  TlsServerOptions server = tls.server(tls.authority.issue());
  server.client_cas = tls.authority.pem();
  server.require_client_cert = true;
  test::Authority::Wish locked;
  locked.password = "open sesame";
  TlsOptions client = tls.client();
  EXPECT_FALSE(tls.exchange(server, client));  // none shown
  EXPECT_THAT(tls.server_error, HasSubstr("peer did not return a certificate"));
  const auto issued = tls.authority.issue(locked);
  client.client_certs.push_back({issued.cert, issued.key, "", "", "open sesame"});
  EXPECT_EQ(must(tls.exchange(server, client)), "hello");
  EXPECT_TRUE(tls.verified);
  const auto foreign = test::Authority().issue();
  client.client_certs[0] = {foreign.cert, foreign.key, "", "", ""};
  EXPECT_FALSE(tls.exchange(server, client));
  EXPECT_FALSE(tls.verified);
}

TEST(TlsStream, reports_a_cut_as_an_error) {
  Tls tls;
  Listener listener = listen_on(Network::kTcp, "127.0.0.1:0");
  std::thread server([&] {
    Stream raw = must(listener.accept(soon()));
    auto context = must(TlsContext::server(tls.server(tls.authority.issue())));
    TlsSession session(context, raw.fd(), "");
    using Want = TlsSession::Want;
    for (auto outcome = session.handshake(); outcome.want != Want::kNothing;
         outcome = session.handshake()) {
      ASSERT_NE(outcome.want, Want::kError) << session.error().message;
      pollfd wait{raw.fd(), POLLIN, 0};
      ::poll(&wait, 1, 60'000);
    }
    EXPECT_EQ(session.write("cut", 3).bytes, 3U);
    ::shutdown(raw.fd(), SHUT_RDWR);  // no close_notify
  });
  Stream client = must(connect(to(Network::kTls, listener.address(), tls.client()), soon()));
  char bytes[10];
  EXPECT_EQ(must(client.read(bytes, sizeof bytes, soon())), 3U);
  const auto end = client.read(bytes, sizeof bytes, soon());
  server.join();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, ErrorCode::kUnavailable);
}

TEST(TlsStream, gives_up_on_a_peer_that_never_shakes_hands) {
  Tls tls;
  Listener listener = listen_on(Network::kTcp, "127.0.0.1:0");
  const auto silent =
      connect(to(Network::kTls, listener.address(), tls.client()), deadline_in(milliseconds(50)));
  ASSERT_FALSE(silent);
  EXPECT_THAT(silent.error().message, HasSubstr("timed out"));
  std::thread server([&] {
    (void)must(listener.accept(soon()));
    Stream talker = must(listener.accept(soon()));
    EXPECT_TRUE(talker.write_all("220 mail.example ESMTP\r\n", soon()));
  });
  const auto plain = connect(to(Network::kTls, listener.address(), tls.client()), soon());
  server.join();
  ASSERT_FALSE(plain);
  EXPECT_THAT(plain.error().message, HasSubstr("does not speak TLS"));
}

TEST(TlsContext, says_what_is_wrong_with_a_certificate) {
  Tls tls;
  const auto issued = tls.authority.issue();
  test::Authority::Wish locked;
  locked.password = "secret word";
  const auto encrypted = tls.authority.issue(locked);
  const auto why = [&](const TlsCertificate& certificate) {
    TlsOptions options;
    options.client_certs.push_back(certificate);
    const auto context = TlsContext::client(options);
    EXPECT_FALSE(context);
    if (context) return std::string();
    EXPECT_EQ(context.error().code, ErrorCode::kInvalidConfig);
    return context.error().message;
  };
  EXPECT_THAT(why({issued.cert, encrypted.key, "", "", ""}), HasSubstr("is a password needed?"));
  EXPECT_THAT(why({issued.cert, encrypted.key, "", "", "wrong"}),
              HasSubstr("is the password right?"));
  EXPECT_THAT(why({issued.cert, encrypted.key, "", "", "secret word"}),
              HasSubstr("does not belong"));
  EXPECT_THAT(why({issued.cert, issued.cert, "", "", ""}), HasSubstr("private key"));
  EXPECT_THAT(why({"garbage", issued.key, "", "", ""}), HasSubstr("loading certificate"));
  EXPECT_THAT(why({"", "", "/nonexistent.pem", "", ""}),
              HasSubstr("reading certificate `/nonexistent.pem`: No such file"));
  TlsOptions options;
  options.root_cas = "garbage";
  EXPECT_THAT(TlsContext::client(options).error().message, HasSubstr("no certificate in it"));
  EXPECT_THAT(TlsContext::server({}).error().message, HasSubstr("needs a certificate"));
}

TEST(SelfSigned, serves_its_own_names) {
  Tls tls;
  const auto made = must(make_self_signed({"localhost", "127.0.0.1"}));
  TlsOptions client;
  client.enabled = true;
  client.root_cas = made.cert;
  EXPECT_EQ(must(tls.exchange(tls.server({made.cert, made.key}), client)), "hello");
  EXPECT_EQ(must(tls.exchange(tls.server({made.cert, made.key}), client, "localhost")), "hello");
  EXPECT_FALSE(make_self_signed({}));
  EXPECT_FALSE(make_self_signed({"a,DNS:b"}));
}

}  // namespace
}  // namespace weir::net
