#include "child.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace weir::bench {

double now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

Child::Child(const std::vector<std::string>& arguments, bool pipes) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& one : arguments) argv.push_back(const_cast<char*>(one.c_str()));
  argv.push_back(nullptr);
  std::array<int, 2> to{-1, -1};
  std::array<int, 2> from{-1, -1};
  if (pipes && (pipe2(to.data(), O_CLOEXEC) != 0 || pipe2(from.data(), O_CLOEXEC) != 0)) {
    std::perror("pipe");
    std::exit(1);
  }
  started_ = now();
  pid_ = fork();
  if (pid_ == 0) {
    const int null = open("/dev/null", O_RDWR);
    dup2(pipes ? to[0] : null, STDIN_FILENO);
    dup2(pipes ? from[1] : null, STDOUT_FILENO);
    if (std::getenv("WEIR_BENCH_STDERR") == nullptr) dup2(null, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  if (pipes) {
    close(to[0]);
    close(from[1]);
    in_ = to[1];
    out_ = from[0];
  }
}

Child::~Child() {
  if (!waited_) {
    signal(SIGKILL);
    (void)wait();
  }
  if (out_ >= 0) close(out_);
}

void Child::close_in() {
  if (in_ >= 0) close(in_);
  in_ = -1;
}

void Child::signal(int number) const {
  kill(pid_, number);
}

double Child::rss() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string word; file >> word;) {
    if (word != "VmRSS:") continue;
    double kib = 0;
    file >> kib;
    return kib / 1024;
  }
  return 0;
}

double Child::cpu() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string word;
  double ticks = 0;
  for (int i = 1; file >> word && i <= 15; ++i) {
    if (i >= 14) ticks += std::strtod(word.c_str(), nullptr);  // the name has no blank in it
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Cost Child::wait() {
  close_in();
  Cost cost;
  int status = 0;
  rusage usage{};
  wait4(pid_, &status, 0, &usage);
  waited_ = true;
  cost.wall = now() - started_;
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  cost.cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  cost.rss = static_cast<double>(usage.ru_maxrss) / 1024;
  cost.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return cost;
}

Cost run(const std::vector<std::string>& arguments, bool watch_stdout) {
  const double start = now();
  Child child(arguments, watch_stdout);
  double first = 0;
  if (watch_stdout) {
    child.close_in();
    std::array<char, 4096> buffer{};
    while (read(child.out(), buffer.data(), buffer.size()) > 0) {
      if (first == 0) first = now() - start;
    }
  }
  Cost cost = child.wait();
  cost.first = first;
  return cost;
}

}  // namespace weir::bench
