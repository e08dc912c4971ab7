#include <algorithm>
#include <exception>
#include <utility>

#include "http/detail/cors.h"
#include "http/detail/exchange.h"

namespace weir::http::detail {
namespace {

constexpr std::size_t kReadAhead = 8 << 10;
constexpr std::size_t kFirstBodyRead = 64 << 10;
// A refused body up to this long is read over, so that the connection can go on.
constexpr std::uint64_t kReadOver = 256 << 10;

std::string_view path_of(std::string_view target) {
  if (!target.starts_with('/')) {  // absolute form, checked by the parser
    target.remove_prefix(target.find("://") + 3);
    target.remove_prefix(std::min(target.find('/'), target.size()));
  }
  return target.substr(0, target.find('?'));
}

}  // namespace

bool Exchange::fill() {
  const bool ahead = !input_.empty();
  stash_input();
  const std::size_t kept = buffer_.size();
  if (ahead) buffer_.resize(kept + kReadAhead);
  char* const to = ahead ? buffer_.data() + kept : loop_->scratch.data();
  const Transport::Io io = transport_.read(to, ahead ? kReadAhead : loop_->scratch.size());
  if (ahead) {
    buffer_.resize(kept + io.bytes);
    input_ = buffer_;
  } else {
    input_ = {to, io.bytes};
  }
  switch (io.status) {
    case Transport::Status::kDone: return true;
    case Transport::Status::kEnd: peer_ended_ = true; return true;
    case Transport::Status::kWantRead: wait_read(); return false;
    case Transport::Status::kWantWrite: wait_write(); return false;
    case Transport::Status::kError: close(); return false;
  }
  return false;
}

void Exchange::stash_input() {
  if (input_.empty()) {
    buffer_.clear();
    if (buffer_.capacity() > 2 * kReadAhead) buffer_.shrink_to_fit();
    input_ = {};
    return;
  }
  const char* const begin = buffer_.data();
  if (input_.data() >= begin && input_.data() < begin + buffer_.size()) {
    buffer_.erase(0, static_cast<std::size_t>(input_.data() - begin));
  } else {
    buffer_.assign(input_);
  }
  input_ = buffer_;
}

bool Exchange::step_handshake() {
  const Transport::Io io = transport_.handshake();
  switch (io.status) {
    case Transport::Status::kDone:
      state_ = State::kHead;
      set_deadline(limits().header_timeout);
      return true;
    case Transport::Status::kWantRead: wait_read(); return false;
    case Transport::Status::kWantWrite: wait_write(); return false;
    case Transport::Status::kEnd:
    case Transport::Status::kError: break;
  }
  close();
  return false;
}

bool Exchange::step_head() {
  if (scanned_ == 0) {
    while (input_.starts_with("\r\n")) input_.remove_prefix(2);
  }
  const std::size_t from = scanned_ > 3 ? scanned_ - 3 : 0;
  const std::size_t end = input_.find("\r\n\r\n", from);
  const std::size_t size = end == std::string_view::npos ? input_.size() : end + 4;
  if (size > limits().header_bytes) {
    reject(431, "the request line and headers are longer than " +
                    std::to_string(limits().header_bytes) + " bytes");
    return true;
  }
  if (end != std::string_view::npos) return take_head(input_.substr(0, size));

  // A client that ends lines with LF alone would never get to an empty line: say so now.
  for (std::size_t at = input_.find('\n', from); at != std::string_view::npos;
       at = input_.find('\n', at + 1)) {
    if (at == 0 || input_[at - 1] != '\r') {
      reject(400, "a line does not end with CR LF");
      return true;
    }
  }
  if (peer_ended_ || (loop_->shared->stopping.load(std::memory_order_relaxed) && input_.empty())) {
    close();
    return false;
  }
  const bool first_bytes = input_.empty();
  // Right after an answer there is rarely more: waiting is cheaper than a read that finds nothing.
  if (std::exchange(answered_, false) && first_bytes && !transport_.has_pending()) {
    wait_read();
    return false;
  }
  scanned_ = input_.size();
  if (!fill()) return false;
  if (first_bytes && !peer_ended_) set_deadline(limits().header_timeout);
  return true;
}

bool Exchange::take_head(std::string_view text) {
  ++turns_;
  request_.headers.clear();
  request_.params.clear();
  request_.body.clear();
  request_.websocket_upgrade = false;
  if (request_.remote.empty()) {  // the first one, or the handler took the last one with it
    request_.remote = peer_.remote;
    request_.local = peer_.local;
    request_.loopback = peer_.loopback;
    if (const net::TlsSession* tls = transport_.tls(); tls != nullptr) {
      request_.tls = true;
      request_.peer_verified = tls->peer_verified();
      request_.peer_subject = request_.peer_verified ? tls->peer_subject() : std::string();
    }
  }
  refusal_.reset();
  route_.reset();
  cors_ = nullptr;
  const auto refusal = parse_head(text, limits().header_lines, request_, head_);
  input_.remove_prefix(text.size());
  scanned_ = 0;
  if (refusal) {
    reject(*refusal);
    return true;
  }
  close_after_ = !head_.keep_alive;
  find_route();
  return begin_body();
}

void Exchange::find_route() {
  const ServerOptions& options = loop_->shared->options;
  const RouteTable& table = loop_->routes();
  cors_ = &options.cors;
  if (options.guard && (refusal_ = options.guard(request_))) return;

  std::string_view raw = path_of(request_.target);
  std::string stripped;
  RouteMatch match = table.find(request_.method, request_.path, raw, request_.params);
  if (match.entry == nullptr && match.allow.empty() && !options.alias_prefix.empty()) {
    const auto short_path = without_prefix(request_.path, options.alias_prefix);
    const auto short_raw = without_prefix(raw, options.alias_prefix);
    if (short_path && short_raw) {
      stripped = *short_path;
      raw = *short_raw;
      match = table.find(request_.method, stripped, raw, request_.params);
    }
  }
  if (request_.method == "OPTIONS" && match.entry == nullptr) {
    refusal_ = preflight(stripped.empty() ? request_.path : stripped, raw);
    if (refusal_) return;
  }
  if (match.entry == nullptr) {
    if (match.allow.empty()) {
      refusal_ = Response::text(404, "there is nothing at this path");
    } else {
      refusal_ = Response::text(405, "this path takes " + match.allow);
      refusal_->headers.add("Allow", match.allow);
    }
    return;
  }
  route_ = std::move(match.entry);
  request_.route = route_->options.path;
  if (route_->options.cors) cors_ = &*route_->options.cors;
  if (route_->options.guard && route_->enter()) {
    refusal_ = route_->options.guard(request_);
    route_->leave();
  }
}

std::optional<Response> Exchange::preflight(const std::string& path, std::string_view raw_path) {
  const auto candidates = loop_->routes().at(path, raw_path, nullptr);
  std::vector<std::string> methods;
  const CorsOptions* cors = nullptr;
  for (const auto& entry : candidates) {
    const CorsOptions& own =
        entry->options.cors ? *entry->options.cors : loop_->shared->options.cors;
    if (!own.enabled) continue;
    cors = cors_ = &own;
    route_ = entry;  // which keeps `cors_` in place
    methods.insert(methods.end(), entry->options.methods.begin(), entry->options.methods.end());
  }
  if (cors == nullptr) return std::nullopt;
  return answer_preflight(*cors, request_, methods);
}

bool Exchange::begin_body() {
  const std::size_t route_limit = route_ != nullptr ? route_->options.max_body_bytes : 0;
  body_limit_ = route_limit != 0 ? route_limit : limits().body_bytes;
  const bool has_body = head_.chunked || head_.content_length > 0;
  if (refusal_) {
    loop_->shared->rejected_requests.fetch_add(1, std::memory_order_relaxed);
    const bool read_over =
        !head_.chunked && !head_.expect_continue && head_.content_length <= kReadOver;
    if (!has_body || !read_over) {
      close_after_ = close_after_ || has_body;
      begin_answer(*std::exchange(refusal_, std::nullopt), {});
      return true;
    }
    body_limit_ = kReadOver;
  } else if (!head_.chunked && head_.content_length > body_limit_) {
    reject(413, "the body of " + std::to_string(head_.content_length) +
                    " bytes is longer than the limit of " + std::to_string(body_limit_));
    return true;
  }
  if (!has_body) {
    dispatch();
    return true;
  }
  if (head_.expect_continue && input_.empty()) {
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    if (!flush() && state_ == State::kClosed) return false;
  }
  chunks_ = {};
  state_ = State::kBody;
  start_clock(limits().body_timeout);
  return true;
}

bool Exchange::within_budget(std::size_t more) {
  std::atomic<std::size_t>& buffered = loop_->shared->buffered;
  budgeted_ += more;
  if (buffered.fetch_add(more, std::memory_order_relaxed) + more > limits().buffered_body_bytes) {
    reject(503, "too many bodies are being received at once");
    return false;
  }
  progressed(more, limits().body_timeout);
  return true;
}

void Exchange::release_budget() {
  if (budgeted_ == 0) return;
  loop_->shared->buffered.fetch_sub(std::exchange(budgeted_, 0), std::memory_order_relaxed);
}

bool Exchange::step_body() {
  return head_.chunked ? read_chunked_body() : read_sized_body();
}

bool Exchange::read_sized_body() {
  Body& body = request_.body;
  const auto size = static_cast<std::size_t>(head_.content_length);
  if (!input_.empty()) {
    const std::size_t take = std::min(size - body.size(), input_.size());
    if (take < size && !within_budget(take)) return true;
    if (body.capacity() == 0) body.reserve(std::min(size, kFirstBodyRead));
    body.append(input_.substr(0, take));
    input_.remove_prefix(take);
  }
  if (body.size() == size) {
    dispatch();
    return true;
  }
  if (peer_ended_) {
    reject(400, "the body ended after " + std::to_string(body.size()) + " of " +
                    std::to_string(size) + " bytes");
    return true;
  }
  // Straight into the body: no copy. Room grows with what has come, not with what was announced.
  if (body.size() == body.capacity()) {
    body.reserve(std::min(size, std::max(kFirstBodyRead, body.capacity() * 2)));
  }
  const std::size_t room = body.capacity() - body.size();
  const Transport::Io io = transport_.read(body.prepare(room), room);
  switch (io.status) {
    case Transport::Status::kDone:
      body.commit(io.bytes);
      (void)within_budget(io.bytes);  // a refusal has changed the state
      return true;
    case Transport::Status::kEnd: peer_ended_ = true; return true;
    case Transport::Status::kWantRead: wait_read(); return false;
    case Transport::Status::kWantWrite: wait_write(); return false;
    case Transport::Status::kError: break;
  }
  close();
  return false;
}

bool Exchange::read_chunked_body() {
  if (!input_.empty()) {
    const std::size_t before = request_.body.size();
    const ChunkDecoder::Progress progress = chunks_.feed(input_, request_.body, body_limit_);
    input_.remove_prefix(progress.consumed);
    const std::size_t more = request_.body.size() - before;
    switch (progress.state) {
      case ChunkDecoder::State::kMore: break;
      case ChunkDecoder::State::kDone: dispatch(); return true;
      case ChunkDecoder::State::kBad:
        reject(400, "the chunked coding of the body is malformed");
        return true;
      case ChunkDecoder::State::kTooLong:
        reject(413,
               "the body is longer than the limit of " + std::to_string(body_limit_) + " bytes");
        return true;
    }
    if (!within_budget(more)) return true;
  }
  if (peer_ended_) {
    reject(400, "the body ended before its last chunk");
    return true;
  }
  return fill();
}

void Exchange::dispatch() {
  release_budget();
  if (refusal_) {
    begin_answer(*std::exchange(refusal_, std::nullopt), {});
    return;
  }
  if (!route_->enter()) {  // it was taken away while the body came
    begin_answer(Response::text(404, "there is nothing at this path any more"), {});
    return;
  }
  state_ = State::kHandling;
  deadline_ = TimePoint::max();
  loop_->shared->requests.fetch_add(1, std::memory_order_relaxed);
  try {
    route_->handler(request_, make_responder(shared_from_this()));
  } catch (const std::exception&) {
    // The Responder was destroyed on the way here, which answers 500.
  }
  route_->leave();
}

bool Exchange::step_linger() {
  if (peer_ended_ || !transport_.drain()) {
    close();
    return false;
  }
  wait_read();
  return false;
}

void Exchange::reject(int status, std::string_view text) {
  loop_->shared->rejected_requests.fetch_add(1, std::memory_order_relaxed);
  release_budget();
  request_.body.clear();
  input_ = {};
  close_after_ = true;
  Response response = Response::text(status, text);
  if (status == 503) response.headers.add("Retry-After", "1");
  begin_answer(std::move(response), {});
}

}  // namespace weir::http::detail
