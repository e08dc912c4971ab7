#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "config/output_child.h"
#include "config/registry.h"
#include "core/component.h"

namespace weir::test {

/// What the scripted components of a simulation share: the random source, and what happened.
/// Components lock it, so that the same ones run on threads too.
struct SimWorld {
  std::recursive_mutex mutex;
  core::SeededRandom* random = nullptr;
  core::Executor* executor = nullptr;

  // The input: messages `{"p":partition,"n":number}` of `partitions` partitions.
  std::uint64_t messages = 200;
  std::uint64_t partitions = 3;
  bool finite = true;
  std::map<std::string, std::int64_t> handed_out;    // partition -> numbers so far
  std::map<std::string, std::int64_t> acknowledged;  // partition -> position
  std::vector<std::string> mistakes;                 // broken contracts, as found

  // The output: per partition the numbers in order of first acceptance, and how often each came.
  unsigned unavailable_percent = 0;
  unsigned refuse_percent = 0;
  unsigned slow_percent = 50;
  std::size_t in_flight = 1;
  std::map<std::string, std::vector<std::int64_t>> accepted;
  std::map<std::pair<std::string, std::int64_t>, int> times;
  std::set<std::pair<std::string, std::int64_t>> refused;
  bool chance(unsigned percent) { return draw() % 100 < percent; }
  std::uint64_t draw() {
    const std::lock_guard lock(mutex);
    return random->next();
  }
};

/// Registers `sim_input`, `sim_output`, and the processors `sim_filter` (drops numbers divisible by
/// 7), `sim_fail` (flags numbers divisible by 11), `sim_split` (cuts batches at random).
void add_sim_components(config::Registry& registry, SimWorld& world);

/// The `p` and `n` of a simulated message.
std::pair<std::string, std::int64_t> identity(core::Message& message);

}  // namespace weir::test
