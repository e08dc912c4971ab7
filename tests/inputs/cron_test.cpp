#include "inputs/cron.h"

#include <gtest/gtest.h>

namespace weir::inputs {
namespace {

std::string next(std::string_view schedule, std::string_view from) {
  const auto cron = Cron::parse(schedule);
  if (!cron) return cron.error().message;
  const auto start = core::parse_rfc3339(from);
  const auto at = cron->next(core::unix_nanos(*start).value());
  return at ? core::to_rfc3339(core::from_unix_nanos(*at)) : "never";
}

TEST(Cron, FindsTheNextTime) {
  constexpr const char* kFrom = "2024-02-28T22:13:20Z";  // a Wednesday
  EXPECT_EQ(next("TZ=UTC * * * * *", kFrom), "2024-02-28T22:14:00Z");
  EXPECT_EQ(next("TZ=UTC */15 * * * * *", kFrom), "2024-02-28T22:13:30Z");
  EXPECT_EQ(next("TZ=UTC 0 6 29 2 *", kFrom), "2024-02-29T06:00:00Z");
  EXPECT_EQ(next("TZ=UTC 0 6 30 2 *", kFrom), "never");
  EXPECT_EQ(next("TZ=UTC 0 0 * * mon-fri", kFrom), "2024-02-29T00:00:00Z");
  EXPECT_EQ(next("TZ=UTC 0 0 * * 7", kFrom), "2024-03-03T00:00:00Z");
  EXPECT_EQ(next("TZ=UTC 0 0 1 * SUN", kFrom), "2024-03-01T00:00:00Z");  // either day
  EXPECT_EQ(next("TZ=UTC @yearly", kFrom), "2025-01-01T00:00:00Z");
  EXPECT_EQ(next("@every 90s", kFrom), "2024-02-28T22:14:50Z");
}

TEST(Cron, CountsInItsZoneAlsoWhereClocksChange) {
  EXPECT_EQ(next("CRON_TZ=Europe/Berlin 30 3 * * *", "2024-03-31T00:30:00Z"),
            "2024-03-31T01:30:00Z");
  EXPECT_EQ(next("TZ=Europe/Berlin 0 0 * * *", "2024-10-27T00:00:00Z"), "2024-10-27T23:00:00Z");
}

TEST(Cron, RefusesWhatIsNoSchedule) {
  for (const char* bad :
       {"", "* * * *", "60 * * * *", "* * 0 * *", "*/0 * * * *", "5-1 * * * *", "a * * * *",
        "@never", "@every 1ms", "TZ=Nowhere/None * * * * *", "1,,2 * * * *"}) {
    EXPECT_FALSE(Cron::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace weir::inputs
