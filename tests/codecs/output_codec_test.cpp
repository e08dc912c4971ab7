#include "codecs/output_codec.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace weir::codecs {
namespace {

std::string written(std::string_view codec, const std::vector<std::string>& payloads) {
  const auto parsed = OutputCodec::parse(codec);
  EXPECT_TRUE(parsed) << codec;
  std::string output;
  for (const std::string& payload : payloads) parsed->write(payload, output);
  return output;
}

TEST(OutputCodec, WritesADelimiterWhereNoneStands) {
  EXPECT_EQ(written("lines", {"a", "b\n", "", "\n"}), "a\nb\n\n\n");
  EXPECT_EQ(written("append", {"a", "b\n", ""}), "ab\n");
  EXPECT_EQ(written("delim:<>", {"a", "b<>", "c>"}), "a<>b<>c><>");
  EXPECT_EQ(written("delim:\t", {"a"}), "a\t");
  EXPECT_EQ(written("delim::", {"a"}), "a:");
  EXPECT_EQ(written("all-bytes", {"a"}), "a");
}

TEST(OutputCodec, KnowsItsKind) {
  EXPECT_EQ(OutputCodec::parse("all-bytes")->kind(), OutputCodec::Kind::kAllBytes);
  EXPECT_EQ(OutputCodec::parse("append")->kind(), OutputCodec::Kind::kAppend);
  EXPECT_EQ(OutputCodec::parse("lines")->kind(), OutputCodec::Kind::kLines);
  EXPECT_EQ(OutputCodec::parse("delim:x")->kind(), OutputCodec::Kind::kDelimiter);
}

TEST(OutputCodec, RefusesWhatItDoesNotKnow) {
  for (const std::string_view text : {"", "delim:", "line", "Lines", "all_bytes"}) {
    const auto parsed = OutputCodec::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, core::ErrorCode::kInvalidConfig);
  }
}

}  // namespace
}  // namespace weir::codecs
