#include <csignal>

#include <gmock/gmock.h>

#include "inputs/support.h"
#include "support/stream_world.h"

namespace weir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string read_all(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string shell(const std::string& script, const std::string& rest = "") {
  return "input:\n  subprocess:\n    name: sh\n    args: [ -c, '" + script + "' ]\n" + rest +
         "output: { collect: {} }\n";
}

TEST(SubprocessInput, ReadsTheLinesOfAProgramAndLogsItsErrors) {
  StreamWorld world;
  EXPECT_EQ(world.run(shell("echo one; echo oops >&2; echo two")), engine::ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got(), ElementsAre("one", "two"));
  EXPECT_EQ(world.logged("subprocess_stderr", "line"), "oops");
}

TEST(SubprocessInput, AProgramThatFailsEndsTheRunWithAnError) {
  StreamWorld world;
  EXPECT_EQ(world.run(shell("echo one; exit 3")), engine::ExitCode::kCannotStart);
  EXPECT_THAT(world.mistakes, HasSubstr("exited with status 3"));
  EXPECT_THAT(world.got(), ElementsAre("one"));
}

TEST(SubprocessInput, AProgramThatIsNotThereIsNamed) {
  StreamWorld world;
  EXPECT_EQ(world.run("input: { subprocess: { name: /no/such/thing } }\noutput: { collect: {} }\n"),
            engine::ExitCode::kCannotStart);
  EXPECT_THAT(world.mistakes, HasSubstr("/no/such/thing"));
}

TEST(SubprocessInput, StartsAgainWhenAskedTo) {
  StreamWorld world;
  ASSERT_TRUE(world.start(shell("echo again; exit 1", "    restart_on_exit: true\n")))
      << world.mistakes;
  EXPECT_TRUE(world.until([&] { return world.count() >= 3; }));
  EXPECT_EQ(world.stop(), engine::ExitCode::kOk);
}

TEST(SubprocessInput, ALineThatIsTooLongFailsAlone) {
  StreamWorld world;
  EXPECT_EQ(world.run(shell("echo a; echo 0123456789; echo b", "    max_buffer: 5\n")),
            engine::ExitCode::kFailedMessages);
  EXPECT_THAT(world.got(), ElementsAre("a", "b"));
}

TEST(SubprocessInput, IsKilledAtTheEndWithAllItStarted) {
  StreamWorld world;
  // Deaf to SIGTERM, and with a child of its own.
  ASSERT_TRUE(world.start(
      shell("trap \"\" TERM; sleep 1000 & echo $!; echo $$; while :; do sleep 1000; done")))
      << world.mistakes;
  ASSERT_TRUE(world.until([&] { return world.count() == 2; }));
  EXPECT_EQ(world.stop(), engine::ExitCode::kOk);
  for (const std::string& pid : world.got()) {
    // A child of a killed shell is waited for by init, in its own time.
    const std::string state_file = "/proc/" + pid + "/stat";
    EXPECT_TRUE(world.until([&] {
      const std::string stat = read_all(state_file);
      return stat.empty() || stat.find(") Z") != std::string::npos;
    })) << pid;
  }
}

TEST(SubprocessInput, IsTurnedOffInTheSandbox) {
  InputWorld world;
  world.shared.sandbox = true;
  EXPECT_FALSE(world.make("subprocess: { name: cat }"));
}

TEST(SubprocessOutput, GivesEveryLineAndLetsTheProgramFinish) {
  TempFolder folder;
  StreamWorld world;
  EXPECT_EQ(world.run("input: { generate: { count: 1000, interval: '', mapping: 'root = counter()' "
                      "} }\noutput: { subprocess: { name: sh, args: [ -c, 'cat > " +
                      folder / "out" + "; echo done > " + folder / "end" + "' ] } }\n"),
            engine::ExitCode::kOk)
      << world.mistakes;
  const std::string text = read_all(folder / "out");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1000);
  EXPECT_EQ(read_all(folder / "end"), "done\n");
}

TEST(SubprocessOutput, StartsAProgramThatEndsAgain) {
  TempFolder folder;
  folder.write("data", "1\n");
  StreamWorld world;
  world.data_dir = folder / "state";
  ASSERT_TRUE(world.start("input: { file: { paths: [ '" + folder / "data" +
                          "' ], follow: true } }\noutput: { subprocess: { name: sh, args: [ -c, "
                          "'echo $$ > " +
                          folder / "pid" + "; exec head -n 1 >> " + folder / "out" + "' ] } }\n"))
      << world.mistakes;
  for (const char* wanted : {"1\n", "1\n2\n"}) {
    ASSERT_TRUE(world.until([&] { return read_all(folder / "out") == wanted; }));
    const std::string pid = read_all(folder / "pid");
    const std::string state = "/proc/" + pid.substr(0, pid.find('\n')) + "/stat";
    ASSERT_TRUE(world.until([&] { return read_all(state).find(") Z") != std::string::npos; }));
    folder.append("data", std::string(wanted) == "1\n" ? "2\n" : "3\n");
  }
  EXPECT_TRUE(world.until([&] { return read_all(folder / "out") == "1\n2\n3\n"; }));
  EXPECT_EQ(world.stop(), engine::ExitCode::kOk);
  EXPECT_GE(world.times_logged("subprocess_ended"), 2U);
}

}  // namespace
}  // namespace weir::test
