#include <gtest/gtest.h>

#include "caches/support.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;

TEST(LocalRateLimit, CountsPerInterval) {
  CacheWorld world;
  auto limit = world.make<core::RateLimit>("local: { count: 2, interval: 10s }");
  ASSERT_TRUE(limit) << world.mistakes;
  core::RateLimit& it = *limit;
  EXPECT_EQ(*it.access(), 0ns);
  world.clock.advance(3s);
  EXPECT_EQ(*it.access(), 0ns);
  EXPECT_EQ(*it.access(), 7s);
  world.clock.advance(7s - 1ns);
  EXPECT_EQ(*it.access(), 1ns);
  world.clock.advance(1ns);
  EXPECT_EQ(*it.access(), 0ns);
  EXPECT_EQ(*it.access(), 0ns);
  EXPECT_EQ(*it.access(), 10s);
}

TEST(LocalRateLimit, CountsBytesAndLetsALargeMessageGoAlone) {
  CacheWorld world;
  auto limit = world.make<core::RateLimit>("local: { count: 0, byte_size: 100, interval: 1s }");
  ASSERT_TRUE(limit) << world.mistakes;
  EXPECT_EQ(*limit->access(60), 0ns);
  EXPECT_EQ(*limit->access(40), 0ns);
  EXPECT_EQ(*limit->access(1), 1s);
  world.clock.advance(1s);
  EXPECT_EQ(*limit->access(5000), 0ns);
  EXPECT_EQ(*limit->access(1), 1s);
}

TEST(LocalRateLimit, RefusesWhatLimitsNothing) {
  CacheWorld world;
  EXPECT_FALSE(world.make<core::RateLimit>("local: { count: 0 }"));
  EXPECT_FALSE(world.make<core::RateLimit>("local: { interval: 0s }"));
  EXPECT_TRUE(world.make<core::RateLimit>("local: {}"));
}

}  // namespace
}  // namespace weir::test
