#include "core/duration.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace weir::core {
namespace {

using std::chrono::nanoseconds;
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

struct Case {
  const char* text;
  std::int64_t nanos;
};

TEST(Duration, ReadsWhatGoReads) {
  for (const Case& c : {Case{"1h30m", 5'400'000'000'000},
                        {"1.5s", 1'500'000'000},
                        {"-1ms", -1'000'000},
                        {"300µs", 300'000},
                        {"300μs", 300'000},
                        {"50us", 50'000},
                        {"0", 0},
                        {"-0", 0},
                        {"+0", 0},
                        {"+5s", 5'000'000'000},
                        {".5s", 500'000'000},
                        {"1.s", 1'000'000'000},
                        {"0.000000000001h", 3},
                        {"1m1m", 120'000'000'000},
                        {"1s500ms1us", 1'500'001'000},
                        {"9223372036854775807ns", kMax},
                        {"-9223372036854775808ns", kMin},
                        {"2562047h47m16.854775807s", kMax}}) {
    const auto duration = parse_duration(c.text);
    ASSERT_TRUE(duration) << c.text << ": " << duration.error().message;
    EXPECT_EQ(duration->count(), c.nanos) << c.text;
  }
}

struct Refused {
  const char* text;
  const char* why;
};

TEST(Duration, SaysWhatIsWrongAndShowsARightForm) {
  for (const Refused& c :
       {Refused{"",
                "parsing duration \"\": it is empty, write for example `10s`, `500ms` or `1h30m`"},
        {"-", "it is empty"},
        {"10", "parsing duration \"10\": missing unit, write for example `10s`"},
        {"00", "missing unit"},
        {"1d", "parsing duration \"1d\": unknown unit \"d\", a day is written `24h`"},
        {"10 s", "unknown unit \" s\", use ns, us, ms, s, m or h"},
        {"1h-30m", "unknown unit \"h-\""},
        {"1e3s", "unknown unit \"e\""},
        {"1hh", "unknown unit \"hh\""},
        {"1µ", "unknown unit"},
        {" 1s", "expected a number at \" 1s\""},
        {".s", "expected a number at \".s\""},
        {"five minutes", "expected a number"},
        {"1s.", "expected a number at \".\""},
        {"9223372036854775808ns", "longer than the limit of about 292 years"},
        {"-9223372036854775809ns", "longer than the limit"},
        {"99999999999999999999999999h", "longer than the limit"}}) {
    const auto duration = parse_duration(c.text);
    ASSERT_FALSE(duration) << c.text;
    EXPECT_NE(duration.error().message.find(c.why), std::string::npos) << duration.error().message;
    EXPECT_EQ(duration.error().code, ErrorCode::kInvalidData);
  }
}

TEST(Duration, PrintsAsGoDoes) {
  for (const Case& c : {Case{"0s", 0},
                        {"1ns", 1},
                        {"999ns", 999},
                        {"1µs", 1'000},
                        {"1.1µs", 1'100},
                        {"1.5ms", 1'500'000},
                        {"2s", 2'000'000'000},
                        {"1m30s", 90'000'000'000},
                        {"1h1m1.000000005s", 3'661'000'000'005},
                        {"1h0m0s", 3'600'000'000'000},
                        {"59m0s", 3'540'000'000'000},
                        {"-1ns", -1},
                        {"-1.5s", -1'500'000'000},
                        {"2562047h47m16.854775807s", kMax},
                        {"-2562047h47m16.854775808s", kMin}}) {
    EXPECT_EQ(to_go_duration(nanoseconds{c.nanos}), c.text);
  }
}

TEST(Duration, ShortFormLeavesOutZeroParts) {
  for (const Case& c : {Case{"0s", 0},
                        {"10m", 600'000'000'000},
                        {"1h", 3'600'000'000'000},
                        {"1h30m", 5'400'000'000'000},
                        {"1h0.5s", 3'600'500'000'000},
                        {"1m1s", 61'000'000'000},
                        {"-10m", -600'000'000'000},
                        {"250ms", 250'000'000}}) {
    EXPECT_EQ(to_short_duration(nanoseconds{c.nanos}), c.text);
  }
}

TEST(Duration, ReadsBackWhatItPrints) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    const nanoseconds value{static_cast<std::int64_t>(random()) >> (i % 63)};
    ASSERT_EQ(parse_duration(to_go_duration(value)).value(), value) << value.count();
    ASSERT_EQ(parse_duration(to_short_duration(value)).value(), value) << value.count();
  }
}

TEST(Duration, AHugeTextMakesAShortMessage) {
  EXPECT_LT(parse_duration(std::string(1 << 20, 'x')).error().message.size(), 500U);
  EXPECT_FALSE(parse_duration(std::string(1 << 20, '9') + "s"));
  EXPECT_EQ(parse_duration("0." + std::string(1 << 20, '9') + "s").value().count(), 999'999'999);
}

TEST(IsoPeriod, ReadsAllFields) {
  const auto period = parse_iso_period("P3Y6M2W4DT12H30M5.3S").value();
  EXPECT_EQ(period.years, 3);
  EXPECT_EQ(period.months, 6);
  EXPECT_EQ(period.weeks, 2);
  EXPECT_EQ(period.days, 4);
  EXPECT_EQ(period.clock_nanos, (12LL * 3600 + 30 * 60 + 5) * 1'000'000'000 + 300'000'000);
  EXPECT_EQ(period.calendar_fraction_nanos, 0);
}

TEST(IsoPeriod, HasALengthOnAverage) {
  for (const Case& c : {Case{"P3Y6M4DT12H30M5S", 110'839'937'000'000'000},
                        {"P3Y6M4DT12H30M5.3S", 110'839'937'300'000'000},
                        {"P3Y6M4DT12H30M5.123456789S", 110'839'937'123'456'789},
                        {"PT2H", 7'200'000'000'000},
                        {"-PT2H", -7'200'000'000'000},
                        {"+PT2H", 7'200'000'000'000},
                        {"P1DT-1S", 86'399'000'000'000},
                        {"-P1DT-1S", -86'399'000'000'000},
                        {"P1W", 604'800'000'000'000},
                        {"P0.5W", 302'400'000'000'000},
                        {"P1,5D", 129'600'000'000'000},
                        {"P0D", 0},
                        {"PT0S", 0},
                        {"P2.5Y", 78'892'380'000'000'000},
                        {"P1M", 2'629'746'000'000'000}}) {
    const auto period = parse_iso_period(c.text);
    ASSERT_TRUE(period) << c.text << ": " << period.error().message;
    EXPECT_EQ(approximate_nanos(*period).value(), c.nanos) << c.text;
  }
}

TEST(IsoPeriod, SaysWhatIsWrong) {
  for (const Refused& c :
       {Refused{"gibberish", "gibberish: expected 'P' period mark at the start"},
        {"P2.5YT7.5S", "P2.5YT7.5S: 'Y' & 'S' only the last field can have a fraction"},
        {"P3S", "P3S: 'S' designator cannot occur here"},
        {"PT3Y", "PT3Y: 'Y' designator cannot occur here"},
        {"P1Y2Y", "P1Y2Y: 'Y' designator cannot occur more than once"},
        {"P1DT1HT1S", "'T' designator cannot occur more than once"},
        {"", "cannot parse a blank string as a period"},
        {"-", "cannot parse a blank string as a period"},
        {"P", "P: expected 'Y', 'M', 'W', 'D', 'H', 'M', or 'S' designator"},
        {"PT", "designator"},
        {"PX", "PX: expected a number but found 'X'"},
        {"P1", "P1: missing designator at the end"},
        {"P1X", "P1X: expected a designator Y, M, W, D, H, or S not 'X'"},
        {"P99999999999999999999Y", "number invalid or out of range"},
        {"PT9999999999999999H", "number invalid or out of range"}}) {
    const auto period = parse_iso_period(c.text);
    ASSERT_FALSE(period) << c.text;
    EXPECT_NE(period.error().message.find(c.why), std::string::npos) << period.error().message;
  }
  EXPECT_FALSE(approximate_nanos(parse_iso_period("P300Y").value()));
}

}  // namespace
}  // namespace weir::core
