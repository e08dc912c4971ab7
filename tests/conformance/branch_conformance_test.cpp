// Runs the shared cases of `branch`. Where they are: WEIR_CONFORMANCE_DIR, else
// ../shared/conformance beside the source tree; skipped when absent.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/json_index.h"
#include "processors/support.h"

namespace weir::test {
namespace {

using core::Arena;
using core::Kind;
using core::Value;

std::string text_at(Value object, std::string_view key, Arena& arena) {
  const core::Member* const member = core::find(object, key);
  if (member == nullptr || !member->value.is(Kind::kString)) return "";
  return std::string(member->value.text(arena));
}

std::string quoted(const std::string& text) {
  core::Buffer out;
  core::write_json_string(text, out);
  return std::string(out.view());
}

std::string canonical(const std::string& json) {
  Arena arena;
  const auto value = core::parse_json(json, arena);
  core::Buffer out;
  if (!value || !core::write_json(*value, out, {.sort_keys = true})) return json;
  return std::string(out.view());
}

std::vector<ProcessorWorld::Given> messages(Value list, Arena& arena) {
  std::vector<ProcessorWorld::Given> made;
  for (const Value& one : core::items(list)) {
    std::map<std::string, std::string> metadata;
    for (const core::Member& member : core::members(core::find(one, "meta")->value))
      metadata.emplace(member.key.text(arena), member.value.text(arena));
    made.emplace_back(text_at(one, "content", arena), metadata, text_at(one, "error", arena));
  }
  return made;
}

// Listed in docs/mapping/differences.md: the words of the error may be others.
bool words_differ(const std::string& id) {
  std::ifstream file(std::string(WEIR_SOURCE_DIR) + "/docs/mapping/differences.md");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| `" + id + "`")) return true;
  }
  return false;
}

TEST(BranchConformance, ReferenceCasesHold) {
  const char* const given = std::getenv("WEIR_CONFORMANCE_DIR");
  const std::filesystem::path root =
      given != nullptr ? std::filesystem::path(given)
                       : std::filesystem::path(WEIR_SOURCE_DIR) / ".." / "shared" / "conformance";
  std::ifstream file(root / "mapping" / "branch_cases.jsonl");
  if (!file) GTEST_SKIP() << "skipped: not present";
  int cases = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    Arena arena;
    const auto json = core::parse_json(line, arena);
    ASSERT_TRUE(json) << line;
    SCOPED_TRACE(text_at(*json, "id", arena));
    ProcessorWorld world;
    const auto run = world.run(
        "branch: { request_map: " + quoted(text_at(*json, "request_map", arena)) +
            ", processors: [ { mapping: " + quoted(text_at(*json, "processor_map", arena)) +
            " } ], result_map: " + quoted(text_at(*json, "result_map", arena)) + " }",
        messages(core::find(*json, "input")->value, arena));
    const auto expected = messages(core::find(*json, "expected")->value, arena);
    const auto got = run.all();
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(canonical(got[i].payload), canonical(expected[i].payload));
      if (expected[i].error.empty()) {
        EXPECT_EQ(got[i].error, "");
      } else if (words_differ(text_at(*json, "id", arena))) {
        EXPECT_NE(got[i].error, "");
      } else {
        EXPECT_THAT(got[i].error, testing::HasSubstr(expected[i].error));
      }
      std::string metadata;
      for (const auto& [key, value] : expected[i].metadata)
        metadata += (metadata.empty() ? "{" : ",") + quoted(key) + ":" + quoted(value);
      if (!metadata.empty()) metadata += "}";
      EXPECT_EQ(got[i].metadata, metadata);
    }
    EXPECT_EQ(run.outcomes.size(), expected.size());
    ++cases;
  }
  std::cout << cases << " cases\n";
  EXPECT_GT(cases, 0);
}

}  // namespace
}  // namespace weir::test
