// Runs the shared cases of windows, dedupe and top-n: results of other engines on whole inputs.
// Where they are: WEIR_CONFORMANCE_DIR, else ../shared/conformance beside the source tree; skipped
// when absent. Cases with joins or patterns wait for those operators.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "core/json_index.h"
#include "core/time.h"
#include "windowing/chain.h"
#include "windowing/decimal.h"

namespace weir::windowing {
namespace {

using core::Arena;
using core::Kind;
using core::Value;
using test::Chain;
using test::Plans;
using test::read_plans;
using test::run_lines;
using Lines = std::vector<std::string>;

std::filesystem::path root() {
  const char* const given = std::getenv("WEIR_CONFORMANCE_DIR");
  return given != nullptr
             ? std::filesystem::path(given)
             : std::filesystem::path(WEIR_SOURCE_DIR) / ".." / "shared" / "conformance";
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Lines lines_of(const std::filesystem::path& path) {
  Lines out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

/// JSON with sorted keys and numbers in one form; the floats are taken out into `floats`.
std::string canonical(Value v, const std::set<std::string>& float_fields,
                      std::vector<double>& floats, Arena& arena) {
  switch (v.kind()) {
    case Kind::kInt:
    case Kind::kUInt:
    case Kind::kDouble:
    case Kind::kNumber: {
      auto d = decimal_of(v);
      return d ? test::json(to_value(*d, arena)) : test::json(v);
    }
    case Kind::kArray: {
      std::string out = "[";
      for (const Value item : core::items(v)) {
        out += canonical(item, float_fields, floats, arena) + ",";
      }
      return out + "]";
    }
    case Kind::kObject: {
      std::map<std::string, Value> sorted;
      for (const core::Member& m : core::members(v)) {
        sorted.emplace(std::string(m.key.text(arena)), m.value);
      }
      std::string out = "{";
      for (const auto& [key, value] : sorted) {
        out += key + ":";
        if (float_fields.contains(key) && value.is_number()) {
          floats.push_back(double_of(value));
          out += "~,";
        } else {
          out += canonical(value, float_fields, floats, arena) + ",";
        }
      }
      return out + "}";
    }
    default: return test::json(v);
  }
}

using Rows = std::multimap<std::string, std::vector<double>>;

Rows rows_of(const Lines& lines, const std::set<std::string>& float_fields) {
  std::vector<std::pair<std::string, std::vector<double>>> rows;
  for (const std::string& line : lines) {
    Arena arena;
    std::vector<double> floats;
    const auto value = core::parse_json(line, arena);
    EXPECT_TRUE(value) << line;
    if (value) {
      std::string text = canonical(*value, float_fields, floats, arena);
      rows.emplace_back(std::move(text), std::move(floats));
    }
  }
  std::sort(rows.begin(), rows.end());
  return {rows.begin(), rows.end()};
}

void expect_rows(const Lines& got, const Lines& expected, const std::string& what,
                 const std::set<std::string>& float_fields = {}, double tolerance = 1e-9) {
  const Rows g = rows_of(got, float_fields);
  const Rows e = rows_of(expected, float_fields);
  EXPECT_EQ(g.size(), e.size()) << what;
  int told = 0;
  auto x = g.begin();
  auto y = e.begin();
  for (; x != g.end() && y != e.end() && told < 5; ++x, ++y) {
    if (x->first != y->first) {
      ADD_FAILURE() << what << ": got " << x->first << ", expected " << y->first;
      ++told;
      continue;
    }
    for (std::size_t i = 0; i < x->second.size(); ++i) {
      EXPECT_NEAR(x->second[i], y->second[i], std::fabs(y->second[i]) * tolerance + 1e-12) << what;
    }
  }
}

Lines items_of(Value object, const char* key, Arena& arena) {
  Lines out;
  const core::Member* const member = core::find(object, key);
  if (member == nullptr) return out;
  for (const Value item : core::items(member->value)) out.push_back(test::json(item));
  (void)arena;
  return out;
}

TEST(WindowsConformance, ResultsAreThoseOfFlink) {
  const std::filesystem::path cases = root() / "flink" / "cases";
  if (!std::filesystem::exists(cases)) GTEST_SKIP() << "skipped: not present";
  int ran = 0;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(cases)) files.push_back(entry);
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    Arena arena;
    const std::string text = read_file(file);
    const Value spec = *core::parse_json(text, arena);
    const std::string config(core::find(spec, "config")->value.text(arena));
    if (config.find("join:") != std::string::npos || config.find("detect:") != std::string::npos) {
      continue;
    }
    const Plans plans = read_plans(config);
    ASSERT_TRUE(plans.findings.empty()) << file << ": " << plans.findings.front();
    std::set<std::string> float_fields;
    double tolerance = 1e-9;
    const Value compare = core::find(spec, "compare")->value;
    if (const core::Member* m = core::find(compare, "float_fields")) {
      for (const Value f : core::items(m->value)) float_fields.emplace(f.text(arena));
    }
    if (const core::Member* m = core::find(compare, "rel_tol")) tolerance = double_of(m->value);
    for (const unsigned shards : {3U}) {
      Chain chain(plans, shards);
      run_lines(plans, chain, lines_of(root() / "flink" / "inputs" / plans.file));
      const std::string what = file.stem().string() + " in " + std::to_string(shards) + " shards";
      EXPECT_TRUE(chain.failed.empty()) << what << ": " << chain.failed.front();
      expect_rows(chain.results, items_of(spec, "expected", arena), what, float_fields, tolerance);
      if (core::find(spec, "expected_late") != nullptr) {
        expect_rows(chain.late["late"], items_of(spec, "expected_late", arena), what + ", late");
      }
    }
    ++ran;
  }
  EXPECT_GT(ran, 10);
}

/// Runs processors over one of the golden inputs.
struct Golden {
  std::string input = "cars.json";
  std::string event_time = "timestamp: this.timestamp, watermark: { max_lag: 1s }";
  std::string processors;
};

std::unique_ptr<Chain> run(const Golden& golden) {
  const Plans plans = read_plans("input:\n  event_time: { " + golden.event_time +
                                 " }\npipeline:\n  processors:\n" + golden.processors);
  EXPECT_TRUE(plans.findings.empty()) << plans.findings.front();
  auto chain = std::make_unique<Chain>(plans);
  run_lines(plans, *chain, lines_of(root() / "windows" / "inputs" / golden.input));
  EXPECT_TRUE(chain->failed.empty());
  return chain;
}

Lines golden_rows(const char* name) {
  return lines_of(root() / "windows" / "golden" / (std::string(name) + ".json"));
}

TEST(WindowsConformance, GoldenResultsOfAnotherEngine) {
  if (!std::filesystem::exists(root() / "windows")) GTEST_SKIP() << "skipped: not present";
  const std::string format = R"(.ts_format("2006-01-02T15:04:05.000").trim_suffix(".000"))";
  expect_rows(run({.processors = R"(
    - label: w
      window: { key: this.event_type, tumbling: { size: 1h }, aggregate: { count: { count: {} } } }
    - mapping: 'root = { "event_type": this.key, "hour": @window_start)" +
                                 format +
                                 R"(, "count": this.count }'
)"})
                  ->results,
              golden_rows("hourly_by_event_type"), "hourly_by_event_type");
  expect_rows(
      run({.event_time = "timestamp: this.timestamp, watermark: { max_lag: 0s }", .processors = R"(
    - label: w
      window: { tumbling: { size: 1h }, aggregate: { count: { count: {} } } }
    - mapping: 'root = { "timestamp": @window_end)" + format + R"(, "count": this.count }'
)"})
          ->results,
      golden_rows("tight_watermark"), "tight_watermark");
  expect_rows(
      run({.event_time = "timestamp: this.timestamp, watermark: { max_lag: 1m }", .processors = R"(
    - label: w
      window: { tumbling: { size: 30d }, aggregate: { count: { count: {} } } }
    - mapping: 'root = { "month": @window_start)" + format + R"(, "count": this.count }'
)"})
          ->results,
      golden_rows("month_loose_watermark"), "month_loose_watermark");
  expect_rows(run({.input = "impulse.json",
                   .processors = R"(
    - label: w
      window:
        key: 'if this.counter % 10 == 0 { 0 } else { this.counter }'
        session: { gap: 20s }
        aggregate: { rows: { count: {} } }
    - mapping: 'root = { "start": @window_start)" +
                                 format + R"(, "end": @window_end)" + format +
                                 R"(, "user_id": this.key, "rows": this.rows }'
)"})
                  ->results,
              golden_rows("session_window"), "session_window");
  expect_rows(
      run({.event_time = "timestamp: this.timestamp, watermark: { max_lag: 1h }",
           .processors = R"(
    - label: w
      window: { key: this.driver_id, hopping: { size: 1h, slide: 1m }, aggregate: { count: { count: {} } } }
    - label: best
      top_n: { per: window, n: 1, order_by: [ { desc: this.count }, { desc: this.key } ] }
    - mapping: 'root = { "start": @window_start)" +
                         format + R"(, "end": @window_end)" + format +
                         R"(, "driver_id": this.key, "count": this.count, "row_number": @rank }'
)"})
          ->results,
      golden_rows("most_active_driver_last_hour"), "most_active_driver_last_hour");
}

TEST(WindowsConformance, AggregatesOverAWholeInput) {
  if (!std::filesystem::exists(root() / "windows")) GTEST_SKIP() << "skipped: not present";
  Lines expected;
  for (const std::string& line : golden_rows("grouped_aggregates")) {
    Arena arena;
    const Value row = *core::parse_json(line, arena);
    const core::Member* const after = core::find(row, "after");
    if (after != nullptr && !after->value.is_null()) {
      const core::Member* const op = core::find(row, "op");
      if (op != nullptr && op->value.text(arena) != "d")
        expected.push_back(test::json(after->value));
    }
  }
  expect_rows(run({.input = "impulse.json", .processors = R"(
    - label: w
      window:
        key: this.counter % 5
        calendar: { unit: year }
        aggregate:
          min: { min: this.counter }
          max: { max: this.counter }
          sum: { sum: this.counter }
          count: { count: {} }
          avg: { avg: this.counter }
    - mapping: 'root = this.without("key").assign({ "counter_mod": this.key })'
)"})
                  ->results,
              expected, "grouped_aggregates", {"avg"});
}

TEST(WindowsConformance, LateRowsAreCountedAsElsewhere) {
  if (!std::filesystem::exists(root() / "windows")) GTEST_SKIP() << "skipped: not present";
  const auto late = [](const char* size, const char* lag) {
    return run({.event_time =
                    std::string("timestamp: this.timestamp, watermark: { max_lag: ") + lag + " }",
                .processors = std::string(R"(
    - label: w
      window: { late: { output: late }, aggregate: { n: { count: {} } }, tumbling: { size: )") +
                              size + " } }\n"})
        ->late["late"]
        .size();
  };
  EXPECT_EQ(late("1h", "0s"), 0U);
  EXPECT_EQ(late("5m", "0s"), 5U);
  EXPECT_EQ(late("5m", "1s"), 4U);
  EXPECT_EQ(late("5m", "5s"), 0U);
  EXPECT_EQ(late("1m", "0s"), 17U);
  EXPECT_EQ(late("1m", "1s"), 14U);
  EXPECT_EQ(late("1m", "5s"), 0U);
}

Lines words_of(const std::filesystem::path& path) {
  Lines out;
  for (const std::string& line : lines_of(path)) {
    std::stringstream words(line);
    std::string joined;
    for (std::string word; words >> word;) joined += (joined.empty() ? "" : " ") + word;
    if (!joined.empty()) out.push_back("\"" + joined + "\"");
  }
  return out;
}

std::unique_ptr<Chain> nexmark(const std::string& processors) {
  const Plans plans = read_plans(
      "input:\n  event_time: { timestamp: this.date_time, watermark: { max_lag: 4s } }\n"
      "pipeline:\n  processors:\n" +
      processors);
  EXPECT_TRUE(plans.findings.empty()) << plans.findings.front();
  auto chain = std::make_unique<Chain>(plans);
  run_lines(plans, *chain, lines_of(root() / "nexmark" / "bid.ndjson"));
  EXPECT_TRUE(chain->failed.empty());
  return chain;
}

TEST(WindowsConformance, NexmarkHotAuctionsAndHighestBids) {
  if (!std::filesystem::exists(root() / "nexmark")) GTEST_SKIP() << "skipped: not present";
  expect_rows(nexmark(R"(
    - mapping: 'root = if [ 1007, 1020, 2001, 2019, 2087 ].contains(this.auction) { this } else { deleted() }'
    - mapping: 'root = "%v %v".format(this.auction.string(), this.price.string())'
)")
                  ->results,
              words_of(root() / "nexmark" / "expected" / "q2.txt"), "q2");
  expect_rows(nexmark(R"(
    - label: bids
      window: { key: this.auction, hopping: { size: 10s, slide: 2s }, aggregate: { num: { count: {} } } }
    - label: hot
      top_n: { per: window, n: 1, ties: include, order_by: [ { desc: this.num } ] }
    - mapping: 'root = "%v %v".format(this.key.string(), this.num.string())'
)")
                  ->results,
              words_of(root() / "nexmark" / "expected" / "q5.txt"), "q5");
  expect_rows(
      nexmark(R"(
    - label: bids
      window:
        tumbling: { size: 10s }
        aggregate: { top: { max: this.price }, rows: { collect_list: this, limit: 10000 } }
    - mapping: |
        let top = this.top
        root = this.rows.filter(r -> r.price == $top).map_each(r -> "%v %v %v %v".format(r.auction.string(), r.price.string(), r.bidder.string(), r.date_time.replace_all("T", " ").trim_suffix("Z")))
)")
          ->results,
      [] {
        Lines out;
        for (const std::string& line : words_of(root() / "nexmark" / "expected" / "q7.txt")) {
          out.push_back("[" + line + "]");
        }
        return out;
      }(),
      "q7");
}

}  // namespace
}  // namespace weir::windowing
