#include <algorithm>
#include <atomic>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http_fields/listener_fields.h"
#include "outputs/all.h"

namespace weir::outputs {
namespace {

using core::Batch;
using core::WriteDone;
using core::WriteResult;
using http::Request;
using http::Responder;
using http::Response;

constexpr std::chrono::milliseconds kGrace{500};
constexpr std::size_t kMaxWaiting = 4096;  // clients

struct HttpServerConfig {
  http_fields::ListenerFields listener;
  std::string path = "/get";
  std::string stream_path = "/get/stream";
  std::string ws_path = "/get/ws";
  std::vector<std::string> allowed_verbs = {"GET"};
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
};

config::Spec<HttpServerConfig> http_server_spec() {
  using C = HttpServerConfig;
  return config::Spec<C>("http_server")
      .summary("Hands messages out to clients that ask by HTTP or over WebSockets.")
      .description(
          "Each message goes to one client: a request to `path` gets one message (or 408 when none "
          "comes within `timeout`), a client of `stream_path` gets messages line by line without "
          "end, one of `ws_path` gets each as a frame. A message is delivered when the system has "
          "taken it for sending; when a client goes away before that, another one gets it. While "
          "nobody asks, the pipeline waits.")
      .category("network")
      .group(&C::listener, http_fields::ListenerFields::fields())
      .field("path", &C::path, {.doc = "Where single messages are asked for. Empty: nowhere."})
      .field("stream_path", &C::stream_path, {.doc = "Where streams are opened. Empty: nowhere."})
      .field("ws_path", &C::ws_path, {.doc = "Where WebSockets are opened. Empty: nowhere."})
      .field("allowed_verbs", &C::allowed_verbs,
             {.doc = "Verbs that `path` and `stream_path` take."})
      .field("timeout", &C::timeout, {.doc = "How long a client of `path` waits.", .min = 0.001})
      .lint([](const C& config, const config::Node& node, const config::ReadContext& context) {
        http_fields::lint_listener(config.listener, node, context);
      })
      .check([](const C& config) -> core::Status {
        if (config.path.empty() && config.stream_path.empty() && config.ws_path.empty())
          return core::invalid_config("`path`, `stream_path` and `ws_path` are all empty");
        return {};
      });
}

struct Job {
  Batch batch;
  WriteDone done;
  std::vector<unsigned char> good;
  std::size_t open = 0;
};

/// A message on offer.
struct Item {
  std::shared_ptr<Job> job;
  std::size_t index = 0;
  std::shared_ptr<const std::string> content;
};

/// A client that takes one message after the other.
struct Consumer {
  http::ResponseStream stream;
  std::shared_ptr<http::WebSocketSession> socket;  // null: a stream
  bool busy = false;
  bool gone = false;
};

/// Brings messages and clients together. Thread-safe; held by a shared_ptr.
class Dispenser : public std::enable_shared_from_this<Dispenser> {
 public:
  Dispenser(std::chrono::nanoseconds timeout, const config::Resources& resources)
      : timeout_(timeout), resources_(resources) {}

  void offer(Batch batch, WriteDone done) {
    auto job = std::make_shared<Job>();
    job->good.assign(batch.size(), 0);
    job->open = batch.size();
    std::vector<std::optional<std::string>> contents;
    for (core::Message& message : batch) {
      auto payload = message.payload();
      contents.emplace_back(payload ? std::optional<std::string>(*payload) : std::nullopt);
    }
    job->batch = std::move(batch);
    job->done = std::move(done);
    for (std::size_t i = 0; i < contents.size(); ++i) {
      if (!contents[i]) {
        settle({job, i, nullptr}, false);
        continue;
      }
      const std::lock_guard lock(mutex_);
      items_.push_back({job, i, std::make_shared<const std::string>(*std::move(contents[i]))});
    }
    serve();
  }

  void ask(Responder responder) {
    std::uint64_t id = 0;
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || waiting_.size() >= kMaxWaiting) {
        Response busy =
            Response::text(503, closed_ ? "the service is stopping" : "too many clients wait");
        busy.headers.set("Retry-After", "1");
        responder.send(std::move(busy));
        return;
      }
      id = next_id_++;
      waiting_.emplace_back(id, std::move(responder));
    }
    resources_.executor().post_after(timeout_, [weak = weak_from_this(), id] {
      if (const auto self = weak.lock()) self->too_late(id);
    });
    serve();
  }

  void open_stream(Responder responder) {
    Response head;
    head.headers.set("Content-Type", "application/octet-stream");
    auto consumer = std::make_shared<Consumer>();
    consumer->stream = responder.stream(std::move(head));
    consumer->stream.on_closed([weak = weak_from_this(), held = std::weak_ptr(consumer)] {
      const auto self = weak.lock();
      const auto one = held.lock();
      if (self != nullptr && one != nullptr) self->leave(one);
    });
    enter(consumer);
  }

  void open_socket(Responder responder) {
    auto consumer = std::make_shared<Consumer>();
    http::WebSocketHandlers handlers;
    handlers.on_open = [self = shared_from_this(),
                        consumer](const std::shared_ptr<http::WebSocketSession>& session) {
      consumer->socket = session;
      self->enter(consumer);
    };
    handlers.on_message = [](http::FrameKind, http::Body) {};  // nothing is asked of clients
    handlers.on_close = [self = shared_from_this(), consumer](const http::WebSocketClose&) {
      self->leave(consumer);
    };
    http::WebSocketOptions options;
    options.max_message_bytes = 64 << 10;
    options.max_queued_bytes = 256 << 20;
    responder.accept_websocket(std::move(options), std::move(handlers));
  }

  void close() {
    std::list<std::pair<std::uint64_t, Responder>> waiting;
    std::list<std::shared_ptr<Consumer>> consumers;
    std::deque<Item> items;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      waiting.swap(waiting_);
      consumers.swap(consumers_);
      items.swap(items_);
    }
    for (auto& [id, responder] : waiting) {
      Response response = Response::text(503, "the service is stopping");
      response.headers.set("Retry-After", "1");
      responder.send(std::move(response));
    }
    for (const auto& consumer : consumers) {
      if (consumer->socket != nullptr) {
        consumer->socket->close(1001, "the service is stopping");
      } else {
        consumer->stream.finish();
      }
    }
    for (const Item& item : items) settle(item, false);
  }

 private:
  void too_late(std::uint64_t id) {
    Responder responder;
    {
      const std::lock_guard lock(mutex_);
      for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
        if (it->first != id) continue;
        responder = std::move(it->second);
        waiting_.erase(it);
        break;
      }
    }
    if (responder.pending()) responder.send(Response::text(408, "no message came in time"));
  }

  void enter(const std::shared_ptr<Consumer>& consumer) {
    bool refused = false;
    {
      const std::lock_guard lock(mutex_);
      refused = closed_ || consumers_.size() >= kMaxWaiting;
      if (!refused && !consumer->gone) consumers_.push_back(consumer);
    }
    if (refused) {
      if (consumer->socket != nullptr) {
        consumer->socket->close(1013, "too many clients");
      } else {
        consumer->stream.finish();
      }
      return;
    }
    serve();
  }

  void leave(const std::shared_ptr<Consumer>& consumer) {
    const std::lock_guard lock(mutex_);
    consumer->gone = true;
    consumers_.remove(consumer);
  }

  // Hands items to clients for as long as there are both. Whoever is inside does it for all.
  void serve() {
    std::unique_lock lock(mutex_);
    if (serving_) return;
    serving_ = true;
    while (!items_.empty()) {
      if (!waiting_.empty()) {
        Item item = take_item();
        Responder responder = std::move(waiting_.front().second);
        waiting_.pop_front();
        lock.unlock();
        answer(std::move(responder), std::move(item));
        lock.lock();
        continue;
      }
      // The first that is free, then to the end of the row: everybody gets a share.
      const auto free = std::find_if(consumers_.begin(), consumers_.end(),
                                     [](const auto& one) { return !one->busy; });
      if (free == consumers_.end()) break;
      const std::shared_ptr<Consumer> consumer = *free;
      consumers_.splice(consumers_.end(), consumers_, free);
      consumer->busy = true;
      Item item = take_item();
      lock.unlock();
      send(consumer, std::move(item));
      lock.lock();
    }
    serving_ = false;
  }

  Item take_item() {
    Item item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

  void answer(Responder responder, Item item) {
    Response response;
    response.headers.set("Content-Type", "application/octet-stream");
    response.body = *item.content;
    responder.send(std::move(response), [self = shared_from_this(), item = std::move(item)](
                                            bool sent) { self->sent(item, sent); });
  }

  void send(const std::shared_ptr<Consumer>& consumer, Item item) {
    auto after = [self = shared_from_this(), consumer, item](bool sent) {
      {
        const std::lock_guard lock(self->mutex_);
        consumer->busy = false;
        if (!sent && !consumer->gone) {
          consumer->gone = true;
          self->consumers_.remove(consumer);
        }
      }
      self->sent(item, sent);
    };
    http::SendStatus status{};
    if (consumer->socket != nullptr) {
      status = consumer->socket->send(http::FrameKind::kBinary, *item.content, after);
    } else {
      status = consumer->stream.write(*item.content + "\n", after);
    }
    // A full queue with nothing in it: the message is longer than a queue may be.
    if (status == http::SendStatus::kFull) {
      const std::lock_guard lock(mutex_);
      consumer->busy = false;
    }
    if (status == http::SendStatus::kFull) settle(item, false);
    if (status == http::SendStatus::kClosed) after(false);
  }

  void sent(const Item& item, bool good) {
    bool again = false;
    if (!good) {
      const std::lock_guard lock(mutex_);
      again = !closed_;
      if (again) items_.push_front(item);
    }
    if (!again) settle(item, good);
    serve();
  }

  void settle(const Item& item, bool good) {
    Job& job = *item.job;
    {
      const std::lock_guard lock(mutex_);
      job.good[item.index] = good ? 1 : 0;
      if (--job.open > 0) return;
    }
    WriteResult result;
    result.keep_alive = job.batch.sibling();
    Batch delivered = job.batch.sibling();
    for (std::size_t i = 0; i < job.batch.size(); ++i) {
      core::Message& message = job.batch[i];
      if (job.good[i] != 0) {
        delivered.push(std::move(message));
        continue;
      }
      auto payload = message.payload();
      core::Error error{core::ErrorCode::kCancelled, "no client asked for it before the end"};
      if (!payload) error = payload.error();
      if (payload && !closed_) error = {core::ErrorCode::kLimit, "too long for a stream"};
      result.failed.push_back({std::move(message), std::move(error)});
    }
    job.batch = Batch();
    result.delivered = std::move(delivered);
    const WriteDone done = std::move(job.done);
    done(std::move(result));
  }

  const std::chrono::nanoseconds timeout_;
  const config::Resources resources_;
  std::mutex mutex_;  // guards what follows, consumers and jobs
  std::deque<Item> items_;
  std::list<std::pair<std::uint64_t, Responder>> waiting_;
  std::list<std::shared_ptr<Consumer>> consumers_;
  std::uint64_t next_id_ = 0;
  bool serving_ = false;
  std::atomic<bool> closed_{false};
};

class HttpServer final : public core::Output {
 public:
  HttpServer(HttpServerConfig config, const config::Resources& resources)
      : config_(std::move(config)),
        resources_(resources),
        counter_(std::make_shared<Dispenser>(config_.timeout, resources)) {}
  ~HttpServer() override { close(); }

  core::Status connect(const core::Interrupt&) override {
    if (endpoint_ != nullptr) return {};
    http::Limits limits;
    limits.stream_queue_bytes = 64 << 20;
    WEIR_TRY(auto endpoint, http_fields::Endpoint::open(config_.listener, limits, resources_));
    const auto add = [&](const std::string& path, std::vector<std::string> methods,
                         const char* what, http::Handler handler) -> core::Status {
      if (path.empty()) return {};
      http::RouteOptions route;
      route.path = path;
      route.methods = std::move(methods);
      route.description = what;
      return endpoint->add(std::move(route), std::move(handler));
    };
    WEIR_CHECK_OK(add(config_.path, config_.allowed_verbs, "Hands out one message.",
                      [counter = counter_](Request&, Responder responder) {
                        counter->ask(std::move(responder));
                      }));
    WEIR_CHECK_OK(add(config_.stream_path, config_.allowed_verbs,
                      "Hands out messages, line by line.",
                      [counter = counter_](Request&, Responder responder) {
                        counter->open_stream(std::move(responder));
                      }));
    WEIR_CHECK_OK(add(config_.ws_path, {"GET"}, "Hands out messages over a WebSocket.",
                      [counter = counter_](Request&, Responder responder) {
                        counter->open_socket(std::move(responder));
                      }));
    endpoint->start();
    resources_.log().info("http_listening", "Listening for requests.",
                          {{"address", endpoint->address()}});
    endpoint_ = std::move(endpoint);
    return {};
  }

  void write(Batch batch, WriteDone done) override {
    counter_->offer(std::move(batch), std::move(done));
  }

  void close() override {
    counter_->close();
    if (endpoint_ != nullptr) endpoint_->stop(kGrace);
    endpoint_.reset();
  }

 private:
  const HttpServerConfig config_;
  const config::Resources resources_;
  const std::shared_ptr<Dispenser> counter_;
  std::unique_ptr<http_fields::Endpoint> endpoint_;
};

}  // namespace

void add_http_server(config::Registry& registry) {
  registry.add_output(
      http_server_spec(),
      [](HttpServerConfig config,
         const config::Resources& resources) -> core::Result<std::unique_ptr<core::Output>> {
        return std::make_unique<HttpServer>(std::move(config), resources);
      });
}

}  // namespace weir::outputs
