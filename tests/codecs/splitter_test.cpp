#include "codecs/splitter.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "codecs/support.h"

namespace weir::codecs {
namespace {

using core::ErrorCode;
using testing::drive;
using testing::Drive;
using testing::Event;
using testing::record;

std::vector<Event> in_all_pieces(Splitter& splitter, std::string_view data) {
  const auto whole = drive(splitter, data, {0});
  for (const std::size_t piece : {1U, 2U, 5U, 17U}) {
    for (const Drive how : {Drive::kNext, Drive::kSplit}) {
      splitter.reset();
      EXPECT_EQ(drive(splitter, data, {piece}, how), whole) << "pieces of " << piece;
    }
  }
  splitter.reset();
  return whole;
}

TEST(ChunkSplitter, CutsPiecesOfOneSize) {
  auto splitter = make_chunk_splitter(3);
  ASSERT_TRUE(splitter);
  EXPECT_EQ(in_all_pieces(**splitter, "abcdefgh"),
            (std::vector<Event>{record("abc"), record("def"), record("gh")}));
  EXPECT_EQ(in_all_pieces(**splitter, "abc"), (std::vector<Event>{record("abc")}));
  EXPECT_EQ(in_all_pieces(**splitter, ""), std::vector<Event>{});
  EXPECT_FALSE(make_chunk_splitter(0));
  EXPECT_FALSE(make_chunk_splitter(kLargestMaxRecordBytes + 1));
}

TEST(WholeSplitter, MakesTheStreamOneRecordEvenIfItIsEmpty) {
  auto splitter = make_whole_splitter(8);
  ASSERT_TRUE(splitter);
  EXPECT_EQ(in_all_pieces(**splitter, "a\nb\n"), (std::vector<Event>{record("a\nb\n")}));
  EXPECT_EQ(in_all_pieces(**splitter, ""), (std::vector<Event>{record("")}));
}

TEST(WholeSplitter, AStreamOverTheLimitIsOneBadRecord) {
  auto splitter = make_whole_splitter(8);
  ASSERT_TRUE(splitter);
  EXPECT_EQ(in_all_pieces(**splitter, "12345678"), (std::vector<Event>{record("12345678")}));
  const auto events = in_all_pieces(**splitter, "123456789 and on");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, "bad");
}

TEST(RegexSplitter, StartsASegmentAtEachMatch) {
  auto splitter = make_regex_splitter("(?m)^\\d\\d:\\d\\d:\\d\\d");
  ASSERT_TRUE(splitter);
  EXPECT_EQ(in_all_pieces(**splitter, "20:20:22 ERROR\n  Code\n20:20:23 INFO\n20:20:24 x\n"),
            (std::vector<Event>{record("20:20:22 ERROR\n  Code\n"), record("20:20:23 INFO\n"),
                                record("20:20:24 x\n")}));
  EXPECT_EQ(in_all_pieces(**splitter, "before\n20:20:22 a 11:11:11\n"),
            (std::vector<Event>{record("before\n"), record("20:20:22 a 11:11:11\n")}));
  EXPECT_EQ(in_all_pieces(**splitter, "no match at all"),
            (std::vector<Event>{record("no match at all")}));
  EXPECT_EQ(in_all_pieces(**splitter, ""), std::vector<Event>{});
}

TEST(RegexSplitter, AnEmptyMatchCutsBetweenCharacters) {
  auto splitter = make_regex_splitter("x*");
  ASSERT_TRUE(splitter);
  // As Go's FindAllIndex has it.
  EXPECT_EQ(drive(**splitter, "axb", {0}), (std::vector<Event>{record("a"), record("xb")}));
  EXPECT_EQ(drive(**splitter, "ab", {0}), (std::vector<Event>{record("a"), record("b")}));
}

TEST(RegexSplitter, ASegmentOverTheLimitFailsAloneAndTheRestFlows) {
  auto splitter = make_regex_splitter("#!?", 6);
  ASSERT_TRUE(splitter);
  const std::string message =
      "splitting by a pattern: the record is longer than the limit of 6 bytes";
  EXPECT_EQ(in_all_pieces(**splitter, "#12345#123456#1#"),
            (std::vector<Event>{record("#12345"), {"bad", message}, record("#1"), record("#")}));
  EXPECT_EQ(in_all_pieces(**splitter, "no match comes here#ab#"),
            (std::vector<Event>{{"bad", message}, record("#ab"), record("#")}));
  EXPECT_EQ(in_all_pieces(**splitter, "#a#1234567890"),
            (std::vector<Event>{record("#a"), {"bad", message}}));
  // A match that begins at the limit and ends beyond it.
  EXPECT_EQ(in_all_pieces(**splitter, "#12345#!12345#"),
            (std::vector<Event>{record("#12345"), {"bad", message}, record("#")}));
}

TEST(RegexSplitter, WhileSkippingTheStartOfALineIsStillKnown) {
  auto splitter = make_regex_splitter("(?m)^#", 10);
  ASSERT_TRUE(splitter);
  const std::string data = "#" + std::string(20'000, 'x') + "#not a start\n#ab\n";
  for (const std::size_t piece : {std::size_t{0}, std::size_t{1000}, std::size_t{4097}}) {
    (*splitter)->reset();
    const auto events = drive(**splitter, data, {piece});
    ASSERT_EQ(events.size(), 2U) << piece;
    EXPECT_EQ(events[0].kind, "bad");
    EXPECT_EQ(events[1], record("#ab\n"));
  }
}

TEST(RegexSplitter, BadPatternsAreRefused) {
  const auto unclosed = make_regex_splitter("(a");
  ASSERT_FALSE(unclosed);
  EXPECT_EQ(unclosed.error().code, ErrorCode::kInvalidConfig);
  EXPECT_THAT(unclosed.error().message, ::testing::HasSubstr("missing )"));
  EXPECT_TRUE(make_regex_splitter(std::string(4096, 'a')));
  EXPECT_FALSE(make_regex_splitter(std::string(4097, 'a')));
  EXPECT_FALSE(make_regex_splitter("((a{100}){100}){100}"));
}

TEST(RegexSplitter, GarbageNeitherCrashesNorBreaksThePromises) {
  EXPECT_TRUE(rc::check("regex on garbage", [] {
    const auto data =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("a#\n1\xff")));
    const auto pattern =
        *rc::gen::element<std::string>("#", "(?m)^", "(?m)$", "a*", "\\b", "1+#", "", "(?m)^a|1$");
    auto splitter = make_regex_splitter(pattern, *rc::gen::inRange<std::size_t>(1, 10));
    RC_ASSERT(splitter.has_value());
    const auto sizes =
        *rc::gen::container<std::vector<std::size_t>>(4, rc::gen::inRange<std::size_t>(1, 20));
    std::string joined;
    bool lost = false;
    for (const Event& event : drive(**splitter, data, sizes)) {
      RC_ASSERT(event.kind == "record" || event.kind == "bad");
      lost = lost || event.kind == "bad";
      joined += event.kind == "record" ? event.text : "";
    }
    RC_ASSERT(lost || joined == data);
  }));
}

struct BomCase {
  const char* name;
  std::string head;
  bool end_of_stream;
  std::optional<std::size_t> expected;
};

class Bom : public ::testing::TestWithParam<BomCase> {};

TEST_P(Bom, IsMeasuredAsSoonAsItCanBe) {
  EXPECT_EQ(bom_length(GetParam().head, GetParam().end_of_stream), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Splitter, Bom,
    ::testing::Values(BomCase{"utf8", "\xef\xbb\xbf", false, 3},
                      BomCase{"utf8_and_text", "\xef\xbb\xbf{}", false, 3},
                      BomCase{"utf16_big", "\xfe\xff", false, 2},
                      BomCase{"utf16_little_or_utf32", "\xff\xfe", false, std::nullopt},
                      BomCase{"utf16_little_at_the_end", "\xff\xfe", true, 2},
                      BomCase{"utf16_little",
                              "\xff\xfe"
                              "a",
                              false, 2},
                      BomCase{"utf32_little", std::string("\xff\xfe\0\0", 4), false, 4},
                      BomCase{"utf32_big", std::string("\0\0\xfe\xff", 4), false, 4},
                      BomCase{"zeros", std::string("\0\0", 2), false, std::nullopt},
                      BomCase{"zeros_at_the_end", std::string("\0\0", 2), true, 0},
                      BomCase{"nothing_yet", "", false, std::nullopt},
                      BomCase{"nothing", "", true, 0}, BomCase{"text", "a", false, 0},
                      BomCase{"part_of_utf8", "\xef\xbb", false, std::nullopt},
                      BomCase{"part_of_utf8_and_text", "\xef\xbbx", false, 0}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace weir::codecs
