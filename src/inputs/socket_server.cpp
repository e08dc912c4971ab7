#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include <sys/epoll.h>

#include "inputs/all.h"
#include "inputs/net_source.h"
#include "net_fields/net_fields.h"

namespace weir::inputs {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kHandshakeNanos = 10 * kSecond;
constexpr std::size_t kLongestDatagram = 256 * 1024;
constexpr const char* kAddressKey = "socket_server_address";

struct SocketServerConfig {
  struct Tls {
    std::string cert_file;
    std::string key_file;
    bool self_signed = false;
    std::string client_cas_file;
    static const config::Spec<Tls>& spec();
  };
  std::string network;
  std::string address;
  config::CacheLabel address_cache;
  config::Child<core::Scanner> scanner;
  Tls tls;
  net_fields::ListenerTcp tcp;
  std::uint64_t max_connections = 1024;
  std::chrono::nanoseconds idle_timeout{0};
};

const config::Spec<SocketServerConfig::Tls>& SocketServerConfig::Tls::spec() {
  static const config::Spec<Tls> made =
      config::Spec<Tls>()
          .field("cert_file", &Tls::cert_file, {.doc = "The server's certificate, a PEM file."})
          .field("key_file", &Tls::key_file, {.doc = "Its key, a PEM file."})
          .field("self_signed", &Tls::self_signed,
                 {.doc = "Make a certificate at the start: for tests."})
          .field("client_cas_file", &Tls::client_cas_file,
                 {.doc = "Authorities of the clients; when set, a client without a certificate of "
                         "theirs is refused."});
  return made;
}

config::Spec<SocketServerConfig> socket_server_spec() {
  return config::Spec<SocketServerConfig>("socket_server")
      .summary("Listens on a socket and reads messages from all who connect.")
      .description(
          "With `udp` and `unixgram` each datagram is a stream of its own: its end ends a message. "
          "Messages carry the metadata `remote_address`. A message that a broken connection cut "
          "short fails. With port 0 the system chooses one; it is logged, and stored in "
          "`address_cache`. What was received cannot be asked for again: messages in flight are "
          "lost when the process dies.")
      .category("network")
      .field("network", &SocketServerConfig::network,
             {.doc = "Kind of socket.",
              .required = true,
              .options = {{"unix"}, {"tcp"}, {"udp"}, {"tls", "TLS over TCP"}, {"unixgram"}}})
      .field("address", &SocketServerConfig::address,
             {.doc = "Host and port, or a path.",
              .required = true,
              .examples = {"0.0.0.0:6000", "/tmp/weir.sock"}})
      .field("address_cache", &SocketServerConfig::address_cache,
             {.doc = "Cache that gets the address, once bound, under the key "
                     "`socket_server_address`.",
              .advanced = true})
      .field("scanner", &SocketServerConfig::scanner,
             {.doc = "How the bytes are cut into messages. Default: `lines`.", .no_default = true})
      .field("tls", &SocketServerConfig::tls, {.doc = "For `network: tls`.", .advanced = true})
      .field("tcp", &SocketServerConfig::tcp, {.doc = "Details of TCP.", .advanced = true})
      .field("max_connections", &SocketServerConfig::max_connections,
             {.doc = "Connections at the same time; more wait until one ends.",
              .advanced = true,
              .min = 1,
              .max = 100000})
      .field("idle_timeout", &SocketServerConfig::idle_timeout,
             {.doc = "Close connections that have sent nothing for this long. 0: never.",
              .advanced = true,
              .min = 0})
      .ignored("auto_replay_nacks",
               "Messages that come back undelivered are always handed out again.")
      .check([](const SocketServerConfig& config) -> core::Status {
        if (config.address.empty()) return core::invalid_config("field `address` is empty");
        if (config.network != "unix" && config.network != "unixgram") {
          auto parsed = net::parse_host_port(config.address);
          if (!parsed) return core::fail(std::move(parsed).error());
        }
        const bool files = !config.tls.cert_file.empty() && !config.tls.key_file.empty();
        if (config.network == "tls" && !files && !config.tls.self_signed) {
          return core::invalid_config(
              "`network: tls` needs `tls.cert_file` and `tls.key_file`, or `tls.self_signed`");
        }
        return {};
      })
      .example("Lines from anybody on this host",
               "socket_server:\n  network: tcp\n  address: 127.0.0.1:6000\n");
}

void stamp_remote(core::Batch& batch, std::size_t from, const std::string& remote) {
  if (batch.size() <= from) return;
  const core::Value value = core::Value::string(batch.storage().arena().copy(remote));
  for (std::size_t i = from; i < batch.size(); ++i) batch[i].set_metadata("remote_address", value);
}

/// What the two kinds of server have in common.
class Server : public core::Input {
 public:
  Server(SocketServerConfig config, const config::Resources& resources)
      : config_(std::move(config)), resources_(resources) {}

  core::InputTraits traits() const override { return {}; }

 protected:
  [[nodiscard]] net::ListenOptions listen_options() const {
    net::ListenOptions options;
    options.network = *net::parse_network(config_.network);
    options.address = config_.address;
    options.tcp = config_.tcp.options;
    return options;
  }

  // A port that is taken stays taken: better to say so and end than to wait in silence.
  static tl::unexpected<core::Error> cannot_listen(core::Error error) {
    if (error.code == core::ErrorCode::kUnavailable) error.code = core::ErrorCode::kInvalidConfig;
    return core::fail(std::move(error));
  }

  core::Status announce(const std::string& address) {
    resources_.log().info("listening", "Listening.",
                          {{"network", config_.network}, {"address", address}});
    if (config_.address_cache.empty()) return {};
    auto cache = resources_.shared().cache(config_.address_cache.label);
    if (!cache) return core::fail(std::move(cache).error());
    return (*cache)->set(kAddressKey, address, std::nullopt);
  }

  core::ReadResult hand_out(core::Batch batch) {
    core::ReadBatch read;
    read.batch = std::move(batch);
    read.after.offset = ++batches_;
    return core::ReadResult::of(std::move(read));
  }

  const SocketServerConfig config_;
  const config::Resources resources_;

 private:
  std::int64_t batches_ = 0;
};

class StreamServer final : public Server {
 public:
  using Server::Server;

  core::Status connect(core::ReadContext&) override {
    if (listener_) return {};
    net::ListenOptions options = listen_options();
    if (options.network == net::Network::kTls) WEIR_CHECK_OK(prepare_tls(options.tls));
    auto listener = net::Listener::listen(options);
    if (!listener) return cannot_listen(std::move(listener).error());
    epoll_ = net::Fd(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_.valid())
      return core::unavailable(std::string("making an epoll: ") + std::strerror(errno));
    listener_.emplace(*std::move(listener));
    watch(listener_->fd(), nullptr);
    listening_ = true;
    return announce(listener_->address());
  }

  core::Result<core::ReadResult> read(core::ReadContext& context) override {
    sweep();
    poll(context, ready_.empty() ? context.wait_limit() : std::chrono::milliseconds(0));
    // Each that is ready has its turn; the first that gives messages ends the call.
    for (std::size_t left = ready_.size(); left > 0; --left) {
      Connection& one = *ready_.front();
      ready_.pop_front();
      core::Batch batch = core::Batch::fresh();
      const bool more = read_one(one, context.interrupt(), batch);
      stamp_remote(batch, 0, one.stream.remote());
      if (more) {
        ready_.push_back(&one);
      } else if (one.over) {
        end(one);
      } else {
        one.queued = false;
      }
      if (!batch.empty()) return hand_out(std::move(batch));
      if (context.interrupt().raised()) break;
    }
    return core::ReadResult::idle();
  }

  void close() override {
    ready_.clear();
    connections_.clear();
    listener_.reset();
    epoll_.reset();
  }

 private:
  struct Connection {
    Connection(net::Stream accepted, std::unique_ptr<core::Scanner> scanner, std::int64_t now)
        : stream(std::move(accepted)),
          scanned(std::move(scanner), stream.remote()),
          accepted_at(now),
          active_at(now) {}
    net::Stream stream;
    ScannedStream scanned;
    std::int64_t accepted_at;
    std::int64_t active_at;
    std::uint64_t seen_bytes = 0;
    bool queued = false;  // in ready_
    bool over = false;
    std::optional<core::Error> broken;
  };

  [[nodiscard]] std::int64_t now() const { return resources_.clock().mono_nanos(); }

  core::Status prepare_tls(net::TlsServerOptions& tls) const {
    tls.certificate.cert_file = config_.tls.cert_file;
    tls.certificate.key_file = config_.tls.key_file;
    if (config_.tls.self_signed) {
      auto made = net::make_self_signed({"localhost", "127.0.0.1", "::1"});
      if (!made) return core::fail(std::move(made).error());
      tls.certificate = {};
      tls.certificate.cert = made->cert;
      tls.certificate.key = made->key;
    }
    tls.client_cas_file = config_.tls.client_cas_file;
    tls.require_client_cert = !tls.client_cas_file.empty();
    return {};
  }

  void watch(int fd, Connection* connection) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.ptr = connection;
    (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
  }

  void poll(core::ReadContext& context, std::chrono::milliseconds wait) {
    if (wait.count() > 0 &&
        context.interrupt().wait_readable(epoll_.get(), wait) != core::Interrupt::Wait::kReady)
      return;
    epoll_event events[64];
    const int count = ::epoll_wait(epoll_.get(), events, 64, 0);
    for (int i = 0; i < count; ++i) {
      auto* const connection = static_cast<Connection*>(events[i].data.ptr);
      if (connection == nullptr) {
        accept();
      } else if (!connection->queued) {
        connection->queued = true;
        ready_.push_back(connection);
      }
    }
  }

  void accept() {
    for (int i = 0; i < 64; ++i) {
      if (connections_.size() >= config_.max_connections) {
        pause_listening();
        return;
      }
      auto accepted = listener_->accept(net::deadline_in(std::chrono::milliseconds(0)));
      if (!accepted) {
        // Nobody there (timed out), or out of descriptors: then wait for one to be closed.
        if (accepted.error().message.find("timed out") == std::string::npos) {
          resources_.log().warn("accept_failed", "A connection could not be accepted.",
                                {{"error", accepted.error().message}});
          pause_listening();
        }
        return;
      }
      auto scanner = make_scanner(config_.scanner, resources_);
      if (!scanner) return;  // it was made before, for lint
      auto one = std::make_unique<Connection>(*std::move(accepted), *std::move(scanner), now());
      Connection* const raw = one.get();
      connections_.emplace(raw, std::move(one));
      watch(raw->stream.fd(), raw);
      raw->queued = true;
      ready_.push_back(raw);
    }
  }

  void pause_listening() {
    if (!listening_) return;
    listening_ = false;
    (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener_->fd(), nullptr);
    resources_.log().warn("connections_at_limit",
                          "No more connections are accepted until one ends.",
                          {{"connections", std::to_string(connections_.size())}});
  }

  /// True: there may be more to read at once.
  bool read_one(Connection& one, const core::Interrupt& interrupt, core::Batch& batch) {
    NetSource source(one.stream);
    auto state = one.scanned.read(source, interrupt, std::chrono::milliseconds(0), batch);
    if (one.scanned.bytes_read() > one.seen_bytes) {
      one.seen_bytes = one.scanned.bytes_read();
      one.active_at = now();
    }
    if (state) {
      if (*state == ScannedStream::State::kBatch && one.broken) fail_rest(batch, *one.broken);
      one.over = *state == ScannedStream::State::kEnd;
      return *state == ScannedStream::State::kBatch;
    }
    if (one.broken) {  // the scanner has had its last word
      one.over = true;
      return false;
    }
    one.broken = state.error();
    if (state.error().code != core::ErrorCode::kUnavailable) {
      batch.add("").fail(state.error());  // the stream cannot be cut any further
      one.over = true;
      return false;
    }
    resources_.log().debug("connection_broken", "A connection broke.",
                           {{"error", state.error().message}});
    one.scanned.end();
    return true;
  }

  void end(Connection& one) {
    (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, one.stream.fd(), nullptr);
    connections_.erase(&one);
    if (!listening_ && connections_.size() < config_.max_connections) {
      listening_ = true;
      watch(listener_->fd(), nullptr);
    }
  }

  // Once a second: who does not finish the handshake, or is silent for too long, is closed.
  void sweep() {
    const std::int64_t time = now();
    if (time - swept_at_ < kSecond) return;
    swept_at_ = time;
    std::vector<Connection*> late;
    for (const auto& [key, one] : connections_) {
      if (one->queued) continue;
      const bool slow = !one->stream.handshake_done() && time - one->accepted_at >= kHandshakeNanos;
      const bool idle =
          config_.idle_timeout.count() > 0 && time - one->active_at >= config_.idle_timeout.count();
      if (slow || idle) late.push_back(one.get());
    }
    for (Connection* const one : late) {
      // What it sent without an end is the start of a message: it comes out, flagged.
      one->broken = core::Error{core::ErrorCode::kUnavailable, "the connection was silent"};
      one->scanned.end();
      one->queued = true;
      ready_.push_back(one);
    }
  }

  std::optional<net::Listener> listener_;
  net::Fd epoll_;
  std::map<Connection*, std::unique_ptr<Connection>> connections_;
  std::deque<Connection*> ready_;
  std::int64_t swept_at_ = 0;
  bool listening_ = false;
};

class DatagramServer final : public Server {
 public:
  using Server::Server;

  core::Status connect(core::ReadContext&) override {
    if (socket_) return {};
    auto socket = net::DatagramSocket::bind(listen_options());
    if (!socket) return cannot_listen(std::move(socket).error());
    socket_.emplace(*std::move(socket));
    buffer_.resize(kLongestDatagram);
    return announce(socket_->address());
  }

  core::Result<core::ReadResult> read(core::ReadContext& context) override {
    if (context.interrupt().wait_readable(socket_->fd(), context.wait_limit()) !=
        core::Interrupt::Wait::kReady)
      return core::ReadResult::idle();
    core::Batch batch = core::Batch::fresh();
    for (std::size_t i = 0; i < ScannedStream::kMaxMessages; ++i) {
      auto datagram = socket_->receive(buffer_.data(), buffer_.size(),
                                       net::deadline_in(std::chrono::milliseconds(0)));
      if (!datagram) break;  // no more for now
      WEIR_CHECK_OK(scan(*datagram, batch));
    }
    if (batch.empty()) return core::ReadResult::idle();
    return hand_out(std::move(batch));
  }

  void close() override { socket_.reset(); }

 private:
  core::Status scan(const net::DatagramSocket::Datagram& datagram, core::Batch& batch) {
    const std::size_t before = batch.size();
    auto scanner = make_scanner(config_.scanner, resources_);
    if (!scanner) return core::fail(std::move(scanner).error());
    (*scanner)->begin(datagram.from);
    if (datagram.size > 0)
      std::memcpy((*scanner)->prepare(datagram.size), buffer_.data(), datagram.size);
    if (datagram.size > 0) (*scanner)->commit(datagram.size);
    (*scanner)->end();
    while (true) {
      auto more = (*scanner)->next(batch, SIZE_MAX);
      if (!more) {
        batch.add("").fail(more.error());
        break;
      }
      if (*more != core::Scanner::More::kMore) break;
    }
    if (datagram.truncated && batch.size() > before) {
      batch.messages().back().fail(core::ErrorCode::kLimit,
                                   "the datagram is longer than 256 KiB and was cut");
    }
    stamp_remote(batch, before, datagram.from);
    return {};
  }

  std::optional<net::DatagramSocket> socket_;
  std::vector<char> buffer_;
};

core::Result<std::unique_ptr<core::Input>> make_socket_server(SocketServerConfig config,
                                                              const config::Resources& resources) {
  auto scanner = make_scanner(config.scanner, resources);
  if (!scanner) return core::fail(std::move(scanner).error());
  if (config.network == "udp" || config.network == "unixgram")
    return std::make_unique<DatagramServer>(std::move(config), resources);
  return std::make_unique<StreamServer>(std::move(config), resources);
}

}  // namespace

void add_socket_server(config::Registry& registry) {
  registry.add_input(socket_server_spec(), make_socket_server);
}

}  // namespace weir::inputs
