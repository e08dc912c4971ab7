#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "http_fields/socket_link.h"
#include "inputs/all.h"

namespace weir::inputs {
namespace {

using core::Batch;
using core::ReadResult;

// Received and not read yet: beyond, the server is held up.
constexpr std::size_t kQueueMessages = 512;
constexpr std::size_t kQueueBytes = 4 << 20;
constexpr std::size_t kMaxMessages = 256;

struct ConnectionFields {
  std::optional<std::uint32_t> max_retries;
  static const config::Spec<ConnectionFields>& spec();
};

const config::Spec<ConnectionFields>& ConnectionFields::spec() {
  static const config::Spec<ConnectionFields> made = config::Spec<ConnectionFields>().field(
      "max_retries", &ConnectionFields::max_retries,
      {.doc = "Failed attempts to connect, one after the other, after which the run ends. "
              "Absent: no limit."});
  return made;
}

struct WebsocketConfig {
  http_fields::SocketFields socket;
  std::string open_message;
  std::string open_message_type = "binary";
  config::ByteSize max_message_size;
  ConnectionFields connection;
};

config::Spec<WebsocketConfig> websocket_spec() {
  using C = WebsocketConfig;
  return config::Spec<C>("websocket")
      .summary("Reads messages from a WebSocket server.")
      .description(
          "Connects again, with growing waits, whenever the connection is lost. The server cannot "
          "be asked for a message again: what is in flight when the process dies is lost.")
      .category("network")
      .group(&C::socket, http_fields::SocketFields::fields())
      .field("open_message", &C::open_message,
             {.doc = "Sent after each connect, e.g. to subscribe. Empty: nothing.",
              .examples = {R"('{"subscribe":"trades"}')"}})
      .field("open_message_type", &C::open_message_type,
             {.doc = "Kind of that message.",
              .advanced = true,
              .options = {{"binary", "as bytes"}, {"text", "as text"}}})
      .field("max_message_size", &C::max_message_size,
             {.doc = "Longest message; a longer one ends the connection. 0: 64 MiB.",
              .advanced = true,
              .max = 1 << 30})
      .field("connection", &C::connection, {.doc = "Connecting.", .advanced = true})
      .ignored("auto_replay_nacks",
               "Messages that come back undelivered are always handed out again.")
      .example("Subscribe to a feed",
               "input:\n  websocket:\n    url: wss://feed.example/v1\n    open_message: "
               "'{\"subscribe\":\"trades\"}'\n    open_message_type: text\n");
}

/// What the I/O thread brings and the reader takes. Shared by both.
struct Inbox {
  std::mutex mutex;  // guards all
  std::condition_variable changed;
  std::shared_ptr<http::WebSocketSession> session;
  std::deque<http::Body> messages;
  std::size_t bytes = 0;
  bool paused = false;
  std::optional<http::WebSocketClose> end;
};

class Websocket final : public core::Input {
 public:
  Websocket(WebsocketConfig config, std::unique_ptr<http_fields::SocketLink> link)
      : config_(std::move(config)), link_(std::move(link)) {}

  core::InputTraits traits() const override { return {}; }

  core::Status connect(core::ReadContext& context) override {
    inbox_ = std::make_shared<Inbox>();
    http::WebSocketOptions options;
    options.max_message_bytes =
        config_.max_message_size.bytes > 0 ? config_.max_message_size.bytes : std::size_t{64} << 20;
    http::WebSocketHandlers handlers;
    handlers.on_open = [inbox = inbox_, message = config_.open_message,
                        text = config_.open_message_type ==
                               "text"](const std::shared_ptr<http::WebSocketSession>& session) {
      {
        const std::lock_guard lock(inbox->mutex);
        inbox->session = session;
      }
      if (!message.empty())
        (void)session->send(text ? http::FrameKind::kText : http::FrameKind::kBinary, message);
    };
    handlers.on_message = [inbox = inbox_](http::FrameKind, http::Body body) {
      bool pause = false;
      {
        const std::lock_guard lock(inbox->mutex);
        inbox->bytes += body.size();
        inbox->messages.push_back(std::move(body));
        pause = !inbox->paused &&
                (inbox->messages.size() >= kQueueMessages || inbox->bytes >= kQueueBytes);
        if (pause) inbox->paused = true;
        inbox->changed.notify_one();
      }
      if (pause) inbox->session->pause();
    };
    handlers.on_close = [inbox = inbox_](const http::WebSocketClose& close) {
      const std::lock_guard lock(inbox->mutex);
      inbox->end = close;
      inbox->changed.notify_one();
    };
    auto session = link_->open(std::move(handlers), options, context.interrupt());
    if (session) {
      failures_ = 0;
      return {};
    }
    core::Error error = std::move(session).error();
    if (error.code == core::ErrorCode::kUnavailable && config_.connection.max_retries &&
        failures_++ >= *config_.connection.max_retries) {
      error.code = core::ErrorCode::kNotFound;
      error.message += " (`connection.max_retries` is reached)";
    }
    return core::fail(std::move(error));
  }

  core::Result<ReadResult> read(core::ReadContext& context) override {
    std::deque<http::Body> taken;
    bool resume = false;
    {
      Inbox& inbox = *inbox_;
      std::unique_lock lock(inbox.mutex);
      if (inbox.messages.empty() && !inbox.end && context.wait_limit().count() > 0)
        inbox.changed.wait_for(lock, context.wait_limit());
      if (inbox.messages.empty()) {
        if (!inbox.end) return ReadResult::idle();
        std::string why =
            "the server closed the WebSocket with code " + std::to_string(inbox.end->code);
        if (inbox.end->code == 1006) why = "the WebSocket was cut off";
        if (!inbox.end->reason.empty()) why += ": " + inbox.end->reason;
        return core::unavailable(std::move(why));
      }
      while (!inbox.messages.empty() && taken.size() < kMaxMessages) {
        inbox.bytes -= inbox.messages.front().size();
        taken.push_back(std::move(inbox.messages.front()));
        inbox.messages.pop_front();
      }
      resume = inbox.paused && inbox.messages.size() < kQueueMessages / 2 &&
               inbox.bytes < kQueueBytes / 2 && !inbox.end;
      if (resume) inbox.paused = false;
    }
    if (resume) inbox_->session->resume();
    core::ReadBatch read;
    read.batch = Batch::fresh();
    for (http::Body& body : taken) {
      const std::shared_ptr<const core::Block> block = body.release();
      const std::uint32_t number = read.batch.storage().add_block(block);
      read.batch.push(core::Message(read.batch.storage(), number, block->view()));
    }
    return ReadResult::of(std::move(read));
  }

  void close() override { link_->close(); }

 private:
  const WebsocketConfig config_;
  std::shared_ptr<Inbox> inbox_;
  std::uint32_t failures_ = 0;
  std::unique_ptr<http_fields::SocketLink> link_;  // last: ends the handlers first
};

}  // namespace

void add_websocket(config::Registry& registry) {
  registry.add_input(
      websocket_spec(),
      [](WebsocketConfig config,
         const config::Resources& resources) -> core::Result<std::unique_ptr<core::Input>> {
        WEIR_TRY(auto link, http_fields::SocketLink::make(config.socket, resources));
        return std::make_unique<Websocket>(std::move(config), std::move(link));
      });
}

}  // namespace weir::inputs
