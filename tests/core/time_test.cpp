#include "core/time.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace weir::core {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

Timestamp time(const char* text) {
  return parse_rfc3339(text).value();
}

struct Case {
  const char* in;
  const char* out;
};

TEST(Rfc3339, ReadsAndPrintsBack) {
  for (const Case& c : {Case{"2006-01-02T15:04:05Z", "2006-01-02T15:04:05Z"},
                        {"2020-08-14T11:45:26.371+01:00", "2020-08-14T11:45:26.371+01:00"},
                        {"2006-01-02T15:04:05.1234567891234Z", "2006-01-02T15:04:05.123456789Z"},
                        {"2006-01-02T15:04:05,5Z", "2006-01-02T15:04:05.5Z"},
                        {"2006-01-02T15:04:05.000Z", "2006-01-02T15:04:05Z"},
                        {"2006-01-02T15:04:05.100200300Z", "2006-01-02T15:04:05.1002003Z"},
                        {"2006-01-02T15:04:05+24:00", "2006-01-02T15:04:05+24:00"},
                        {"2006-01-02T15:04:05-00:00", "2006-01-02T15:04:05Z"},
                        {"2006-01-02T15:04:05+10:60", "2006-01-02T15:04:05+11:00"},
                        {"2006-01-02T15:04:05+24:60", "2006-01-02T15:04:05+25:00"},
                        {"2006-01-02T15:04:05-03:30", "2006-01-02T15:04:05-03:30"},
                        {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
                        {"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"},
                        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"}}) {
    const auto parsed = parse_rfc3339(c.in);
    ASSERT_TRUE(parsed) << c.in << ": " << parsed.error().message;
    EXPECT_EQ(to_rfc3339(*parsed), c.out);
  }
}

TEST(Rfc3339, SaysWhatWasExpectedWhere) {
  for (const Case& c :
       {Case{"not a timestamp",
             "parsing timestamp \"not a timestamp\": expected year at \"not a timestamp\", write "
             "for "
             "example `2006-01-02T15:04:05Z`"},
        {"", "expected year at \"\""},
        {"2006-01-02t15:04:05z", "expected `T` at \"t15:04:05z\""},
        {"2006-01-02 15:04:05Z", "expected `T`"},
        {"2006-01-02T15:04:05z", "expected `Z` or an offset such as `+01:00` at \"z\""},
        {"2006-01-02T15:04:05", "expected `Z` or an offset such as `+01:00` at \"\""},
        {"2006-01-02T15:04:05.Z", "expected `Z` or an offset"},
        {"2006-01-02T15:04:05+0100", "expected `:` at \"00\""},
        {"2006-01-02T15:04:05+25:00", "hours of the offset out of range"},
        {"2006-01-02T15:04:05+01:61", "minutes of the offset out of range"},
        {"2006-01-02T15:04:60Z", "second out of range"},
        {"2006-01-02T24:00:00Z", "hour out of range"},
        {"2006-02-30T15:04:05Z", "day out of range"},
        {"2023-02-29T00:00:00Z", "day out of range"},
        {"2006-13-01T15:04:05Z", "month out of range"},
        {"2006-00-01T15:04:05Z", "month out of range"},
        {"12006-01-02T15:04:05Z", "expected `-`"},
        {"2006-01-02T15:04:05Zx", "expected the end at \"x\""},
        {"2006-01-02T15:04:05+01:00x", "expected the end"}}) {
    const auto parsed = parse_rfc3339(c.in);
    ASSERT_FALSE(parsed) << c.in;
    EXPECT_NE(parsed.error().message.find(c.out), std::string::npos) << parsed.error().message;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidData);
  }
}

TEST(Rfc3339, PrintsYearsOfAnySize) {
  EXPECT_EQ(to_rfc3339(from_unix(-62'167'219'200 - 1)), "-0001-12-31T23:59:59Z");
  EXPECT_EQ(to_rfc3339(from_unix(253'402'300'800)), "10000-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(from_unix(1LL << 55)), "1141709097-06-13T06:26:08Z");
  EXPECT_EQ(to_rfc3339(from_unix(-(1LL << 55), 5)), "-1141705158-07-20T17:33:52.000000005Z");
  EXPECT_LE(to_rfc3339({kMax, 999'999'999, &fixed_zone(-90'000)}).size(), kMaxRfc3339);
  EXPECT_LE(to_rfc3339({kMin, 999'999'999, &fixed_zone(90'000)}).size(), kMaxRfc3339);
}

TEST(Rfc3339, RandomInstantsSurviveTheRoundTrip) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 20'000; ++i) {
    Timestamp at{static_cast<std::int64_t>(random() % 315'537'897'600) - 62'135'596'800,
                 static_cast<std::int32_t>(random() % 1'000'000'000), nullptr};
    if (i % 2 == 0) at.zone = &fixed_zone(static_cast<std::int32_t>(random() % 1500) * 60 - 43'200);
    if (to_civil(at).year < 0 || to_civil(at).year > 9999) continue;
    const auto back = parse_rfc3339(to_rfc3339(at));
    ASSERT_TRUE(back) << to_rfc3339(at);
    ASSERT_EQ(*back, at);
    ASSERT_EQ(to_rfc3339(*back), to_rfc3339(at));
  }
}

TEST(Timestamp, ComparesTheInstantOnly) {
  EXPECT_EQ(time("2021-02-03T17:05:06+01:00"), time("2021-02-03T16:05:06Z"));
  EXPECT_LT(time("2021-02-03T17:05:06+01:00"), time("2021-02-03T16:05:06.000000001Z"));
  EXPECT_GT(from_unix(-1, 5), from_unix(-1, 4));
}

TEST(Timestamp, ConvertsToUnixNumbersRoundingDown) {
  const Timestamp at = time("2020-08-14T11:45:26.123456789Z");
  EXPECT_EQ(at.seconds, 1'597'405'526);
  EXPECT_EQ(unix_millis(at).value(), 1'597'405'526'123);
  EXPECT_EQ(unix_micros(at).value(), 1'597'405'526'123'456);
  EXPECT_EQ(unix_nanos(at).value(), 1'597'405'526'123'456'789);
  const Timestamp before = from_unix_nanos(-1);
  EXPECT_EQ(before.seconds, -1);
  EXPECT_EQ(before.nanos, 999'999'999);
  EXPECT_EQ(unix_millis(before).value(), -1);
  EXPECT_EQ(unix_micros(before).value(), -1);
  EXPECT_EQ(unix_nanos(before).value(), -1);
  EXPECT_EQ(from_unix_millis(-1), from_unix_nanos(-1'000'000));
  EXPECT_EQ(from_unix_micros(-1), from_unix_nanos(-1'000));
  EXPECT_EQ(from_unix(5, -1), from_unix_nanos(4'999'999'999));
  EXPECT_EQ(from_unix(kMax, kMax).seconds, kMax);
  EXPECT_EQ(from_unix(kMin, kMin).seconds, kMin);
}

TEST(Timestamp, AUnixNumberThatDoesNotFitIsAnError) {
  EXPECT_FALSE(unix_nanos(time("2300-01-01T00:00:00Z")));
  EXPECT_FALSE(unix_nanos(time("1600-01-01T00:00:00Z")));
  EXPECT_TRUE(unix_micros(time("9999-12-31T23:59:59Z")));
  EXPECT_FALSE(unix_millis(from_unix(kMax)));
  EXPECT_FALSE(unix_millis(from_unix(kMin)));
}

TEST(Timestamp, ReadsSecondsWithAFraction) {
  EXPECT_EQ(to_rfc3339(from_unix_double(1597405526.5).value()), "2020-08-14T11:45:26.5Z");
  EXPECT_EQ(from_unix_double(1597405526.123456).value().nanos / 1000, 123456);
  EXPECT_EQ(from_unix_double(-1.5).value(), from_unix_nanos(-1'500'000'000));
  EXPECT_FALSE(from_unix_double(1e30));
  EXPECT_FALSE(from_unix_double(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(from_unix_double(-std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(from_unix_double(9223372036854775808.0));
}

TEST(Timestamp, AddsAndSubtractsWithoutOverflow) {
  const Timestamp a = time("2023-10-12T14:59:10.12345+03:00");
  const Timestamp b = time("2023-10-02T02:55:03.6789Z");
  EXPECT_EQ(nanos_between(a, b), 896'646'444'550'000);
  EXPECT_EQ(nanos_between(b, a), -896'646'444'550'000);
  EXPECT_EQ(add_nanos(b, nanos_between(a, b)), a);
  EXPECT_EQ(nanos_between(from_unix(kMax), from_unix(kMin)), kMax);
  EXPECT_EQ(nanos_between(from_unix(kMin), from_unix(kMax)), kMin);
  EXPECT_EQ(add_nanos(from_unix(kMax), kMax).seconds, kMax);
  EXPECT_EQ(add_nanos(from_unix(kMin), kMin).seconds, kMin);
}

TEST(Timestamp, RoundsToAMultipleWithHalvesUp) {
  constexpr std::int64_t kHour = 3'600'000'000'000;
  EXPECT_EQ(to_rfc3339(round_to(time("2020-08-14T05:54:23Z"), kHour)), "2020-08-14T06:00:00Z");
  EXPECT_EQ(to_rfc3339(round_to(time("2020-08-14T05:54:23Z"), kHour / 60)), "2020-08-14T05:54:00Z");
  EXPECT_EQ(to_rfc3339(round_to(time("2020-08-14T05:30:00Z"), kHour)), "2020-08-14T06:00:00Z");
  EXPECT_EQ(to_rfc3339(round_to(time("2020-08-14T05:29:59.999999999Z"), kHour)),
            "2020-08-14T05:00:00Z");
  EXPECT_EQ(to_rfc3339(round_to(time("1960-08-14T05:54:23Z"), kHour)), "1960-08-14T06:00:00Z");
  // Multiples count from year 1, whose first day is a Monday.
  EXPECT_EQ(to_rfc3339(round_to(time("2020-08-14T05:54:23Z"), 7 * 24 * kHour)),
            "2020-08-17T00:00:00Z");
  EXPECT_EQ(to_rfc3339(round_to(time("2020-08-14T05:54:23+02:00"), kHour)),
            "2020-08-14T06:00:00+02:00");
  EXPECT_EQ(round_to(time("2020-08-14T05:54:23Z"), 0), time("2020-08-14T05:54:23Z"));
  EXPECT_EQ(round_to(time("2020-08-14T05:54:23Z"), -5), time("2020-08-14T05:54:23Z"));
  EXPECT_EQ(round_to(from_unix(kMax), kMax).seconds, kMax);
}

TEST(Calendar, DaysAndDatesAgreeOverFourCenturies) {
  std::int64_t expected = days_from_civil(1799, 12, 31);
  for (std::int64_t year = 1800; year < 2210; ++year) {
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= days_in_month(year, month); ++day) {
        ASSERT_EQ(days_from_civil(year, month, day), ++expected);
        const CivilDate date = civil_from_days(expected);
        ASSERT_EQ(date.year, year);
        ASSERT_EQ(date.month, month);
        ASSERT_EQ(date.day, day);
      }
    }
  }
  EXPECT_EQ(days_from_civil(1970, 1, 1), 0);
  EXPECT_EQ(days_from_civil(0, 3, 1), -719'468);
}

TEST(Calendar, KnowsWeekdaysYearDaysAndIsoWeeks) {
  const CivilTime civil = to_civil(time("2020-12-31T23:59:58.5Z"));
  EXPECT_EQ(civil.weekday, 4);
  EXPECT_EQ(civil.year_day, 366);
  EXPECT_EQ(civil.hour, 23);
  EXPECT_EQ(civil.minute, 59);
  EXPECT_EQ(civil.second, 58);
  EXPECT_EQ(civil.nanos, 500'000'000);
  EXPECT_EQ(civil.offset.abbreviation, "UTC");
  const auto week = [](const char* day) {
    const IsoWeek w = iso_week(to_civil(time(day)));
    return std::to_string(w.year) + "-" + std::to_string(w.week);
  };
  EXPECT_EQ(week("2020-12-31T00:00:00Z"), "2020-53");
  EXPECT_EQ(week("2021-01-03T00:00:00Z"), "2020-53");
  EXPECT_EQ(week("2021-01-04T00:00:00Z"), "2021-1");
  EXPECT_EQ(week("2018-12-31T00:00:00Z"), "2019-1");
  EXPECT_EQ(week("2016-01-01T00:00:00Z"), "2015-53");
}

TEST(Calendar, PartsOfAnySizeCarryOver) {
  EXPECT_EQ(to_rfc3339(from_civil(2020, 14, 1)), "2021-02-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(from_civil(2020, 0, 1)), "2019-12-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(from_civil(2020, 3, 0)), "2020-02-29T00:00:00Z");
  EXPECT_EQ(to_rfc3339(from_civil(2020, 2, 31)), "2020-03-02T00:00:00Z");
  EXPECT_EQ(to_rfc3339(from_civil(2020, 1, 1, 25, 61, 61, 1'500'000'000)),
            "2020-01-02T02:02:02.5Z");
  EXPECT_EQ(to_rfc3339(from_civil(2020, 1, 1, 0, 0, 0, -1)), "2019-12-31T23:59:59.999999999Z");
}

TEST(Calendar, TheEndsOfTheRangeSaturate) {
  EXPECT_EQ(from_civil(kMax, kMax, kMax, kMax, kMax, kMax, kMax).seconds, kMax);
  EXPECT_EQ(from_civil(kMin, kMin, kMin, kMin, kMin, kMin, kMin).seconds, kMin);
  EXPECT_EQ(to_civil(from_unix(kMax)).year, 292'277'026'596);
  EXPECT_EQ(to_civil(from_unix(kMin)).year, -292'277'022'657);
  const Zone& berlin = *load_zone("Europe/Berlin").value();
  EXPECT_EQ(from_civil(kMax, 1, 1, 0, 0, 0, 0, &berlin).zone, &berlin);
  EXPECT_EQ(to_civil(from_unix(kMax).in(berlin)).year, 292'277'026'596);
}

}  // namespace
}  // namespace weir::core
