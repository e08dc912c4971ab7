#include "config/diagnostics.h"

#include <gtest/gtest.h>

namespace weir::config {
namespace {

TEST(Location, LeavesOutWhatIsUnknown) {
  EXPECT_EQ((Location{"a.yaml", 3, 7}).to_string(), "a.yaml:3:7");
  EXPECT_EQ((Location{"a.yaml", 3, 0}).to_string(), "a.yaml:3");
  EXPECT_EQ((Location{"a.yaml", 0, 0}).to_string(), "a.yaml");
  EXPECT_EQ((Location{"", 3, 7}).to_string(), "3:7");
}

TEST(Diagnostics, AreSortedByFileOfFirstMentionThenPlace) {
  Diagnostics found;
  found.warning("W1", {"b", 2, 1}, "b2");
  found.error("E1", {"a", 9, 1}, "a9");
  found.error("E1", {"b", 1, 5}, "b1.5");
  found.error("E1", {"b", 1, 2}, "b1.2");
  found.error("E1", {"a", 0, 0}, "a");
  std::string order;
  for (const Diagnostic& one : found.sorted()) {
    order += one.message + " ";
  }
  EXPECT_EQ(order, "b1.2 b1.5 b2 a a9 ");
}

TEST(Diagnostics, EqualFindingsAreShownOnce) {
  Diagnostics found;
  found.error("E1", {"a", 1, 1}, "same");
  found.error("E2", {"a", 1, 1}, "between");
  found.error("E1", {"a", 1, 1}, "same");
  found.error("E1", {"b", 1, 1}, "same");
  EXPECT_EQ(found.sorted().size(), 3U);
  EXPECT_EQ(found.all().size(), 4U);
}

TEST(Diagnostics, WarningsAreNoErrors) {
  Diagnostics found;
  found.warning("W1", {}, "w");
  EXPECT_FALSE(found.has_errors());
  found.error("E1", {}, "e");
  EXPECT_TRUE(found.has_errors());
}

TEST(Nearest, FindsSlipsOfTheFingers) {
  const std::vector<std::string_view> names = {"tag", "service", "max_in_flight", "url", "topics"};
  EXPECT_EQ(nearest("ta", names), "tag");
  EXPECT_EQ(nearest("rvice", names), "service");
  EXPECT_EQ(nearest("max_inflight", names), "max_in_flight");
  EXPECT_EQ(nearest("URL", names), "url");
  EXPECT_EQ(nearest("tpoics", names), "topics") << "a swap is one slip";
}

TEST(Nearest, DoesNotGuessWildly) {
  const std::vector<std::string_view> names = {"tag", "service"};
  EXPECT_EQ(nearest("output", names), "");
  EXPECT_EQ(nearest("xyz", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(100'000, 't'), names), "");
  EXPECT_EQ(nearest("tag", {}), "");
}

TEST(Nearest, PrefersTheNearerThenTheFirst) {
  EXPECT_EQ(nearest("paths", {"bath_s", "path", "pathx"}), "path");
  EXPECT_EQ(nearest("aaaa", {"aaab", "aaac"}), "aaab");
}

}  // namespace
}  // namespace weir::config
