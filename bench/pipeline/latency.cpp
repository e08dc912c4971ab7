#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include <time.h>
#include <unistd.h>

#include "bench.h"

namespace weir::bench {

namespace {

constexpr int kMessages = 3000;

void until(double when) {
  timespec t{};
  t.tv_sec = static_cast<time_t>(when);
  t.tv_nsec = static_cast<long>((when - static_cast<double>(t.tv_sec)) * 1e9);
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr);
}

double p99(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() * 99 / 100];
}

// One thread hands a value to the next.
class Slot {
 public:
  void put(double value) {
    {
      const std::lock_guard lock(mutex_);
      values_.push_back(value);
    }
    filled_.notify_one();
  }
  double take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return !values_.empty(); });
    const double value = values_.front();
    values_.erase(values_.begin());
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<double> values_;
};

// The limit: three threads, two hand-offs, at the same rate.
double hand_off() {
  Slot first;
  Slot second;
  std::vector<double> delays;
  std::thread middle([&] {
    for (int i = 0; i < kMessages; ++i) second.put(first.take());
  });
  std::thread last([&] {
    for (int i = 0; i < kMessages; ++i) {
      const double sent = second.take();
      delays.push_back(now() - sent);
    }
  });
  const double start = now();
  for (int i = 0; i < kMessages; ++i) {
    until(start + i * 0.001);
    first.put(now());
  }
  middle.join();
  last.join();
  return p99(std::move(delays)) * 1e6;
}

double through_weir(const Bench& bench) {
  const std::string config = bench.file(
      "latency.yaml",
      "input: {stdin: {}}\npipeline: {threads: 1, processors: [{mapping: 'root = this'}]}\n"
      "output: {stdout: {}}\nlogger: {level: ERROR}\nhttp: {enabled: false}\n");
  Child child({bench.weir, "run", config}, true);
  std::vector<double> sent(kMessages);
  std::vector<double> delays;
  std::thread reader([&] {
    std::array<char, 65536> buffer{};
    std::size_t line = 0;
    for (ssize_t n = 0; (n = read(child.out(), buffer.data(), buffer.size())) > 0;) {
      const double at = now();
      for (ssize_t i = 0; i < n; ++i) {
        if (buffer.at(static_cast<std::size_t>(i)) == '\n') delays.push_back(at - sent.at(line++));
      }
    }
  });
  const double start = now() + 0.3;  // it has started by then
  for (int i = 0; i < kMessages; ++i) {
    until(start + i * 0.001);
    const std::string line = "{\"n\":" + std::to_string(i) + "}\n";
    sent.at(static_cast<std::size_t>(i)) = now();
    if (write(child.in(), line.data(), line.size()) < 0) break;
  }
  child.close_in();
  reader.join();
  (void)child.wait();
  return p99(std::move(delays)) * 1e6;
}

}  // namespace

void latency(const Bench& bench) {
  const Pair pair = in_turn(
      std::min(bench.rounds, 5), [&] { return through_weir(bench); }, [] { return hand_off(); });
  print("T15", "p99 in to out at 1000/s; limit: hand-off", pair.b, pair.a, "us", pair.ratio,
        "<= 4 (2)");
}

}  // namespace weir::bench
