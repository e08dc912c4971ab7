#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/interrupt.h"
#include "core/result.h"

namespace weir::process {

/// How a process ended.
struct Exit {
  int code = 0;    ///< as given to exit(), when it was not killed
  int signal = 0;  ///< the signal that killed it, else 0
  [[nodiscard]] bool good() const { return code == 0 && signal == 0; }
  /// `exited with status 3`, `was killed by signal 9`.
  [[nodiscard]] std::string text() const;
};

/// A program started by us, in a process group of its own that dies with it, with pipes to its
/// standard streams. Signals that we block are not blocked there. It is never left behind: the
/// destructor kills what still runs and waits for it. When we die without a destructor, so does it.
///
/// Not thread-safe, but one thread may read stdout while another writes to stdin.
class ChildProcess {
 public:
  struct Options {
    std::string name;  ///< a path, or a name looked up in PATH
    std::vector<std::string> args;
    bool pipe_stdin = false;   ///< otherwise it reads from /dev/null
    bool pipe_stdout = false;  ///< otherwise lines go to on_line too
    /// Gets each line of standard error (cut at 4 KiB), on a thread of the process object.
    std::function<void(std::string_view stream, std::string_view line)> on_line;
  };
  /// Errors: kNotFound (no such program), kInvalidConfig (not executable), kUnavailable (out of
  /// processes or descriptors).
  [[nodiscard]] static core::Result<std::unique_ptr<ChildProcess>> start(const Options& options);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Our ends of the pipes, non-blocking; -1 without one.
  [[nodiscard]] int stdin_fd() const;
  [[nodiscard]] int stdout_fd() const;
  [[nodiscard]] int pid() const;
  void close_stdin();
  /// Writes everything to stdin, waiting for the program to take it.
  /// Errors: kUnavailable (it has ended or closed its side), kCancelled (interrupted).
  [[nodiscard]] core::Status write(std::string_view bytes, const core::Interrupt* interrupt);
  /// Waits for the end of the process, up to `limit`; nullopt when it still runs. Leaves no zombie.
  [[nodiscard]] std::optional<Exit> wait(std::chrono::milliseconds limit);
  /// Asks it to end (SIGTERM to its group), waits up to `grace`, then kills. Returns how it ended.
  Exit stop(std::chrono::milliseconds grace);

 private:
  struct Impl;
  explicit ChildProcess(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::process
