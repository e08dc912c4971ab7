// The whole program beside the limit of the machine, measured in the same run: `./dev bench
// pipeline`.
//
//   pipeline_bench [--full] [--rounds N] [T1 T8 ..]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "bench.h"

namespace weir::bench {

std::string Bench::file(const std::string& name, const std::string& text) const {
  std::ofstream(folder + "/" + name, std::ios::binary) << text;
  return folder + "/" + name;
}

Cost Bench::run_config(const std::string& config, bool watch_stdout) const {
  Cost cost = bench::run({weir, "run", file("bench.yaml", config)}, watch_stdout);
  if (cost.code != 0) {
    std::fprintf(stderr, "weir ended with %d on:\n%s\n", cost.code, config.c_str());
    std::exit(1);
  }
  return cost;
}

void print(const std::string& target, const std::string& what, double limit, double weir,
           const char* unit, double ratio, const std::string& asked) {
  std::printf("%-4s %-44s %10.3f %10.3f %-7s %7.2f   %s\n", target.c_str(), what.c_str(), limit,
              weir, unit, ratio, asked.c_str());
  std::fflush(stdout);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

Pair in_turn(int rounds, const std::function<double()>& a, const std::function<double()>& b) {
  std::vector<double> as;
  std::vector<double> bs;
  std::vector<double> ratios;
  for (int i = 0; i < rounds; ++i) {
    as.push_back(a());
    bs.push_back(b());
    ratios.push_back(as.back() / bs.back());
  }
  return {median(as), median(bs), median(ratios)};
}

std::string flat_lines(std::size_t count) {
  std::mt19937_64 random(42);
  const auto pick = [&random](std::uint64_t n) { return std::to_string(random() % n); };
  static const char* const kinds[] = {"view", "click", "login", "purchase", "error"};
  std::string out;
  out.reserve(count * 200);
  for (std::size_t i = 0; i < count; ++i) {
    out += "{\"id\":\"e" + std::to_string(10000000 + random() % 90000000) + "\",\"ts\":\"2026-08-" +
           std::to_string(10 + random() % 20) + "T17:54:59Z\",\"user_id\":" + pick(5000000) +
           ",\"type\":\"" + kinds[random() % 5] +
           "\",\"region\":\"eu-west-1\",\"amount\":" + pick(5000) + "." +
           std::to_string(10 + random() % 90) + ",\"qty\":" + pick(45) +
           ",\"ok\":true,\"name\":\"fjord delta\",\"ctx\":{\"ip\":\"10." + pick(256) + "." +
           pick(256) + ".7\",\"v\":" + pick(9) + "}}\n";
  }
  return out;
}

}  // namespace weir::bench

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  using namespace weir::bench;
  Bench bench;
  bench.weir = WEIR_BINARY;
  bench.floor = WEIR_FLOOR;
  const std::map<std::string, void (*)(const Bench&)> targets = {
      {"T1", file_to_file}, {"T8", two_workers},     {"T14", http_ingest},
      {"T15", latency},     {"T16", start_and_idle}, {"T18", steady_memory}};
  std::vector<std::string> wanted;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--full") {
      bench.full = true;
    } else if (argument == "--rounds" && i + 1 < argc) {
      bench.rounds = std::max(1, std::atoi(argv[++i]));
    } else if (targets.count(argument) > 0) {
      wanted.push_back(argument);
    } else {
      std::fprintf(stderr, "pipeline_bench [--full] [--rounds N] [T1 T8 T14 T15 T16 T18]\n");
      return 2;
    }
  }
  if (wanted.empty()) wanted = {"T1", "T8", "T14", "T15", "T16", "T18"};
  std::string folder =
      fs::exists("/dev/shm") ? "/dev/shm/weir_bench_XXXXXX" : "/tmp/weir_bench_XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror("mkdtemp");
    return 1;
  }
  bench.folder = folder;
  std::printf("%-4s %-44s %10s %10s %-7s %7s   %s\n", "", "", "limit", "weir", "", "ratio",
              "asked");
  for (const std::string& target : wanted) targets.at(target)(bench);
  fs::remove_all(folder);
  return 0;
}
