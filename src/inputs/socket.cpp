#include <memory>
#include <optional>

#include "config/mapping_fields.h"
#include "core/backoff.h"
#include "inputs/all.h"
#include "inputs/net_source.h"
#include "net_fields/net_fields.h"

namespace weir::inputs {
namespace {

struct SocketConfig {
  std::string network;
  std::string address;
  config::MappingField open_message_mapping;
  config::Child<core::Scanner> scanner;
  net::TlsOptions tls;
  net::TcpOptions tcp;
};

config::Spec<SocketConfig> socket_spec() {
  return config::Spec<SocketConfig>("socket")
      .summary("Connects to a TCP or unix socket and reads messages from it.")
      .description(
          "When the connection ends or breaks, it is made again, with growing waits while that "
          "gives nothing. A message that a broken connection cut short fails. What was received "
          "cannot be asked for again: messages in flight are lost when the process dies.")
      .category("network")
      .field("network", &SocketConfig::network,
             {.doc = "Kind of socket.", .required = true, .options = {{"tcp"}, {"unix"}}})
      .field("address", &SocketConfig::address,
             {.doc = "Host and port, or a path.",
              .required = true,
              .examples = {"127.0.0.1:6000", "/tmp/weir.sock"}})
      .field("open_message_mapping", &SocketConfig::open_message_mapping,
             {.doc = "Makes a message that is sent when a connection was made, e.g. to subscribe.",
              .examples = {R"('root = "SUBSCRIBE events\n"')"}})
      .field("scanner", &SocketConfig::scanner,
             {.doc = "How the bytes are cut into messages. Default: `lines`.", .no_default = true})
      .field("tls", &SocketConfig::tls, {.doc = "TLS over TCP.", .advanced = true})
      .field("tcp", &SocketConfig::tcp, {.doc = "Details of TCP.", .advanced = true})
      .ignored("auto_replay_nacks",
               "Messages that come back undelivered are always handed out again.")
      .check([](const SocketConfig& config) -> core::Status {
        if (config.address.empty()) return core::invalid_config("field `address` is empty");
        if (config.network == "tcp") {
          auto parsed = net::parse_host_port(config.address);
          if (!parsed) return core::fail(std::move(parsed).error());
        } else if (config.tls.enabled) {
          return core::invalid_config("`tls` needs `network: tcp`");
        }
        return {};
      })
      .example("Lines from a service", "socket:\n  network: tcp\n  address: localhost:6000\n");
}

class Socket final : public core::Input {
 public:
  Socket(SocketConfig config, const config::Resources& resources)
      : config_(std::move(config)),
        resources_(resources),
        evaluator_(resources),
        backoff_(std::chrono::milliseconds(100), std::chrono::seconds(10)) {}

  core::InputTraits traits() const override { return {}; }

  core::Status connect(core::ReadContext& context) override {
    drop();
    // A peer that accepts and hangs up must not be called without a pause.
    if (empty_connections_ > 0) {
      const auto wait = backoff_.next(resources_.shared().random());
      if (!context.interrupt().wait_for(
              std::chrono::duration_cast<std::chrono::milliseconds>(wait))) {
        return core::fail(core::ErrorCode::kCancelled, "stopping");
      }
    }
    net::ConnectOptions options;
    options.network = config_.network == "unix" ? net::Network::kUnix : net::Network::kTcp;
    options.address = config_.address;
    options.tls = config_.tls;
    options.tcp = config_.tcp;
    const net::Interrupt& interrupt = context.interrupt();
    auto stream = net::connect(options, net::kNoDeadline, &interrupt);
    if (!stream) return core::fail(std::move(stream).error());
    ++empty_connections_;
    if (config_.open_message_mapping) {
      WEIR_TRY(const std::string opening, open_message());
      WEIR_CHECK_OK(stream->write_all(opening, net::kNoDeadline, &interrupt));
    }
    auto scanner = make_scanner(config_.scanner, resources_);
    if (!scanner) return core::fail(std::move(scanner).error());
    connection_.emplace(*std::move(stream), *std::move(scanner), config_.address);
    return {};
  }

  core::Result<core::ReadResult> read(core::ReadContext& context) override {
    if (!connection_) return core::unavailable("there is no connection");
    core::ReadBatch read;
    read.batch = core::Batch::fresh();
    NetSource source(connection_->stream);
    auto state =
        connection_->scanned.read(source, context.interrupt(), context.wait_limit(), read.batch);
    if (!state) {
      if (connection_->broken) {
        const core::Error error = *connection_->broken;
        drop();
        return core::fail(error);
      }
      // The scanner cannot go on, or the connection broke: the rest comes out flagged.
      if (state.error().code != core::ErrorCode::kUnavailable) {
        read.batch.add("").fail(state.error());
      } else {
        read.batch = core::Batch::fresh();
      }
      connection_->broken =
          core::Error{core::ErrorCode::kUnavailable, std::string(state.error().message)};
      connection_->scanned.end();
      if (read.batch.empty()) return core::ReadResult::idle();
      state = ScannedStream::State::kBatch;
    }
    if (*state == ScannedStream::State::kIdle) return core::ReadResult::idle();
    if (*state == ScannedStream::State::kEnd) {
      core::Error error{core::ErrorCode::kUnavailable,
                        "`" + config_.address + "` ended the connection"};
      if (connection_->broken) error = *connection_->broken;
      drop();
      return core::fail(std::move(error));
    }
    if (connection_->broken) fail_rest(read.batch, *connection_->broken);
    empty_connections_ = 0;
    backoff_.reset();
    read.after.offset = ++batches_;
    return core::ReadResult::of(std::move(read));
  }

  void close() override { drop(); }

 private:
  struct Connection {
    Connection(net::Stream connected, std::unique_ptr<core::Scanner> scanner,
               const std::string& name)
        : stream(std::move(connected)), scanned(std::move(scanner), name) {}
    net::Stream stream;
    ScannedStream scanned;
    std::optional<core::Error> broken;
  };

  core::Result<std::string> open_message() {
    core::Batch batch = core::Batch::of({""});
    evaluator_.context().bind(batch.messages(), 0);
    evaluator_.context().select(0);
    auto verdict = config_.open_message_mapping->map(evaluator_.context(), batch[0]);
    if (!verdict) {
      return core::fail(core::ErrorCode::kInvalidConfig,
                        "evaluating `open_message_mapping`: " + verdict.error().message);
    }
    if (*verdict == mapping::Verdict::kDeleted) return std::string();
    WEIR_TRY(const std::string_view payload, batch[0].payload());
    return std::string(payload);
  }

  void drop() { connection_.reset(); }

  const SocketConfig config_;
  const config::Resources resources_;
  config::Evaluator evaluator_;
  std::optional<Connection> connection_;
  core::Backoff backoff_;
  unsigned empty_connections_ = 0;  // in a row, that gave no message
  std::int64_t batches_ = 0;
};

core::Result<std::unique_ptr<core::Input>> make_socket(SocketConfig config,
                                                       const config::Resources& resources) {
  auto scanner = make_scanner(config.scanner, resources);
  if (!scanner) return core::fail(std::move(scanner).error());
  return std::make_unique<Socket>(std::move(config), resources);
}

}  // namespace

void add_socket(config::Registry& registry) {
  registry.add_input(socket_spec(), make_socket);
}

}  // namespace weir::inputs
