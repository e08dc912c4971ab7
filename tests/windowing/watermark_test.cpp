#include "windowing/watermark.h"

#include <gtest/gtest.h>

namespace weir::windowing {
namespace {

TEST(Watermark, FollowsTheWorkedRun) {
  const WatermarkSpec lag2{WatermarkSpec::Kind::kMaxLag, 2};
  WatermarkMerge merge;
  const auto p0 = merge.partition("p0");
  const auto p1 = merge.partition("p1");
  const auto row = [&](WatermarkMerge::Id p, Micros ts) {
    merge.observe(p, candidate(lag2, ts, 0, std::nullopt));
    return merge.merged();
  };
  EXPECT_EQ(row(p0, 1), kBeginning);
  EXPECT_EQ(row(p1, 4), -1);
  EXPECT_EQ(row(p0, 12), 2);
  EXPECT_EQ(row(p1, 9), 7);
  EXPECT_EQ(row(p0, 13), 7);
  EXPECT_EQ(row(p1, 14), 11);
  EXPECT_EQ(row(p0, 8), 11);
  EXPECT_EQ(row(p0, 19), 12);
  merge.set_idle(p1);
  EXPECT_EQ(merge.merged(), 17);
  EXPECT_EQ(row(p0, 7), 17);
  EXPECT_EQ(row(p1, 3), 17);
  EXPECT_EQ(row(p1, 11), 17);
  EXPECT_EQ(row(p0, 30), 17);
  merge.set_idle(p1);
  EXPECT_EQ(merge.merged(), 28);
}

TEST(Watermark, AllIdleHolds) {
  WatermarkMerge merge;
  const auto p0 = merge.partition("p0");
  const auto p1 = merge.partition("p1");
  merge.observe(p0, 5);
  merge.observe(p1, 9);
  merge.set_idle(p0);
  EXPECT_EQ(merge.merged(), 9);
  merge.set_idle(p1);
  EXPECT_EQ(merge.merged(), 9);
  merge.finish(p0);
  EXPECT_EQ(merge.merged(), 9) << "one that is idle may come back";
}

TEST(Watermark, FinishedInputsDoNotHoldTheOthersUp) {
  WatermarkMerge merge;
  const auto p0 = merge.partition("p0");
  const auto p1 = merge.partition("p1");
  merge.observe(p1, 9);
  EXPECT_EQ(merge.merged(), kBeginning);
  merge.finish(p0);
  EXPECT_EQ(merge.merged(), 9);
  merge.finish(p1);
  EXPECT_EQ(merge.merged(), kEndOfTime);
}

TEST(Watermark, ANewPartitionNeverPullsItBack) {
  WatermarkMerge merge;
  const auto p0 = merge.partition("p0");
  merge.observe(p0, 50);
  const auto p1 = merge.partition("p1");
  merge.observe(p1, 10);
  EXPECT_EQ(merge.merged(), 50);
  merge.observe(p0, 80);
  EXPECT_EQ(merge.merged(), 50);
  merge.observe(p1, 70);
  EXPECT_EQ(merge.merged(), 70);
  EXPECT_FALSE(merge.observe(p1, 20)) << "a regress changes nothing";
  EXPECT_EQ(merge.of(p1), 70);
}

TEST(Watermark, StrategiesSayWhatTheyShould) {
  EXPECT_EQ(candidate({WatermarkSpec::Kind::kMaxLag, 5}, 12, 0, std::nullopt), 7);
  EXPECT_EQ(candidate({WatermarkSpec::Kind::kMaxLag, 5}, kBeginning + 2, 0, std::nullopt),
            kBeginning);
  EXPECT_EQ(candidate({WatermarkSpec::Kind::kExpression, 0}, 12, 0, std::nullopt), std::nullopt);
  EXPECT_EQ(candidate({WatermarkSpec::Kind::kExpression, 0}, 12, 0, 3), 3);
  EXPECT_EQ(candidate({WatermarkSpec::Kind::kProcessingTime, 5}, 12, 100, std::nullopt), 95);
  EXPECT_EQ(candidate({WatermarkSpec::Kind::kNone, 0}, 12, 100, 9), std::nullopt);
}

TEST(Watermark, PartitionsFarAheadArePaused) {
  WatermarkMerge merge;
  const auto p0 = merge.partition("p0");
  const auto p1 = merge.partition("p1");
  merge.observe(p0, 100);
  EXPECT_FALSE(merge.ahead(p0, 10)) << "nothing known of the other yet";
  merge.observe(p1, 50);
  EXPECT_TRUE(merge.ahead(p0, 49));
  EXPECT_FALSE(merge.ahead(p0, 50));
  merge.set_idle(p1);
  EXPECT_FALSE(merge.ahead(p0, 10));
}

TEST(Watermark, SurvivesARestart) {
  WatermarkMerge merge;
  merge.observe(merge.partition("b"), 20);
  merge.observe(merge.partition("a"), 10);
  merge.set_idle(merge.partition("a"));
  Writer bytes;
  merge.encode(bytes);

  WatermarkMerge again;
  ASSERT_TRUE(again.load(bytes.bytes()));
  EXPECT_EQ(again.merged(), 20);
  Writer same;
  again.encode(same);
  EXPECT_EQ(same.bytes(), bytes.bytes());
  again.observe(again.partition("a"), 5);
  EXPECT_EQ(again.merged(), 20) << "never back, restart included";
  EXPECT_FALSE(again.load(bytes.bytes().substr(0, 5)));
}

}  // namespace
}  // namespace weir::windowing
