#include <map>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "core/time_zone.h"
#include "functions/world.h"

namespace weir::mapping::test {
namespace {

// A world with variables and files that a test may change.
struct Outside : World {
  Outside() {
    environment.env = [this](const std::string& name) -> std::optional<std::string> {
      const auto at = variables.find(name);
      if (at == variables.end()) return std::nullopt;
      return at->second;
    };
    environment.read_file = [this](const std::string& path) -> core::Result<std::string> {
      ++files_read;
      const auto at = files.find(path);
      if (at == files.end()) {
        return core::fail(core::ErrorCode::kNotFound,
                          "open " + path + ": no such file or directory");
      }
      return at->second;
    };
    environment.hostname = []() -> core::Result<std::string> { return "host"; };
  }
  std::map<std::string, std::string> variables{{"A", "1"}, {"EMPTY", ""}};
  std::map<std::string, std::string> files{{"f.txt", "one"}, {"dir/g.txt", "two"}, {"/h", "three"}};
  int files_read = 0;
};

TEST(Env, IsReadWhenCompiled) {
  Outside world;
  const auto frozen = world.compiled("root = [env(\"A\"), env(\"EMPTY\"), env(\"B\")]");
  const auto fresh = world.compiled("root = [env(\"A\", true), env(name: \"B\", no_cache: true)]");
  const auto dynamic = world.compiled("root = env(this.name)");
  world.variables["A"] = "2";
  world.variables["B"] = "new";
  EXPECT_EQ(world.run(frozen), R"(["1","",null])");
  EXPECT_EQ(world.run(fresh), R"(["2","new"])");
  EXPECT_EQ(world.run(dynamic, R"({"name":"A"})"), "2");
  world.variables["A"] = "3";
  EXPECT_EQ(world.run(dynamic, R"({"name":"A"})"), "3");
  EXPECT_FALSE(frozen.is_deterministic());
}

TEST(File, IsReadWhenCompiled) {
  Outside world;
  const auto frozen = world.compiled("root = file(\"f.txt\")");
  const auto fresh = world.compiled("root = file(path: \"f.txt\", no_cache: true)");
  const auto dynamic = world.compiled("root = file(this.path)");
  EXPECT_EQ(world.files_read, 1);
  world.files["f.txt"] = "changed";
  EXPECT_EQ(world.run(frozen), "one");
  EXPECT_EQ(world.run(fresh), "changed");
  EXPECT_EQ(world.run(dynamic, R"({"path":"f.txt"})"), "changed");
  world.files["f.txt"] = "again";
  EXPECT_EQ(world.run(dynamic, R"({"path":"f.txt"})"), "again");
  EXPECT_EQ(world.run("root.t = file(\"f.txt\").type()"), R"({"t":"bytes"})");
}

TEST(File, ThatIsMissingIsAnErrorOfTheTimeItIsRead) {
  Outside world;
  EXPECT_EQ(world.run("root = file(\"nope\")"),
            "parse error: line 1 char 8: open nope: no such file or directory");
  EXPECT_EQ(world.run("root = file(\"nope\", true).catch(\"none\")"), "none");
  EXPECT_EQ(world.run("root = file(this.path)", R"({"path":"nope"})"),
            "error: failed assignment (line 1): open nope: no such file or directory");
}

TEST(FileRel, StartsAtTheFolderOfTheMapping) {
  Outside world;
  world.directory = "dir";
  EXPECT_EQ(world.run("root = file_rel(\"g.txt\")"), "two");
  EXPECT_EQ(world.run("root = file_rel(\"/h\")"), "three");
  EXPECT_EQ(world.run("root = file_rel(this.name)", R"({"name":"g.txt"})"), "two");
  EXPECT_EQ(world.run("root = file(\"f.txt\")"), "one");
}

TEST(File, ThatIsTooLongForTheEvaluationIsAnError) {
  Outside world;
  world.files["big"] = std::string(2 << 20, 'x');
  world.limits.max_text = 1 << 20;
  EXPECT_EQ(world.run("root = file(\"big\", true)"),
            "error: failed assignment (line 1): file: the result is larger than the limit allows");
}

TEST(Hostname, ComesFromTheEnvironment) {
  Outside world;
  EXPECT_EQ(world.run("root = hostname()"), "host");
  world.environment.hostname = []() -> core::Result<std::string> {
    return core::unavailable("no name");
  };
  EXPECT_EQ(world.run("root = hostname()"), "parse error: line 1 char 8: no name");
}

TEST(Sandbox, RefusesWhatTouchesTheWorld) {
  World world;
  for (const char* mapping : {"root = env(\"A\")", "root = file(\"f\")", "root = file_rel(\"f\")",
                              "root = hostname()", "root = file(\"f\", true)"}) {
    const std::string got = world.run(mapping);
    EXPECT_TRUE(got.starts_with("parse error: ")) << got;
    EXPECT_NE(got.find("is switched off here"), std::string::npos) << got;
  }
  EXPECT_NE(world.run("root = env(this.name)", R"({"name":"A"})").find("is switched off here"),
            std::string::npos);
}

TEST(Clock, IsTheOneOfTheEnvironment) {
  World world;
  core::set_local_zone(core::utc_zone());
  EXPECT_EQ(world.run("root = now()"), "2023-11-14T22:13:20.123456789Z");
  EXPECT_EQ(world.run("root = [timestamp_unix(), timestamp_unix_milli(), timestamp_unix_micro(), "
                      "timestamp_unix_nano()]"),
            "[1700000000,1700000000123,1700000000123456,1700000000123456789]");
  world.clock.nanos = -1;
  EXPECT_EQ(world.run("root = [timestamp_unix(), timestamp_unix_milli(), timestamp_unix_micro(), "
                      "timestamp_unix_nano()]"),
            "[-1,-1,-1,-1]");
  EXPECT_EQ(world.run("root = now()"), "1969-12-31T23:59:59.999999999Z");
}

TEST(Bytes, AreLimited) {
  World world;
  EXPECT_EQ(world.run("root = bytes(0)"), "");
  EXPECT_NE(world.run("root = bytes(4611686018427387904)").find("larger than the limit allows"),
            std::string::npos);
  EXPECT_EQ(world.run("root = bytes(-1)"),
            "error: failed assignment (line 1): length must not be negative");
}

TEST(SchemaRegistryHeader, TakesAnyWholeNumber) {
  World world;
  EXPECT_EQ(world.run("root.a = with_schema_registry_header(this.id, \"x\")", R"({"id":258})"),
            R"({"a":"AAAAAQJ4"})");
  for (const char* id : {"-1", "4294967296", "1.5", "\"x\"", "null", "1e400"}) {
    EXPECT_TRUE(world
                    .run("root = with_schema_registry_header(this.id, \"x\")",
                         std::string(R"({"id":)") + id + "}")
                    .starts_with("error: "))
        << id;
  }
  EXPECT_TRUE(world.run("root = with_schema_registry_header(1, {})").starts_with("error: "));
}

}  // namespace
}  // namespace weir::mapping::test
