#include <string>

#include <gtest/gtest.h>

#include "mapping/functions/calls.h"

namespace weir::mapping {
namespace {

using test::expect_error;

TEST(Hash, EveryAlgorithmAndItsMistakes) {
  const auto hash = [](const std::string& arguments) {
    return test::run("root.r = \"x\".hash(" + arguments + ")", "{}");
  };
  EXPECT_EQ(test::run(R"(root.r = "x".hash("hmac-sha256","k").encode("hex"))", "{}"),
            R"({"r":"c38edc8815c8489f64738978f44008f8596345545f0baa68ef6fcf5c53e57189"})");
  EXPECT_EQ(test::run(R"(root.r = "x".hash("fnv32").string())", "{}"), R"({"r":"84696423"})");
  EXPECT_EQ(test::run(R"(root.r = "".hash("crc32").encode("hex"))", "{}"), R"({"r":"00000000"})");
  EXPECT_NE(hash(R"("nope")").find("parse error: "), std::string::npos);
  EXPECT_NE(hash(R"("nope")").find("unrecognized hash type: nope"), std::string::npos);
  EXPECT_NE(hash(R"("hmac_sha1")").find("hash algorithm hmac_sha1 requires a key argument"),
            std::string::npos);
  EXPECT_NE(hash(R"("hmac_sha1", "")").find("hash algorithm hmac_sha1 requires a key argument"),
            std::string::npos);
  expect_error(hash(R"("crc32", "", "x")"), "string literal: unsupported crc32 hash key \"x\"");
}

}  // namespace
}  // namespace weir::mapping
