#include "machine.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <sched.h>
#include <unistd.h>

namespace weir::cmd {

namespace {

// The content of a one-line file; empty when there is none.
std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

unsigned cpu_quota() {
  cpu_set_t set;
  unsigned cpus = 1;
  if (sched_getaffinity(0, sizeof set, &set) == 0) cpus = static_cast<unsigned>(CPU_COUNT(&set));
  long long quota = -1;
  long long period = 0;
  const std::string max = first_line("/sys/fs/cgroup/cpu.max");
  if (!max.empty()) {
    if (std::sscanf(max.c_str(), "%lld %lld", &quota, &period) != 2) quota = -1;
  } else {
    const std::string v1 = first_line("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    const std::string v1_period = first_line("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    if (!v1.empty() && !v1_period.empty()) {
      quota = std::atoll(v1.c_str());
      period = std::atoll(v1_period.c_str());
    }
  }
  if (quota > 0 && period > 0)
    cpus = std::min(cpus, static_cast<unsigned>((quota + period - 1) / period));
  return std::max(cpus, 1U);
}

std::uint64_t memory_limit() {
  const auto pages = static_cast<std::uint64_t>(std::max(sysconf(_SC_PHYS_PAGES), 1L));
  std::uint64_t limit = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    const std::string line = first_line(path);
    if (line.empty() || line == "max") continue;
    const auto value = static_cast<std::uint64_t>(std::strtoull(line.c_str(), nullptr, 10));
    if (value > 0) limit = std::min(limit, value);
  }
  return limit;
}

std::uint64_t default_budget() {
  return std::min<std::uint64_t>(memory_limit() / 10 * 7 / 4, std::uint64_t{256} << 20);
}

}  // namespace weir::cmd
