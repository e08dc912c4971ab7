#include "config/node.h"

#include <gtest/gtest.h>

namespace weir::config {
namespace {

TEST(PlainType, FollowsTheCoreSchema) {
  const auto all = [](ScalarType type, std::initializer_list<const char*> texts) {
    for (const char* text : texts) {
      EXPECT_EQ(plain_type(text), type) << text;
    }
  };
  all(ScalarType::kNull, {"", "~", "null", "Null", "NULL"});
  all(ScalarType::kBool, {"true", "True", "TRUE", "false", "False", "FALSE"});
  all(ScalarType::kInt,
      {"0", "-1", "+12", "007", "0x1F", "0o17", "123456789012345678901234567890"});
  all(ScalarType::kFloat, {"1.", ".5", "-0.5", "1e3", "1E-3", "+1.5e+10", ".inf", "-.INF", ".nan"});
  all(ScalarType::kString,
      {"yes", "no", "on", "off", "y",     "nulL", "tRUE",  "1_000", "0x",  "0xg", "0o8", "-",   "+",
       ".",   "e5", "1e", "1e+", "1.2.3", "--1",  "-.nan", "inf",   "10s", "1 ",  " 1",  "-0x1"});
}

TEST(Node, FindsItsMembers) {
  Node node;
  node.kind = Node::Kind::kMapping;
  node.members.push_back({"a", {}, {}});
  node.members.push_back({"b", {}, {}});
  node.members[1].value.kind = Node::Kind::kScalar;
  EXPECT_EQ(node.find("b"), &node.members[1].value);
  EXPECT_EQ(node.find("c"), nullptr);
  EXPECT_EQ(name(node.kind), "mapping");
}

}  // namespace
}  // namespace weir::config
