#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "codecs/splitter.h"
#include "codecs/support.h"

namespace weir::codecs {
namespace {

using core::ErrorCode;
using testing::drive;
using testing::Drive;
using testing::Event;
using testing::record;

Event too_long(std::size_t limit) {
  return {"bad", "splitting lines: the record is longer than the limit of " +
                     std::to_string(limit) + " bytes"};
}

// One outcome, whichever way the data is cut and the splitter is asked.
std::vector<Event> split(const LinesOptions& options, std::string_view data) {
  auto splitter = make_lines_splitter(options);
  EXPECT_TRUE(splitter);
  const auto whole = drive(**splitter, data, {0});
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U}) {
    for (const Drive how : {Drive::kNext, Drive::kSplit}) {
      (*splitter)->reset();
      EXPECT_EQ(drive(**splitter, data, {piece}, how), whole) << "pieces of " << piece;
    }
  }
  (*splitter)->reset();
  EXPECT_EQ(drive(**splitter, data, {0}, Drive::kSplit), whole);
  return whole;
}

std::vector<Event> records(const std::vector<std::string>& texts) {
  std::vector<Event> events;
  for (const std::string& text : texts) events.push_back(record(text));
  return events;
}

struct LinesCase {
  const char* name;
  std::string data;
  std::vector<std::string> expected;
  LinesOptions options = {};
};

class Lines : public ::testing::TestWithParam<LinesCase> {};

TEST_P(Lines, AreSplit) {
  EXPECT_EQ(split(GetParam().options, GetParam().data), records(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Splitter, Lines,
    ::testing::Values(
        LinesCase{"nothing", "", {}},  //
        LinesCase{"one_unterminated", "a", {"a"}}, LinesCase{"terminated", "a\nbc\n", {"a", "bc"}},
        LinesCase{"last_unterminated", "a\nbc", {"a", "bc"}},
        LinesCase{"empty_lines", "\n\na\n\n", {"", "", "a", ""}},
        LinesCase{"carriage_returns", "a\r\nb\r\r\n\r\nc\rd\n", {"a", "b\r", "", "c\rd"}},
        LinesCase{"carriage_return_at_the_end", "a\r", {"a"}},
        LinesCase{"only_a_carriage_return", "\r", {""}},
        LinesCase{"omit_empty", "\n\r\na\n\n\nb\n\r", {"a", "b"}, {.omit_empty = true}},
        LinesCase{"nothing_but_empty", "\n\n\n", {}, {.omit_empty = true}},
        LinesCase{"nul_and_high_bytes",
                  std::string("\0\xff\n\0", 4),
                  {std::string("\0\xff", 2), std::string("\0", 1)}},
        LinesCase{
            "custom_newline_keeps_carriage_returns", "a\r\nb\n", {"a\r", "b"}, {.delimiter = "\n"}},
        LinesCase{"empty_custom_delimiter_is_none", "a\r\nb", {"a", "b"}, {.delimiter = ""}},
        LinesCase{"single_byte", "a|b||c", {"a", "b", "", "c"}, {.delimiter = "|"}},
        LinesCase{"several_bytes", "aENDENbENDENDc", {"a", "ENb", "", "c"}, {.delimiter = "END"}},
        LinesCase{"self_overlapping", "aaaab", {"", "", "b"}, {.delimiter = "aa"}},
        LinesCase{"part_of_the_delimiter_at_the_end", "xEN", {"xEN"}, {.delimiter = "END"}},
        LinesCase{"several_bytes_omit_empty",
                  "--a----b",
                  {"a", "b"},
                  {.delimiter = "--", .omit_empty = true}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(LinesSplitter, ALineOverTheLimitFailsAloneAndTheRestFlows) {
  const LinesOptions options{.max_record_bytes = 5};
  EXPECT_EQ(split(options, "1234\n12345\n123456\nab\n"),
            (std::vector<Event>{record("1234"), record("12345"), too_long(5), record("ab")}));
  EXPECT_EQ(split(options, "1234567890123\n\nx"),
            (std::vector<Event>{too_long(5), record(""), record("x")}));
  EXPECT_EQ(split(options, "a\n123456"), (std::vector<Event>{record("a"), too_long(5)}));
  EXPECT_EQ(split(options, "a\n12345"), (std::vector<Event>{record("a"), record("12345")}));
}

TEST(LinesSplitter, ACarriageReturnCountsTowardsTheLimit) {
  const LinesOptions options{.max_record_bytes = 5};
  EXPECT_EQ(split(options, "1234\r\n12345\r\nx\n"),
            (std::vector<Event>{record("1234"), too_long(5), record("x")}));
}

TEST(LinesSplitter, ADelimiterDoesNotCountTowardsTheLimit) {
  const LinesOptions options{.delimiter = "<=>", .max_record_bytes = 4};
  EXPECT_EQ(
      split(options, "1234<=>12345<=>12<=1<=>1234567890<=<=>ab"),
      (std::vector<Event>{record("1234"), too_long(4), too_long(4), too_long(4), record("ab")}));
}

TEST(LinesSplitter, ATooLongLineIsGivenUpBeforeItsEnd) {
  auto splitter = make_lines_splitter({.max_record_bytes = 10});
  ASSERT_TRUE(splitter);
  const std::string window(11, 'x');
  const SplitStep step = (*splitter)->next(window, false);
  EXPECT_EQ(step.kind, SplitStep::Kind::kBadRecord);
  EXPECT_EQ(step.consumed, window.size());
  EXPECT_EQ(step.end - step.begin, 10U);
  EXPECT_EQ((*splitter)->error().code, ErrorCode::kLimit);
  // Any amount of it goes by without being kept.
  for (int i = 0; i < 100; ++i) {
    const SplitStep skipped = (*splitter)->next(window, false);
    EXPECT_EQ(skipped.kind, SplitStep::Kind::kNeedMore);
    EXPECT_EQ(skipped.consumed, window.size());
  }
  const SplitStep next = (*splitter)->next("xx\nab\n", false);
  EXPECT_EQ(next.kind, SplitStep::Kind::kRecord);
  EXPECT_EQ(next.begin, 3U);
  EXPECT_EQ(next.end, 5U);
}

TEST(LinesSplitter, AnySplitOfTheStreamGivesTheSameRecords) {
  EXPECT_TRUE(rc::check("lines in pieces", [] {
    const auto data = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab\r\n|")));
    LinesOptions options;
    options.max_record_bytes = *rc::gen::inRange<std::size_t>(1, 12);
    options.omit_empty = *rc::gen::arbitrary<bool>();
    options.delimiter = *rc::gen::element<std::string>("", "\n", "|", "ab", "a\n", "aab");
    auto whole = make_lines_splitter(options);
    auto pieces = make_lines_splitter(options);
    RC_ASSERT(whole.has_value() && pieces.has_value());
    const auto expected = drive(**whole, data, {0});
    const auto sizes =
        *rc::gen::container<std::vector<std::size_t>>(5, rc::gen::inRange<std::size_t>(1, 9));
    RC_ASSERT(drive(**pieces, data, sizes) == expected);
    (*pieces)->reset();
    RC_ASSERT(drive(**pieces, data, sizes, Drive::kSplit) == expected);
  }));
}

TEST(LinesSplitter, OptionsOutOfRangeAreRefused) {
  EXPECT_FALSE(make_lines_splitter({.max_record_bytes = 0}));
  EXPECT_TRUE(make_lines_splitter({.max_record_bytes = kLargestMaxRecordBytes}));
  EXPECT_FALSE(make_lines_splitter({.max_record_bytes = kLargestMaxRecordBytes + 1}));
  EXPECT_TRUE(make_lines_splitter({.delimiter = std::string(4096, 'x')}));
  const auto refused = make_lines_splitter({.delimiter = std::string(4097, 'x')});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidConfig);
}

TEST(SplitLines, FindsWholeLinesAndSaysHowFarItGot) {
  std::vector<RecordSpan> spans;
  const std::string window = "one\r\n\ntwo\nthr";
  EXPECT_EQ(split_lines(window, spans), 10U);
  EXPECT_THAT(spans, ::testing::ElementsAre(RecordSpan{0, 3}, RecordSpan{5, 0}, RecordSpan{6, 3}));
  EXPECT_EQ(split_lines("no line end", spans), 0U);
  EXPECT_EQ(split_lines("", spans), 0U);
  EXPECT_EQ(spans.size(), 3U);
}

}  // namespace
}  // namespace weir::codecs
