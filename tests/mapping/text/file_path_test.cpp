#include "mapping/text/file_path.h"

#include <vector>

#include <gtest/gtest.h>

namespace weir::mapping::text {
namespace {

struct Case {
  const char* path;
  const char* clean;
};

TEST(FilePath, CleansPaths) {
  for (const Case& c : {Case{"", "."},
                        {"/", "/"},
                        {"//a//b/", "/a/b"},
                        {"a/./b/../c", "a/c"},
                        {"../a", "../a"},
                        {"a/../../b", "../b"},
                        {"/../a", "/a"},
                        {"a/..", "."},
                        {"./", "."},
                        {"/..", "/"}}) {
    EXPECT_EQ(clean_path(c.path), c.clean) << c.path;
  }
}

TEST(FilePath, JoinsParts) {
  const auto join = [](std::vector<std::string_view> parts) { return join_path(parts); };
  EXPECT_EQ(join({"/foo/", "bar.txt"}), "/foo/bar.txt");
  EXPECT_EQ(join({"", "a", "", "../b"}), "b");
  EXPECT_EQ(join({"a", "/b"}), "a/b");
  EXPECT_EQ(join({}), "");
  EXPECT_EQ(join({"", ""}), "");
}

TEST(FilePath, SplitsAtTheLastSlash) {
  using Pair = std::pair<std::string_view, std::string_view>;
  EXPECT_EQ(split_path("/foo/bar.txt"), Pair("/foo/", "bar.txt"));
  EXPECT_EQ(split_path("baz.txt"), Pair("", "baz.txt"));
  EXPECT_EQ(split_path("/foo/"), Pair("/foo/", ""));
  EXPECT_EQ(split_path(""), Pair("", ""));
}

}  // namespace
}  // namespace weir::mapping::text
