#include <csignal>
#include <thread>

#include "bench.h"

namespace weir::bench {

namespace {

void sleep_for(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

std::string twenty_components() {
  std::string out =
      "input: {generate: {count: 1, interval: '', mapping: 'root.n = 1'}}\npipeline:\n"
      "  processors:\n";
  for (int i = 0; i < 18; ++i)
    out += "    - mapping: 'root = this\n        \n        root.f" + std::to_string(i) + " = " +
           std::to_string(i) + "'\n";
  return out + "output: {stdout: {}}\nlogger: {level: ERROR}\nhttp: {address: '127.0.0.1:0'}\n";
}

}  // namespace

void start_and_idle(const Bench& bench) {
  const std::string config = twenty_components();
  const Pair start = in_turn(
      bench.rounds * 3, [&] { return bench.run_config(config, true).first * 1e3; },
      [&] { return run({bench.floor}).wall * 1e3; });
  print("T16", "start to first message; limit: linking", start.b, start.a, "ms", start.ratio,
        "<= 6 (3)");
  const Pair whole = in_turn(
      bench.rounds * 3, [&] { return bench.run_config(config).wall * 1e3; }, [] { return 26.0; });
  print("T16e", "start to end; limit: the family's figure", 26.0, whole.a, "ms", whole.ratio,
        "< 1");

  const std::string idle =
      bench.file("idle.yaml",
                 "input: {stdin: {}}\noutput: {stdout: {}}\nlogger: {level: ERROR}\n"
                 "http: {address: '127.0.0.1:0'}\n");
  std::vector<double> rss;
  std::vector<double> floors;
  for (int i = 0; i < 3; ++i) {
    Child child({bench.weir, "run", idle}, true);
    sleep_for(2);
    rss.push_back(child.rss());
    child.close_in();
    (void)child.wait();
    floors.push_back(run({bench.floor}).rss);
  }
  const double floor = median(floors);
  const double weir = median(rss);
  print("T17", "idle RSS; limit: linking", floor, weir, "MiB", weir / floor, "<= 2.5 (1.7)");
  print("T17e", "idle RSS; limit: the family's figure", 28, weir, "MiB", weir / 28, "< 1");
}

void steady_memory(const Bench& bench) {
  const std::string config = bench.file(
      "endless.yaml",
      "input: {generate: {interval: '', batch_size: 100, mapping: 'root = "
      "{\"id\":counter(),\"name\":\"fjord delta\",\"ctx\":{\"v\":[1,2,3]}}'}}\n"
      "pipeline: {processors: [{mapping: 'root = this\n\n      root.twice = this.id * 2'}]}\n"
      "output: {drop: {}}\nlogger: {level: ERROR}\nhttp: {enabled: false}\n");
  Child child({bench.weir, "run", config});
  sleep_for(10);
  const double early = child.rss();
  sleep_for(bench.full ? 590 : 20);
  const double late = child.rss();
  child.signal(SIGTERM);
  (void)child.wait();
  print("T18",
        bench.full ? "RSS after 10 min; limit: after 10 s" : "RSS after 30 s; limit: after 10 s",
        early, late, "MiB", late / early, "<= 1.05 (1.01)");
}

}  // namespace weir::bench
