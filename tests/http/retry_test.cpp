#include "http/retry.h"

#include <chrono>

#include <gtest/gtest.h>

namespace weir::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RetryPolicy, judges_by_drop_then_backoff_then_success) {
  RetryPolicy policy;
  EXPECT_EQ(judge(policy, 200), Verdict::kSuccess);
  EXPECT_EQ(judge(policy, 299), Verdict::kSuccess);
  EXPECT_EQ(judge(policy, 300), Verdict::kRetry);
  EXPECT_EQ(judge(policy, 404), Verdict::kRetry);
  EXPECT_EQ(judge(policy, 429), Verdict::kBackoff);
  EXPECT_EQ(judge(policy, 500), Verdict::kRetry);
  policy.successful_on = {404, 429, 400};
  policy.drop_on = {400, 503, 204};
  EXPECT_EQ(judge(policy, 404), Verdict::kSuccess);
  EXPECT_EQ(judge(policy, 429), Verdict::kBackoff);
  EXPECT_EQ(judge(policy, 400), Verdict::kDrop);
  EXPECT_EQ(judge(policy, 503), Verdict::kDrop);
  EXPECT_EQ(judge(policy, 204), Verdict::kDrop);
}

TEST(RetryPolicy, knows_which_statuses_may_pass_later) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504, 599}) {
    EXPECT_TRUE(may_pass_later(status)) << status;
  }
  for (const int status : {200, 302, 400, 401, 404, 409, 422, 501, 505, 600}) {
    EXPECT_FALSE(may_pass_later(status)) << status;
  }
}

TEST(RetryDelay, is_constant_for_retries_and_doubles_for_backoff_up_to_the_limit) {
  RetryPolicy policy;
  policy.retry_period = seconds(1);
  policy.max_retry_backoff = seconds(5);
  EXPECT_EQ(retry_delay(policy, Verdict::kRetry, 1), seconds(1));
  EXPECT_EQ(retry_delay(policy, Verdict::kRetry, 9), seconds(1));
  EXPECT_EQ(retry_delay(policy, Verdict::kBackoff, 1), seconds(1));
  EXPECT_EQ(retry_delay(policy, Verdict::kBackoff, 2), seconds(2));
  EXPECT_EQ(retry_delay(policy, Verdict::kBackoff, 3), seconds(4));
  EXPECT_EQ(retry_delay(policy, Verdict::kBackoff, 4), seconds(5));
  EXPECT_EQ(retry_delay(policy, Verdict::kBackoff, 4'000'000'000U), seconds(5));
}

TEST(RetryDelay, follows_the_server_within_the_limit) {
  RetryPolicy policy;
  policy.max_retry_backoff = seconds(60);
  EXPECT_EQ(retry_delay(policy, Verdict::kBackoff, 1, seconds(30)), seconds(30));
  EXPECT_EQ(retry_delay(policy, Verdict::kBackoff, 1, seconds(300)), seconds(60));
  EXPECT_EQ(retry_delay(policy, Verdict::kRetry, 1, milliseconds(1)), seconds(1));
}

TEST(RetryAfter, reads_seconds_and_dates) {
  constexpr std::int64_t kNow = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT
  const auto read = [](const char* value) { return retry_after({{"Retry-After", value}}, kNow); };
  EXPECT_EQ(read("120"), seconds(120));
  EXPECT_EQ(read("Sun, 06 Nov 1994 08:50:37 GMT"), seconds(60));
  EXPECT_EQ(read("Sun, 06 Nov 1994 08:40:00 GMT"), seconds(0));
  EXPECT_EQ(read("-5"), seconds(0));
  EXPECT_EQ(read("99999999999999"), seconds(86'400));
  for (const char* broken :
       {"", "soon", "12x", "Sun, 06 Nov 1994", "Sun, 06 Abc 1994 08:49:37 GMT"}) {
    EXPECT_EQ(read(broken), std::nullopt) << broken;
  }
  EXPECT_EQ(retry_after({}, kNow), std::nullopt);
}

}  // namespace
}  // namespace weir::http
