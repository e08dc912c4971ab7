#include "windowing/assigner.h"

#include <random>

#include <gtest/gtest.h>

#include "core/time.h"

namespace weir::windowing {
namespace {

constexpr Micros kS = 1'000'000;

std::vector<Window> windows(const Assigner& assigner, Micros ts) {
  std::vector<Window> out;
  assigner.windows(ts, out);
  return out;
}

Micros at(const char* text) {
  return *core::unix_micros(*core::parse_rfc3339(text));
}

const core::Zone* zone(const char* name) {
  return *core::load_zone(name);
}

TEST(Assigner, TumblingRoundsTowardsThePast) {
  const auto with_offset = make_tumbling(10 * kS, 3 * kS);
  EXPECT_EQ(windows(*with_offset, -1 * kS), (std::vector<Window>{{-7 * kS, 3 * kS}}));
  EXPECT_EQ(windows(*with_offset, -15 * kS), (std::vector<Window>{{-17 * kS, -7 * kS}}));
  EXPECT_EQ(windows(*make_tumbling(10 * kS), -25 * kS),
            (std::vector<Window>{{-30 * kS, -20 * kS}}));
  EXPECT_EQ(windows(*make_tumbling(10 * kS), 10 * kS), (std::vector<Window>{{10 * kS, 20 * kS}}));
}

TEST(Assigner, HoppingGivesEveryWindowAtAnyRatio) {
  const auto a = make_hopping({10 * kS, 3 * kS, 0});
  const auto starts = [&a](Micros ts) {
    std::vector<Micros> out;
    for (const Window& w : windows(*a, ts)) {
      EXPECT_EQ(w.end - w.start, 10 * kS);
      out.push_back(w.start / kS);
    }
    return out;
  };
  EXPECT_EQ(starts(11 * kS), (std::vector<Micros>{3, 6, 9}));
  EXPECT_EQ(starts(9 * kS), (std::vector<Micros>{0, 3, 6, 9}));
  EXPECT_EQ(starts(-1 * kS), (std::vector<Micros>{-9, -6, -3}));
}

TEST(Assigner, SlicesOfHoppingHaveTwoEdgesPerSlide) {
  const auto a = make_hopping({10, 3, 0});
  EXPECT_EQ(a->slice(0), (Window{0, 1}));
  EXPECT_EQ(a->slice(1), (Window{1, 3}));
  EXPECT_EQ(a->slice(3), (Window{3, 4}));
  EXPECT_EQ(a->slice(6), (Window{6, 7}));
  EXPECT_EQ(a->slice(8), (Window{7, 9}));
}

TEST(Assigner, SlideLargerThanSizeLeavesGaps) {
  const auto a = make_hopping({2, 5, 0});
  EXPECT_EQ(windows(*a, 1).size(), 1U);
  EXPECT_TRUE(windows(*a, 2).empty());
  EXPECT_EQ(a->last_end(3), kBeginning);
  EXPECT_EQ(a->last_end(6), 7);
}

TEST(Assigner, CumulativeGrowsByStep) {
  const auto a = make_cumulative({30, 10, 0});
  EXPECT_EQ(windows(*a, 5), (std::vector<Window>{{0, 10}, {0, 20}, {0, 30}}));
  EXPECT_EQ(windows(*a, 25), (std::vector<Window>{{0, 30}}));
  EXPECT_EQ(windows(*a, -1), (std::vector<Window>{{-30, 0}}));
}

TEST(Assigner, CalendarDaysFollowTheClocks) {
  const CalendarSpec berlin{CalendarSpec::Unit::kDay, 1, zone("Europe/Berlin"), 1};
  EXPECT_EQ(calendar_window(berlin, at("2026-03-29T10:00:00Z")),
            (Window{at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z")}));
  EXPECT_EQ(calendar_window(berlin, at("2026-10-25T00:30:00Z")),
            (Window{at("2026-10-24T22:00:00Z"), at("2026-10-25T23:00:00Z")}));
  const CalendarSpec santiago{CalendarSpec::Unit::kDay, 1, zone("America/Santiago"), 1};
  EXPECT_EQ(calendar_window(santiago, at("2025-09-07T12:00:00Z")),
            (Window{at("2025-09-07T04:00:00Z"), at("2025-09-08T03:00:00Z")}));
  const CalendarSpec kolkata{CalendarSpec::Unit::kDay, 1, zone("Asia/Kolkata"), 1};
  EXPECT_EQ(calendar_window(kolkata, at("2026-01-01T00:00:00Z")).start, at("2025-12-31T18:30:00Z"));
}

TEST(Assigner, CalendarUnitsHaveTheirOwnLengths) {
  const CalendarSpec month{CalendarSpec::Unit::kMonth, 1, nullptr, 1};
  EXPECT_EQ(calendar_window(month, at("2024-02-29T12:00:00Z")),
            (Window{at("2024-02-01T00:00:00Z"), at("2024-03-01T00:00:00Z")}));
  const CalendarSpec quarter{CalendarSpec::Unit::kQuarter, 1, nullptr, 1};
  EXPECT_EQ(calendar_window(quarter, at("2024-05-20T00:00:00Z")),
            (Window{at("2024-04-01T00:00:00Z"), at("2024-07-01T00:00:00Z")}));
  const CalendarSpec year{CalendarSpec::Unit::kYear, 1, nullptr, 1};
  EXPECT_EQ(calendar_window(year, at("1969-07-20T00:00:00Z")),
            (Window{at("1969-01-01T00:00:00Z"), at("1970-01-01T00:00:00Z")}));
  const CalendarSpec week{CalendarSpec::Unit::kWeek, 1, nullptr, 1};
  EXPECT_EQ(calendar_window(week, at("2026-11-20T12:00:00Z")),
            (Window{at("2026-11-16T00:00:00Z"), at("2026-11-23T00:00:00Z")}));
  const CalendarSpec sunday{CalendarSpec::Unit::kWeek, 1, nullptr, 0};
  EXPECT_EQ(calendar_window(sunday, at("2026-11-22T00:00:00Z")).start, at("2026-11-22T00:00:00Z"));
}

TEST(Assigner, TimesAtTheEndsSaturate) {
  const auto a = make_hopping({10 * kS, 3 * kS, 0});
  for (const Micros ts : {kBeginning + 1, kEndOfTime - 1, kEndOfTime}) {
    EXPECT_LE(windows(*a, ts).size(), 5U);
    (void)a->slice(ts);
    (void)a->next(ts, kEndOfTime - 1);
    (void)calendar_window({}, ts);
  }
}

// slice(), next() and last_end() must say the same as windows().
TEST(Assigner, PartsAgreeWithTheDefinition) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    const Micros size = static_cast<Micros>(random() % 40) + 1;
    const Micros slide = static_cast<Micros>(random() % 50) + 1;
    const Micros offset = static_cast<Micros>(random() % 100) - 50;
    const Micros step = static_cast<Micros>(random() % 10) + 1;
    const bool hop = round % 2 == 0;
    const auto a = hop ? make_hopping({size, slide, offset})
                       : make_cumulative({step * (1 + size % 5), step, offset});
    const Micros ts = static_cast<Micros>(random() % 400) - 200;
    const std::vector<Window> all = windows(*a, ts);
    Micros last = kBeginning;
    for (const Window& w : all) {
      EXPECT_LE(w.start, ts);
      EXPECT_GT(w.end, ts);
      last = std::max(last, w.end);
    }
    EXPECT_EQ(a->last_end(ts), last);
    const Window slice = a->slice(ts);
    EXPECT_LE(slice.start, ts);
    EXPECT_GT(slice.end, ts);
    EXPECT_EQ(windows(*a, slice.start), all);
    EXPECT_EQ(windows(*a, slice.end - 1), all);
    for (const Micros after : {ts - 30, ts, ts + 3, ts + 20}) {
      std::optional<Window> first;
      for (const Window& w : all) {
        if (w.end > after && !first) first = w;
      }
      EXPECT_EQ(a->next(ts, after), first) << "size " << size << " slide " << slide;
    }
  }
}

}  // namespace
}  // namespace weir::windowing
