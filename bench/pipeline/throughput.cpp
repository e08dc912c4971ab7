#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "bench.h"

namespace weir::bench {

namespace {

constexpr std::size_t kLines = 1'500'000;
constexpr const char* kQuiet = "logger: {level: ERROR}\nhttp: {enabled: false}\n";

// The limit of stateless work: find each line, copy it, write.
double copy_lines(const std::string& from, const std::string& to) {
  const double start = now();
  const int in = open(from.c_str(), O_RDONLY | O_CLOEXEC);
  const int out = open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  std::vector<char> buffer(2 * kBlock);
  std::vector<char> copy(2 * kBlock);
  std::size_t have = 0;
  for (ssize_t n = 0; (n = read(in, buffer.data() + have, kBlock)) > 0;) {
    have += static_cast<std::size_t>(n);
    const char* at = buffer.data();
    const char* const end = at + have;
    char* to_here = copy.data();
    while (const void* hit = std::memchr(at, '\n', static_cast<std::size_t>(end - at))) {
      const auto size = static_cast<std::size_t>(static_cast<const char*>(hit) + 1 - at);
      std::memcpy(to_here, at, size);
      to_here += size;
      at += size;
    }
    if (write(out, copy.data(), static_cast<std::size_t>(to_here - copy.data())) < 0) break;
    have = static_cast<std::size_t>(end - at);
    std::memmove(buffer.data(), at, have);
  }
  close(in);
  close(out);
  return now() - start;
}

std::string config(const Bench& bench, int threads, const std::string& processors) {
  return "input: {file: {paths: [" + bench.folder + "/in.ndjson], scanner: {lines: {}}}}\n" +
         "pipeline: {threads: " + std::to_string(threads) + ", processors: [" + processors +
         "]}\noutput: {file: {path: " + bench.folder + "/out.ndjson, codec: lines}}\n" + kQuiet;
}

double run_to_file(const Bench& bench, const std::string& config, double* cpu = nullptr) {
  std::filesystem::remove(bench.folder + "/out.ndjson");
  const Cost cost = bench.run_config(config);
  if (cpu != nullptr) *cpu = cost.cpu;
  return cost.wall;
}

constexpr const char* kFilter =
    "{mapping: \"root = this\\nroot.big = this.amount * 2\\nroot = if this.amount < 2000 { "
    "deleted() }\"}";
constexpr const char* kHeavy =
    "{mapping: \"root = this\\nroot.hash = "
    "content().hash(\\\"sha256\\\").encode(\\\"hex\\\")\\nroot."
    "name = this.name.uppercase()\"}";

}  // namespace

void file_to_file(const Bench& bench) {
  const std::string in = bench.file("in.ndjson", flat_lines(kLines));
  const std::string out = bench.folder + "/out.ndjson";
  const auto limit = [&] {
    std::filesystem::remove(out);
    return copy_lines(in, out);
  };
  std::vector<double> cpus;
  const Pair plain = in_turn(bench.rounds, limit, [&] {
    double cpu = 0;
    const double wall = run_to_file(bench, config(bench, 1, ""), &cpu);
    cpus.push_back(cpu);
    return wall;
  });
  print("T1", "file to file, no processor", plain.a, plain.b, "s", plain.ratio, ">= 0.45 (0.70)");
  const double each = median(cpus) * 1e6 / static_cast<double>(kLines);
  print("T1c", "CPU per message; limit: the family's figure", 8.0, each, "us", 8.0 / each, "> 1");
  const Pair filter =
      in_turn(bench.rounds, limit, [&] { return run_to_file(bench, config(bench, 1, kFilter)); });
  print("T2", "filter and one field, one thread", filter.a, filter.b, "s", filter.ratio,
        ">= 0.20 (0.40)");
}

void two_workers(const Bench& bench) {
  (void)bench.file("in.ndjson", flat_lines(kLines / 3));
  const Pair pair = in_turn(
      bench.rounds, [&] { return run_to_file(bench, config(bench, 1, kHeavy)); },
      [&] { return run_to_file(bench, config(bench, 2, kHeavy)); });
  print("T8", "two workers; limit: one worker", pair.a, pair.b, "s", pair.ratio, ">= 1.60 (1.80)");
}

}  // namespace weir::bench
