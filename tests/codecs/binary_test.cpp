#include "codecs/binary.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "codecs/support.h"

namespace weir::codecs {
namespace {

using core::ErrorCode;
using testing::from_hex;

TEST(BinaryArchive, IsWrittenAsTheFamilyDoes) {
  std::string blob;
  ASSERT_TRUE(append_binary(std::vector<std::string_view>{"hello", "world"}, blob));
  EXPECT_EQ(blob, from_hex("0000000200000005") + "hello" + from_hex("00000005") + "world");
}

TEST(BinaryArchive, GivesBackWhatItWasGiven) {
  EXPECT_TRUE(rc::check("binary round trip", [] {
    const auto parts = *rc::gen::arbitrary<std::vector<std::string>>();
    std::string blob;
    RC_ASSERT(
        append_binary(std::vector<std::string_view>(parts.begin(), parts.end()), blob).has_value());
    const auto parsed = parse_binary(blob);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(std::vector<std::string>(parsed->begin(), parsed->end()) == parts);
  }));
}

TEST(BinaryArchive, CutShortAnywhereOrTooLongIsAnError) {
  std::string blob;
  ASSERT_TRUE(append_binary(std::vector<std::string_view>{"hello", "", "world"}, blob));
  for (std::size_t size = 0; size < blob.size(); ++size) {
    EXPECT_FALSE(parse_binary(std::string_view(blob).substr(0, size))) << size;
  }
  const auto longer = parse_binary(blob + "x");
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().message, "reading a binary archive: 1 bytes follow its last part");
}

TEST(BinaryArchive, PartsMayReachTheLimitAndNoMore) {
  const std::vector<std::string_view> parts(5, "x");
  std::string blob;
  ASSERT_TRUE(append_binary(parts, blob));
  EXPECT_TRUE(parse_binary(blob, 6));
  EXPECT_TRUE(parse_binary(blob, 5));
  EXPECT_TRUE(parse_binary(blob, 0));
  const auto over = parse_binary(blob, 4);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, ErrorCode::kLimit);
}

TEST(BinaryArchive, AWildNumberAllocatesNothing) {
  EXPECT_FALSE(parse_binary(from_hex("ffffffff"), 0));
  EXPECT_FALSE(parse_binary(from_hex("00000001ffffffff61")));
}

}  // namespace
}  // namespace weir::codecs
