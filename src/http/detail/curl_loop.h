#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "http/detail/curl_handles.h"
#include "http/detail/curl_transfer.h"

namespace weir::http::detail {

/// The thread that drives all transfers of one client. Public calls are thread-safe.
class CurlLoop {
 public:
  explicit CurlLoop(std::size_t max_connections_per_host);
  ~CurlLoop() { stop(); }

  /// Starts the thread with the first transfer. After stop() the transfer ends as cancelled, at
  /// once.
  void submit(std::shared_ptr<Transfer> transfer);
  /// `transfer` has been marked cancelled or resumed.
  void nudge(std::shared_ptr<Transfer> transfer);
  void stop();

 private:
  void run();
  void take_work();
  void begin(std::shared_ptr<Transfer> transfer);
  void reap();
  void end(Transfer& transfer);
  void check_heads();
  void cancel_all();

  Multi multi_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Transfer>> submitted_;
  std::vector<std::shared_ptr<Transfer>> nudged_;
  bool started_ = false;
  bool stopping_ = false;
  std::thread thread_;

  // The thread's own.
  std::unordered_map<CURL*, std::shared_ptr<Transfer>> active_;
  std::vector<Easy> spare_;
};

}  // namespace weir::http::detail
