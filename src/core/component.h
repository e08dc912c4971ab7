#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/interrupt.h"
#include "core/message.h"
#include "core/result.h"

/// The interfaces of all components. The engine knows these and no component; components never
/// include each other: children come through config::Child.
///
/// Life of a component: make (no sockets, no files, no threads: lint makes them too), connect, use,
/// close, destroy.
namespace weir::core {

// ---- processors --------------------------------------------------------------------------------

/// What process() gives back: usually one batch, which needs no allocation.
class Batches {
 public:
  Batches() = default;
  Batches(Batch one) {
    add(std::move(one));
  }  // NOLINT(google-explicit-constructor): reads as the batch

  /// Empty batches are left out.
  void add(Batch batch) {
    if (batch.empty()) return;
    if (count_ == 0) {
      first_ = std::move(batch);
    } else {
      rest_.push_back(std::move(batch));
    }
    ++count_;
  }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] Batch& operator[](std::size_t i) { return i == 0 ? first_ : rest_[i - 1]; }

 private:
  Batch first_;
  std::vector<Batch> rest_;
  std::size_t count_ = 0;
};

/// Turns a batch into batches. Called by one thread at a time; one instance per worker thread.
class Processor {
 public:
  virtual ~Processor() = default;
  /// A message that cannot be processed is flagged (Message::fail) and passed on. A message that is
  /// left out must be resolved first (kFiltered); new messages made of old ones take their lineage
  /// (share(), merge()). May block (network); must return soon after the interrupt is raised.
  [[nodiscard]] virtual Batches process(Batch batch) = 0;
  virtual void close() {}
};

// ---- inputs ------------------------------------------------------------------------------------

/// How far a partition has been read: `offset` compares, `text` is whatever else the input needs.
struct Position {
  std::int64_t offset = 0;
  std::string text;
};

class Input;

/// How one received batch ended, for inputs that answer somebody.
struct DeliveryReport {
  bool delivered = true;  ///< every message ended well (delivered, filtered, absorbed, late)
  Error error;            ///< the first failure otherwise
  std::vector<Delivery::Response> responses;  ///< what `sync_response` stored, in order
};

/// A batch as an input reads it.
struct ReadBatch {
  Batch batch;
  std::string partition;  ///< unit of order and replay, e.g. a file name; empty when there is one
  Position after;         ///< where the partition stands behind this batch
  /// For inputs that answer: called once, from any thread, when the batch has ended for good.
  /// An input that sets it is never asked to replay.
  std::function<void(DeliveryReport)> on_done;
};

enum class ReadStatus : std::uint8_t {
  kBatch,
  kIdle,  ///< nothing now: call again (after wait_limit at most)
  kEnd,   ///< there will be no more
};

struct ReadResult {
  ReadStatus status = ReadStatus::kIdle;
  ReadBatch read;  ///< kBatch, when not admitted yet
  std::vector<Batch>
      admitted;  ///< kBatch, from an input that holds others (see ReadContext::admit)

  static ReadResult idle() { return {}; }
  static ReadResult end() { return {ReadStatus::kEnd, {}, {}}; }
  static ReadResult of(ReadBatch read) { return {ReadStatus::kBatch, std::move(read), {}}; }
};

/// What the engine gives to read().
class ReadContext {
 public:
  virtual ~ReadContext() = default;
  /// Raised when the input has to stop; read() then returns at once with what it has.
  [[nodiscard]] virtual const Interrupt& interrupt() const = 0;
  /// Longest time read() should wait for data before it returns kIdle.
  [[nodiscard]] virtual std::chrono::milliseconds wait_limit() const = 0;
  /// For inputs that hold others: makes the delivery of a batch read from `child` now, so that the
  /// child's processors can run on it before read() returns.
  [[nodiscard]] virtual Batch admit(Input& child, ReadBatch read) = 0;
};

struct InputTraits {
  bool finite = false;      ///< ends by itself (files, stdin, `count`)
  bool replayable = false;  ///< unacknowledged messages come again after a restart
  bool request = false;     ///< has a client to answer (on_done)
  /// Batches of different partitions, or all of them when false, must keep their order.
  bool partitioned = false;
  /// Fed by this pipeline's own outputs: it is read on until all other inputs are done.
  bool internal = false;
};

/// Reads messages. connect(), read() and close() are called by one thread; acknowledge() by any,
/// one at a time, also while read() runs.
class Input {
 public:
  virtual ~Input() = default;
  [[nodiscard]] virtual InputTraits traits() const = 0;
  /// Errors: kUnavailable is tried again with back-off for ever; others end the run (exit 5).
  [[nodiscard]] virtual Status connect(ReadContext& context) = 0;
  /// Errors: kUnavailable means the connection is lost: connect() is called again. Others end the
  /// run. A single bad record is not an error: hand it out as a message flagged with one.
  [[nodiscard]] virtual Result<ReadResult> read(ReadContext& context) = 0;
  /// Everything of the partition up to this position has ended. Positions come in ascending order.
  virtual void acknowledge(std::string_view partition, const Position& position) {
    (void)partition;
    (void)position;
  }
  virtual void close() {}
  /// For the progress line: bytes read and bytes in all, when known.
  [[nodiscard]] virtual std::optional<std::pair<std::uint64_t, std::uint64_t>> progress() const {
    return std::nullopt;
  }
};

// ---- outputs -----------------------------------------------------------------------------------

/// What became of a written batch: every message is in one of the two, or was resolved by the
/// output itself (kFiltered). An output that batches may answer with messages of other writes and
/// with messages its batch processors made: who needs to know which of its messages ended how gives
/// them a lineage to a Delivery of its own (see fan-out).
struct WriteResult {
  Batch delivered;
  struct Failed {
    Message message;
    /// kUnavailable may pass later; kCancelled: not tried, we are stopping; anything else never
    /// will be accepted.
    Error error;
  };
  std::vector<Failed> failed;
  Batch keep_alive;  ///< owns the storage of `failed` messages

  /// All accepted.
  static WriteResult ok(Batch batch);
  /// None accepted, all for the same reason.
  static WriteResult all_failed(Batch batch, const Error& error);
  /// Moves the failed messages out as a batch (their errors are dropped).
  [[nodiscard]] Batch take_failed();
};

using WriteDone = std::function<void(WriteResult)>;

/// Writes messages somewhere.
///
/// write() may be called from several threads, but never two at once, and in the order in which
/// messages are to be submitted. It may finish at once (calling `done` inside) or later, from any
/// thread. An output keeps order among what it accepts; the caller never has more than
/// max_in_flight() unfinished writes.
class Output {
 public:
  virtual ~Output() = default;
  /// Errors: kUnavailable is tried again with back-off for ever; others end the run (exit 5).
  [[nodiscard]] virtual Status connect(const Interrupt& interrupt) {
    (void)interrupt;
    return {};
  }
  virtual void write(Batch batch, WriteDone done) = 0;
  [[nodiscard]] virtual std::size_t max_in_flight() const { return 1; }
  /// Takes flagged messages too and decides about them (`switch`, `fallback`, `reject_errored` and
  /// all that only pass messages on). To others they come only where errors are not strict.
  [[nodiscard]] virtual bool takes_errors() const { return false; }
  /// Makes everything submitted so far end soon (partial batches, pending syncs). Does not wait.
  virtual void flush() {}
  virtual void close() {}
};

// ---- buffers -----------------------------------------------------------------------------------

/// Stands between input and pipeline. Filled by input threads, drained by one.
class StreamBuffer {
 public:
  virtual ~StreamBuffer() = default;
  struct Entry {
    Batch batch;             ///< without lineage
    std::uint64_t id = 0;    ///< for done()
    bool recovered = false;  ///< was in the buffer before this start
  };
  [[nodiscard]] virtual Status open() { return {}; }
  /// Stores a batch; the input is acknowledged when `stored` is called with ok, from any thread.
  /// Blocks while full, unless interrupted (kCancelled).
  virtual void put(Batch batch, const Interrupt& interrupt,
                   std::function<void(Batch, Status)> stored) = 0;
  /// The next batch, waiting up to `limit`; nullopt when there is none (ended() tells if ever).
  [[nodiscard]] virtual Result<std::optional<Entry>> take(const Interrupt& interrupt,
                                                          std::chrono::milliseconds limit) = 0;
  /// What belongs behind the buffer (processors of batches formed in it): runs on what was taken,
  /// once it has its lineage. Called by the thread that takes.
  [[nodiscard]] virtual Batches behind(Batch taken) { return Batches(std::move(taken)); }
  /// The entry has ended for good: it may be forgotten. From any thread.
  virtual void done(std::uint64_t id) = 0;
  /// No more put(): take() gives out the rest and then reports ended().
  virtual void end_of_input() = 0;
  [[nodiscard]] virtual bool ended() const = 0;
  /// Messages held right now.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// put() only acknowledges what survives a crash.
  [[nodiscard]] virtual bool durable() const = 0;
  virtual void close() {}
};

// ---- caches and rate limits --------------------------------------------------------------------

struct CacheItem {
  std::string key;
  std::string value;
  std::optional<std::chrono::nanoseconds> ttl;  ///< nullopt: the cache's default
};

/// A map shared by components, by label. Thread-safe: many components call at once.
///
/// One key at a time or many: a cache over a network answers many in one round trip, so callers
/// that have a batch use the plural forms, and those with work meanwhile use run(). Whoever derives
/// gives the four single ones; the others are made of them unless the cache can do better.
class Cache {
 public:
  virtual ~Cache() = default;
  /// Once, before use: files, connections. Errors: as Output::connect.
  [[nodiscard]] virtual Status open() { return {}; }
  /// Error kNotFound: no such key (or expired).
  [[nodiscard]] virtual Result<std::string> get(std::string_view key) = 0;
  [[nodiscard]] virtual Status set(std::string_view key, std::string_view value,
                                   std::optional<std::chrono::nanoseconds> ttl) = 0;
  /// False: the key existed and nothing was stored.
  [[nodiscard]] virtual Result<bool> add(std::string_view key, std::string_view value,
                                         std::optional<std::chrono::nanoseconds> ttl) = 0;
  /// Missing keys are fine.
  [[nodiscard]] virtual Status remove(std::string_view key) = 0;
  [[nodiscard]] virtual Result<bool> exists(std::string_view key);

  // Several at once; answers in the order asked. The same key may come twice: it then counts as if
  // asked one after the other.
  [[nodiscard]] virtual std::vector<Result<std::string>> get_many(
      const std::vector<std::string_view>& keys);
  [[nodiscard]] virtual std::vector<Status> set_many(const std::vector<CacheItem>& items);
  [[nodiscard]] virtual std::vector<Result<bool>> add_many(const std::vector<CacheItem>& items);
  [[nodiscard]] virtual std::vector<Status> remove_many(const std::vector<std::string_view>& keys);

  enum class Operation : std::uint8_t { kGet, kSet, kAdd, kRemove };
  struct Request {
    Operation operation = Operation::kGet;
    std::vector<CacheItem> items;  ///< values of kSet and kAdd only
  };
  struct Reply {
    std::vector<Result<std::string>> values;  ///< kGet
    std::vector<Result<bool>> stored;         ///< the others; kRemove: true
  };
  /// The same without waiting: `done` is called once, from any thread, maybe inside. A cache that
  /// has nothing to wait for need not care.
  virtual void run(Request request, std::function<void(Reply)> done);

  virtual void close() {}
};

/// Says when the next one may go. Thread-safe.
class RateLimit {
 public:
  virtual ~RateLimit() = default;
  /// Asks for one message of `bytes` (0: size is of no concern). Zero: go ahead. Otherwise how long
  /// to wait before asking again.
  [[nodiscard]] virtual Result<std::chrono::nanoseconds> access(std::uint64_t bytes) = 0;
  [[nodiscard]] Result<std::chrono::nanoseconds> access() { return access(0); }
};

// ---- scanners ----------------------------------------------------------------------------------

/// Cuts a byte stream into messages. One instance per stream.
class Scanner {
 public:
  virtual ~Scanner() = default;
  /// Once, before anything else: what the stream is called (a path; may be empty).
  virtual void begin(std::string_view stream_name) { (void)stream_name; }
  /// Where to put the next bytes of the stream: room for `size` of them.
  [[nodiscard]] virtual char* prepare(std::size_t size) = 0;
  /// That many were put there.
  virtual void commit(std::size_t size) = 0;
  /// No more bytes will come.
  virtual void end() = 0;
  enum class More : std::uint8_t {
    kMore,      ///< there is more to cut off from the bytes at hand
    kNeedData,  ///< prepare() and commit(), or end()
    kEnd,       ///< the stream has been handed out
  };
  /// Appends what can be cut off now to a fresh batch, up to about `max_messages`; a bad record
  /// becomes a message flagged with its error. Message::position is the byte offset of its first
  /// byte. Error: the rest of the stream cannot be read (corrupt archive).
  [[nodiscard]] virtual Result<More> next(Batch& batch, std::size_t max_messages) = 0;
  /// Byte offset in the stream behind the last message handed out: reading may resume there.
  /// Nullopt when the format cannot resume in the middle.
  [[nodiscard]] virtual std::optional<std::int64_t> resume_offset() const { return std::nullopt; }
};

}  // namespace weir::core
