#include "process/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::process {
namespace {

constexpr std::size_t kLongestLine = 4096;

/// Owns a descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

struct Pipe {
  Fd read;
  Fd write;
};

core::Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return core::unavailable(std::string("making a pipe: ") + std::strerror(errno));
  Pipe pipe;
  pipe.read = Fd(ends[0]);
  pipe.write = Fd(ends[1]);
  return pipe;
}

void set_nonblocking(int fd) {
  (void)::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

// Between fork and exec: only calls that are safe when other threads hold locks.
[[noreturn]] void become(char* const* argv, int in, int out, int err, int failure, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it died in between
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) (void)::sigaction(signal, &usual, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const std::array<int, 3> from = {in, out, err};
  for (int fd = 0; fd < 3; ++fd) {
    if (::dup2(from[static_cast<std::size_t>(fd)], fd) < 0) ::_exit(127);
  }
  ::execvp(argv[0], argv);
  const int error = errno;
  [[maybe_unused]] const ssize_t n = ::write(failure, &error, sizeof error);
  ::_exit(127);
}

// Descriptors 0 to 2 would be overwritten by the dup2 calls above.
core::Status lift(Fd& fd) {
  if (fd.get() > 2) return {};
  Fd higher(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
  if (higher.get() < 0)
    return core::unavailable(std::string("duplicating a descriptor: ") + std::strerror(errno));
  fd = std::move(higher);
  return {};
}

}  // namespace

std::string Exit::text() const {
  if (signal != 0) return "was killed by signal " + std::to_string(signal);
  return "exited with status " + std::to_string(code);
}

struct ChildProcess::Impl {
  pid_t pid = -1;
  Fd pidfd;
  Fd in;
  Fd out;
  std::optional<Exit> ended;
  Fd end_of_lines;  // eventfd: wakes the line thread for good
  std::thread lines;

  void signal(int number) const {
    if (!ended && pid > 0) {
      ::kill(-pid, number);
      ::kill(pid, number);  // the group may not exist yet
    }
  }
};

namespace {

struct LineSource {
  Fd fd;
  std::string_view stream;
  std::string line;
};

void emit_lines(LineSource& source, std::string_view bytes,
                const std::function<void(std::string_view, std::string_view)>& on_line) {
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::size_t room = kLongestLine - std::min(kLongestLine, source.line.size());
    source.line.append(bytes.substr(0, std::min(end, room)));
    if (end == bytes.size()) return;
    on_line(source.stream, source.line);
    source.line.clear();
    bytes.remove_prefix(end + 1);
  }
}

void read_lines(std::vector<LineSource> sources, int end_fd,
                const std::function<void(std::string_view, std::string_view)>& on_line) {
  ::prctl(PR_SET_NAME, "weir-child-log");
  std::array<char, 4096> buffer;
  while (!sources.empty()) {
    std::vector<pollfd> fds = {{end_fd, POLLIN, 0}};
    for (const LineSource& one : sources) fds.push_back({one.fd.get(), POLLIN, 0});
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    for (std::size_t i = sources.size(); i-- > 0;) {
      if (fds[i + 1].revents == 0) continue;
      const ssize_t n = ::read(sources[i].fd.get(), buffer.data(), buffer.size());
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (n > 0) {
        emit_lines(sources[i], {buffer.data(), static_cast<std::size_t>(n)}, on_line);
        continue;
      }
      if (!sources[i].line.empty()) on_line(sources[i].stream, sources[i].line);
      sources.erase(sources.begin() + static_cast<std::ptrdiff_t>(i));
    }
    // What the process wrote before its end has been read; a grandchild may keep the pipe open.
    if (fds[0].revents != 0) return;
  }
}

}  // namespace

ChildProcess::ChildProcess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

core::Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const Options& options) {
  const auto failed = [&](int error) {
    const auto code = error == ENOENT ? core::ErrorCode::kNotFound
                                      : (error == EACCES || error == ENOEXEC || error == E2BIG
                                             ? core::ErrorCode::kInvalidConfig
                                             : core::ErrorCode::kUnavailable);
    return core::fail(code, "starting `" + options.name + "`: " + std::strerror(error));
  };
  auto impl = std::make_unique<Impl>();
  Pipe in;
  Pipe out;
  WEIR_TRY(Pipe err, make_pipe());
  WEIR_TRY(Pipe failure, make_pipe());
  if (options.pipe_stdin) {
    WEIR_TRY(in, make_pipe());
  } else {
    in.read = Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (in.read.get() < 0) return failed(errno);
  }
  WEIR_TRY(out, make_pipe());
  for (Fd* fd : {&in.read, &out.write, &err.write, &failure.write}) WEIR_CHECK_OK(lift(*fd));

  std::vector<std::string> words = {options.name};
  words.insert(words.end(), options.args.begin(), options.args.end());
  std::vector<char*> argv;
  for (std::string& word : words) {
    if (word.find('\0') != std::string::npos)
      return core::invalid_config("starting `" + options.name + "`: an argument holds a NUL byte");
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  impl->end_of_lines = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (impl->end_of_lines.get() < 0) return failed(errno);

  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return failed(errno);
  if (pid == 0) {
    become(argv.data(), in.read.get(), out.write.get(), err.write.get(), failure.write.get(),
           parent);
  }
  (void)::setpgid(pid, pid);  // as the child does, whoever is first
  impl->pid = pid;
  failure.write.reset();
  int error = 0;
  ssize_t told = 0;
  do {
    told = ::read(failure.read.get(), &error, sizeof error);
  } while (told < 0 && errno == EINTR);
  if (told == static_cast<ssize_t>(sizeof error)) {
    (void)::waitpid(pid, nullptr, 0);
    return failed(error);
  }
  impl->pidfd = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (options.pipe_stdin) {
    impl->in = std::move(in.write);
    set_nonblocking(impl->in.get());
  }
  std::vector<LineSource> sources;
  set_nonblocking(err.read.get());
  sources.push_back({std::move(err.read), "stderr", {}});
  set_nonblocking(out.read.get());
  if (options.pipe_stdout) {
    impl->out = std::move(out.read);
  } else {
    sources.push_back({std::move(out.read), "stdout", {}});
  }
  auto on_line = options.on_line ? options.on_line : [](std::string_view, std::string_view) {};
  impl->lines = std::thread([sources = std::move(sources), end = impl->end_of_lines.get(),
                             on_line]() mutable { read_lines(std::move(sources), end, on_line); });
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(impl)));
}

ChildProcess::~ChildProcess() {
  impl_->in.reset();
  if (!wait(std::chrono::milliseconds(0))) (void)stop(std::chrono::milliseconds(0));
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = ::write(impl_->end_of_lines.get(), &one, sizeof one);
  if (impl_->lines.joinable()) impl_->lines.join();
}

int ChildProcess::stdin_fd() const {
  return impl_->in.get();
}
int ChildProcess::stdout_fd() const {
  return impl_->out.get();
}
int ChildProcess::pid() const {
  return impl_->pid;
}
void ChildProcess::close_stdin() {
  impl_->in.reset();
}

core::Status ChildProcess::write(std::string_view bytes, const core::Interrupt* interrupt) {
  while (!bytes.empty()) {
    if (interrupt != nullptr && interrupt->raised())
      return core::fail(core::ErrorCode::kCancelled, "interrupted");
    // SIGPIPE is ignored by the daemon; elsewhere too, for this call.
    sigset_t pipe_set;
    sigset_t before;
    sigemptyset(&pipe_set);
    sigaddset(&pipe_set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_set, &before);
    const ssize_t n = ::write(impl_->in.get(), bytes.data(), bytes.size());
    const int error = errno;
    if (n < 0 && error == EPIPE && sigismember(&before, SIGPIPE) == 0) {
      const timespec now{};
      (void)::sigtimedwait(&pipe_set, nullptr, &now);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    if (error == EINTR) continue;
    if (error != EAGAIN)
      return core::unavailable(std::string("writing to the process: ") + std::strerror(error));
    if (interrupt != nullptr) {
      (void)interrupt->wait_writable(impl_->in.get(), std::chrono::milliseconds(-1));
    } else {
      pollfd fd{impl_->in.get(), POLLOUT, 0};
      (void)::poll(&fd, 1, -1);
    }
  }
  return {};
}

std::optional<Exit> ChildProcess::wait(std::chrono::milliseconds limit) {
  if (impl_->ended) return impl_->ended;
  pollfd fd{impl_->pidfd.get(), POLLIN, 0};
  if (limit.count() > 0) (void)::poll(&fd, 1, static_cast<int>(limit.count()));
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(impl_->pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      info.si_pid == 0)
    return std::nullopt;
  // Whatever it started and left behind in its group must not outlive it. Its number is ours until
  // it has been waited for.
  ::kill(-impl_->pid, SIGKILL);
  int status = 0;
  const pid_t got = ::waitpid(impl_->pid, &status, 0);
  Exit exit;
  if (got == impl_->pid) {
    if (WIFSIGNALED(status)) {
      exit.signal = WTERMSIG(status);
    } else {
      exit.code = WEXITSTATUS(status);
    }
  }
  impl_->ended = exit;
  return exit;
}

Exit ChildProcess::stop(std::chrono::milliseconds grace) {
  if (const auto exit = wait(std::chrono::milliseconds(0))) return *exit;
  if (grace.count() > 0) {
    impl_->signal(SIGTERM);
    if (const auto exit = wait(grace)) return *exit;
  }
  impl_->signal(SIGKILL);
  while (true) {
    if (const auto exit = wait(std::chrono::milliseconds(1000))) return *exit;
  }
}

}  // namespace weir::process
