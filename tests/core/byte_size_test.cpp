#include "core/byte_size.h"

#include <limits>

#include <gtest/gtest.h>

namespace weir::core {
namespace {

struct Case {
  const char* text;
  std::uint64_t bytes;
};

TEST(ByteSize, ReadsDecimalAndBinaryUnitsInAnyCase) {
  for (const Case& c : {Case{"64KiB", 65'536},
                        {"64kib", 65'536},
                        {"64Ki", 65'536},
                        {"50MB", 50'000'000},
                        {"50mb", 50'000'000},
                        {"10M", 10'000'000},
                        {"1kb", 1'000},
                        {"1KB", 1'000},
                        {"1k", 1'000},
                        {"1B", 1},
                        {"0", 0},
                        {"1048576", 1'048'576},
                        {"1,048,576", 1'048'576},
                        {"1.5GiB", 1'610'612'736},
                        {"1.0001kB", 1'000},
                        {" 16 MiB ", 16'777'216},
                        {"1EiB", 1ULL << 60},
                        {"15EiB", 15ULL << 60},
                        {"18446744073709551615", std::numeric_limits<std::uint64_t>::max()},
                        {"0.99999999999999999999999999999B", 0}}) {
    const auto size = parse_byte_size(c.text);
    ASSERT_TRUE(size) << c.text << ": " << size.error().message;
    EXPECT_EQ(size->bytes, c.bytes) << c.text;
  }
}

struct Refused {
  const char* text;
  const char* why;
};

TEST(ByteSize, SaysWhatIsWrongAndShowsARightForm) {
  for (const Refused& c :
       {Refused{"",
                "parsing size \"\": it is empty, write for example `64KiB`, `50MB` or `1048576`"},
        {"-5MB", "a size cannot be negative"},
        {"MB", "expected a number"},
        {".", "expected a number"},
        {"5 parsecs", "parsing size \"5 parsecs\": unknown unit \"parsecs\""},
        {"5MiBB", "unknown unit \"MiBB\""},
        {"1.2.3MB", "unknown unit \".3MB\""},
        {"16EiB", "too large"},
        {"18446744073709551616", "too large"},
        {"99999999999999999999999999999999999999999999999999", "too large"}}) {
    const auto size = parse_byte_size(c.text);
    ASSERT_FALSE(size) << c.text;
    EXPECT_NE(size.error().message.find(c.why), std::string::npos) << size.error().message;
  }
}

TEST(ByteSize, PrintsTheShortestExactForm) {
  EXPECT_EQ(to_string(ByteSize{0}), "0B");
  EXPECT_EQ(to_string(ByteSize{1}), "1B");
  EXPECT_EQ(to_string(ByteSize{65'536}), "64KiB");
  EXPECT_EQ(to_string(ByteSize{50'000'000}), "50MB");
  EXPECT_EQ(to_string(ByteSize{1'000'001}), "1000001B");
  EXPECT_EQ(to_string(ByteSize{1ULL << 60}), "1EiB");
  for (const std::uint64_t bytes : {1ULL, 999ULL, 1'000ULL, 1'024ULL, 1'536ULL, 123'456'789ULL,
                                    std::numeric_limits<unsigned long long>::max()}) {
    EXPECT_EQ(parse_byte_size(to_string(ByteSize{bytes}))->bytes, bytes);
  }
}

}  // namespace
}  // namespace weir::core
