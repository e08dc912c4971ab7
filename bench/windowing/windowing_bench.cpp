// A keyed tumbling count: the operator against the bare loop over an open-addressing table with
// prefetch, which is the limit. Both see the same keys, 10^5 of them, in random order; event time
// moves on by a millisecond with each row, windows last ten minutes, nothing is late.

#include <cstdint>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "windowing/aggregates.h"
#include "windowing/assigner.h"
#include "windowing/window_operator.h"

namespace {

using namespace weir;  // NOLINT(google-build-using-namespace): a program, not a header
using namespace weir::windowing;

constexpr std::size_t kKeys = 100'000;
constexpr std::size_t kRows = 1 << 16;

std::vector<std::uint64_t> random_keys() {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> keys(kRows);
  for (std::uint64_t& k : keys) k = random() % kKeys;
  return keys;
}

std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93U;
  x ^= x >> 32;
  return x;
}

void bare_table(benchmark::State& state) {
  const auto keys = random_keys();
  struct Slot {
    std::uint64_t key = ~std::uint64_t{0};
    std::uint64_t count = 0;
  };
  std::vector<Slot> table(1 << 18);
  const std::size_t mask = table.size() - 1;
  for (auto _ : state) {
    for (std::size_t i = 0; i < kRows; ++i) {
      if (i + 16 < kRows) __builtin_prefetch(&table[mix(keys[i + 16]) & mask]);
      std::size_t at = mix(keys[i]) & mask;
      while (table[at].key != keys[i] && table[at].key != ~std::uint64_t{0}) at = (at + 1) & mask;
      table[at].key = keys[i];
      ++table[at].count;
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(kRows));
}
BENCHMARK(bare_table);

WindowConfig config(bool keyed, Micros slide) {
  WindowConfig c;
  c.label = "bench";
  if (keyed) c.key = std::make_shared<const mapping::Mapping>(*mapping::Mapping::compile("this.k"));
  c.specs.push_back({"w", make_hopping({600'000'000, slide, 0})});
  c.aggregates.push_back({"n", aggregates::count(), {}, nullptr});
  return c;
}

/// State alone: keys come as canonical bytes, as between two shards.
void state_only(benchmark::State& state, Micros slide) {
  const auto keys = random_keys();
  std::vector<std::string> bytes(kRows);
  core::Arena arena;
  for (std::size_t i = 0; i < kRows; ++i) {
    Writer out;
    (void)write_key(core::Value::integer(static_cast<std::int64_t>(keys[i])), arena, out);
    bytes[i] = out.take();
  }
  WindowOperator op(config(false, slide));
  const std::vector<core::Value> none;
  Micros ts = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < kRows; ++i) {
      if (i + 16 < kRows) op.prefetch(bytes[i + 16]);
      if (!op.add_row(bytes[i], ts, none)) state.SkipWithError("not on time");
      if (i % 64 == 0) ts += 1000;
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(kRows));
}
BENCHMARK_CAPTURE(state_only, tumbling, 600'000'000);
BENCHMARK_CAPTURE(state_only, hopping_by_a_sixth, 100'000'000);

/// Messages in: reading the document and the key included.
void whole_rows(benchmark::State& state) {
  const auto keys = random_keys();
  WindowOperator op(config(true, 600'000'000));
  Output out;
  std::size_t at = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<std::string> payloads;
    for (std::size_t i = 0; i < 256; ++i) {
      payloads.push_back("{\"k\":" + std::to_string(keys[(at + i) % kRows]) + "}");
    }
    at += 256;
    core::Batch batch = core::Batch::of(payloads);
    state.ResumeTiming();
    for (core::Message& message : batch.messages()) {
      op.on_row({&message, 1, {{}, "p", 0}}, out);
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 256);
}
BENCHMARK(whole_rows);

}  // namespace
