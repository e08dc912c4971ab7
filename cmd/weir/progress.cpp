#include "progress.h"

#include <chrono>
#include <cstdio>
#include <string>

#include "core/duration.h"

namespace weir::cmd {

namespace {
constexpr std::chrono::milliseconds kStep{500};
}

ProgressLine::ProgressLine(const engine::Stream& stream, bool shown) : stream_(stream) {
  if (shown) thread_ = std::thread([this] { show(); });
}

ProgressLine::~ProgressLine() {
  end_.raise();
  if (!thread_.joinable()) return;
  thread_.join();
  std::fputs("\r\033[K", stderr);
}

void ProgressLine::show() {
  const auto start = std::chrono::steady_clock::now();
  while (end_.wait_for(kStep)) {
    const auto progress = stream_.progress();
    if (!progress || progress->second == 0) continue;
    const std::uint64_t received = stream_.totals().received();
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double share =
        static_cast<double>(progress->first) / static_cast<double>(progress->second);
    const double rate = static_cast<double>(received - last_received_) /
                        std::chrono::duration<double>(kStep).count();
    last_received_ = received;
    std::string left = "?";
    if (share > 0.001) {
      left = core::to_short_duration(
          std::chrono::seconds(static_cast<long long>(seconds / share - seconds + 0.5)));
    }
    std::fprintf(stderr, "\r\033[K%llu messages, %.0f/s, %.0f %%, %s left",
                 static_cast<unsigned long long>(received), rate, share * 100, left.c_str());
    std::fflush(stderr);
  }
}

}  // namespace weir::cmd
