#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

// The binary as its users meet it.
namespace {

namespace fs = std::filesystem;

struct Result {
  int code = -1;
  std::string out;
  std::string err;
};

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Binary : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/weir_e2e_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  // Runs the binary by a shell, so that pipes and redirections can be part of it.
  Result weir(const std::string& arguments, const std::string& input = "") const {
    write("in", input);
    const std::string command = std::string("cd ") + folder_.string() + " && " + WEIR_BINARY + " " +
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

constexpr const char* kStdio =
    "http: { enabled: false }\ninput: { stdin: {} }\noutput: { stdout: {} }\n";

TEST_F(Binary, PassesLinesThroughAsTheyCame) {
  write("a.yaml", kStdio);
  const Result result = weir("run a.yaml", "{\"n\": 1.10}\nnot json\nlast");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "{\"n\": 1.10}\nnot json\nlast\n");
}

TEST_F(Binary, AFailedMessageNeverReachesTheOutputAndMakesExitCode3) {
  write("a.yaml",
        std::string(kStdio) + "pipeline: { processors: [ { mapping: 'root.v = this.v + 1' } ] }\n");
  const Result result = weir("run a.yaml", "{\"v\":1}\nbroken\n{\"v\":2}\n");
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(result.out, "{\"v\":2}\n{\"v\":3}\n");
  EXPECT_NE(result.err.find("message_failed"), std::string::npos) << result.err;
}

TEST_F(Binary, ADeadLetterTakesFailedMessagesWithTheReason) {
  write("a.yaml", std::string(kStdio) +
                      "pipeline: { processors: [ { mapping: 'root.v = this.v + 1' } ] }\n"
                      "error_handling: { dead_letter: { file: { path: " +
                      (folder_ / "dead.ndjson").string() + " } } }\n");
  const Result result = weir("run a.yaml", "broken\n{\"v\":2}\n");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "{\"v\":3}\n");
  const std::string dead = read_file(folder_ / "dead.ndjson");
  EXPECT_NE(dead.find("\"payload\":\"broken\""), std::string::npos) << dead;
  EXPECT_NE(dead.find("\"component\":\"mapping\""), std::string::npos) << dead;
}

TEST_F(Binary, ErrorsMayFlowOnWhenTheConfigSaysSo) {
  write("a.yaml", std::string(kStdio) +
                      "pipeline: { processors: [ { mapping: 'root.v = this.v + 1' } ] "
                      "}\nerror_handling: { strict: false }\n");
  const Result result = weir("run a.yaml", "broken\n{\"v\":2}\n");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "broken\n{\"v\":3}\n");
}

TEST_F(Binary, CatchAndSwitchCountAsDealingWithAnError) {
  write("a.yaml", std::string(kStdio) +
                      "pipeline:\n  processors:\n    - mapping: 'root = this'\n    - catch: [ { "
                      "mapping: 'root = \"caught\"' } ]\n");
  EXPECT_EQ(weir("run a.yaml", "broken\n").out, "caught\n");
  write(
      "b.yaml",
      "http: { enabled: false }\ninput: { stdin: {} }\npipeline: { processors: [ { mapping: 'root "
      "= this' } ] }\n"
      "output:\n  switch:\n    cases:\n      - check: errored()\n        output: { file: { path: " +
          (folder_ / "bad").string() + " } }\n      - output: { stdout: {} }\n");
  const Result result = weir("run b.yaml", "broken\n{\"v\":2}\n");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "{\"v\":2}\n");
  EXPECT_EQ(read_file(folder_ / "bad"), "broken\n");
}

TEST_F(Binary, AFanOutGivesEveryMessageToAllOutputs) {
  write("a.yaml",
        "http: { enabled: false }\ninput: { stdin: {} }\noutput:\n  broker:\n    outputs:\n      - "
        "stdout: {}\n      - file: { path: " +
            (folder_ / "copy").string() + " }\n");
  const Result result = weir("run a.yaml", "1\n2\n3\n");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "1\n2\n3\n");
  EXPECT_EQ(read_file(folder_ / "copy"), "1\n2\n3\n");
}

TEST_F(Binary, OrderHoldsWithSeveralThreads) {
  write("a.yaml", std::string(kStdio) +
                      "pipeline: { threads: 4, processors: [ { mapping: 'root.n = this.n' } ] }\n");
  std::string input;
  for (int i = 0; i < 20000; ++i) input += "{\"n\":" + std::to_string(i) + "}\n";
  const Result result = weir("run a.yaml", input);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, input);
}

TEST_F(Binary, AClosedStandardOutputEndsTheRunAndLosesNothingSilently) {
  write("a.yaml", kStdio);
  std::string input;
  for (int i = 0; i < 200000; ++i) input += "a line of some length to fill the pipe\n";
  write("big", input);
  const std::string command = std::string("cd ") + folder_.string() + " && (" + WEIR_BINARY +
                              " run a.yaml < big 2> err; echo $? > code) | head -n 1 > out";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(read_file(folder_ / "code"), "5\n");
}

TEST_F(Binary, ALongLineFailsAloneAndTheRestFlows) {
  write("a.yaml", kStdio);
  const Result result = weir("run a.yaml", "first\n" + std::string(200000, 'x') + "\nlast\n");
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(result.out, "first\nlast\n");
}

TEST_F(Binary, LintReportsAllMistakesWithTheirPlaces) {
  write("a.yaml",
        "input:\n  stdin: { scaner: {} }\npipeline:\n  processors:\n    - mapping: |\n        root "
        "= this\n        root.b = this.a.uppercas()\n    - maping: root\noutput:\n  label: Bad\n  "
        "stdout: {}\n");
  const Result result = weir("lint a.yaml");
  EXPECT_EQ(result.code, 1);
  for (const char* wanted :
       {"a.yaml:2:12: error E0201", "did you mean `scanner`?", "a.yaml:7:25: error E0210",
        "did you mean `uppercase`?", "a.yaml:8:7: error E0206", "did you mean `mapping`?",
        "a.yaml:10:10: error E0208"}) {
    EXPECT_NE(result.out.find(wanted), std::string::npos) << wanted << "\n" << result.out;
  }
  EXPECT_EQ(weir("run a.yaml").code, 1);
}

TEST_F(Binary, HostileConfigurationsEndInAMessage) {
  write("deep.yaml", std::string(10000, '[') + std::string(10000, ']'));
  write("laugh.yaml",
        "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c "
        "[*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: "
        "[*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n");
  write("cycle.yaml", "a: &a [ *a ]\n");
  write("comma.yaml", ",");
  write("big.yaml", "a: " + std::string(10 << 20, 'x'));
  write("twice.yaml", "input: { stdin: {} }\ninput: { stdin: {} }\n");
  for (const char* name : {"deep", "laugh", "cycle", "comma", "big", "twice"}) {
    const Result result = weir(std::string("lint ") + name + ".yaml");
    EXPECT_EQ(result.code, 1) << name << ": " << result.err;
    EXPECT_NE(result.out.find(std::string(name) + ".yaml"), std::string::npos) << name;
  }
}

TEST_F(Binary, MissingThingsHaveTheirExitCodes) {
  EXPECT_EQ(weir("run nowhere.yaml").code, 5);
  write("a.yaml",
        "http: { enabled: false }\ninput: { file: { paths: [ nowhere.txt ] } }\noutput: { stdout: "
        "{} }\n");
  EXPECT_EQ(weir("run a.yaml").code, 5);
  EXPECT_EQ(weir("frobnicate").code, 2);
  write("env.yaml", std::string(kStdio) + "pipeline: { threads: ${WEIR_E2E_UNSET} }\n");
  EXPECT_EQ(weir("lint env.yaml").code, 1);
}

TEST_F(Binary, MapRunsAMappingOverLines) {
  EXPECT_EQ(weir("map 'root.s = this.a.sum()'", "{\"a\":[1,2]}\n{\"a\":[]}\n").out,
            "{\"s\":3}\n{\"s\":0}\n");
  const Result failed = weir("map 'root = this.a.sum()'", "{\"a\":1}\nbroken\n{\"a\":2}\n");
  EXPECT_EQ(failed.code, 1);
  EXPECT_EQ(weir("map 'root = this.'").code, 1);
}

TEST_F(Binary, EveryCommandHasHelpWithAnExample) {
  for (const char* command : {"run", "lint", "echo", "list", "create", "map", "healthcheck",
                              "version", "schema", "docs"}) {
    const Result result = weir(std::string(command) + " --help");
    EXPECT_EQ(result.code, 0) << command;
    EXPECT_NE(result.out.find("Example"), std::string::npos) << command;
  }
}

TEST_F(Binary, WhatCreatePrintsLints) {
  const Result created = weir("create stdin/mapping,log/stdout,drop");
  ASSERT_EQ(created.code, 0);
  write("a.yaml", created.out);
  EXPECT_NE(weir("lint a.yaml").code, 2);
  const Result echoed = weir("echo a.yaml");
  EXPECT_NE(echoed.code, 2);
}

TEST_F(Binary, TheManualPagesAreFresh) {
  const std::string docs = std::string(WEIR_SOURCE_DIR) + "/docs/";
  const Result result = weir("docs --check " + docs + "components --mapping " + docs + "mapping");
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST_F(Binary, TheQuickStartDoesWhatItSays) {
  const std::string command = std::string("cd ") + WEIR_SOURCE_DIR +
                              " && QUICKSTART_OUT=" + folder_.string() + " " + WEIR_BINARY +
                              " run configs/quickstart/pipeline.yaml > " +
                              (folder_ / "out").string() + " 2> " + (folder_ / "err").string();
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 0) << read_file(folder_ / "err");
  const auto lines = [&](const char* name) {
    const std::string text = read_file(folder_ / name);
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines("dead.ndjson"), 12 + 9);  // cut off; items of the wrong kind
  EXPECT_GT(lines("orders.ndjson"), 200);
  EXPECT_GT(lines("baskets.ndjson"), 300);
  EXPECT_GT(lines("out"), 5);
}

TEST_F(Binary, SigtermStopsAnEndlessInputAndDrains) {
  write("a.yaml", std::string(kStdio));
  const std::string command =
      std::string("cd ") + folder_.string() +
      " && mkfifo pipe && (sh -c 'echo one; exec tail -f /dev/null' > pipe & echo $! > feeder; " +
      WEIR_BINARY +
      " run a.yaml < pipe > out 2> err & W=$!; until grep -q one out; do :; done; kill -TERM $W; "
      "wait $W; echo $? > code; kill $(cat feeder); true)";
  std::ofstream(folder_ / "go.sh") << command << "\n";
  ASSERT_EQ(std::system(("bash " + (folder_ / "go.sh").string()).c_str()), 0);
  EXPECT_EQ(read_file(folder_ / "code"), "0\n") << read_file(folder_ / "err");
  EXPECT_EQ(read_file(folder_ / "out"), "one\n");
}

}  // namespace
