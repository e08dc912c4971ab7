#include "http/retry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace weir::http {
namespace {

bool contains(const std::vector<int>& codes, int status) {
  return std::find(codes.begin(), codes.end(), status) != codes.end();
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`; the two older forms of RFC 9110 are not sent by anyone alive.
std::optional<std::int64_t> parse_http_date(const std::string& text) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm time{};
  char month[4] = "";
  char zone[4] = "";
  if (std::sscanf(text.c_str(), "%*3s, %2d %3s %4d %2d:%2d:%2d %3s", &time.tm_mday, month,
                  &time.tm_year, &time.tm_hour, &time.tm_min, &time.tm_sec, zone) != 7 ||
      std::strcmp(zone, "GMT") != 0) {
    return std::nullopt;
  }
  const auto* const found = std::find(kMonths.begin(), kMonths.end(), month);
  if (found == kMonths.end()) return std::nullopt;
  time.tm_mon = static_cast<int>(found - kMonths.begin());
  time.tm_year -= 1900;
  return ::timegm(&time);
}

}  // namespace

Verdict judge(const RetryPolicy& policy, int status) {
  if (contains(policy.drop_on, status)) return Verdict::kDrop;
  if (contains(policy.backoff_on, status)) return Verdict::kBackoff;
  if (contains(policy.successful_on, status)) return Verdict::kSuccess;
  return status >= 200 && status <= 299 ? Verdict::kSuccess : Verdict::kRetry;
}

bool may_pass_later(int status) {
  return status == 408 || status == 425 || status == 429 ||
         (status >= 500 && status <= 599 && status != 501 && status != 505);
}

std::chrono::milliseconds retry_delay(const RetryPolicy& policy, Verdict verdict, unsigned attempt,
                                      std::optional<std::chrono::milliseconds> retry_after) {
  std::chrono::milliseconds delay = policy.retry_period;
  if (verdict == Verdict::kBackoff) {
    for (unsigned i = 1; i < attempt && delay < policy.max_retry_backoff; ++i) delay *= 2;
    delay = std::min(delay, policy.max_retry_backoff);
  }
  if (retry_after) delay = std::max(delay, std::min(*retry_after, policy.max_retry_backoff));
  return delay;
}

std::optional<std::chrono::milliseconds> retry_after(const Headers& headers,
                                                     std::int64_t now_unix_seconds) {
  const auto value = headers.get("Retry-After");
  if (!value || value->empty()) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), seconds);
  if (error != std::errc() || end != value->data() + value->size()) {
    const auto date = parse_http_date(std::string(*value));
    if (!date) return std::nullopt;
    seconds = *date - now_unix_seconds;
  }
  // A day is already longer than any back-off; the bound keeps the product in range.
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 86'400));
}

}  // namespace weir::http
