#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <utility>

#include "http/detail/cors.h"
#include "http/detail/exchange.h"
#include "http/detail/response_stream.h"

namespace weir::http::detail {
namespace {

// Bodies up to this long are copied behind the head: one part, one packet.
constexpr std::size_t kCopiedBody = 16 << 10;
constexpr int kParts = 16;
constexpr std::size_t kForgetAfter = 256;
constexpr Milliseconds kLinger{2'000};

/// Headers that the server writes itself.
bool is_ours(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kOurs = {"Content-Length", "Connection", "Date",
                                                            "Transfer-Encoding", "Keep-Alive"};
  return std::any_of(kOurs.begin(), kOurs.end(),
                     [&](std::string_view ours) { return equals_no_case(ours, name); });
}

void append_number(std::string& text, std::size_t number, int base = 10) {
  std::array<char, 24> digits;
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
  text.append(digits.data(), result.ptr);
}

bool has_no_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace

void Exchange::write_head(const Response& response, std::optional<std::size_t> length) {
  const int status = response.status;
  out_.append(head_.http_1_1 ? "HTTP/1.1 " : "HTTP/1.0 ");
  append_number(out_, static_cast<std::size_t>(status));
  out_.append(" ").append(reason_phrase(status)).append("\r\nDate: ").append(loop_->date());
  out_.append("\r\n");
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    const Headers::Line line = response.headers[i];
    if (!is_ours(line.name)) {
      out_.append(line.name).append(": ").append(line.value).append("\r\n");
    }
  }
  if (cors_ != nullptr) add_cors_headers(*cors_, request_, out_);
  if (length && !has_no_body(status)) {
    out_.append("Content-Length: ");
    append_number(out_, *length);
    out_.append("\r\n");
  } else if (chunked_out_) {
    out_.append("Transfer-Encoding: chunked\r\n");
  }
  if (close_after_) {
    out_.append("Connection: close\r\n");
  } else if (!head_.http_1_1) {
    out_.append("Connection: keep-alive\r\n");
  }
  out_.append("\r\n");
}

void Exchange::begin_answer(Response response, Sent sent) {
  if (state_ == State::kClosed) {
    if (sent) sent(false);
    return;
  }
  if (response.status < 200 || response.status > 999) response.status = 500;
  if (loop_->shared->stopping.load(std::memory_order_relaxed)) close_after_ = true;
  chunked_out_ = false;
  stream_done_ = true;
  write_head(response, response.body.size());
  sent_ = std::move(sent);
  if (request_.method != "HEAD" && !has_no_body(response.status)) {
    if (response.body.size() <= kCopiedBody) {
      out_.append(response.body);
    } else {
      pieces_.push_back({std::move(response.body), {}});
    }
  }
  state_ = State::kWriting;
  start_clock(limits().write_timeout);
}

bool Exchange::flush() {
  while (out_sent_ < out_.size() || first_piece_ < pieces_.size()) {
    std::array<iovec, kParts> parts;
    int count = 0;
    if (out_sent_ < out_.size()) {
      parts[0] = {out_.data() + out_sent_, out_.size() - out_sent_};
      count = 1;
    }
    std::size_t skip = piece_sent_;
    for (std::size_t i = first_piece_; i < pieces_.size() && count < kParts; ++i) {
      std::string& bytes = pieces_[i].bytes;
      parts[static_cast<std::size_t>(count++)] = {bytes.data() + skip, bytes.size() - skip};
      skip = 0;
    }
    const Transport::Io io = transport_.write(parts.data(), count);
    if (io.status == Transport::Status::kWantRead) {
      wait_read();
      return false;
    }
    if (io.status == Transport::Status::kWantWrite) {
      wait_write();
      return false;
    }
    if (io.status != Transport::Status::kDone) {
      close();
      return false;
    }
    std::size_t left = io.bytes;
    const std::size_t of_out = std::min(left, out_.size() - out_sent_);
    out_sent_ += of_out;
    left -= of_out;
    // Callbacks may queue more: indices, not references, across them.
    while (first_piece_ < pieces_.size()) {
      const std::size_t rest = pieces_[first_piece_].bytes.size() - piece_sent_;
      if (left < rest) {
        piece_sent_ += left;
        break;
      }
      left -= rest;
      piece_sent_ = 0;
      Sent done = std::move(pieces_[first_piece_].sent);
      pieces_[first_piece_].bytes.clear();
      ++first_piece_;
      if (done) done(true);
      if (state_ == State::kClosed) return false;
    }
    if (first_piece_ >= kForgetAfter) {  // a queue that never quite empties must not grow
      pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_piece_));
      first_piece_ = 0;
    }
    const bool all = out_sent_ == out_.size() && first_piece_ == pieces_.size();
    if (io.bytes > 0 && !all) progressed(io.bytes, limits().write_timeout);
  }
  out_.clear();
  out_sent_ = 0;
  if (out_.capacity() > 4 * kCopiedBody) out_.shrink_to_fit();
  pieces_.clear();
  first_piece_ = 0;
  return true;
}

bool Exchange::step_writing() {
  if (!flush()) return false;
  finish_answer();
  return true;
}

void Exchange::finish_answer() {
  if (close_after_ || peer_ended_) {
    transport_.shutdown_write();
    state_ = State::kLinger;
    set_deadline(kLinger);
  } else {
    state_ = State::kHead;
    answered_ = true;
    set_deadline(limits().idle_timeout);
  }
  if (Sent sent = std::exchange(sent_, nullptr)) sent(true);
}

void Exchange::fail_pending() {
  if (Sent sent = std::exchange(sent_, nullptr)) sent(false);
  std::vector<Piece> pieces;
  pieces.swap(pieces_);
  for (std::size_t i = first_piece_; i < pieces.size(); ++i) {
    if (pieces[i].sent) pieces[i].sent(false);
  }
  first_piece_ = 0;
  piece_sent_ = 0;
}

// Streams

void Exchange::begin_stream(const std::shared_ptr<ResponseStream::Impl>& stream, Response head) {
  on_loop([this, self = shared_from_this(), weak = std::weak_ptr(stream),
           head = std::move(head)]() mutable {
    if (state_ != State::kHandling) {
      if (const auto late = weak.lock()) late->closed(true);
      return;
    }
    if (head.status < 200 || head.status > 999) head.status = 500;
    stream_ = weak;
    stream_done_ = false;
    chunked_out_ = head_.http_1_1 && request_.method != "HEAD";
    if (!head_.http_1_1) close_after_ = true;  // the end of the connection is the end of the body
    write_head(head, std::nullopt);
    state_ = State::kStreaming;
    deadline_ = TimePoint::max();
    if (loop_->shared->stopping.load(std::memory_order_relaxed)) notify_stream_closed();
  });
}

void Exchange::stream_write(std::string chunk, Sent sent) {
  auto shared_sent = std::make_shared<Sent>(std::move(sent));
  const bool taken =
      on_loop([this, self = shared_from_this(), chunk = std::move(chunk), shared_sent]() mutable {
        if (state_ != State::kStreaming || stream_done_) {
          if (*shared_sent) (*shared_sent)(false);
          return;
        }
        if (request_.method == "HEAD") {
          if (*shared_sent) (*shared_sent)(true);
          return;
        }
        if (chunked_out_ && !chunk.empty()) {  // an empty chunk would be the end
          std::string framed;
          framed.reserve(chunk.size() + 24);
          append_number(framed, chunk.size(), 16);
          framed.append("\r\n").append(chunk).append("\r\n");
          chunk = std::move(framed);
        }
        const bool idle = first_piece_ == pieces_.size() && out_.empty();
        if (idle) start_clock(limits().write_timeout);
        pieces_.push_back({std::move(chunk), std::move(*shared_sent)});
      });
  if (!taken && *shared_sent) (*shared_sent)(false);
}

void Exchange::stream_finish() {
  on_loop([this, self = shared_from_this()] {
    if (state_ != State::kStreaming || stream_done_) return;
    stream_done_ = true;
    if (chunked_out_) pieces_.push_back({"0\r\n\r\n", {}});
    start_clock(limits().write_timeout);
  });
}

void Exchange::stream_abandon() {
  on_loop([this, self = shared_from_this()] {
    if (state_ == State::kStreaming && !stream_done_) close(true);
  });
}

bool Exchange::step_streaming() {
  if (!flush()) return false;
  if (stream_done_) {
    finish_answer();
    return true;
  }
  deadline_ = TimePoint::max();
  // Watch for the client's end; what it sends ahead is kept, up to a bound.
  if (peer_ended_ || input_.size() > limits().header_bytes) {
    close();
    return false;
  }
  return fill();
}

void Exchange::notify_stream_closed() {
  if (const auto stream = stream_.lock()) stream->closed(state_ == State::kClosed);
}

}  // namespace weir::http::detail
