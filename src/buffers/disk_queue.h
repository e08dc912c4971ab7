#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/interrupt.h"
#include "core/log.h"
#include "state/store.h"

namespace weir::buffers {

/// A queue of records in a folder that survives the process and the machine. Thread-safe.
///
/// What is put in together is committed together: one synced write serves everything that came
/// while the one before was under way. Records are taken in the order in which they were put in and
/// removed when they are done; a removal may be lost with the machine's power, and the record then
/// comes again.
class DiskQueue {
 public:
  struct Options {
    std::string path;
    std::uint64_t limit_bytes = 0;
    /// Committed records kept in memory until they are taken.
    std::uint64_t memory_bytes = std::uint64_t{16} << 20;
    core::Log log;
    rocksdb::Env* env = nullptr;  ///< tests
  };
  struct Record {
    std::string bytes;
    std::uint32_t messages = 0;
  };
  struct Taken {
    std::uint64_t id = 0;
    std::uint32_t messages = 0;
    bool recovered = false;  ///< was there before this start
    std::string bytes;
  };

  explicit DiskQueue(Options options) : options_(std::move(options)) {}
  ~DiskQueue() { close(); }

  /// Errors: as state::Store::open.
  [[nodiscard]] core::Status open();
  /// All or none of the records. Blocks while the queue is full; `stored` is called once, from any
  /// thread. Records larger than the limit are let in when the queue is empty.
  void put(std::vector<Record> records, const core::Interrupt& interrupt,
           std::function<void(core::Status)> stored);
  /// The next record, waiting up to `limit` for one, or until wake(). After an error the record is
  /// still the next.
  [[nodiscard]] core::Result<std::optional<Taken>> take(const core::Interrupt& interrupt,
                                                        std::chrono::milliseconds limit);
  /// The taken record may be forgotten.
  void done(std::uint64_t id);
  /// Ends a take() that waits.
  void wake();
  void end_of_input();
  /// end_of_input() was called and everything has been taken.
  [[nodiscard]] bool ended() const;
  /// Messages not done yet.
  [[nodiscard]] std::uint64_t messages() const;
  [[nodiscard]] std::uint64_t bytes() const;
  void close();

 private:
  struct Slot {
    std::uint64_t id;
    std::uint64_t bytes;
    std::uint32_t messages;
    bool recovered;
    std::optional<std::string> kept;
  };
  struct Pending {
    std::vector<Record> records;
    std::uint64_t first_id;
    std::uint64_t bytes;
    std::uint64_t messages;
    std::function<void(core::Status)> stored;
  };

  void commit_loop();
  void commit(std::vector<Pending> group, std::vector<std::uint64_t> removed, bool last);

  const Options options_;
  std::unique_ptr<state::Store> store_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::condition_variable work_;  // for the committing thread
  std::deque<Slot> waiting_;      // committed, not taken
  std::unordered_map<std::uint64_t, Slot> taken_;
  std::deque<Pending> pending_;         // not committed
  std::vector<std::uint64_t> removed_;  // to be removed with the next commit
  std::uint64_t bytes_ = 0;             // of pending, waiting and taken
  std::uint64_t messages_ = 0;
  std::uint64_t kept_bytes_ = 0;
  std::uint64_t next_id_ = 1;
  bool woken_ = false;
  bool input_ended_ = false;
  bool closing_ = false;
  std::thread committer_;
};

}  // namespace weir::buffers
