#include "core/time_zone.h"

#include <atomic>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "core/time.h"

namespace weir::core {
namespace {

const Zone& zone(const char* name) {
  return *load_zone(name).value();
}

std::string shown(const char* utc, const char* name) {
  return to_rfc3339(parse_rfc3339(utc)->in(zone(name)));
}

std::string abbreviation(const char* utc, const char* name) {
  return std::string(zone(name).at(parse_rfc3339(utc)->seconds).abbreviation);
}

TEST(Zone, ShowsAnInstantInAnotherPlace) {
  EXPECT_EQ(shown("2021-02-03T16:05:06Z", "America/New_York"), "2021-02-03T11:05:06-05:00");
  EXPECT_EQ(shown("2021-07-03T16:05:06Z", "America/New_York"), "2021-07-03T12:05:06-04:00");
  EXPECT_EQ(shown("2021-07-03T16:05:06Z", "Asia/Kolkata"), "2021-07-03T21:35:06+05:30");
  EXPECT_EQ(shown("2021-01-03T16:05:06Z", "Australia/Sydney"), "2021-01-04T03:05:06+11:00");
  EXPECT_EQ(abbreviation("2021-01-03T16:05:06Z", "America/New_York"), "EST");
  EXPECT_EQ(abbreviation("2021-07-03T16:05:06Z", "Europe/Berlin"), "CEST");
  EXPECT_TRUE(zone("Europe/Berlin").at(parse_rfc3339("2021-07-03T16:05:06Z")->seconds).daylight);
}

TEST(Zone, ChangesAtTheSecondOfTheTransition) {
  EXPECT_EQ(shown("2024-03-10T06:59:59Z", "America/New_York"), "2024-03-10T01:59:59-05:00");
  EXPECT_EQ(shown("2024-03-10T07:00:00Z", "America/New_York"), "2024-03-10T03:00:00-04:00");
  EXPECT_EQ(shown("2024-11-03T05:59:59Z", "America/New_York"), "2024-11-03T01:59:59-04:00");
  EXPECT_EQ(shown("2024-11-03T06:00:00Z", "America/New_York"), "2024-11-03T01:00:00-05:00");
}

TEST(Zone, SummerTimeGoesOnAfterTheTableEnds) {
  EXPECT_EQ(shown("2050-07-01T12:00:00Z", "America/New_York"), "2050-07-01T08:00:00-04:00");
  EXPECT_EQ(shown("2050-01-01T12:00:00Z", "America/New_York"), "2050-01-01T07:00:00-05:00");
  EXPECT_EQ(shown("2050-03-13T06:59:59Z", "America/New_York"), "2050-03-13T01:59:59-05:00");
  EXPECT_EQ(shown("2050-03-13T07:00:00Z", "America/New_York"), "2050-03-13T03:00:00-04:00");
  EXPECT_EQ(shown("2050-01-01T12:00:00Z", "Australia/Sydney"), "2050-01-01T23:00:00+11:00");
  EXPECT_EQ(shown("2050-07-01T12:00:00Z", "Australia/Sydney"), "2050-07-01T22:00:00+10:00");
}

TEST(Zone, KnowsTimesBeforeTheTableBegins) {
  EXPECT_EQ(abbreviation("1800-01-01T00:00:00Z", "America/New_York"), "LMT");
  EXPECT_EQ(zone("America/New_York").at(-5'000'000'000).seconds, -17'762);
}

TEST(Zone, LocalTimesResolveAlsoInGapsAndOverlaps) {
  const Zone& berlin = zone("Europe/Berlin");
  const auto at = [&](int month, int day, int hour, int minute) {
    return to_rfc3339(from_civil(2024, month, day, hour, minute, 0, 0, &berlin));
  };
  EXPECT_EQ(at(1, 15, 12, 0), "2024-01-15T12:00:00+01:00");
  EXPECT_EQ(at(7, 15, 12, 0), "2024-07-15T12:00:00+02:00");
  EXPECT_EQ(at(3, 31, 1, 59), "2024-03-31T01:59:00+01:00");
  EXPECT_EQ(at(3, 31, 3, 0), "2024-03-31T03:00:00+02:00");
  EXPECT_EQ(at(3, 31, 2, 30), "2024-03-31T03:30:00+02:00");   // does not exist
  EXPECT_EQ(at(10, 27, 2, 30), "2024-10-27T02:30:00+01:00");  // exists twice
}

TEST(Zone, FindsTheOffsetOfAnAbbreviation) {
  const Zone& berlin = zone("Europe/Berlin");
  const std::int64_t july = from_civil(2024, 7, 1).seconds;
  const std::int64_t january = from_civil(2024, 1, 1).seconds;
  EXPECT_EQ(berlin.offset_of("CEST", july), 7200);
  EXPECT_EQ(berlin.offset_of("CET", january), 3600);
  EXPECT_EQ(berlin.offset_of("CEST", january), 7200);
  EXPECT_EQ(berlin.offset_of("PST", july), std::nullopt);
  EXPECT_EQ(utc_zone().offset_of("UTC", july), 0);
}

TEST(LoadZone, SpecialNamesAreUtcAndLocal) {
  EXPECT_EQ(load_zone("").value(), &utc_zone());
  EXPECT_EQ(load_zone("UTC").value(), &utc_zone());
  EXPECT_EQ(load_zone("Local").value(), &local_zone());
  EXPECT_EQ(zone_from_tz(nullptr).value(), &utc_zone());
  EXPECT_EQ(zone_from_tz("").value(), &utc_zone());
  EXPECT_EQ(zone_from_tz(":Europe/Berlin").value(), &zone("Europe/Berlin"));
  EXPECT_FALSE(zone_from_tz("Local"));
}

TEST(LoadZone, RefusesWhatIsNotInTheDatabase) {
  for (const char* name :
       {"No/Such", "../../etc/passwd", "/etc/localtime", "Europe", "America/", "Europe/Ber lin",
        "tzdata.zi", "zone.tab", "+01:00", "Europe/Berlin\n"}) {
    const auto loaded = load_zone(name);
    ASSERT_FALSE(loaded) << name;
    EXPECT_NE(loaded.error().message.find("time zone"), std::string::npos);
  }
  EXPECT_EQ(load_zone("No/Such").error().message, "unknown time zone No/Such");
  EXPECT_EQ(load_zone("No/Such").error().code, ErrorCode::kNotFound);
  EXPECT_LT(load_zone(std::string(100'000, 'x')).error().message.size(), 200U);
}

TEST(LoadZone, GivesTheSameZoneForTheSameNameOnAnyThread) {
  std::atomic<const Zone*> seen[4];
  std::vector<std::jthread> threads;
  for (auto& slot : seen) {
    threads.emplace_back([&slot] {
      slot = load_zone("Pacific/Auckland").value();
      for (int i = 0; i < 2000; ++i) (void)fixed_zone(i * 60 - 60'000, i % 3 == 0 ? "ABC" : "");
    });
  }
  threads.clear();
  for (auto& slot : seen) EXPECT_EQ(slot, load_zone("Pacific/Auckland").value());
}

TEST(FixedZone, IsOneObjectPerOffsetAndNameInABoundedSet) {
  EXPECT_EQ(&fixed_zone(3600), &fixed_zone(3600));
  EXPECT_NE(&fixed_zone(3600), &fixed_zone(3600, "CET"));
  EXPECT_EQ(&fixed_zone(3600, "CET"), &fixed_zone(3600, "CET"));
  EXPECT_EQ(&fixed_zone(0, "UTC"), &utc_zone());
  EXPECT_EQ(fixed_zone(3600, "CET").at(0).seconds, 3600);
  EXPECT_EQ(fixed_zone(3600, "CET").at(0).abbreviation, "CET");
  EXPECT_EQ(fixed_zone(3600).at(0).abbreviation, "");
  EXPECT_EQ(fixed_zone(1'000'000).at(0).seconds, 90'000);
  EXPECT_EQ(fixed_zone(-90'000).at(0).seconds, -90'000);

  // Offsets and names come out of data, so the set is bounded. (Last: it fills the set for good.)
  std::set<const Zone*> zones;
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = "Z" + std::to_string(i);
    const Zone& made = fixed_zone(7200, name);
    EXPECT_EQ(made.at(0).seconds, 7200);
    zones.insert(&made);
  }
  EXPECT_LE(zones.size(), 8193U);
  EXPECT_EQ(fixed_zone(7200, "Z19999").at(0).abbreviation, "");  // full: the name is left out
  EXPECT_EQ(fixed_zone(7201).at(0).seconds, 7200);               // and seconds of an offset too
  EXPECT_EQ(fixed_zone(-18'060).at(0).seconds, -18'060);
}

TEST(LocalZone, TimesWithItsOffsetAreShownInIt) {
  const Zone& berlin = zone("Europe/Berlin");
  set_local_zone(berlin);
  EXPECT_EQ(parse_rfc3339("2024-07-01T12:00:00+02:00")->zone, &berlin);
  EXPECT_EQ(parse_rfc3339("2024-01-01T12:00:00+02:00")->zone, &fixed_zone(7200));
  EXPECT_EQ(parse_rfc3339("2024-07-01T12:00:00Z")->zone, nullptr);
  set_local_zone(utc_zone());
  EXPECT_EQ(parse_rfc3339("2024-07-01T12:00:00+02:00")->zone, &fixed_zone(7200));
  EXPECT_EQ(parse_rfc3339("2024-07-01T12:00:00+00:00")->zone, nullptr);
}

}  // namespace
}  // namespace weir::core
