#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "state/checkpoint.h"
#include "state/table.h"

// A keyed counter: 16-byte keys, 8-byte counts, in batches of 256. The limit is a bare loop over a
// table of 32-byte slots that is made large enough before, knows nothing of epochs, and fetches the
// slots of a batch in front of it.
namespace {

constexpr std::size_t kBatch = 256;

struct Key {
  std::uint64_t a;
  std::uint64_t b;
};

std::vector<Key> some_keys(std::size_t events, std::uint64_t keys) {
  std::mt19937_64 random(1);
  std::vector<Key> all(events);
  for (Key& key : all) {
    const std::uint64_t n = random() % keys;
    key = {n, n * 0x9E3779B97F4A7C15ULL};
  }
  return all;
}

std::string_view view(const Key& key) {
  return {reinterpret_cast<const char*>(&key), sizeof key};
}

constexpr std::size_t kEvents = std::size_t{1} << 21;

void bare_loop(benchmark::State& state) {
  struct Slot {
    std::uint64_t hash;
    Key key;
    std::uint64_t count;
  };
  const auto keys = static_cast<std::uint64_t>(state.range(0));
  const auto events = some_keys(kEvents, keys);
  std::size_t capacity = 16;
  while (capacity < keys * 2) capacity *= 2;
  std::vector<Slot> slots(capacity);
  std::uint64_t hashes[kBatch];
  std::uint64_t sum = 0;
  std::size_t at = 0;
  const auto step = [&] {
    for (std::size_t i = 0; i < kBatch; ++i) {
      hashes[i] = weir::state::hash_key(view(events[at + i])) | 1;
      __builtin_prefetch(&slots[hashes[i] & (capacity - 1)], 1);
    }
    for (std::size_t i = 0; i < kBatch; ++i) {
      const Key& key = events[at + i];
      std::size_t to = hashes[i] & (capacity - 1);
      while (slots[to].hash != 0 && (slots[to].hash != hashes[i] || slots[to].key.a != key.a ||
                                     slots[to].key.b != key.b)) {
        to = (to + 1) & (capacity - 1);
      }
      slots[to].hash = hashes[i];
      slots[to].key = key;
      sum += ++slots[to].count;
    }
    at = (at + kBatch) % kEvents;
  };
  for (std::size_t i = 0; i < kEvents / kBatch; ++i) step();  // filled
  for (auto _ : state) step();
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}

void table(benchmark::State& state) {
  const auto events = some_keys(kEvents, static_cast<std::uint64_t>(state.range(0)));
  weir::state::Table table;
  std::uint64_t hashes[kBatch];
  std::uint64_t sum = 0;
  std::size_t at = 0;
  std::uint64_t epoch = 0;
  std::size_t since = 0;
  const auto step = [&] {
    for (std::size_t i = 0; i < kBatch; ++i)
      hashes[i] = weir::state::hash_key(view(events[at + i]));
    table.prefetch(hashes);
    for (std::size_t i = 0; i < kBatch; ++i) {
      bool fresh = false;
      const auto bytes = table.update(view(events[at + i]), hashes[i], 8, fresh);
      std::uint64_t count = 0;
      std::memcpy(&count, bytes.data(), sizeof count);
      sum += ++count;
      std::memcpy(bytes.data(), &count, sizeof count);
    }
    at = (at + kBatch) % kEvents;
    // An epoch after each million events: what is dirty is counted anew.
    if ((since += kBatch) >= 1'000'000) {
      since = 0;
      table.freeze(++epoch).reset();
    }
  };
  for (std::size_t i = 0; i < kEvents / kBatch; ++i) step();
  for (auto _ : state) step();
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
  state.counters["bytes_per_key"] =
      static_cast<double>(table.memory_bytes()) / static_cast<double>(table.size());
}

void freeze(benchmark::State& state) {
  const auto events = some_keys(1'000'000, 1'000'000);
  weir::state::Table table;
  std::uint64_t epoch = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (const Key& key : events) table.put(view(key), "12345678");
    state.ResumeTiming();
    auto delta = table.freeze(++epoch);
    state.PauseTiming();
    delta.reset();
    state.ResumeTiming();
  }
}

void commit(benchmark::State& state) {
  const auto keys = static_cast<std::size_t>(state.range(0));
  const std::string folder =
      (std::filesystem::temp_directory_path() / "weir_bench_commit").string();
  std::filesystem::remove_all(folder);
  {
    weir::state::StoreOptions options;
    options.path = folder;
    options.write_buffer_bytes = std::uint64_t{64} << 20;
    options.memory_bytes = std::uint64_t{256} << 20;
    auto opened = weir::state::Checkpoint::open(options);
    if (!opened) {
      state.SkipWithError(opened.error().message.c_str());
      return;
    }
    weir::state::Table table;
    std::uint64_t epoch = 0;
    for (auto _ : state) {
      state.PauseTiming();
      for (std::size_t i = 0; i < keys; ++i) {
        const Key key{i, i * 0x9E3779B97F4A7C15ULL};
        table.put(view(key), view(key).substr(0, 8));
      }
      state.ResumeTiming();
      const auto delta = table.freeze(++epoch);
      weir::state::EpochRecord record;
      record.epoch = epoch;
      const auto status = (*opened)->commit(record, {{"op", delta->read(), nullptr}});
      if (!status) state.SkipWithError(status.error().message.c_str());
    }
  }
  std::filesystem::remove_all(folder);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(keys));
}

BENCHMARK(bare_loop)->Arg(100'000)->Arg(2'000'000);
BENCHMARK(table)->Arg(100'000)->Arg(2'000'000);
BENCHMARK(freeze)->Iterations(3)->Unit(benchmark::kMicrosecond);
BENCHMARK(commit)->Arg(1000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
