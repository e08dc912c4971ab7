#include "mapping/text/calendar.h"

#include <limits>

#include <gtest/gtest.h>

namespace weir::mapping::text {
namespace {

core::Timestamp at(const char* rfc3339) {
  return core::parse_rfc3339(rfc3339).value();
}

std::string plus(const char* time, const char* period) {
  return core::to_rfc3339(add_period(at(time), core::parse_iso_period(period).value()).value());
}
std::string minus(const char* time, const char* period) {
  return core::to_rfc3339(
      subtract_period(at(time), core::parse_iso_period(period).value()).value());
}

TEST(Calendar, AddsFieldsOnTheCalendar) {
  EXPECT_EQ(plus("2020-08-14T05:54:23Z", "P1Y"), "2021-08-14T05:54:23Z");
  EXPECT_EQ(plus("2020-01-01T00:00:00Z", "P1Y2M3DT4H5M6S"), "2021-03-04T04:05:06Z");
  EXPECT_EQ(plus("2020-01-31T00:00:00Z", "P1M"), "2020-03-02T00:00:00Z");
  EXPECT_EQ(plus("2020-02-29T00:00:00Z", "P1Y"), "2021-03-01T00:00:00Z");
  EXPECT_EQ(plus("2020-12-31T23:59:59.5Z", "PT0.5S"), "2021-01-01T00:00:00Z");
  EXPECT_EQ(plus("2020-01-01T00:00:00Z", "P2W1D"), "2020-01-16T00:00:00Z");
  EXPECT_EQ(plus("2020-01-01T00:00:00Z", "-P1D"), "2019-12-31T00:00:00Z");
  EXPECT_EQ(plus("2020-01-01T00:00:00+05:00", "P1M"), "2020-02-01T00:00:00+05:00");
}

TEST(Calendar, SubtractsThem) {
  EXPECT_EQ(minus("2020-08-14T05:54:23Z", "P1Y"), "2019-08-14T05:54:23Z");
  EXPECT_EQ(minus("2021-03-04T04:05:06Z", "P1Y2M3DT4H5M6S"), "2020-01-01T00:00:00Z");
  EXPECT_EQ(minus("2020-03-31T00:00:00Z", "P1M"), "2020-03-02T00:00:00Z");
  EXPECT_EQ(core::unix_millis(subtract_period(core::from_unix(1'677'097'265),
                                              core::parse_iso_period("P1Y").value())
                                  .value()),
            1'645'561'265'000);
}

TEST(Calendar, AFractionOfACalendarFieldIsAddedAtItsMeanLength) {
  EXPECT_EQ(plus("2020-01-01T00:00:00Z", "P1.5D"), "2020-01-02T12:00:00Z");
  EXPECT_EQ(plus("2020-01-01T00:00:00Z", "P0.5Y"), "2020-07-01T14:54:36Z");
  EXPECT_EQ(plus("2020-01-31T00:00:00Z", "P1.0M"), "2020-03-02T00:00:00Z");
}

TEST(Calendar, DaysFollowTheClocksOfTheZone) {
  const core::Zone& berlin = *core::load_zone("Europe/Berlin").value();
  const core::Timestamp saturday = core::from_civil(2024, 3, 30, 12, 0, 0, 0, &berlin);
  EXPECT_EQ(core::to_rfc3339(add_period(saturday, core::parse_iso_period("P1D").value()).value()),
            "2024-03-31T12:00:00+02:00");
  EXPECT_EQ(core::to_rfc3339(add_period(saturday, core::parse_iso_period("PT24H").value()).value()),
            "2024-03-31T13:00:00+02:00");
}

TEST(Calendar, HugePeriodsSaturate) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  const core::IsoPeriod huge{kMax, kMax, kMax, kMax, 0, kMax};
  const core::IsoPeriod tiny{kMin, kMin, kMin, kMin, 0, kMin};
  EXPECT_EQ(add_period(core::from_unix(0), huge)->seconds, kMax);
  EXPECT_EQ(subtract_period(core::from_unix(0), tiny)->seconds, kMax);
  EXPECT_EQ(add_period(core::from_unix(0), tiny)->seconds, kMin);
  EXPECT_FALSE(add_period(core::from_unix(0), core::parse_iso_period("P400Y0.5M").value()));
}

}  // namespace
}  // namespace weir::mapping::text
