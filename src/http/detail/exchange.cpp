#include "http/detail/exchange.h"

#include <algorithm>
#include <utility>

#include "http/detail/websocket_session.h"

namespace weir::http::detail {

namespace {

constexpr unsigned kTurns = 32;  // pipelined requests in a row before the other connections' turn

}  // namespace

Exchange::Exchange(std::shared_ptr<Loop> loop, net::Fd socket, Peer peer, Slot slot)
    : loop_(std::move(loop)),
      transport_(loop_->io, std::move(socket)),
      peer_(std::move(peer)),
      slot_(std::move(slot)) {}

void Exchange::start(std::optional<Refusal> refusal) {
  loop_->add(*this);
  if (loop_->shared->stopping.load()) {
    close();
    return;
  }
  if (refusal) {
    // Over TLS there is nobody to talk to before a handshake, which is what we cannot afford.
    if (loop_->shared->tls != nullptr) {
      close();
      return;
    }
    reject(*refusal);
    run();
    return;
  }
  if (loop_->shared->tls != nullptr) {
    transport_.start_tls(loop_->shared->tls, "");
    state_ = State::kHandshake;
    set_deadline(limits().tls_timeout);
  } else {
    set_deadline(limits().header_timeout);
  }
  run();
}

void Exchange::run() {
  if (running_ || state_ == State::kClosed) return;
  const auto self = shared_from_this();
  running_ = true;
  const bool was_busy = std::exchange(loop_->busy, true);
  turns_ = 0;
  while (step()) {
  }
  stash_input();
  running_ = false;
  loop_->busy = was_busy;
}

bool Exchange::step() {
  switch (state_) {
    case State::kHandshake: return step_handshake();
    case State::kHead:
      if (turns_ >= kTurns) {
        loop_->post([self = shared_from_this()] { self->run(); });
        return false;
      }
      return step_head();
    case State::kBody: return step_body();
    case State::kHandling: return false;
    case State::kWriting: return step_writing();
    case State::kStreaming: return step_streaming();
    case State::kLinger: return step_linger();
    case State::kClosed: return false;
  }
  return false;
}

void Exchange::wait_read() {
  if (reading_armed_) return;
  reading_armed_ = true;
  transport_.descriptor().async_wait(
      Transport::Descriptor::wait_read,
      [self = shared_from_this()](const boost::system::error_code& error) {
        self->reading_armed_ = false;
        if (!error) self->run();
      });
}

void Exchange::wait_write() {
  if (writing_armed_) return;
  writing_armed_ = true;
  transport_.descriptor().async_wait(
      Transport::Descriptor::wait_write,
      [self = shared_from_this()](const boost::system::error_code& error) {
        self->writing_armed_ = false;
        if (!error) self->run();
      });
}

void Exchange::set_deadline(Milliseconds after) {
  deadline_ = loop_->now() + after;
}

void Exchange::start_clock(Milliseconds pause) {
  clock_start_ = loop_->now();
  clock_bytes_ = 0;
  deadline_ = clock_start_ + pause;
}

void Exchange::progressed(std::size_t bytes, Milliseconds pause) {
  if (deadline_ == TimePoint::max()) return;
  clock_bytes_ += bytes;
  const std::size_t rate = std::max<std::size_t>(limits().min_bytes_per_second, 1);
  const Milliseconds earned(static_cast<std::int64_t>(clock_bytes_ * 1000 / rate));
  deadline_ = std::min(loop_->now(), clock_start_ + earned) + pause;
}

void Exchange::close(bool reset) {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  const auto self = shared_from_this();
  release_budget();
  input_ = {};
  if (reset) {
    transport_.abort();
  } else {
    transport_.close();
  }
  loop_->remove(*this);
  slot_ = Slot();
  fail_pending();
  notify_stream_closed();
}

void Exchange::sweep(TimePoint now) {
  if (now < deadline_) return;
  loop_->shared->timeouts.fetch_add(1, std::memory_order_relaxed);
  switch (state_) {
    case State::kHead:
      if (input_.empty()) {
        close();
      } else {
        reject(408, "the headers did not arrive within " +
                        std::to_string(limits().header_timeout.count()) + " ms");
      }
      break;
    case State::kBody: reject(408, "the body arrives too slowly"); break;
    case State::kWriting:
    case State::kStreaming: close(true); break;
    case State::kHandshake:
    case State::kHandling:
    case State::kLinger:
    case State::kClosed: close(); break;
  }
  run();
}

void Exchange::on_stopping() {
  switch (state_) {
    case State::kHandshake:
    case State::kLinger: close(); break;
    case State::kHead:
      if (input_.empty()) close();
      break;
    case State::kStreaming: notify_stream_closed(); break;
    case State::kBody:
    case State::kHandling:
    case State::kWriting:
    case State::kClosed: break;
  }
}

void Exchange::cut() {
  close(true);
}

void Exchange::answer(Response response, Sent sent) {
  if (loop_->on_thread() && running_) {  // from within the handler: the common case
    if (state_ == State::kHandling) {
      begin_answer(std::move(response), std::move(sent));
    } else if (sent) {
      sent(false);
    }
    return;
  }
  // Held outside the task, so that a loop that has stopped does not swallow the callback.
  auto shared_sent = sent ? std::make_shared<Sent>(std::move(sent)) : nullptr;
  const bool taken = on_loop(
      [this, self = shared_from_this(), response = std::move(response), shared_sent]() mutable {
        Sent then = shared_sent != nullptr ? std::move(*shared_sent) : Sent();
        if (state_ == State::kHandling) {
          begin_answer(std::move(response), std::move(then));
        } else if (then) {
          then(false);
        }
      });
  if (!taken && shared_sent != nullptr) (*shared_sent)(false);
}

void Exchange::accept_websocket(WebSocketOptions options, WebSocketHandlers handlers) {
  on_loop([this, self = shared_from_this(), options = std::move(options),
           handlers = std::move(handlers)]() mutable {
    if (state_ != State::kHandling) return;
    if (!request_.websocket_upgrade) {
      Response response = Response::text(426, "this path speaks WebSocket only");
      response.headers.add("Upgrade", "websocket");
      begin_answer(std::move(response), {});
      return;
    }
    AcceptedSocket accepted{std::move(transport_), peer_.remote, std::string(input_),
                            std::move(request_), std::make_shared<Slot>(std::move(slot_))};
    // The connection has moved on; only the shell is left, which Responder and loop let go.
    state_ = State::kClosed;
    input_ = {};
    loop_->remove(*this);
    start_server_session(loop_, std::move(accepted), std::move(options), std::move(handlers));
  });
}

}  // namespace weir::http::detail
