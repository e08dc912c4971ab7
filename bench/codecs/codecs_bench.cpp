// How fast are records found? Each figure stands beside the bare loop that limits it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "codecs/compression.h"
#include "codecs/csv.h"
#include "codecs/splitter.h"

namespace {

using weir::codecs::RecordSpan;

constexpr std::size_t kWindow = 65536;

// A window of lines of `length` bytes on average, the last one complete.
std::string lines(std::size_t length) {
  std::mt19937 random(1);
  std::string text;
  while (text.size() < kWindow) {
    text.append(length / 2 + random() % length, 'x').push_back('\n');
  }
  return text;
}

void count(benchmark::State& state, const std::string& text, std::size_t records) {
  const auto rounds = static_cast<std::int64_t>(state.iterations());
  state.SetBytesProcessed(rounds * static_cast<std::int64_t>(text.size()));
  state.SetItemsProcessed(rounds * static_cast<std::int64_t>(records));
}

// The limit: nothing but the search.
void bare_memchr(benchmark::State& state) {
  const std::string text = lines(static_cast<std::size_t>(state.range(0)));
  std::size_t found = 0;
  for (auto _ : state) {
    found = 0;
    const char* const end = text.data() + text.size();
    for (const char* at = text.data(); at != end; ++at, ++found) {
      at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    }
    benchmark::DoNotOptimize(found);
  }
  count(state, text, found);
}

void split_lines(benchmark::State& state) {
  const std::string text = lines(static_cast<std::size_t>(state.range(0)));
  std::vector<RecordSpan> records;
  for (auto _ : state) {
    records.clear();
    benchmark::DoNotOptimize(weir::codecs::split_lines(text, records));
  }
  const auto expected = std::count(text.begin(), text.end(), '\n');
  if (records.size() != static_cast<std::size_t>(expected)) std::abort();
  count(state, text, records.size());
}

void lines_splitter(benchmark::State& state) {
  const std::string text = lines(static_cast<std::size_t>(state.range(0)));
  const auto splitter = *weir::codecs::make_lines_splitter();
  std::vector<RecordSpan> records;
  for (auto _ : state) {
    records.clear();
    benchmark::DoNotOptimize(splitter->split(text, false, records));
  }
  count(state, text, records.size());
}

std::string json_documents() {
  std::string text;
  for (int i = 0; text.size() < kWindow; ++i) {
    text += R"({"id":)" + std::to_string(i * 7919) +
            R"(,"name":"some customer name","tags":["alpha","beta"],"at":"2026-11-20T10:00:00Z",)"
            R"("position":{"lat":52.5200,"lon":13.4050},"ok":true,"note":"a somewhat longer text"})"
            "\n";
  }
  return text;
}

void json_splitter(benchmark::State& state) {
  const std::string text = json_documents();
  const auto splitter = *weir::codecs::make_json_documents_splitter();
  std::vector<RecordSpan> records;
  for (auto _ : state) {
    records.clear();
    benchmark::DoNotOptimize(splitter->split(text, false, records));
  }
  count(state, text, records.size());
}

std::string csv_rows(bool quoted) {
  std::string text;
  for (int i = 0; text.size() < kWindow; ++i) {
    text += std::to_string(i) + (quoted ? ",\"some, name\"," : ",some name,") +
            "2026-11-20T10:00:00Z,52.5200,13.4050,active,0,note about it\n";
  }
  return text;
}

// The limit of rows without quotes: a search for each delimiter and each line end.
void bare_memchr_fields(benchmark::State& state) {
  const std::string text = csv_rows(false);
  std::size_t rows = 0;
  std::size_t fields = 0;
  for (auto _ : state) {
    rows = 0;
    const char* const end = text.data() + text.size();
    for (const char* at = text.data(); at != end; ++rows) {
      const auto* const line_end =
          static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
      while (const void* comma = std::memchr(at, ',', static_cast<std::size_t>(line_end - at))) {
        ++fields;
        at = static_cast<const char*>(comma) + 1;
      }
      at = line_end + 1;
    }
    benchmark::DoNotOptimize(fields);
  }
  count(state, text, rows);
}

void csv_reader(benchmark::State& state) {
  const std::string text = csv_rows(state.range(0) != 0);
  std::size_t rows = 0;
  for (auto _ : state) {
    auto reader = *weir::codecs::CsvReader::make();
    std::string_view window = text;
    for (rows = 0;; ++rows) {
      const auto step = reader.next(window, true);
      if (step.kind != weir::codecs::CsvReader::Step::Kind::kRow) break;
      benchmark::DoNotOptimize(reader.fields().size());
      window.remove_prefix(step.consumed);
    }
  }
  count(state, text, rows);
}

void decompress(benchmark::State& state) {
  const auto algorithm = static_cast<weir::codecs::Compression>(state.range(0));
  const std::string text = json_documents();
  const std::string packed = *weir::codecs::compress(algorithm, text);
  const auto decompressor = *weir::codecs::make_decompressor(algorithm);
  std::string output;
  for (auto _ : state) {
    output.clear();
    if (!decompressor->decompress(packed, output)) std::abort();
  }
  state.SetLabel(std::string(name(algorithm)));
  count(state, text, 1);
}

BENCHMARK(bare_memchr)->Arg(20)->Arg(60)->Arg(194)->Arg(950)->Arg(4000);
BENCHMARK(split_lines)->Arg(20)->Arg(60)->Arg(194)->Arg(950)->Arg(4000);
BENCHMARK(lines_splitter)->Arg(20)->Arg(60)->Arg(194)->Arg(950)->Arg(4000);
BENCHMARK(json_splitter);
BENCHMARK(bare_memchr_fields);
BENCHMARK(csv_reader)->Arg(0)->Arg(1);
BENCHMARK(decompress)->Arg(0)->Arg(3)->Arg(4)->Arg(6)->Arg(7);

}  // namespace
