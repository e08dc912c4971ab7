#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/detail/loop.h"
#include "http/detail/request_parser.h"
#include "http/detail/routes.h"
#include "http/detail/transport.h"
#include "http/message.h"
#include "http/server.h"

namespace weir::http::detail {

/// The far end of a connection, as accepted.
struct Peer {
  std::string remote;
  std::string local;
  bool loopback = false;
};

/// One connection: reads a request, has it handled, writes the answer, and starts again. Lives on
/// its loop's thread; answers may come from any thread. Kept alive by what waits for it: the loop's
/// pending operations and the Responder.
class Exchange final : public Member, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<Loop> loop, net::Fd socket, Peer peer, Slot slot);

  /// Begins to serve; with a refusal, only says so and hangs up.
  void start(std::optional<Refusal> refusal);

  // From any thread. After the loop has stopped they only call `sent` with false.
  void answer(Response response, Sent sent);
  void begin_stream(const std::shared_ptr<ResponseStream::Impl>& stream, Response head);
  void stream_write(std::string chunk, Sent sent);
  void stream_finish();
  void stream_abandon();
  void accept_websocket(WebSocketOptions options, WebSocketHandlers handlers);

  // Member
  void sweep(TimePoint now) override;
  void on_stopping() override;
  void cut() override;

  [[nodiscard]] static Responder make_responder(std::shared_ptr<Exchange> exchange) {
    return Responder(std::move(exchange));
  }
  [[nodiscard]] const Limits& limits() const { return loop_->shared->options.limits; }

 private:
  enum class State : std::uint8_t {
    kHandshake,
    kHead,  // waiting for, or reading, a head
    kBody,
    kHandling,  // a Responder owes us the answer
    kWriting,
    kStreaming,  // the head is out, pieces follow
    kLinger,     // all is said; reading on so that a reset does not overtake the answer
    kClosed,
  };
  /// A piece of an answer and whom to tell.
  struct Piece {
    std::string bytes;
    Sent sent;
  };

  /// Runs `task`, then what has become possible: now when on the loop's thread and nothing else is
  /// being run there, else posted. False when the loop has stopped.
  template <class Task>
  bool on_loop(Task task) {
    if (loop_->on_thread() && (running_ || !loop_->busy)) {
      task();
      run();
      return true;
    }
    return loop_->post([self = shared_from_this(), task = std::move(task)]() mutable {
      task();
      self->run();
    });
  }

  // exchange.cpp: life and the loop
  void run();
  [[nodiscard]] bool step();
  void wait_read();
  void wait_write();
  void set_deadline(Milliseconds after);
  /// A body or an answer begins to move: it may pause for `pause`, and must keep the least rate on
  /// average, with `pause` as a start.
  void start_clock(Milliseconds pause);
  void progressed(std::size_t bytes, Milliseconds pause);
  void close(bool reset = false);

  // exchange_read.cpp
  [[nodiscard]] bool step_handshake();
  [[nodiscard]] bool step_head();
  [[nodiscard]] bool step_body();
  [[nodiscard]] bool step_linger();
  [[nodiscard]] bool take_head(std::string_view text);
  void find_route();
  [[nodiscard]] bool begin_body();
  [[nodiscard]] bool read_sized_body();
  [[nodiscard]] bool read_chunked_body();
  [[nodiscard]] bool within_budget(std::size_t more);
  void dispatch();
  /// Reads more input behind what is there; false when there is none now, or the connection ended.
  [[nodiscard]] bool fill();
  void stash_input();
  void reject(int status, std::string_view text);
  void reject(const Refusal& refusal) { reject(refusal.status, refusal.text); }
  void release_budget();
  [[nodiscard]] std::optional<Response> preflight(const std::string& path,
                                                  std::string_view raw_path);

  // exchange_write.cpp
  void begin_answer(Response response, Sent sent);
  void write_head(const Response& response, std::optional<std::size_t> length);
  [[nodiscard]] bool step_writing();
  [[nodiscard]] bool step_streaming();
  /// Sends what is queued; true when nothing is left.
  [[nodiscard]] bool flush();
  void finish_answer();
  void fail_pending();
  void notify_stream_closed();

  const std::shared_ptr<Loop> loop_;
  Transport transport_;
  Peer peer_;
  Slot slot_;
  State state_ = State::kHead;
  bool running_ = false;
  bool reading_armed_ = false;
  bool writing_armed_ = false;
  TimePoint deadline_ = TimePoint::max();
  TimePoint clock_start_;        // of the body or answer being moved
  std::size_t clock_bytes_ = 0;  // moved since
  unsigned turns_ = 0;           // requests served without giving others a turn

  // Input not yet taken: a view of the loop's scratch or of `buffer_`.
  std::string_view input_;
  std::string buffer_;
  std::size_t scanned_ = 0;  // of input_, known to hold no end of a head
  bool peer_ended_ = false;
  bool answered_ = false;  // just now: nothing has been read since

  Request request_;
  Head head_;
  ChunkDecoder chunks_;
  std::shared_ptr<RouteEntry> route_;
  std::optional<Response> refusal_;  // to be sent once the body has been read over
  const CorsOptions* cors_ = nullptr;
  std::size_t body_limit_ = 0;
  std::size_t budgeted_ = 0;

  // Output: first `out_`, then the pieces.
  std::string out_;
  std::size_t out_sent_ = 0;
  std::vector<Piece> pieces_;
  std::size_t first_piece_ = 0;
  std::size_t piece_sent_ = 0;
  Sent sent_;  // for `out_` and all pieces of a whole answer
  bool close_after_ = false;
  bool chunked_out_ = false;
  bool stream_done_ = false;
  std::weak_ptr<ResponseStream::Impl> stream_;
};

}  // namespace weir::http::detail
