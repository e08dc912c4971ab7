#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// What windows, sessions, dedupe and top-n give on a whole input, by their definitions: plain,
/// slow, and with nothing in common with the code under test. Times are small enough that nothing
/// overflows.
namespace oracle {

/// One thing that happens, in order.
struct Step {
  enum Kind { kRow, kIdle, kFinish } kind = kRow;
  int partition = 0;
  int key = 0;
  std::int64_t ts = 0;
  std::int64_t value = 0;
};

/// A row and the watermark that it met (lowest: none yet).
struct Judged {
  int key;
  std::int64_t ts;
  std::int64_t value;
  std::int64_t watermark;
  int number;  ///< of the step
};
inline constexpr std::int64_t kNone = INT64_MIN;

/// The watermark after each step, by the rules of active, idle and finished partitions.
std::vector<std::int64_t> watermarks(const std::vector<Step>& steps, int partitions,
                                     std::int64_t lag);
std::vector<Judged> judge(const std::vector<Step>& steps, int partitions, std::int64_t lag);

struct Span {
  std::int64_t start;
  std::int64_t end;
};
struct Windows {
  enum Kind { kHopping, kCumulative } kind = kHopping;
  std::int64_t size = 1;   ///< of cumulative: max
  std::int64_t slide = 1;  ///< of cumulative: step
  std::int64_t offset = 0;
};

/// Results in no order, as text; late rows by their number.
struct Results {
  std::vector<std::string> rows;
  std::vector<int> late;
};

Results windows(const std::vector<Judged>& rows, const std::vector<Windows>& specs,
                std::int64_t lateness);
/// A pane early with every `count` rows, besides the one on time.
Results windows_with_count(const std::vector<Judged>& rows, const Windows& spec,
                           std::int64_t lateness, int count, bool discard);
Results sessions(const std::vector<Judged>& rows, std::int64_t gap, std::int64_t lateness);
Results look_back(const std::vector<Judged>& rows, std::int64_t range);
Results count_windows(const std::vector<Judged>& rows, int size, int every);
Results dedupe(const std::vector<Judged>& rows, std::int64_t ttl, bool refresh);
/// The `n` keys with the most rows of each window.
Results top(const std::vector<Judged>& rows, const Windows& spec, int n, bool ties);

}  // namespace oracle
