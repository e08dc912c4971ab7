#include "codecs/framing.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "codecs/support.h"

namespace weir::codecs {
namespace {

using core::ErrorCode;
using testing::drive;
using testing::Drive;
using testing::Event;
using testing::from_hex;
using testing::record;

std::vector<Event> split(Framing framing, std::string_view data, std::size_t limit = 65536) {
  auto splitter = make_frame_splitter(framing, limit);
  EXPECT_TRUE(splitter);
  const auto whole = drive(**splitter, data, {0});
  for (const std::size_t piece : {1U, 2U, 3U, 9U}) {
    for (const Drive how : {Drive::kNext, Drive::kSplit}) {
      (*splitter)->reset();
      EXPECT_EQ(drive(**splitter, data, {piece}, how), whole) << "pieces of " << piece;
    }
  }
  return whole;
}

std::string frames(Framing framing, const std::vector<std::string>& payloads) {
  std::string output;
  for (const std::string& payload : payloads) EXPECT_TRUE(append_frame(framing, payload, output));
  return output;
}

const Event kTooLong{"bad", "splitting frames: the record is longer than the limit of 5 bytes"};
const Event kCutShort{"bad", "splitting frames: the stream ends within one"};

TEST(Framing, WritesWhatTheFormatsSay) {
  EXPECT_EQ(frames(Framing::kLines, {"ab", "", "c"}), "ab\n\nc\n");
  EXPECT_EQ(frames(Framing::kLengthPrefixedUint32, {"ab", ""}), from_hex("0000000261620000"
                                                                         "0000"));
  EXPECT_EQ(frames(Framing::kNetstring, {"hello", "", "a,b"}), "5:hello,0:,3:a,b,");
}

TEST(Framing, ALineCannotCarryALineFeed) {
  std::string output;
  const auto status = append_frame(Framing::kLines, "a\nb", output);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(output, "");
}

TEST(Framing, GivesBackWhatItWasGiven) {
  EXPECT_TRUE(rc::check("frames round trip", [] {
    const auto payloads = *rc::gen::container<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
    const auto sizes =
        *rc::gen::container<std::vector<std::size_t>>(5, rc::gen::inRange<std::size_t>(1, 20));
    for (const Framing framing : {Framing::kLengthPrefixedUint32, Framing::kNetstring}) {
      auto splitter = make_frame_splitter(framing);
      RC_ASSERT(splitter.has_value());
      std::vector<Event> expected;
      for (const std::string& payload : payloads) expected.push_back(record(payload));
      RC_ASSERT(drive(**splitter, frames(framing, payloads), sizes) == expected);
    }
  }));
}

TEST(Framing, AFrameOverTheLimitFailsAloneAndTheRestFlows) {
  for (const Framing framing : {Framing::kLengthPrefixedUint32, Framing::kNetstring}) {
    EXPECT_EQ(split(framing, frames(framing, {"12345", "123456", "", "x"}), 5),
              (std::vector<Event>{record("12345"), kTooLong, record(""), record("x")}));
    EXPECT_EQ(split(framing, frames(framing, {"123456789012"}), 5), (std::vector<Event>{kTooLong}));
  }
}

TEST(Framing, AFrameTheStreamEndsInIsBad) {
  EXPECT_EQ(split(Framing::kLengthPrefixedUint32, from_hex("000000")),
            (std::vector<Event>{kCutShort}));
  EXPECT_EQ(split(Framing::kLengthPrefixedUint32, from_hex("0000000361")),
            (std::vector<Event>{kCutShort}));
  for (const std::string text : {"5", "5:", "5:hell", "5:hello"}) {
    EXPECT_EQ(split(Framing::kNetstring, "1:a," + text),
              (std::vector<Event>{record("a"), kCutShort}));
  }
}

TEST(Framing, AMalformedNetstringFailsTheStream) {
  for (const std::string text : {":", "x", "-1:", "5;hello,", "3:abcd", "12345678901:", " 1:a,"}) {
    const auto events = split(Framing::kNetstring, "1:a," + text);
    ASSERT_EQ(events.size(), 2U) << text;
    EXPECT_EQ(events[1].kind, "failed") << text;
  }
  const auto skipped = split(Framing::kNetstring, "6:123456x1:a,", 5);
  ASSERT_FALSE(skipped.empty());
  EXPECT_EQ(skipped.back().kind, "failed");
}

TEST(Framing, NamesAreThoseOfTheFamily) {
  EXPECT_EQ(parse_framing("lines"), Framing::kLines);
  EXPECT_EQ(parse_framing("length_prefixed_uint32_be"), Framing::kLengthPrefixedUint32);
  EXPECT_EQ(parse_framing("netstring"), Framing::kNetstring);
  EXPECT_FALSE(parse_framing("json"));
  EXPECT_FALSE(make_frame_splitter(Framing::kNetstring, 0));
  EXPECT_EQ(split(Framing::kLines, "a\r\nb"), (std::vector<Event>{record("a"), record("b")}));
}

}  // namespace
}  // namespace weir::codecs
