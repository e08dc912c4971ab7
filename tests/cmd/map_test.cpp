#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

// `weir map`, as its users meet it.
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Result {
  int code = -1;
  std::string out;
  std::string err;
};

class Map : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/weir_map_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }

  Result map(const std::string& arguments, const std::string& input = "") const {
    write("in", input);
    const std::string command = "cd " + folder_.string() + " && " + WEIR_BINARY + " map " +
                                arguments + " < in > out 2> err";
    const int status = std::system(command.c_str());
    Result result;
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.out = read_file(folder_ / "out");
    result.err = read_file(folder_ / "err");
    return result;
  }

  fs::path folder_;
};

TEST_F(Map, TakesTheMappingFromAFileAndTheDocumentFromTheCommandLine) {
  write("a.blobl", "let x = this.a\nroot.b = $x + 1\n");
  const Result result = map("-f a.blobl -i '{\"a\":1}'");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "{\"b\":2}\n");
  EXPECT_EQ(map("-f missing.blobl -i 1").code, 5);
  EXPECT_EQ(map("-f a.blobl 'root = 1'").code, 2);
  EXPECT_EQ(map("").code, 2);
}

TEST_F(Map, ImportsStartFromTheFileOfTheMapping) {
  fs::create_directory(folder_ / "below");
  write("below/maps.blobl", "map twice { root = this * 2 }\n");
  write("below/a.blobl", "import \"./maps.blobl\"\nroot = this.a.apply(\"twice\")\n");
  EXPECT_EQ(map("-f below/a.blobl", "{\"a\":4}\n").out, "8\n");
}

TEST_F(Map, IndentsWhenAskedTo) {
  EXPECT_EQ(map("-p 'root.a = [this.b]'", "{\"b\":\"x\"}\n").out,
            "{\n  \"a\": [\n    \"x\"\n  ]\n}\n");
  EXPECT_EQ(map("-p -r 'root = content().uppercase()'", "not json\n").out, "NOT JSON\n");
}

TEST_F(Map, StopsAtALineThatFailsUnlessToldToGoOn) {
  const std::string lines = "{\"a\":1}\nbroken\n{\"a\":3}";
  const Result stopped = map("'root = this.a'", lines);
  EXPECT_EQ(stopped.code, 1);
  EXPECT_EQ(stopped.out, "1\n");
  EXPECT_NE(stopped.err.find("line 2: failed assignment (line 1)"), std::string::npos)
      << stopped.err;
  const Result went_on = map("-k 'root = this.a'", lines);
  EXPECT_EQ(went_on.code, 1);
  EXPECT_EQ(went_on.out, "1\n3\n");
}

TEST_F(Map, DroppedMessagesLeaveNoLine) {
  EXPECT_EQ(map("'root = if this.a > 1 { deleted() }'", "{\"a\":1}\n{\"a\":2}\n").out,
            "{\"a\":1}\n");
}

TEST_F(Map, CapsTheLengthOfALine) {
  const Result result = map("--max-token-length 8 'root = content()'", "short\nthis is longer\n");
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.out, "short\n");
  EXPECT_NE(result.err.find("line 2: longer than 8 bytes"), std::string::npos) << result.err;
}

TEST_F(Map, ShowsWhereAMappingIsWrong) {
  const Result result = map("'root.a = this.b.uppercas()'");
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err,
            "line 1 char 17: unrecognised method 'uppercas' (did you mean `uppercase`?)\n"
            "  1 | root.a = this.b.uppercas()\n"
            "    |                 ^^^^^^^^\n");
}

TEST_F(Map, PrintsTheManual) {
  const Result one = map("--functions uppercase");
  EXPECT_EQ(one.code, 0);
  EXPECT_TRUE(one.out.starts_with(".uppercase()\n")) << one.out;
  EXPECT_NE(map("--functions").out.find(".re_replace_all(pattern, value)\n"), std::string::npos);
  EXPECT_EQ(map("--functions nonsense").code, 1);
}

TEST_F(Map, ReadsVariablesFromEnvFiles) {
  write("vars.env", "COLOUR=blue\n");
  EXPECT_EQ(map("-e vars.env 'root = env(\"COLOUR\")'", "{}\n").out, "blue\n");
}

/// The binary on a terminal of its own.
class Terminal {
 public:
  explicit Terminal(const fs::path& folder) {
    pid_ = forkpty(&fd_, nullptr, nullptr, nullptr);
    if (pid_ == 0) {
      setenv("XDG_STATE_HOME", folder.c_str(), 1);
      setenv("TERM", "dumb", 1);
      execl(WEIR_BINARY, "weir", "map", static_cast<char*>(nullptr));
      _exit(127);
    }
  }
  ~Terminal() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(fd_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(const std::string& text) const {
    ASSERT_EQ(write(fd_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  // Reads until `text` comes; false when it does not.
  bool shows(const std::string& text) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (seen_.find(text) == std::string::npos) {
      pollfd waiting{fd_, POLLIN, 0};
      if (std::chrono::steady_clock::now() > deadline) return false;
      if (poll(&waiting, 1, 1000) <= 0) continue;
      char chunk[4096];
      const ssize_t got = read(fd_, chunk, sizeof chunk);
      if (got <= 0) return false;
      seen_.append(chunk, static_cast<std::size_t>(got));
    }
    seen_.erase(0, seen_.find(text) + text.size());
    return true;
  }

  int wait() {
    int status = 0;
    while (shows("\x01")) {
    }
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  [[nodiscard]] const std::string& seen() const { return seen_; }

 private:
  pid_t pid_ = -1;
  int fd_ = -1;
  std::string seen_;
};

TEST_F(Map, TriesMappingsOnATerminal) {
  Terminal terminal(folder_);
  ASSERT_TRUE(terminal.shows("map> ")) << terminal.seen();
  terminal.type(".doc {\"q\":21}\n");
  ASSERT_TRUE(terminal.shows("{\"q\":21}\r\nmap> ")) << terminal.seen();
  terminal.type("let two = 2\n");
  ASSERT_TRUE(terminal.shows("kept")) << terminal.seen();
  terminal.type("root.n = this.q * $two\n");
  ASSERT_TRUE(terminal.shows("\"n\": 42")) << terminal.seen();
  terminal.type("root = {\n");
  ASSERT_TRUE(terminal.shows("...> ")) << terminal.seen();
  terminal.type("\"o\": 1 }\n");
  ASSERT_TRUE(terminal.shows("\"o\": 1\r\n}")) << terminal.seen();
  terminal.type("root = this.nope()\n");
  ASSERT_TRUE(terminal.shows("unrecognised method 'nope'")) << terminal.seen();
  terminal.type(".quit\n");
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_NE(read_file(folder_ / "weir" / "map_history").find("two"), std::string::npos);
}

}  // namespace
