#include "testing/runner.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/all.h"
#include "buffers/all.h"
#include "inputs/all.h"
#include "outputs/all.h"
#include "processors/all.h"
#include "scanners/all.h"

namespace weir::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using weir::testing::FileResult;

class Files {
 public:
  Files() {
    inputs::add_all(registry_);
    buffers::add_all(registry_);
    processors::add_all(registry_);
    outputs::add_all(registry_);
    scanners::add_all(registry_);
    admin::add_all(registry_);
    settings.registry = &registry_;
    settings.read_file = [this](const std::string& path) -> core::Result<std::string> {
      const auto found = files.find(path);
      if (found != files.end()) return found->second;
      return core::fail(core::ErrorCode::kNotFound, "there is no `" + path + "`");
    };
  }
  FileResult run(const std::string& tests, const std::string& target = "") {
    return weir::testing::run_file(tests, target.empty() ? tests : target, settings);
  }
  /// Runs one case against fixed processors; its failures.
  std::vector<std::string> failures(const std::string& processors, const std::string& one) {
    files["f.yaml"] = "pipeline: { processors: " + processors + " }\ntests:\n  - name: a\n" + one;
    const FileResult result = run("f.yaml");
    std::vector<std::string> all;
    for (const auto& found : result.findings) all.push_back(found.message);
    for (const auto& one_case : result.cases)
      all.insert(all.end(), one_case.failures.begin(), one_case.failures.end());
    return all;
  }

  std::map<std::string, std::string> files;
  weir::testing::RunSettings settings;

 private:
  config::Registry registry_;
};

TEST(TestRunner, RunsCasesInTheFile) {
  Files world;
  world.files["f.yaml"] =
      "pipeline:\n"
      "  processors:\n"
      "    - mapping: 'root = if this.drop.or(false) { deleted() } else { this }'\n"
      "    - mutation: 'meta k = this.id'\n"
      "tests:\n"
      "  - name: keeps\n"
      "    input_batch: [ { json_content: { id: 1 } }, { content: '{\"drop\":true}' } ]\n"
      "    output_batches:\n"
      "      - - json_equals: { id: 1 }\n"
      "          json_contains: '{\"id\":1}'\n"
      "          content_equals: '{\"id\":1}'\n"
      "          content_matches: '^.\"id'\n"
      "          metadata_equals: { k: 1 }\n"
      "          bloblang: 'this.id == 1 && !errored()'\n"
      "  - name: drops\n"
      "    input_batches: [ [ { content: '{\"drop\":true}' } ] ]\n"
      "    output_batches: []\n";
  const FileResult result = world.run("f.yaml");
  EXPECT_TRUE(result.passed());
  ASSERT_EQ(result.cases.size(), 2U);
  EXPECT_EQ(result.cases[0].name, "keeps");
  EXPECT_EQ(result.cases[1].where.line, 15U);
}

TEST(TestRunner, SaysWhatIsDifferent) {
  Files world;
  const auto one = [&](const std::string& condition) {
    const auto all = world.failures("[ { noop: {} } ]",
                                    "    input_batch: [ { json_content: { a: [1, 2] }, metadata: { "
                                    "m: x } } ]\n    output_batches: [ [ { " +
                                        condition + " } ] ]\n");
    return all.empty() ? std::string() : all[0];
  };
  EXPECT_THAT(one("json_equals: { a: [1, 3] }"), HasSubstr("-     3\n+     2\n"));
  EXPECT_THAT(one("json_contains: { b: 1 }"), HasSubstr("json_contains"));
  EXPECT_EQ(one("json_contains: { a: [1, 2] }"), "");
  EXPECT_THAT(one("json_contains: { a: [1] }"), HasSubstr("json_contains"));
  EXPECT_THAT(one("content_equals: x"), HasSubstr("expected: x"));
  EXPECT_THAT(one("content_matches: '^x'"), HasSubstr("does not match"));
  EXPECT_THAT(one("metadata_equals: { m: y }"), HasSubstr("\"y\""));
  EXPECT_THAT(one("metadata_equals: { n: y }"), HasSubstr("`n` is not there"));
  EXPECT_THAT(one("bloblang: this.a.length() == 3"), HasSubstr("is false"));
  EXPECT_THAT(one("bloblang: 'this.a.b.c.uppercase() == \"X\"'"), HasSubstr("bloblang: "));
  EXPECT_THAT(one("file_json_equals: ./no.json"), HasSubstr("there is no `./no.json`"));
  EXPECT_EQ(one(""), "");
}

TEST(TestRunner, CountsBatchesAndMessages) {
  Files world;
  const std::string send = "    input_batch: [ { content: a }, { content: b } ]\n";
  EXPECT_THAT(world.failures("[ { split: {} } ]", send + "    output_batches: [ [ {}, {} ] ]\n"),
              ElementsAre(HasSubstr("expected 1, got 2"), HasSubstr("expected 2, got 1")));
  EXPECT_THAT(
      world.failures("[ { split: {} } ]", send + "    output_batches: [ [ {} ], [ {} ] ]\n"),
      ElementsAre());
}

TEST(TestRunner, RefusesACaseThatTestsNothing) {
  Files world;
  EXPECT_THAT(world.failures("[]", "    input_batch: [ { content: a } ]\n"),
              ElementsAre(HasSubstr("tests nothing")));
  EXPECT_THAT(world.failures("[]", "    output_batches: []\n"),
              ElementsAre(HasSubstr("tests nothing")));
  EXPECT_THAT(world.failures("[]", "    inputs: []\n"), ::testing::Not(ElementsAre()));
}

TEST(TestRunner, FindsTargetsByPointerLabelAndFile) {
  Files world;
  world.files["dir/other.yaml"] =
      "pipeline:\n  processors:\n    - label: first\n      mapping: root = \"one\"\n"
      "    - mapping: root = \"two\"\n"
      "processor_resources:\n  - label: shared\n    mapping: root = \"three\"\n";
  world.files["dir/map.blobl"] = "root = \"four\"\n";
  const auto payload = [&](const std::string& target, const std::string& wanted) {
    world.files["dir/t.yaml"] = "tests:\n  - name: a\n    " + target +
                                "\n    input_batch: [ { content: x } ]\n"
                                "    output_batches: [ [ { content_equals: " +
                                wanted + " } ] ]\n";
    const FileResult result = world.run("dir/t.yaml");
    return result.passed() && result.cases.size() == 1;
  };
  EXPECT_TRUE(payload("target_processors: 'other.yaml#/pipeline/processors/0'", "one"));
  EXPECT_TRUE(payload("target_processors: 'other.yaml#/pipeline/processors'", "two"));
  EXPECT_FALSE(payload("target_processors: 'other.yaml#/pipeline/processors/7'", "two"));
  EXPECT_TRUE(payload("target_mapping: map.blobl", "four"));
  world.files["dir/t2.yaml"] =
      "tests:\n  - { name: a, target_processors: first, input_batch: [ { content: x } ],\n"
      "      output_batches: [ [ { content_equals: one } ] ] }\n"
      "  - { name: b, target_processors: shared, input_batch: [ { content: x } ],\n"
      "      output_batches: [ [ { content_equals: three } ] ] }\n";
  EXPECT_TRUE(world.run("dir/t2.yaml", "dir/other.yaml").passed());
}

TEST(TestRunner, MocksProcessorsAndSetsVariables) {
  Files world;
  world.files["f.yaml"] =
      "pipeline:\n"
      "  processors:\n"
      "    - label: far\n"
      "      mapping: root = throw(\"no network here\")\n"
      "    - mapping: root = throw(\"none here\")\n"
      "    - mutation: root.env = \"${WHERE}\"\n"
      "tests:\n"
      "  - name: a\n"
      "    environment: { WHERE: here }\n"
      "    mocks:\n"
      "      far: { mapping: 'root.x = 1' }\n"
      "      /pipeline/processors/1: { mutation: 'root.y = 2' }\n"
      "    input_batch: [ { content: '{}' } ]\n"
      "    output_batches: [ [ { json_equals: { x: 1, y: 2, env: here } } ] ]\n"
      "  - name: b\n"
      "    mocks: { nobody: { noop: {} } }\n"
      "    input_batch: [ { content: '{}' } ]\n"
      "    output_batches: [ [ {} ] ]\n";
  const FileResult result = world.run("f.yaml");
  ASSERT_EQ(result.cases.size(), 2U);
  EXPECT_THAT(result.cases[0].failures, ElementsAre());
  EXPECT_THAT(result.cases[1].failures, ElementsAre(HasSubstr("label `nobody`")));
}

TEST(TestRunner, FailsWhenTheTargetHasMistakes) {
  Files world;
  EXPECT_THAT(
      world.failures("[ { mapping: 'root = ' } ]",
                     "    input_batch: [ { content: a } ]\n    output_batches: [ [ {} ] ]\n"),
      ::testing::Not(ElementsAre()));
}

TEST(TestRunner, RunsOnlySelectedCases) {
  Files world;
  world.files["f.yaml"] =
      "tests:\n"
      "  - { name: a, input_batch: [ {} ], output_batches: [ [ {} ] ] }\n"
      "  - { name: b, input_batch: [ {} ], output_batches: [ [ {} ] ] }\n";
  world.files["f.yaml"] += "pipeline: { processors: [] }\n";
  world.settings.selected = [](const std::string& name) { return name == "b"; };
  const FileResult result = world.run("f.yaml");
  ASSERT_EQ(result.cases.size(), 1U);
  EXPECT_EQ(result.cases[0].name, "b");
  EXPECT_TRUE(result.passed());
}

}  // namespace
}  // namespace weir::test
