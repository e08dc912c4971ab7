// The examples of the hand-written pages: input, mapping and result are fenced blocks that follow
// one another (`json in`, `mapping`, `json out`).

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/time_zone.h"
#include "support.h"

namespace weir::mapping {
namespace {

struct Block {
  std::string kind;
  std::string text;
  unsigned line = 0;
};

std::vector<Block> blocks_of(const std::string& page) {
  std::ifstream file(std::string(WEIR_SOURCE_DIR) + "/docs/mapping/" + page);
  EXPECT_TRUE(file) << page;
  std::vector<Block> blocks;
  bool inside = false;
  unsigned number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), "", number});
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  EXPECT_FALSE(inside) << page << " ends inside a block";
  return blocks;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void check(const std::string& where, const std::string& input, const std::string& mapping,
           const std::string& expected) {
  const auto inputs = lines_of(input);
  const auto results = lines_of(expected);
  ASSERT_EQ(inputs.size(), results.size()) << where << ": one result for each document";
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string got = test::run(mapping, inputs[i]);
    if (results[i] == "(dropped)") {
      EXPECT_EQ(got, "deleted") << where;
    } else if (results[i].starts_with("error: ")) {
      EXPECT_NE(got.find("error: "), std::string::npos) << where << "\n" << got;
      EXPECT_NE(got.find(results[i].substr(7)), std::string::npos) << where << "\n" << got;
    } else {
      EXPECT_EQ(got, test::canonical(results[i])) << where;
    }
  }
}

// How many examples the page has.
unsigned run_page(const std::string& page) {
  core::set_local_zone(core::utc_zone());
  const auto blocks = blocks_of(page);
  unsigned examples = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::string where = page + ":" + std::to_string(blocks[i].line);
    if (blocks[i].kind != "mapping") {
      const bool belongs = blocks[i].kind == "json in" || blocks[i].kind == "json out";
      EXPECT_TRUE(belongs) << where << ": a block of another kind";
      continue;
    }
    if (i == 0 || i + 1 == blocks.size() || blocks[i - 1].kind != "json in" ||
        blocks[i + 1].kind != "json out") {
      ADD_FAILURE() << where << ": a mapping stands between its input and its result";
      continue;
    }
    check(where, blocks[i - 1].text, blocks[i].text, blocks[i + 1].text);
    ++examples;
  }
  EXPECT_EQ(blocks.size(), 3 * examples) << page;
  return examples;
}

TEST(MappingDocs, TheTourIsTrue) {
  EXPECT_GE(run_page("README.md"), 10U);
}
TEST(MappingDocs, WhatUsersOfJqAreToldIsTrue) {
  EXPECT_EQ(run_page("from-jq.md"), 10U);
}
TEST(MappingDocs, WhatUsersOfTheCookbookAreToldIsTrue) {
  EXPECT_EQ(run_page("from-the-cookbook.md"), 10U);
}

}  // namespace
}  // namespace weir::mapping
