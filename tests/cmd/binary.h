#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

/// The binary as its users meet it, in a folder that goes with the test.
namespace weir::test {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Binary : public ::testing::Test {
 protected:
  struct Result {
    int code = -1;
    std::string out;
    std::string err;
  };

  void SetUp() override {
    char name[] = "/tmp/weir_e2e_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    return read_file(folder_ / name);
  }

  /// Runs the binary with `input` on its standard input.
  Result weir(const std::string& arguments, const std::string& input = "") const {
    write("in", input);
    return shell("$WEIR " + arguments + " < in > out 2> err");
  }

  /// Runs a bash script in the folder; $WEIR is the binary. What it leaves in the files `out` and
  /// `err` is handed back.
  Result shell(const std::string& script) const {
    write("script.sh", "cd " + folder_.string() + "\nWEIR=" + WEIR_BINARY + "\n" + script + "\n");
    const int status = std::system(("bash " + (folder_ / "script.sh").string()).c_str());
    Result result;
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.out = read("out");
    result.err = read("err");
    return result;
  }

  std::filesystem::path folder_;
};

}  // namespace weir::test
