// Random streams through random windows: as the oracle says, straight, and with the operators
// thrown away and built again in other shards at random moments. WEIR_ORACLE_SEEDS asks for more of
// them.

#include <algorithm>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "oracle/oracle.h"
#include "windowing/chain.h"

namespace weir::windowing {
namespace {

using oracle::Step;
using test::Chain;
using test::Plans;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine(seed) {}
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(n));
  }
  std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
  bool chance(int percent) { return below(100) < percent; }
  std::mt19937_64 engine;
};

struct Stream {
  std::vector<Step> steps;
  int partitions = 1;
  std::int64_t lag = 0;
};

Stream random_stream(Random& r) {
  Stream s;
  s.partitions = static_cast<int>(r.between(1, 4));
  s.lag = r.chance(20) ? 0 : r.below(40);
  const int keys = static_cast<int>(r.chance(20) ? r.between(20, 80) : r.between(1, 6));
  const std::int64_t origins[] = {0, -50, -1'000'000'007, 4'000'000'000'000'003,
                                  -4'000'000'000'000'003};
  const std::int64_t origin = origins[r.below(5)];
  const std::int64_t disorder = r.below(60);
  std::int64_t now = origin;
  const int n = static_cast<int>(r.between(1, 120));
  std::vector<bool> finished(static_cast<std::size_t>(s.partitions), false);
  for (int i = 0; i < n; ++i) {
    Step step;
    step.partition = static_cast<int>(r.below(s.partitions));
    if (finished[static_cast<std::size_t>(step.partition)]) continue;
    if (r.chance(4)) {
      step.kind = r.chance(70) ? Step::kIdle : Step::kFinish;
      if (step.kind == Step::kFinish) finished[static_cast<std::size_t>(step.partition)] = true;
      s.steps.push_back(step);
      continue;
    }
    now += r.chance(5) ? r.below(300) : r.below(8);
    step.key = static_cast<int>(r.below(keys));
    step.ts = now - (disorder > 0 ? r.below(disorder + 1) : 0);
    step.value = r.between(-20, 20);
    s.steps.push_back(step);
    if (r.chance(8)) s.steps.push_back(step);  // again
  }
  for (int p = 0; p < s.partitions; ++p) s.steps.push_back({Step::kFinish, p, 0, 0, 0});
  return s;
}

std::vector<std::string> sorted(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// Runs the stream; `adversary`: kills and moves the operators between calls.
void run(const Plans& plans, const Stream& stream, Chain& chain, Random* adversary) {
  WatermarkMerge merge;
  const WatermarkSpec spec{WatermarkSpec::Kind::kMaxLag, stream.lag};
  std::vector<WatermarkMerge::Id> ids;
  for (int p = 0; p < stream.partitions; ++p) ids.push_back(merge.partition(std::to_string(p)));
  (void)plans;
  for (std::size_t i = 0; i < stream.steps.size(); ++i) {
    const Step& step = stream.steps[i];
    const auto id = ids[static_cast<std::size_t>(step.partition)];
    if (step.kind == Step::kRow) {
      core::Batch batch =
          core::Batch::of({R"({"k":)" + std::to_string(step.key) + R"(,"v":)" +
                           std::to_string(step.value) + R"(,"i":)" + std::to_string(i) + "}"});
      chain.row(batch[0], step.ts, std::to_string(step.partition), static_cast<std::int64_t>(i));
      merge.observe(id, candidate(spec, step.ts, 0, std::nullopt));
    } else if (step.kind == Step::kIdle) {
      merge.set_idle(id);
    } else {
      merge.finish(id);
    }
    if (adversary != nullptr && adversary->chance(3)) {
      chain.restart(static_cast<unsigned>(adversary->between(1, 7)), &adversary->engine);
    }
    if (merge.merged() != kBeginning) chain.watermark(merge.merged());
    if (adversary != nullptr && adversary->chance(3)) {
      chain.restart(static_cast<unsigned>(adversary->between(1, 7)), &adversary->engine);
      if (adversary->chance(50)) {  // what was in the state's watermark is said again
        WatermarkMerge again;
        Writer bytes;
        merge.encode(bytes);
        ASSERT_TRUE(again.load(bytes.bytes()));
        EXPECT_EQ(again.merged(), merge.merged());
      }
      if (merge.merged() != kBeginning) chain.watermark(merge.merged());
    }
  }
}

struct Case {
  std::string yaml;
  std::function<oracle::Results(const std::vector<oracle::Judged>&)> expected;
};

const char* const kPane =
    "- mapping: 'root = [ this.key, @window_start.ts_unix_micro(), @window_end.ts_unix_micro(), "
    "@pane_timing, @pane_index, this.n, this.s, this.hi ]'\n";
const char* const kPlain = "- mapping: 'root = [ this.key, this.n, this.s, this.hi ]'\n";
const char* const kAggregates =
    "    aggregate: { n: { count: {} }, s: { sum: this.v }, hi: { max: this.v } }\n";

std::string us(std::int64_t micros) {
  return std::to_string(micros) + "us";
}

std::string hopping(const oracle::Windows& w) {
  if (w.kind == oracle::Windows::kCumulative) {
    return "cumulative: { max: " + us(w.size) + ", step: " + us(w.slide) +
           ", offset: " + us(w.offset) + " }";
  }
  return "hopping: { size: " + us(w.size) + ", slide: " + us(w.slide) +
         ", offset: " + us(w.offset) + ", gaps: true }";
}

oracle::Windows random_windows(Random& r) {
  oracle::Windows w;
  if (r.chance(25)) {
    w.kind = oracle::Windows::kCumulative;
    w.slide = r.between(1, 20);
    w.size = w.slide * r.between(1, 6);
  } else {
    w.size = r.between(1, 60);
    w.slide = r.chance(30) ? w.size : r.between(1, r.chance(10) ? 80 : w.size);
  }
  w.offset = r.between(-w.size + 1, w.size - 1);
  return w;
}

Case random_case(Random& r) {
  Case c;
  const std::string head = "- label: op\n  window:\n    key: this.k\n    late: { output: late }\n";
  const std::int64_t lateness = r.chance(50) ? 0 : r.below(50);
  const std::string late = "    allowed_lateness: " + us(lateness) + "\n";
  switch (r.below(8)) {
    case 0:
    case 1: {
      const oracle::Windows w = random_windows(r);
      c.yaml = head + "    " + hopping(w) + "\n" + late + kAggregates + kPane;
      c.expected = [w, lateness](const auto& rows) { return oracle::windows(rows, {w}, lateness); };
      break;
    }
    case 2: {
      std::vector<oracle::Windows> specs;
      std::string list;
      for (std::int64_t i = r.between(2, 3); i > 0; --i) {
        specs.push_back(random_windows(r));
        list += "      - " + hopping(specs.back()) + "\n";
      }
      c.yaml = head + "    windows:\n" + list + late + kAggregates + kPane;
      c.expected = [specs, lateness](const auto& rows) {
        return oracle::windows(rows, specs, lateness);
      };
      break;
    }
    case 3: {
      const oracle::Windows w = random_windows(r);
      const int count = static_cast<int>(r.between(1, 5));
      const bool discard = r.chance(50);
      c.yaml = head + "    " + hopping(w) +
               "\n    trigger: { any: [ watermark, { count: " + std::to_string(count) +
               " } ] }\n    mode: " + (discard ? "discard" : "accumulate") + "\n" + late +
               kAggregates + kPane;
      c.expected = [=](const auto& rows) {
        return oracle::windows_with_count(rows, w, lateness, count, discard);
      };
      break;
    }
    case 4: {
      const std::int64_t gap = r.between(1, 40);
      c.yaml = head + "    session: { gap: " + (r.chance(50) ? us(gap) : "'\"" + us(gap) + "\"'") +
               " }\n" + late + kAggregates + kPane;
      c.expected = [=](const auto& rows) { return oracle::sessions(rows, gap, lateness); };
      break;
    }
    case 5: {
      if (r.chance(50)) {
        const std::int64_t range = r.between(1, 50);
        c.yaml = head + "    look_back: { range: " + us(range) + " }\n" + kAggregates + kPlain;
        c.expected = [=](const auto& rows) { return oracle::look_back(rows, range); };
      } else {
        const int size = static_cast<int>(r.between(1, 12));
        const int every = static_cast<int>(r.between(1, size));
        c.yaml = head + "    count: { size: " + std::to_string(size) +
                 ", every: " + std::to_string(every) + " }\n" + kAggregates + kPlain;
        c.expected = [=](const auto& rows) { return oracle::count_windows(rows, size, every); };
      }
      break;
    }
    case 6: {
      const std::int64_t ttl = r.between(1, 60);
      const bool refresh = r.chance(40);
      c.yaml = "- label: op\n  dedupe: { key: this.k, ttl: " + us(ttl) +
               ", late: { output: late }, refresh: " + (refresh ? "true" : "false") +
               " }\n- mapping: root = this.i\n";
      c.expected = [=](const auto& rows) { return oracle::dedupe(rows, ttl, refresh); };
      break;
    }
    default: {
      const oracle::Windows w = random_windows(r);
      const int n = static_cast<int>(r.between(1, 4));
      const bool ties = r.chance(50);
      c.yaml = head + "    " + hopping(w) + "\n" + kAggregates +
               "- label: top\n  top_n: { per: window, n: " + std::to_string(n) +
               ", ties: " + (ties ? "include" : "cut") +
               ", order_by: [ { desc: this.n } ] }\n"
               "- mapping: 'root = [ this.key, @window_start.ts_unix_micro(), "
               "@window_end.ts_unix_micro(), this.n, @rank ]'\n";
      c.expected = [=](const auto& rows) { return oracle::top(rows, w, n, ties); };
      break;
    }
  }
  return c;
}

std::vector<std::string> numbers(const std::vector<int>& late) {
  std::vector<std::string> out;
  out.reserve(late.size());
  for (const int i : late) out.push_back(std::to_string(i));
  return sorted(out);
}

std::vector<std::string> late_numbers(Chain& chain) {
  std::vector<std::string> out;
  for (const std::string& row : chain.late["late"]) {
    const std::size_t at = row.find("\"i\":") + 4;
    out.push_back(row.substr(at, row.find_first_of(",}", at) - at));
  }
  return sorted(out);
}

TEST(WindowsOracle, RandomStreamsThroughRandomWindows) {
  const char* const asked = std::getenv("WEIR_ORACLE_SEEDS");
  const std::uint64_t seeds = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 60;
  for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
    Random r(seed);
    const Stream stream = random_stream(r);
    const Case c = random_case(r);
    const oracle::Results expected =
        c.expected(oracle::judge(stream.steps, stream.partitions, stream.lag));
    const Plans plans = test::read_plans(c.yaml);
    ASSERT_TRUE(plans.findings.empty()) << "seed " << seed << ": " << plans.findings.front();

    Chain straight(plans);
    run(plans, stream, straight, nullptr);
    EXPECT_EQ(sorted(straight.results), sorted(expected.rows)) << "seed " << seed << "\n" << c.yaml;
    EXPECT_EQ(late_numbers(straight), numbers(expected.late)) << "seed " << seed << "\n" << c.yaml;

    Chain moved(plans, static_cast<unsigned>(r.between(1, 7)), &r.engine);
    run(plans, stream, moved, &r);
    EXPECT_EQ(sorted(moved.described), sorted(straight.described)) << "seed " << seed << "\n"
                                                                   << c.yaml;
    EXPECT_EQ(late_numbers(moved), late_numbers(straight)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir::windowing
