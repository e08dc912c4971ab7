#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "http_fields/socket_link.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteDone;
using core::WriteResult;

struct WebsocketConfig {
  http_fields::SocketFields socket;
  std::string message_type = "binary";
};

config::Spec<WebsocketConfig> websocket_spec() {
  using C = WebsocketConfig;
  return config::Spec<C>("websocket")
      .summary("Sends messages to a WebSocket server.")
      .description(
          "A message counts as delivered when the system has taken it for sending: WebSockets have "
          "no acknowledgements, so what was under way when a connection breaks may be lost. "
          "Connects again, with growing waits, whenever the connection is lost.")
      .category("network")
      .group(&C::socket, http_fields::SocketFields::fields())
      .field("message_type", &C::message_type,
             {.doc = "Kind of the messages sent.",
              .advanced = true,
              .options = {{"binary", "bytes"}, {"text", "text; the content must be UTF-8"}}});
}

/// A batch whose messages go out one after the other.
struct Job {
  std::mutex mutex;  // guards all
  Batch batch;
  WriteDone done;
  std::vector<unsigned char> good;
  std::size_t next = 0;  // to be sent
  std::size_t open = 0;  // sent, not confirmed
  bool sending = false;
  bool given_up = false;  // the connection is gone, or a message cannot be written
};

class Websocket final : public core::Output {
 public:
  Websocket(WebsocketConfig config, std::unique_ptr<http_fields::SocketLink> link,
            const config::Resources& resources)
      : config_(std::move(config)),
        interrupt_(resources.shared().interrupt),
        link_(std::move(link)) {}
  ~Websocket() override { close(); }

  core::Status connect(const core::Interrupt& interrupt) override {
    auto current = std::make_shared<Current>();
    http::WebSocketHandlers handlers;
    handlers.on_drained = [current, this] {
      std::shared_ptr<Job> job;
      {
        const std::lock_guard lock(current->mutex);
        job = current->job;
      }
      if (job != nullptr) send(*current, job);
    };
    handlers.on_close = [current](const http::WebSocketClose&) {
      std::shared_ptr<Job> job;
      {
        const std::lock_guard lock(current->mutex);
        job = std::exchange(current->job, nullptr);
      }
      if (job != nullptr) give_up(job);
    };
    auto session = link_->open(std::move(handlers), {}, interrupt);
    if (!session) return core::fail(std::move(session).error());
    current->session = *std::move(session);
    current_ = std::move(current);
    return {};
  }

  void write(Batch batch, WriteDone done) override {
    if (current_ == nullptr || !current_->session->is_open()) {
      core::Status status = connect(interrupt_ != nullptr ? *interrupt_ : never_);
      if (!status) {
        core::Error error = std::move(status).error();
        done(WriteResult::all_failed(std::move(batch), error));
        return;
      }
    }
    auto job = std::make_shared<Job>();
    job->good.assign(batch.size(), 0);
    job->batch = std::move(batch);
    job->done = std::move(done);
    {
      const std::lock_guard lock(current_->mutex);
      current_->job = job;
    }
    send(*current_, job);
  }

  void close() override {
    if (current_ != nullptr) {
      // The close frame goes behind what is queued; the server has a second to answer it.
      current_->session->close();
      for (int i = 0; i < 100 && current_->session->is_open(); ++i)
        (void)never_.wait_for(std::chrono::milliseconds(10));
    }
    link_->close();
  }

 private:
  struct Current {
    std::mutex mutex;  // guards job
    std::shared_ptr<http::WebSocketSession> session;
    std::shared_ptr<Job> job;  // being sent
  };

  void send(Current& current, const std::shared_ptr<Job>& job) const {
    const auto kind =
        config_.message_type == "text" ? http::FrameKind::kText : http::FrameKind::kBinary;
    std::unique_lock lock(job->mutex);
    if (job->sending) return;
    job->sending = true;
    while (!job->given_up && job->next < job->batch.size()) {
      const std::size_t at = job->next;
      auto payload = job->batch[at].payload();
      if (!payload) {  // cannot be written; the flag says why
        ++job->next;
        continue;
      }
      std::string text(*payload);
      ++job->next;
      ++job->open;
      lock.unlock();
      const auto status = current.session->send(kind, std::move(text),
                                                [job, at](bool sent) { ended(job, at, sent); });
      lock.lock();
      if (status == http::SendStatus::kQueued) continue;
      --job->open;
      --job->next;
      if (status == http::SendStatus::kClosed) job->given_up = true;
      break;  // full: on_drained goes on
    }
    job->sending = false;
    finish_if_over(job, lock);
  }

  static void ended(const std::shared_ptr<Job>& job, std::size_t at, bool sent) {
    std::unique_lock lock(job->mutex);
    --job->open;
    if (sent) {
      job->good[at] = 1;
    } else {
      job->given_up = true;
    }
    finish_if_over(job, lock);
  }

  static void give_up(const std::shared_ptr<Job>& job) {
    std::unique_lock lock(job->mutex);
    job->given_up = true;
    finish_if_over(job, lock);
  }

  static void finish_if_over(const std::shared_ptr<Job>& job, std::unique_lock<std::mutex>& lock) {
    if (job->done == nullptr || job->sending || job->open > 0) return;
    if (!job->given_up && job->next < job->batch.size()) return;
    WriteResult result;
    result.keep_alive = job->batch.sibling();
    Batch good = job->batch.sibling();
    for (std::size_t i = 0; i < job->batch.size(); ++i) {
      core::Message& message = job->batch[i];
      if (job->good[i] != 0) {
        good.push(std::move(message));
        continue;
      }
      auto payload = message.payload();
      core::Error error = payload ? core::Error{core::ErrorCode::kUnavailable,
                                                "the WebSocket was closed before all was sent"}
                                  : payload.error();
      result.failed.push_back({std::move(message), std::move(error)});
    }
    job->batch = Batch();
    result.delivered = std::move(good);
    const WriteDone done = std::exchange(job->done, nullptr);
    lock.unlock();
    done(std::move(result));
  }

  const WebsocketConfig config_;
  const core::Interrupt* interrupt_;
  const core::Interrupt never_;
  std::shared_ptr<Current> current_;
  std::unique_ptr<http_fields::SocketLink> link_;  // last: ends the handlers first
};

}  // namespace

void add_websocket(config::Registry& registry) {
  registry.add_output(
      websocket_spec(),
      [](WebsocketConfig config,
         const config::Resources& resources) -> core::Result<std::unique_ptr<core::Output>> {
        WEIR_TRY(auto link, http_fields::SocketLink::make(config.socket, resources));
        return std::make_unique<Websocket>(std::move(config), std::move(link), resources);
      });
}

}  // namespace weir::outputs
