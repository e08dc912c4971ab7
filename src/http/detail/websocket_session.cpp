#include "http/detail/websocket_session.h"

#include <atomic>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "http/detail/async_transport.h"

namespace weir::http::detail {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

constexpr Milliseconds kCloseTimeout{5'000};

class Session final : public WebSocketSession,
                      public Member,
                      public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<Loop> loop, Transport transport, std::string input, std::string remote,
          WebSocketOptions options, WebSocketHandlers handlers)
      : loop_(std::move(loop)),
        stream_(std::move(transport), std::move(input)),
        remote_(std::move(remote)),
        options_(std::move(options)),
        handlers_(std::move(handlers)) {
    stream_.read_message_max(options_.max_message_bytes);
    stream_.auto_fragment(false);
    stream_.write_buffer_bytes(16 << 10);
    // Time is kept in sweep(): Beast's own would cut off a connection whose reading is paused.
    stream_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                       websocket::stream_base::none(), false});
    stream_.control_callback([this](websocket::frame_type, beast::string_view) { heard(); });
  }

  void accept(Request request, std::shared_ptr<Slot> slot) {
    slot_ = std::move(slot);
    deadline_ = loop_->now() + Milliseconds(10'000);
    loop_->add(*this);
    if (loop_->shared->stopping.load()) {
      end({1001, "the server stops"});
      return;
    }
    beast::http::request<beast::http::empty_body> upgrade(beast::http::verb::get, request.target,
                                                          11);
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
      const Headers::Line line = request.headers[i];
      upgrade.insert(beast::string_view(line.name.data(), line.name.size()),
                     beast::string_view(line.value.data(), line.value.size()));
    }
    const std::string subprotocol = options_.subprotocol;
    stream_.set_option(
        websocket::stream_base::decorator([subprotocol](websocket::response_type& response) {
          if (!subprotocol.empty()) {
            response.set(beast::http::field::sec_websocket_protocol, subprotocol);
          }
        }));
    stream_.async_accept(upgrade, [self = shared_from_this()](error_code error) {
      if (error) {
        self->end({1006, error.message()});
      } else {
        self->opened();
      }
    });
  }

  void dial(DialledSocket dialled, std::function<void(core::Error)> failed) {
    failed_ = std::move(failed);
    host_ = std::move(dialled.host);
    target_ = std::move(dialled.target);
    display_ = std::move(dialled.display);
    headers_ = std::move(dialled.headers);
    deadline_ = dialled.deadline;
    loop_->add(*this);
    shake_tls();
  }

  // WebSocketSession
  SendStatus send(FrameKind kind, std::string message, Sent sent) override {
    if (!open_.load()) return SendStatus::kClosed;
    const std::size_t size = message.size();
    const std::size_t before = queued_.fetch_add(size);
    // One message is always taken, however long: it could never be sent otherwise.
    if (before > 0 && before + size > options_.max_queued_bytes) {
      queued_.fetch_sub(size);
      refused_.store(true);
      // Drained in between: nobody else would tell.
      if (queued_.load() == 0) loop_->post([self = shared_from_this()] { self->tell_drained(); });
      return SendStatus::kFull;
    }
    auto shared_sent = std::make_shared<Sent>(std::move(sent));
    const bool taken = loop_->post(
        [self = shared_from_this(), kind, message = std::move(message), shared_sent]() mutable {
          self->enqueue({kind, std::move(message), std::move(*shared_sent)});
        });
    return taken ? SendStatus::kQueued : SendStatus::kClosed;
  }
  void pause() override { paused_.store(true); }
  void resume() override {
    paused_.store(false);
    loop_->post([self = shared_from_this()] { self->read(); });
  }
  void close(std::uint16_t code, std::string_view reason) override {
    loop_->post([self = shared_from_this(), code, text = std::string(reason.substr(0, 123))] {
      self->begin_close(code, text);
    });
  }
  [[nodiscard]] bool is_open() const override { return open_.load(); }
  [[nodiscard]] const std::string& remote() const override { return remote_; }

  // Member
  void sweep(TimePoint now) override {
    const auto self = shared_from_this();
    if (now >= deadline_) {
      loop_->shared->timeouts.fetch_add(1, std::memory_order_relaxed);
      end({1006, open_.load() ? "the peer did not close in time" : "timed out"});
      return;
    }
    if (!open_.load() || closing_ || paused_.load()) return;
    if (now - heard_at_ >= options_.idle_timeout) {
      end({1006, "nothing heard from the peer"});
    } else if (now - heard_at_ >= options_.idle_timeout / 2 && !pinged_ && !ping_under_way_) {
      pinged_ = true;
      ping_under_way_ = true;
      stream_.async_ping({}, [self](error_code) { self->ping_under_way_ = false; });
    }
  }
  void on_stopping() override { begin_close(1001, "going away"); }
  void cut() override { end({1006, "cut off"}); }

 private:
  struct Item {
    FrameKind kind;
    std::string message;
    Sent sent;
  };

  void shake_tls() {
    const Transport::Io io = transport().handshake();
    auto again = [self = shared_from_this()](error_code error) {
      if (!error && !self->ended_) self->shake_tls();
    };
    switch (io.status) {
      case Transport::Status::kWantRead:
        transport().descriptor().async_wait(Transport::Descriptor::wait_read, std::move(again));
        return;
      case Transport::Status::kWantWrite:
        transport().descriptor().async_wait(Transport::Descriptor::wait_write, std::move(again));
        return;
      case Transport::Status::kDone: break;
      case Transport::Status::kEnd:
      case Transport::Status::kError: end({1006, transport().error()}); return;
    }
    stream_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      for (std::size_t i = 0; i < headers_.size(); ++i) {
        const Headers::Line line = headers_[i];
        request.set(beast::string_view(line.name.data(), line.name.size()),
                    beast::string_view(line.value.data(), line.value.size()));
      }
      if (!options_.subprotocol.empty()) {
        request.set(beast::http::field::sec_websocket_protocol, options_.subprotocol);
      }
    }));
    stream_.async_handshake(
        response_, host_, target_, [self = shared_from_this()](error_code error) {
          if (!error) {
            self->opened();
            return;
          }
          std::string why = error.message();
          if (error == websocket::error::upgrade_declined) {
            why = "the server answered with status " + std::to_string(self->response_.result_int());
          }
          self->end({1006, why});
        });
  }

  void opened() {
    if (ended_) return;
    deadline_ = TimePoint::max();
    heard();
    open_.store(true);
    failed_ = nullptr;
    if (handlers_.on_open) handlers_.on_open(shared_from_this());
    read();
  }

  void heard() {
    heard_at_ = loop_->now();
    pinged_ = false;
  }

  void read() {
    if (reading_ || ended_ || !open_.load() || closing_ || paused_.load()) return;
    reading_ = true;
    heard_at_ = loop_->now();  // while paused there was nothing to hear
    stream_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
      self->reading_ = false;
      self->on_read(error);
    });
  }

  void on_read(error_code error) {
    if (ended_) return;
    if (error) {
      if (error == websocket::error::closed) {
        const auto& reason = stream_.reason();
        end({reason.code, std::string(reason.reason.data(), reason.reason.size())});
      } else if (error == websocket::error::message_too_big ||
                 error == websocket::error::buffer_overflow) {
        end({1009,
             "a message was longer than " + std::to_string(options_.max_message_bytes) + " bytes"});
      } else {
        end({1006, error.message()});
      }
      return;
    }
    heard();
    const auto bytes = buffer_.data();
    Body message(std::string_view(static_cast<const char*>(bytes.data()), bytes.size()));
    buffer_.consume(buffer_.size());
    if (buffer_.capacity() > (256 << 10)) buffer_.shrink_to_fit();
    if (handlers_.on_message) {
      handlers_.on_message(stream_.got_text() ? FrameKind::kText : FrameKind::kBinary,
                           std::move(message));
    }
    read();
  }

  void enqueue(Item item) {
    if (ended_ || closing_) {
      queued_.fetch_sub(item.message.size());
      if (item.sent) item.sent(false);
      return;
    }
    queue_.push_back(std::move(item));
    write();
  }

  void write() {
    if (writing_ || ended_) return;
    if (queue_.empty()) {
      if (closing_ && !close_sent_) send_close();
      return;
    }
    writing_ = true;
    Item& item = queue_.front();
    stream_.text(item.kind == FrameKind::kText);
    stream_.async_write(boost::asio::buffer(item.message),
                        [self = shared_from_this()](error_code error, std::size_t) {
                          self->writing_ = false;
                          self->on_written(error);
                        });
  }

  void on_written(error_code error) {
    if (ended_) return;
    if (error) {
      // The read that is under way knows better why.
      if (!reading_) end({1006, error.message()});
      return;
    }
    Item item = std::move(queue_.front());
    queue_.pop_front();
    const bool drained = queued_.fetch_sub(item.message.size()) == item.message.size();
    if (item.sent) item.sent(true);
    if (drained) tell_drained();
    write();
  }

  void tell_drained() {
    if (!ended_ && queued_.load() == 0 && refused_.exchange(false) && handlers_.on_drained) {
      handlers_.on_drained();
    }
  }

  void begin_close(std::uint16_t code, const std::string& reason) {
    if (ended_ || closing_) return;
    if (!open_.load()) {
      end({code, reason});
      return;
    }
    closing_ = true;
    close_code_ = code;
    close_reason_ = reason;
    deadline_ = loop_->now() + kCloseTimeout;
    write();
  }

  void send_close() {
    close_sent_ = true;
    websocket::close_reason reason(static_cast<websocket::close_code>(close_code_));
    // Not assign(): that of Boost 1.74 leaves the string empty.
    reason.reason = beast::string_view(close_reason_.data(), close_reason_.size());
    stream_.async_close(reason, [self = shared_from_this()](error_code) {
      self->end({self->close_code_, self->close_reason_});
    });
  }

  void end(const WebSocketClose& close) {
    if (ended_) return;
    const auto self = shared_from_this();
    ended_ = true;
    const bool was_open = open_.exchange(false);
    transport().close();
    loop_->remove(*this);
    slot_.reset();
    // The messages stay where they are: Beast holds a view of the front one until its operation has
    // come back.
    std::vector<Sent> unsent;
    for (Item& item : queue_) unsent.push_back(std::exchange(item.sent, nullptr));
    WebSocketHandlers handlers = std::exchange(handlers_, {});
    const auto failed = std::exchange(failed_, nullptr);
    for (const Sent& sent : unsent) {
      if (sent) sent(false);
    }
    if (was_open && handlers.on_close) handlers.on_close(close);
    if (!was_open && failed) {
      failed({core::ErrorCode::kUnavailable,
              "opening a WebSocket to `" + display_ + "`: " + close.reason});
    }
  }

  Transport& transport() { return stream_.next_layer().transport(); }

  const std::shared_ptr<Loop> loop_;
  websocket::stream<AsyncTransport, false> stream_;
  const std::string remote_;
  const WebSocketOptions options_;
  WebSocketHandlers handlers_;
  std::shared_ptr<Slot> slot_;

  std::atomic<bool> open_{false};
  std::atomic<bool> paused_{false};
  std::atomic<bool> refused_{false};
  std::atomic<std::size_t> queued_{0};

  // The loop's thread only.
  bool ended_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool closing_ = false;
  bool close_sent_ = false;
  bool pinged_ = false;  // since something was heard
  bool ping_under_way_ = false;
  TimePoint heard_at_;
  TimePoint deadline_ = TimePoint::max();
  std::uint16_t close_code_ = 1000;
  std::string close_reason_;
  std::deque<Item> queue_;
  beast::flat_buffer buffer_;

  // Of clients, until the handshake is done.
  std::function<void(core::Error)> failed_;
  std::string host_;
  std::string target_;
  std::string display_;
  Headers headers_;
  websocket::response_type response_;
};

}  // namespace

void start_server_session(const std::shared_ptr<Loop>& loop, AcceptedSocket accepted,
                          WebSocketOptions options, WebSocketHandlers handlers) {
  const auto session = std::make_shared<Session>(
      loop, std::move(accepted.transport), std::move(accepted.input), std::move(accepted.remote),
      std::move(options), std::move(handlers));
  session->accept(std::move(accepted.request), std::move(accepted.slot));
}

void start_client_session(const std::shared_ptr<Loop>& loop, DialledSocket dialled,
                          WebSocketOptions options, WebSocketHandlers handlers,
                          std::function<void(core::Error)> failed) {
  std::string remote = dialled.remote;
  const auto session =
      std::make_shared<Session>(loop, std::move(dialled.transport), std::string(),
                                std::move(remote), std::move(options), std::move(handlers));
  session->dial(std::move(dialled), std::move(failed));
}

}  // namespace weir::http::detail
