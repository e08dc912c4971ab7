#include "inputs/http_requests.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace weir::inputs {

using http::Request;
using http::Responder;
using http::Response;

namespace {
// Of one WebSocket, read or waiting: beyond, it is not read.
constexpr std::size_t kSocketWindow = 64;
}  // namespace

std::optional<int> parse_status(std::string_view text) {
  int status = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (status < 200 || status > 599) return std::nullopt;
  return status;
}

Response busy(std::string_view why) {
  Response response = Response::text(503, why);
  response.headers.set("Retry-After", "1");
  return response;
}

/// An open WebSocket.
struct HttpRequests::Socket {
  std::shared_ptr<http::WebSocketSession> session;
  Request request;  // that opened it: for metadata
  std::size_t open = 0;
  bool paused = false;
};

/// A request, or a message of a WebSocket.
struct HttpRequests::Entry {
  enum class State : unsigned char { kQueued, kReading, kEnded };
  State state = State::kQueued;
  Request request;
  Responder responder;
  std::shared_ptr<Socket> socket;  // null: a request
  std::size_t bytes = 0;
  std::int64_t deadline = 0;
};

HttpRequests::HttpRequests(Options options, const config::Resources& resources)
    : options_(std::move(options)),
      resources_(resources),
      refused_(resources.counter("input_http_refused")) {}

HttpRequests::~HttpRequests() = default;

core::Result<std::chrono::nanoseconds> HttpRequests::rate_limit_wait() {
  if (options_.rate_limit.empty()) return std::chrono::nanoseconds(0);
  std::shared_ptr<core::RateLimit> limit;
  {
    const std::lock_guard lock(mutex_);
    if (limit_ == nullptr) {
      if (!resources_.shared().rate_limit)
        return core::invalid_config("there are no rate limits here");
      auto found = resources_.shared().rate_limit(options_.rate_limit);
      if (!found) return core::fail(std::move(found).error());
      limit_ = *std::move(found);
    }
    limit = limit_;
  }
  return limit->access();
}

void HttpRequests::take(Request& request, Responder responder) {
  const auto turn_away = [&](Response response) {
    refused_.add();
    responder.send(std::move(response));
  };
  if (interrupt_ != nullptr && interrupt_->raised()) {
    turn_away(busy("the service is stopping"));
    return;
  }
  auto wait = rate_limit_wait();
  if (!wait) {
    turn_away(Response::text(500, wait.error().message));
    return;
  }
  if (wait->count() > 0) {
    Response response = Response::text(429, "the rate limit is used up; try again later");
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait).count();
    response.headers.set("Retry-After", std::to_string(std::max<std::int64_t>(seconds, 1)));
    turn_away(std::move(response));
    return;
  }
  auto entry = std::make_shared<Entry>();
  const std::size_t bytes = request.body.size();
  entry->request = std::move(request);
  entry->responder = std::move(responder);
  entry->deadline = resources_.clock().mono_nanos() + options_.timeout.count();
  if (!push(entry, bytes)) {
    refused_.add();
    entry->responder.send(busy("too many requests are waiting for the pipeline"));
  }
}

// False when there is no room.
bool HttpRequests::push(std::shared_ptr<Entry> entry, std::size_t bytes) {
  std::unique_lock lock(mutex_);
  if (closed_ || queue_.size() >= options_.max_pending ||
      (queued_bytes_ > 0 && queued_bytes_ + bytes > options_.max_pending_bytes)) {
    return false;
  }
  entry->bytes = bytes;
  queued_bytes_ += bytes;
  if (entry->socket == nullptr) {
    while (!deadlines_.empty() && deadlines_.front()->state == Entry::State::kEnded)
      deadlines_.pop_front();
    deadlines_.push_back(entry);
  }
  queue_.push_back(std::move(entry));
  if (!armed_) arm(lock);
  wake_.notify_one();
  return true;
}

void HttpRequests::arm(std::unique_lock<std::mutex>&) {
  if (deadlines_.empty() || closed_) return;
  armed_ = true;
  const std::int64_t left = deadlines_.front()->deadline - resources_.clock().mono_nanos();
  resources_.executor().post_after(std::chrono::nanoseconds(std::max<std::int64_t>(left, 0)),
                                   [weak = weak_from_this()] {
                                     if (const auto self = weak.lock()) self->expire();
                                   });
}

void HttpRequests::expire() {
  std::vector<std::pair<Responder, bool>> late;  // and whether it was read
  {
    std::unique_lock lock(mutex_);
    armed_ = false;
    const std::int64_t now = resources_.clock().mono_nanos();
    while (!deadlines_.empty()) {
      Entry& entry = *deadlines_.front();
      if (entry.state != Entry::State::kEnded) {
        if (entry.deadline > now) break;
        late.emplace_back(std::move(entry.responder), entry.state == Entry::State::kReading);
        if (entry.state == Entry::State::kQueued) entry.request.body.clear();
        entry.state = Entry::State::kEnded;
      }
      deadlines_.pop_front();
    }
    arm(lock);
  }
  for (auto& [responder, read] : late) {
    if (!read) {
      refused_.add();
      responder.send(busy("the pipeline did not take the request in time; it was not processed"));
    } else {
      responder.send(
          Response::text(408, "the messages were not delivered in time; they may still be"));
    }
  }
}

core::Result<core::ReadResult> HttpRequests::read(core::ReadContext& context) {
  while (true) {
    std::shared_ptr<Entry> entry;
    {
      std::unique_lock lock(mutex_);
      const auto limit = context.wait_limit();  // short enough to see the interrupt in time
      if (queue_.empty() && limit.count() > 0 && !context.interrupt().raised())
        wake_.wait_for(lock, limit, [&] { return !queue_.empty() || closed_; });
      if (queue_.empty()) return core::ReadResult::idle();
      entry = std::move(queue_.front());
      queue_.pop_front();
      queued_bytes_ -= entry->bytes;
      if (entry->state == Entry::State::kEnded) continue;
      entry->state = Entry::State::kReading;
    }
    auto batch =
        read_request(entry->request, entry->socket != nullptr ? BodySplit::kWhole : options_.split,
                     options_.body);
    if (!batch) {
      refuse(*entry, Response::text(batch.error().status, batch.error().text));
      continue;
    }
    if (batch->empty()) {
      finish(entry, {});
      continue;
    }
    entry->request = Request();
    core::ReadBatch read;
    read.batch = *std::move(batch);
    read.on_done = [self = shared_from_this(), entry](core::DeliveryReport report) {
      self->finish(entry, std::move(report));
    };
    return core::ReadResult::of(std::move(read));
  }
}

void HttpRequests::refuse(Entry& entry, Response response) {
  Responder responder;
  {
    const std::lock_guard lock(mutex_);
    if (entry.state == Entry::State::kEnded) return;
    entry.state = Entry::State::kEnded;
    responder = std::move(entry.responder);
  }
  refused_.add();
  if (responder.pending()) responder.send(std::move(response));
}

void HttpRequests::finish(const std::shared_ptr<Entry>& entry, core::DeliveryReport report) {
  if (entry->socket != nullptr) {
    Socket& socket = *entry->socket;
    bool resume = false;
    {
      const std::lock_guard lock(mutex_);
      entry->state = Entry::State::kEnded;
      --socket.open;
      resume = socket.paused && socket.open <= kSocketWindow / 2;
      if (resume) socket.paused = false;
    }
    if (!report.delivered) {
      resources_.log().warn(
          "websocket_message_failed",
          "A message of a WebSocket was not delivered; the connection is closed.",
          {{"error", report.error.message}, {"remote", socket.session->remote()}});
      socket.session->close(1011, "a message was not delivered");
    } else if (resume) {
      socket.session->resume();
    }
    return;
  }
  Responder responder;
  {
    const std::lock_guard lock(mutex_);
    if (entry->state == Entry::State::kEnded) return;  // the client was told of the time-out
    entry->state = Entry::State::kEnded;
    responder = std::move(entry->responder);
  }
  responder.send(options_.answer(std::move(report)));
}

void HttpRequests::open_socket(Request& request, Responder responder) {
  if (interrupt_ != nullptr && interrupt_->raised()) {
    responder.send(busy("the service is stopping"));
    return;
  }
  auto socket = std::make_shared<Socket>();
  socket->request = request;  // a copy: accepting needs the headers, too
  http::WebSocketOptions options;
  options.max_message_bytes = options_.body.bytes;
  http::WebSocketHandlers handlers;
  handlers.on_open = [self = shared_from_this(),
                      socket](const std::shared_ptr<http::WebSocketSession>& session) {
    socket->session = session;
    {
      const std::lock_guard lock(self->mutex_);
      std::erase_if(self->sockets_, [](const auto& one) { return one.expired(); });
      self->sockets_.push_back(socket);
    }
    if (!self->options_.ws_welcome_message.empty())
      (void)session->send(http::FrameKind::kText, self->options_.ws_welcome_message);
  };
  handlers.on_message = [self = shared_from_this(), socket](http::FrameKind, http::Body body) {
    self->on_socket_message(socket, std::move(body));
  };
  handlers.on_close = [](const http::WebSocketClose&) {};
  responder.accept_websocket(std::move(options), std::move(handlers));
}

void HttpRequests::on_socket_message(const std::shared_ptr<Socket>& socket, http::Body body) {
  if (interrupt_ != nullptr && interrupt_->raised()) {
    socket->session->close(1001, "the service is stopping");
    return;
  }
  auto wait = rate_limit_wait();
  if (!wait || wait->count() > 0) {
    refused_.add();
    if (!wait || options_.ws_rate_limit_message.empty()) {
      socket->session->close(wait ? 1013 : 1011,
                             wait ? "the rate limit is used up" : "no rate limit");
    } else {
      (void)socket->session->send(http::FrameKind::kText, options_.ws_rate_limit_message);
    }
    return;
  }
  auto entry = std::make_shared<Entry>();
  const std::size_t bytes = body.size();
  entry->socket = socket;
  entry->request.method = socket->request.method;
  entry->request.path = socket->request.path;
  entry->request.query = socket->request.query;
  entry->request.params = socket->request.params;
  entry->request.headers = socket->request.headers;
  entry->request.headers.remove("Content-Type");
  entry->request.headers.remove("Content-Encoding");
  entry->request.remote = socket->request.remote;
  entry->request.peer_subject = socket->request.peer_subject;
  entry->request.body = std::move(body);
  bool pause = false;
  {
    const std::lock_guard lock(mutex_);
    pause = ++socket->open >= kSocketWindow && !socket->paused;
    if (pause) socket->paused = true;
  }
  if (pause) socket->session->pause();
  if (push(entry, bytes)) return;
  {
    const std::lock_guard lock(mutex_);
    --socket->open;
  }
  refused_.add();
  socket->session->close(1013, "too much is waiting for the pipeline");
}

void HttpRequests::close() {
  std::vector<Responder> waiting;
  std::vector<std::shared_ptr<http::WebSocketSession>> sessions;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const auto& entry : deadlines_) {
      if (entry->state == Entry::State::kEnded) continue;
      entry->state = Entry::State::kEnded;
      waiting.push_back(std::move(entry->responder));
    }
    deadlines_.clear();
    queue_.clear();
    for (const auto& weak : sockets_) {
      if (const auto socket = weak.lock(); socket != nullptr) sessions.push_back(socket->session);
    }
    sockets_.clear();
    wake_.notify_all();
  }
  for (Responder& responder : waiting) responder.send(busy("the service is stopping"));
  for (const auto& session : sessions) session->close(1001, "the service is stopping");
}

}  // namespace weir::inputs
