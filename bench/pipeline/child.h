#pragma once

#include <string>
#include <vector>

namespace weir::bench {

/// What one run of a program cost.
struct Cost {
  double wall = 0;   ///< seconds from start to end
  double cpu = 0;    ///< seconds, user and system, all threads
  double rss = 0;    ///< MiB at most
  int code = 0;      ///< exit code, 128 + signal when killed
  double first = 0;  ///< seconds from start to its first byte on stdout; 0 when there was none
};

/// A program in a process of its own: stdin and stdout are ours when asked for, else /dev/null.
class Child {
 public:
  explicit Child(const std::vector<std::string>& arguments, bool pipes = false);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] int pid() const { return pid_; }
  [[nodiscard]] int in() const { return in_; }
  [[nodiscard]] int out() const { return out_; }
  void close_in();
  void signal(int number) const;
  /// Resident memory now, MiB.
  [[nodiscard]] double rss() const;
  /// CPU used so far, seconds.
  [[nodiscard]] double cpu() const;
  Cost wait();

 private:
  int pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  double started_ = 0;
  bool waited_ = false;
};

/// Seconds of the monotonic clock.
[[nodiscard]] double now();
/// Runs to the end. With `watch_stdout` Cost::first is measured.
[[nodiscard]] Cost run(const std::vector<std::string>& arguments, bool watch_stdout = false);

}  // namespace weir::bench
