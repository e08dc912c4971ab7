#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/message.h"

namespace weir::http {

/// What a status means for the request (the fields of the peers' shared HTTP block).
struct RetryPolicy {
  std::vector<int> successful_on;       ///< besides 2xx
  std::vector<int> backoff_on = {429};  ///< retried, waiting twice as long each time
  std::vector<int> drop_on;             ///< failed at once
  unsigned retries = 3;
  std::chrono::milliseconds retry_period{1'000};
  std::chrono::milliseconds max_retry_backoff{300'000};
};

enum class Verdict : std::uint8_t {
  kSuccess,
  kRetry,    ///< after retry_period
  kBackoff,  ///< after a wait that doubles, at most max_retry_backoff
  kDrop,     ///< never again
};

/// Precedence: drop_on, backoff_on, successful_on, 2xx; the rest is kRetry.
[[nodiscard]] Verdict judge(const RetryPolicy& policy, int status);

/// True when sending the same again later may help: 408, 425, 429, 5xx (but 501, 505).
[[nodiscard]] bool may_pass_later(int status);

/// How long to wait before try number `attempt` + 1 (`attempt` tries have failed, at least one).
/// `retry_after` (of retry_after() below) lengthens it, up to max_retry_backoff. No jitter.
[[nodiscard]] std::chrono::milliseconds retry_delay(
    const RetryPolicy& policy, Verdict verdict, unsigned attempt,
    std::optional<std::chrono::milliseconds> retry_after = std::nullopt);

/// The Retry-After header: seconds, or a date judged against `now_unix_seconds`. Nothing when
/// absent or broken; never negative.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(const Headers& headers,
                                                                   std::int64_t now_unix_seconds);

}  // namespace weir::http
