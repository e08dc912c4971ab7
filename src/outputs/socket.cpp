#include <memory>
#include <optional>

#include "codecs/output_codec.h"
#include "net_fields/net_fields.h"
#include "outputs/all.h"
#include "outputs/serial_writer.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteDone;
using core::WriteResult;
using Kind = codecs::OutputCodec::Kind;

constexpr std::size_t kPiece = std::size_t{256} << 10;

struct SocketConfig {
  std::string network;
  std::string address;
  std::string codec = "lines";
  net::TlsOptions tls;
  net::TcpOptions tcp;
};

bool datagrams(const std::string& network) {
  return network == "udp" || network == "unixgram";
}

config::Spec<SocketConfig> socket_spec() {
  return config::Spec<SocketConfig>("socket")
      .summary("Connects to a socket and writes messages to it.")
      .description(
          "A message counts as delivered when the system has taken it: what the peer did not read "
          "before it went away is lost, without anybody knowing. After an error the connection is "
          "made again and the batch written again, so the peer may see the start of it twice. With "
          "`udp` and `unixgram` each message is a datagram.")
      .category("network")
      .field("network", &SocketConfig::network,
             {.doc = "Kind of socket.",
              .required = true,
              .options = {{"unix"}, {"tcp"}, {"udp"}, {"unixgram"}}})
      .field("address", &SocketConfig::address,
             {.doc = "Host and port, or a path.",
              .required = true,
              .examples = {"localhost:9000", "/tmp/weir.sock"}})
      .field("codec", &SocketConfig::codec,
             {.doc = "How messages are told apart: `lines`, `append`, `delim:x`, or `all-bytes`: a "
                     "connection for each message."})
      .field("tls", &SocketConfig::tls, {.doc = "TLS over TCP.", .advanced = true})
      .field("tcp", &SocketConfig::tcp, {.doc = "Details of TCP.", .advanced = true})
      .check([](const SocketConfig& config) -> core::Status {
        if (config.address.empty()) return core::invalid_config("field `address` is empty");
        if (config.network == "tcp" || config.network == "udp") {
          auto parsed = net::parse_host_port(config.address);
          if (!parsed) return core::fail(std::move(parsed).error());
        }
        if (config.tls.enabled && config.network != "tcp")
          return core::invalid_config("`tls` needs `network: tcp`");
        auto codec = codecs::OutputCodec::parse(config.codec);
        if (!codec) return core::fail(std::move(codec).error().with_context("reading `codec`"));
        return {};
      })
      .example("Lines to a service", R"yaml(
output:
  socket:
    network: tcp
    address: localhost:9000
)yaml");
}

class Socket final : public core::Output {
 public:
  Socket(SocketConfig config, codecs::OutputCodec codec, const config::Resources& resources)
      : config_(std::move(config)),
        codec_(std::move(codec)),
        resources_(resources),
        writer_("weir-socket-out") {}
  ~Socket() override { close(); }

  // One at a time keeps the order; the caller's queue waits in front of us.
  std::size_t max_in_flight() const override { return 1; }

  core::Status connect(const core::Interrupt& interrupt) override { return open(&interrupt); }

  void write(Batch batch, WriteDone done) override {
    auto held = std::make_shared<std::pair<Batch, WriteDone>>(std::move(batch), std::move(done));
    writer_.post([this, held] { held->second(write_now(std::move(held->first))); });
  }

  void close() override {
    writer_.stop();
    stream_.reset();
    datagrams_.reset();
  }

 private:
  [[nodiscard]] const net::Interrupt* interrupt() const { return resources_.shared().interrupt; }

  core::Status open(const net::Interrupt* until) {
    net::ConnectOptions options;
    WEIR_TRY(options.network, net::parse_network(config_.network));
    options.address = config_.address;
    options.tls = config_.tls;
    options.tcp = config_.tcp;
    if (datagrams(config_.network)) {
      if (datagrams_) return {};
      auto socket = net::DatagramSocket::connect(options, net::kNoDeadline, until);
      if (!socket) return core::fail(std::move(socket).error());
      datagrams_.emplace(*std::move(socket));
      return {};
    }
    // A peer that has gone is only noticed by looking: the first write would succeed all the same.
    if (stream_ && stream_->peer_closed()) stream_.reset();
    if (stream_) return {};
    auto stream = net::connect(options, net::kNoDeadline, until);
    if (!stream) return core::fail(std::move(stream).error());
    stream_.emplace(*std::move(stream));
    return {};
  }

  WriteResult write_now(Batch batch) {
    if (core::Status status = open(interrupt()); !status)
      return lost(std::move(batch), status.error());
    if (datagrams_ || codec_.kind() == Kind::kAllBytes) return write_each(std::move(batch));
    WriteResult result;
    result.keep_alive = batch.sibling();
    Batch good = batch.sibling();
    bytes_.clear();
    core::Status status;
    for (core::Message& message : batch) {
      auto payload = message.payload();
      if (!payload) {
        result.failed.push_back({std::move(message), payload.error()});
        continue;
      }
      codec_.write(*payload, bytes_);
      good.push(std::move(message));
      if (status && bytes_.size() >= kPiece) status = send_bytes();
    }
    if (status) status = send_bytes();
    if (!status) {
      stream_.reset();
      WriteResult rest = lost(std::move(good), status.error());
      rest.keep_alive.append(std::move(result.keep_alive));
      for (auto& failed : result.failed) rest.failed.push_back(std::move(failed));
      return rest;
    }
    result.delivered = std::move(good);
    return result;
  }

  core::Status send_bytes() {
    core::Status status = stream_->write_all(bytes_, net::kNoDeadline, interrupt());
    bytes_.clear();
    if (bytes_.capacity() > 4 * kPiece) bytes_.shrink_to_fit();
    return status;
  }

  // Each message by itself: a datagram, or a connection.
  WriteResult write_each(Batch batch) {
    WriteResult result;
    result.keep_alive = batch.sibling();
    Batch good = batch.sibling();
    std::optional<core::Error> broken;
    for (core::Message& message : batch) {
      if (broken) {
        result.failed.push_back({std::move(message), *broken});
        continue;
      }
      auto payload = message.payload();
      if (!payload) {
        result.failed.push_back({std::move(message), payload.error()});
        continue;
      }
      core::Status status = send_one(*payload);
      if (status) {
        good.push(std::move(message));
        continue;
      }
      core::Error error = status.error();
      // What comes behind must not overtake it.
      if (error.code == core::ErrorCode::kUnavailable ||
          error.code == core::ErrorCode::kCancelled) {
        error.code = core::ErrorCode::kUnavailable;
        broken = error;
        stream_.reset();
        datagrams_.reset();
      }
      result.failed.push_back({std::move(message), std::move(error)});
    }
    result.delivered = std::move(good);
    return result;
  }

  core::Status send_one(std::string_view payload) {
    bytes_.clear();
    codec_.write(payload, bytes_);
    if (datagrams_) return datagrams_->send(bytes_, net::kNoDeadline, interrupt());
    WEIR_CHECK_OK(open(interrupt()));
    core::Status status = stream_->write_all(bytes_, net::kNoDeadline, interrupt());
    if (status) stream_->shutdown_write();
    stream_.reset();
    return status;
  }

  // Given up because everything stops, or the connection broke: in both cases not delivered.
  static WriteResult lost(Batch batch, core::Error error) {
    return WriteResult::all_failed(std::move(batch), error);
  }

  const SocketConfig config_;
  const codecs::OutputCodec codec_;
  const config::Resources resources_;
  std::optional<net::Stream> stream_;
  std::optional<net::DatagramSocket> datagrams_;
  std::string bytes_;
  SerialWriter writer_;
};

core::Result<std::unique_ptr<core::Output>> make_socket(SocketConfig config,
                                                        const config::Resources& resources) {
  auto codec = codecs::OutputCodec::parse(config.codec);
  if (!codec) return core::fail(std::move(codec).error());
  return std::make_unique<Socket>(std::move(config), *std::move(codec), resources);
}

}  // namespace

void add_socket(config::Registry& registry) {
  registry.add_output(socket_spec(), make_socket);
}

}  // namespace weir::outputs
