#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/detail/loop_thread.h"
#include "http/detail/routes.h"
#include "http/server.h"
#include "net/socket.h"
#include "net/tls.h"

namespace weir::http::detail {

class Exchange;
using Milliseconds = std::chrono::milliseconds;
using TimePoint = std::chrono::steady_clock::time_point;

/// What all connections of a server share.
struct Shared {
  ServerOptions options;
  std::shared_ptr<const net::TlsContext> tls;
  Routes routes;
  std::atomic<bool> stopping{false};

  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refused_connections{0};
  std::atomic<std::uint64_t> rejected_requests{0};
  std::atomic<std::uint64_t> timeouts{0};
  std::atomic<std::size_t> buffered{0};  // bytes of bodies being received
};

/// Counts open connections, in all and by address, against the limits. Thread-safe.
class Slots {
 public:
  enum class Verdict : std::uint8_t { kTaken, kFull, kFullForAddress };

  [[nodiscard]] Verdict take(std::uint64_t address, const Limits& limits);
  void release(std::uint64_t address);
  [[nodiscard]] std::size_t count() const;
  /// False when connections are left at the deadline.
  bool wait_until_empty(TimePoint deadline);

 private:
  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t count_ = 0;
  std::unordered_map<std::uint64_t, std::size_t> by_address_;
};

/// A place among the open connections, given back at the end.
class Slot {
 public:
  Slot() = default;
  Slot(std::shared_ptr<Slots> slots, std::uint64_t address)
      : slots_(std::move(slots)), address_(address) {}
  Slot(Slot&& other) noexcept = default;
  Slot& operator=(Slot&& other) noexcept {
    std::swap(slots_, other.slots_);
    std::swap(address_, other.address_);
    return *this;
  }
  ~Slot() {
    if (slots_ != nullptr) slots_->release(address_);
  }

 private:
  std::shared_ptr<Slots> slots_;
  std::uint64_t address_ = 0;
};

/// Something on a loop that wants to hear of time and of the end. Linked into its loop while it
/// lives there; all calls come on the loop's thread.
class Member {
 public:
  virtual ~Member() = default;
  /// Called every sweep period.
  virtual void sweep(TimePoint now) = 0;
  /// The server stops: end soon.
  virtual void on_stopping() = 0;
  /// End now.
  virtual void cut() = 0;

 private:
  friend class Loop;
  Member* previous_ = nullptr;
  Member* next_ = nullptr;
};

/// One I/O thread with its connections.
class Loop : public std::enable_shared_from_this<Loop> {
 public:
  Loop(std::shared_ptr<Shared> shared, std::shared_ptr<Slots> slots);

  void start();
  /// After this, post() refuses; what was posted is run or dropped; the thread has ended.
  void stop();
  [[nodiscard]] bool on_thread() const { return std::this_thread::get_id() == id_; }

  /// Runs `task` on the thread, from any thread; false when the loop has stopped (the task is
  /// dropped).
  template <class Task>
  bool post(Task task) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return false;
    boost::asio::post(io, std::move(task));
    return true;
  }

  // The rest is for the loop's thread.
  void add(Member& member);
  void remove(Member& member);
  template <class Visit>
  void for_each(Visit visit) {
    // Busy: what the visits set off on other members is posted, so that the list changes by at most
    // the visited one.
    const bool was_busy = std::exchange(busy, true);
    for (Member* member = first_; member != nullptr;) {
      Member* const next = member->next_;  // the visit may remove it
      visit(*member);
      member = next;
    }
    busy = was_busy;
  }
  /// The coarse clock: a few milliseconds behind, and a tenth of the cost.
  [[nodiscard]] static TimePoint now();
  /// `Mon, 02 Jan 2006 15:04:05 GMT`.
  [[nodiscard]] const std::string& date();
  [[nodiscard]] const RouteTable& routes();

  // One thread runs it, and only that thread starts I/O: the reactor need not lock.
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  const std::shared_ptr<Shared> shared;
  const std::shared_ptr<Slots> slots;
  std::vector<char> scratch;  // input of the connection that is being run
  bool busy = false;          // a connection is being run

 private:
  void arm_sweep();

  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
  bool sweeping_ = false;
  Member* first_ = nullptr;
  std::string date_;
  std::int64_t date_second_ = -1;
  std::uint64_t routes_version_ = 0;
  std::shared_ptr<const RouteTable> routes_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::thread thread_;
  std::atomic<std::thread::id> id_{};
};

}  // namespace weir::http::detail
