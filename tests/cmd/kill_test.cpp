#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

// The real binary, killed at random moments: what the disk buffer has taken in is delivered in the
// end. WEIR_KILLS says how often.
namespace {

namespace fs = std::filesystem;

pid_t start(const std::string& folder, const std::string& config, int input) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int log = ::open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (input >= 0) ::dup2(input, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  if (::chdir(folder.c_str()) != 0) ::_exit(71);
  ::execl(WEIR_BINARY, WEIR_BINARY, "run", config.c_str(), nullptr);
  ::_exit(72);
}

int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::size_t lines_of(const std::string& path, std::set<std::string>& into) {
  std::ifstream file(path);
  std::size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) into.insert(line);
  return count;
}

std::string whole(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(KillLoop, WhatTheDiskBufferHasTakenInIsDelivered) {
  char name[] = "/tmp/weir_kill_XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  const std::string folder = name;
  // The input follows a file and saves how far its lines were taken in by the buffer: a line it
  // does not hand out again was acknowledged.
  std::ofstream(folder + "/run.yaml")
      << "http: { enabled: false }\ndata_dir: " << folder << "/data\n"
      << "input: { file: { paths: [ " << folder << "/in ], follow: true } }\n"
      << "buffer: { disk: { path: " << folder << "/buffer } }\n"
      << "output: { file: { path: " << folder << "/out } }\n";
  std::ofstream(folder + "/last.yaml")
      << "http: { enabled: false }\ndata_dir: " << folder << "/data\n"
      << "input: { stdin: {} }\n"
      << "buffer: { disk: { path: " << folder << "/buffer } }\n"
      << "output: { file: { path: " << folder << "/out } }\n";
  std::mt19937 random(20261120);
  std::ofstream input(folder + "/in", std::ios::app);
  std::set<std::string> expected;
  int number = 0;
  const char* const kills_text = std::getenv("WEIR_KILLS");
  const int kills = kills_text != nullptr ? std::atoi(kills_text) : WEIR_DEFAULT_KILLS;
  for (int kill = 0; kill < kills; ++kill) {
    const pid_t child = start(folder, "run.yaml", -1);
    // Written while it runs, so that the kill falls into work under way.
    const auto until = 20 + random() % 200;
    for (unsigned step = 0; step < until; ++step) {
      for (int i = 0; i < 50; ++i) {
        const std::string line = "{\"n\":" + std::to_string(number++) + "}";
        input << line << "\n";
        expected.insert(line);
      }
      input.flush();
      ::usleep(1000);
    }
    ::kill(child, SIGKILL);
    ASSERT_EQ(wait_for(child), 128 + SIGKILL) << whole(folder + "/log");
  }
  input.close();
  // The rest of the lines, and then everything out of the buffer.
  const pid_t child = start(folder, "run.yaml", -1);
  std::set<std::string> got;
  for (int waited = 0; waited < 600 && got.size() < expected.size(); ++waited) {
    ::usleep(100'000);
    got.clear();
    lines_of(folder + "/out", got);
  }
  ::kill(child, SIGTERM);
  EXPECT_EQ(wait_for(child), 0) << whole(folder + "/log");
  const int nothing = ::open("/dev/null", O_RDONLY);
  EXPECT_EQ(wait_for(start(folder, "last.yaml", nothing)), 0) << whole(folder + "/log");
  ::close(nothing);
  got.clear();
  const std::size_t count = lines_of(folder + "/out", got);
  std::size_t missing = 0;
  for (const std::string& line : expected) missing += got.count(line) == 0 ? 1U : 0U;
  EXPECT_EQ(missing, 0U) << "of " << expected.size();
  EXPECT_GE(count, expected.size());
  RecordProperty("lines", static_cast<int>(expected.size()));
  RecordProperty("repeated", static_cast<int>(count - got.size()));
  if (!HasFailure()) fs::remove_all(folder);
}

}  // namespace
