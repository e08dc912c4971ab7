#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "cmd/binary.h"

// Broken inputs, full disks, blocked outputs, signals at any moment: the whole program.
namespace weir::test {
namespace {

constexpr const char* kNoHttp = "http: { enabled: false }\n";

std::string numbered(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += "line number " + std::to_string(i) + "\n";
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class Faults : public Binary {
 protected:
  /// Starts the binary without a shell, so that signals reach it and its memory can be looked at.
  pid_t start(const std::string& config, const std::string& out = "out") {
    const pid_t pid = ::fork();
    if (pid == 0) {
      if (::chdir(folder_.c_str()) != 0) ::_exit(126);
      if (std::freopen(out.c_str(), "a", stdout) == nullptr) ::_exit(126);
      if (std::freopen("err", "a", stderr) == nullptr) ::_exit(126);
      ::execl(WEIR_BINARY, "weir", "run", "--data-dir", "state", config.c_str(),
              static_cast<char*>(nullptr));
      ::_exit(127);
    }
    return pid;
  }
  struct End {
    int code;  ///< 128 + the signal when killed
    long peak_kib;
  };
  static End wait_for(pid_t pid) {
    int status = 0;
    rusage usage{};
    ::wait4(pid, &status, 0, &usage);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), usage.ru_maxrss};
  }
  static void pause(std::chrono::milliseconds time) {
    ::usleep(static_cast<useconds_t>(time.count() * 1000));
  }
  bool until(const std::function<bool()>& condition) {
    for (int i = 0; i < 4000; ++i) {
      if (condition()) return true;
      pause(std::chrono::milliseconds(5));
    }
    return false;
  }
  static long field_kib(pid_t pid, const std::string& name) {
    for (const std::string& line :
         lines_of(read_file("/proc/" + std::to_string(pid) + "/status"))) {
      if (line.starts_with(name)) return std::atol(line.c_str() + name.size() + 1);
    }
    return 0;
  }
  void file_to_file(const std::string& input_fields = "") {
    write("run.yaml", std::string(kNoHttp) + "input: { file: { paths: [ data ]" + input_fields +
                          " } }\noutput: { file: { path: result } }\n");
  }
};

TEST_F(Faults, AnInputThatCannotBeReadEndsTheRunWithItsName) {
  std::filesystem::create_directory(folder_ / "folder");
  std::filesystem::create_symlink("nowhere", folder_ / "dangling");
  for (const char* name : {"absent", "dangling", "folder", "no*match"}) {
    write("a.yaml", std::string(kNoHttp) + "input: { file: { paths: [ '" + name +
                        "' ] } }\noutput: { stdout: {} }\n");
    const Result result = weir("run a.yaml");
    EXPECT_EQ(result.code, 5) << name;
    EXPECT_NE(result.err.find(name), std::string::npos) << result.err;
  }
  if (::geteuid() != 0) {  // who may read everything cannot see this
    write("secret", "x\n");
    std::filesystem::permissions(folder_ / "secret", std::filesystem::perms::none);
    write("a.yaml", std::string(kNoHttp) +
                        "input: { file: { paths: [ secret ] } }\noutput: { stdout: {} }\n");
    EXPECT_EQ(weir("run a.yaml").code, 5);
  }
}

TEST_F(Faults, AFileThatVanishesWhileItIsReadIsReadToItsEnd) {
  write("data", numbered(0, 300000));
  write("a.yaml", std::string(kNoHttp) +
                      "memory_budget: 256KiB\ninput: { file: { paths: [ data ] } }\noutput: { "
                      "stdout: {} }\n");
  const Result result = shell(
      "mkfifo pipe; $WEIR run a.yaml > pipe 2> err & P=$!\n"
      "exec 3< pipe; read -r first <&3; rm data; cat <&3 > out; wait $P");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, numbered(1, 300000));
}

TEST_F(Faults, AFileThatIsCutWhileItIsReadGivesWhatIsThereAndAWarning) {
  const std::string all = numbered(0, 300000);
  write("data", all);
  write("a.yaml", std::string(kNoHttp) +
                      "memory_budget: 256KiB\ninput: { file: { paths: [ data ] } }\noutput: { "
                      "stdout: {} }\n");
  const Result result = shell(
      "mkfifo pipe; $WEIR run a.yaml > pipe 2> err & P=$!\n"
      "exec 3< pipe; read -r first <&3; echo \"$first\" > out; : > data; cat <&3 >> out; wait $P");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.err.find("file_truncated"), std::string::npos) << result.err;
  EXPECT_LT(result.out.size(), all.size());
  // What was read before the cut, whole lines but for the last.
  EXPECT_EQ(result.out.substr(0, result.out.size() - 1), all.substr(0, result.out.size() - 1));
}

TEST_F(Faults, ALineOfAGigabyteFailsAloneInLittleMemory) {
  write("data", "first\n");
  ASSERT_EQ(shell("truncate -s 1G data && printf '\\nlast\\n' >> data").code, 0);
  file_to_file();
  const End end = wait_for(start("run.yaml"));
  EXPECT_EQ(end.code, 3);
  EXPECT_EQ(read("result"), "first\nlast\n");
  EXPECT_LT(end.peak_kib, 150 * 1024);
}

TEST_F(Faults, ABatchPolicyWithoutAPeriodGivesOutItsRestAtTheEndOfTheFile) {
  write("data", numbered(0, 10));
  write("a.yaml",
        std::string(kNoHttp) +
            "input: { batched: { policy: { count: 7 }, child: { file: { paths: [ data ] } "
            "} } }\noutput: { stdout: {} }\n");
  const Result result = weir("run a.yaml");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, numbered(0, 10));
}

TEST_F(Faults, AFullDiskIsWaitedForAndLeavesNoHalfLines) {
  const std::string all = numbered(0, 50000);
  write("data", all);
  file_to_file();
  // The limit on file sizes is the disk that is full; raising it is the disk that has room again.
  const Result result = shell(
      "ulimit -S -f 256; $WEIR run run.yaml > out 2> err & P=$!\n"
      "for i in $(seq 2000); do grep -q output_write_failed err && break; sleep 0.01; done\n"
      "tail -c 1 result | od -An -c > tail; wc -c < result > size\n"
      "prlimit --pid $P --fsize=unlimited:; wait $P");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.err.find("File too large"), std::string::npos) << result.err;
  EXPECT_NE(read("tail").find("\\n"), std::string::npos) << read("tail");
  EXPECT_LT(std::atol(read("size").c_str()), 256 * 1024 + 1);
  EXPECT_EQ(read("result"), all);
}

TEST_F(Faults, ADeviceThatIsAlwaysFullIsGivenUpAtTheStopAndSaysSo) {
  write("data", numbered(0, 10));
  write("run.yaml", std::string(kNoHttp) +
                        "shutdown_timeout: 200ms\ninput: { file: { paths: [ data ] } }\noutput: { "
                        "file: { path: /dev/full } }\n");
  const pid_t pid = start("run.yaml");
  ASSERT_TRUE(until([&] { return read("err").find("No space left") != std::string::npos; }));
  ::kill(pid, SIGTERM);
  EXPECT_EQ(wait_for(pid).code, 4);
}

TEST_F(Faults, ABlockedOutputHoldsUpTheInputInBoundedMemory) {
  write("run.yaml",
        std::string(kNoHttp) +
            "memory_budget: 8MiB\ninput: { generate: { interval: '', mapping: 'root = "
            "\"x\".repeat(2000)' } }\noutput: { stdout: {} }\nshutdown_timeout: 100ms\n");
  ASSERT_EQ(shell("mkfifo pipe").code, 0);
  const int reader = ::open((folder_ / "pipe").c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  const pid_t pid = start("run.yaml", "pipe");
  ASSERT_TRUE(until([&] { return field_kib(pid, "Threads:") > 2; }));
  pause(std::chrono::milliseconds(1000));
  const long early = field_kib(pid, "VmRSS:");
  pause(std::chrono::milliseconds(2000));
  const long late = field_kib(pid, "VmRSS:");
  EXPECT_LT(field_kib(pid, "VmHWM:"), 150 * 1024);
  EXPECT_LT(late, early + 8 * 1024);
  ::kill(pid, SIGTERM);
  EXPECT_EQ(wait_for(pid).code, 4);
  ::close(reader);
}

// How often, and from which seed: more in the soak.
int rounds() {
  const char* wanted = std::getenv("WEIR_SIGNAL_ROUNDS");
  return wanted == nullptr ? WEIR_DEFAULT_ROUNDS : std::atoi(wanted);
}

TEST_F(Faults, ATerminatedRunHasWrittenAPrefixAndNothingTwice) {
  const std::string all = numbered(0, 200000);
  write("data", all);
  file_to_file();
  std::mt19937 random(4711);
  for (int round = 0; round < rounds(); ++round) {
    std::filesystem::remove(folder_ / "result");
    const pid_t pid = start("run.yaml");
    pause(std::chrono::milliseconds(5 + random() % 150));
    ::kill(pid, SIGTERM);
    const int code = wait_for(pid).code;
    const std::string result = read("result");
    // Before it listens to signals it dies of them, with nothing written.
    EXPECT_TRUE(code == 0 || (code == 128 + SIGTERM && result.empty())) << code << read("err");
    EXPECT_EQ(result, all.substr(0, result.size())) << "round " << round;
    EXPECT_TRUE(result.empty() || result.back() == '\n');
  }
}

TEST_F(Faults, FollowingThroughManyStopsWritesEachLineOnce) {
  const std::string all = numbered(0, 400000);
  write("data", all);
  file_to_file(", follow: true");
  std::mt19937 random(815);
  for (int round = 0; round < rounds(); ++round) {
    const pid_t pid = start("run.yaml");
    pause(std::chrono::milliseconds(5 + random() % 150));
    ::kill(pid, SIGTERM);
    const int code = wait_for(pid).code;
    EXPECT_TRUE(code == 0 || code == 128 + SIGTERM) << code << read("err");
  }
  const pid_t pid = start("run.yaml");
  EXPECT_TRUE(until([&] { return std::filesystem::file_size(folder_ / "result") >= all.size(); }));
  ::kill(pid, SIGTERM);
  const int code =
      wait_for(pid).code;  // nothing may have been left to do: it may be starting still
  EXPECT_TRUE(code == 0 || code == 128 + SIGTERM) << code << read("err");
  EXPECT_TRUE(read("result") == all);
}

TEST_F(Faults, FollowingThroughManyKillsLosesNothing) {
  constexpr int kLines = 300000;
  write("data", numbered(0, kLines));
  file_to_file(", follow: true, commit_period: 20ms");
  std::mt19937 random(42);
  for (int round = 0; round < rounds(); ++round) {
    const pid_t pid = start("run.yaml");
    pause(std::chrono::milliseconds(5 + random() % 200));
    ::kill(pid, SIGKILL);
    EXPECT_EQ(wait_for(pid).code, 128 + SIGKILL);
  }
  const pid_t pid = start("run.yaml");
  const std::string last = "line number " + std::to_string(kLines - 1) + "\n";
  EXPECT_TRUE(until([&] { return read("result").ends_with(last); }));
  ::kill(pid, SIGTERM);
  EXPECT_EQ(wait_for(pid).code, 0);
  std::vector<std::string> got = lines_of(read("result"));
  std::sort(got.begin(), got.end());
  got.erase(std::unique(got.begin(), got.end()), got.end());
  std::vector<std::string> wanted = lines_of(numbered(0, kLines));
  std::sort(wanted.begin(), wanted.end());
  // A line that a kill cut short may stand there besides.
  EXPECT_TRUE(std::includes(got.begin(), got.end(), wanted.begin(), wanted.end()));
  EXPECT_LE(got.size(), wanted.size() + static_cast<std::size_t>(rounds()));
}

}  // namespace
}  // namespace weir::test
