#include "windowing/specs.h"

#include <gtest/gtest.h>

#include "core/json_index.h"
#include "core/time.h"
#include "windowing/chain.h"

namespace weir::windowing {
namespace {

std::string finding(const std::string& processor) {
  const test::Plans plans = test::read_plans("- label: op\n  " + processor + "\n");
  return plans.findings.empty() ? "" : plans.findings.front();
}

std::string window(const std::string& fields) {
  return finding("window: { aggregate: { n: { count: {} } }, " + fields + " }");
}

std::string aggregate(const std::string& entry) {
  return finding("window: { tumbling: { size: 1s }, aggregate: { a: " + entry + " } }");
}

TEST(Specs, GoodOnesAreAccepted) {
  for (const char* fields :
       {"tumbling: { size: 5m }", "key: this.user.id, hopping: { size: 1h, slide: 7m }",
        "cumulative: { max: 1h, step: 10m }", "session: { gap: 10m }",
        "session: { gap: 'this.gap + \"s\"' }", "count: { size: 10, every: 3 }",
        "look_back: { range: 10s }", "calendar: { unit: week, week_start: sunday }",
        "tumbling: { size: 30d }, trigger: { any: [ watermark, { all: [ { every: 1m }, { count: "
        "1000 } ] } ] }",
        "global: {}, ttl: { processing: 1h }, trigger: { only: { count: 3 } }",
        "tumbling: { size: 1m }, late: { output: x }, late_firing: { every: 5s }, mode: retract"}) {
    EXPECT_EQ(window(fields), "") << fields;
  }
  for (const char* entry :
       {"{ sum: this.a, where: this.b > 1 }",
        "{ count_distinct: this.a, approx: { precision: 14 } }", "{ percentile: this.a, q: 0.95 }",
        "{ percentile: this.a, q: 0.5, exact: true, limit: 100 }",
        "{ arg_max: this.a, by: this.b }", "{ histogram: this.a, bounds: [ 1, 2.5 ] }",
        "{ weighted_avg: this.a, weight: this.w }", "{ topk: this.a, k: 3 }",
        "{ fold: { value: this.a, init: '0', add: this.acc + this.value } }"}) {
    EXPECT_EQ(aggregate(entry), "") << entry;
  }
}

TEST(Specs, MistakesHaveStableCodes) {
  EXPECT_EQ(finding("top_n: { per: window, n: 1, order_by: [ { desc: this.a } ] }"), "");
  EXPECT_EQ(
      test::read_plans("- window: { tumbling: { size: 1s }, aggregate: { n: { count: {} } } }")
          .findings.front()
          .substr(0, 4),
      "S001");
  EXPECT_EQ(window("key: this.a").substr(0, 4), "S003");
  EXPECT_EQ(window("tumbling: { size: 1s }, session: { gap: 1s }").substr(0, 4), "S003");
  EXPECT_EQ(window("tumbling: { size: 0s }").substr(0, 4), "S004");
  EXPECT_EQ(window("tumbling: { size: 10s, offset: 10s }").substr(0, 4), "S004");
  EXPECT_EQ(window("hopping: { size: 1s, slide: 2s }").substr(0, 4), "S004");
  EXPECT_EQ(window("hopping: { size: 1s, slide: 2s, gaps: true }"), "");
  EXPECT_EQ(window("calendar: { unit: day, timezone: Mars/Olympus }").substr(0, 4), "S004");
  EXPECT_EQ(window("cumulative: { max: 10s, step: 3s }").substr(0, 4), "S004");
  EXPECT_EQ(window("global: {}, trigger: { count: 1 }").substr(0, 4), "S005");
  EXPECT_EQ(window("global: {}, ttl: none").substr(0, 4), "S010");
  EXPECT_EQ(
      window("global: {}, ttl: none, trigger: { all: [ watermark, { count: 1 } ] }").substr(0, 4),
      "S010");
  EXPECT_EQ(window("hopping: { size: 24h, slide: 1s }").substr(0, 4), "S014");
  EXPECT_EQ(window("tumbling: { size: 1s }, key: now()").substr(0, 4), "S013");
  EXPECT_EQ(window("tumbling: { size: 1s }, trigger: { counts: 3 }").substr(0, 4), "S003");
  EXPECT_EQ(window("count: { size: 3 }, allowed_lateness: 3s").substr(0, 4), "S003");
  EXPECT_EQ(window("session: { gap: 1s, max_duration: 1h }").substr(0, 4), "S003");
  EXPECT_EQ(aggregate("{ collect_list: this.a }").substr(0, 4), "S006");
  EXPECT_EQ(aggregate("{ percentile: this.a, q: 0.5, exact: true }").substr(0, 4), "S006");
  EXPECT_EQ(aggregate("{ sum: this.a, avg: this.b }").substr(0, 4), "S003");
  EXPECT_EQ(aggregate("{ summ: this.a }"),
            "E0201 aggregate `a`: `summ` is neither a function nor an option");
  EXPECT_EQ(
      finding("window: { tumbling: { size: 1s }, aggregate: { key: { count: {} } } }").substr(0, 4),
      "S003");
  EXPECT_EQ(finding("window: { session: { gap: 1s }, aggregate: { f: { fold: { value: this.a, "
                    "init: '0', add: this.acc } } } }")
                .substr(0, 4),
            "S010");
  EXPECT_EQ(finding("table: { key: this.a, fold: { n: { count: {} } } }").substr(0, 4), "S005");
  EXPECT_EQ(finding("top_n: { n: 1, order_by: [ { desc: this.a } ] }").substr(0, 4), "S005");
  EXPECT_EQ(finding("dedupe: { key: this.a, ttl: none }").substr(0, 4), "S005");
  EXPECT_EQ(
      finding("window: { tumbling: { siz: 1s }, aggregate: { n: { count: {} } } }").substr(0, 5),
      "E0201");
}

TEST(EventTime, UnitsRoundTowardsThePast) {
  core::Arena arena;
  using Unit = EventTimeConfig::Unit;
  const auto of = [&arena](const char* json, Unit unit) -> std::optional<Micros> {
    auto value = micros_of(*core::parse_json(json, arena), unit, arena);
    if (!value) return std::nullopt;
    return *value;
  };
  EXPECT_EQ(of("1741593600070", Unit::kMillis), 1'741'593'600'070'000);
  EXPECT_EQ(of("1.5", Unit::kSeconds), 1'500'000);
  EXPECT_EQ(of("-1", Unit::kNanos), -1);
  EXPECT_EQ(of("-1001", Unit::kNanos), -2);
  EXPECT_EQ(of("1999", Unit::kNanos), 1);
  EXPECT_EQ(of("0", Unit::kNanos), 0);
  EXPECT_EQ(of("1e3", Unit::kMicros), 1000);
  EXPECT_EQ(of("\"1970-01-01T00:00:01.0000019Z\"", Unit::kMillis), 1'000'001);
  EXPECT_EQ(of("\"0001-01-01T00:00:00Z\"", Unit::kMillis), -62'135'596'800'000'000);
  EXPECT_EQ(of("\"9999-12-31T23:59:59Z\"", Unit::kMillis), 253'402'300'799'000'000);
  EXPECT_EQ(of("1e30", Unit::kSeconds), std::nullopt);
  EXPECT_EQ(of("9223372036854775807", Unit::kMicros), std::nullopt) << "the end of time is taken";
  EXPECT_EQ(of("\"yesterday\"", Unit::kSeconds), std::nullopt);
  EXPECT_EQ(of("null", Unit::kSeconds), std::nullopt);
  EXPECT_EQ(of("true", Unit::kSeconds), std::nullopt);
}

std::shared_ptr<const EventTimeConfig> event_time(const std::string& fields) {
  const test::Plans plans = test::read_plans("input:\n  event_time: { timestamp: this.ts, " +
                                             fields + " }\npipeline:\n  processors: []\n");
  EXPECT_TRUE(plans.findings.empty()) << plans.findings.front();
  return plans.event_time;
}

TEST(EventTime, InvalidTimesGoWhereTheConfigurationSays) {
  const auto read = [](const std::string& fields, const std::string& json, Micros now) {
    EventTimeReader reader(event_time(fields));
    core::Batch batch = core::Batch::of({json});
    return reader.read(batch[0], now);
  };
  EXPECT_FALSE(read("unit: ms", R"({"ts":"x"})", 5));
  EXPECT_FALSE(read("unit: ms", "no json", 5));
  EXPECT_FALSE(*read("unit: ms, on_invalid: drop", R"({"ts":null})", 5));
  EXPECT_EQ((**read("unit: ms, on_invalid: ingest_time", R"({})", 5)).ts, 5);
  EXPECT_EQ((**read("unit: us, watermark: { max_future: 1s }", R"({"ts":9000000})", 5)).ts,
            1'000'005);
  EXPECT_EQ((**read("unit: us, watermark: { max_lag: 3us }", R"({"ts":9})", 0)).watermark, 6);
  EXPECT_EQ((**read("unit: us, watermark: { ascending: true }", R"({"ts":9})", 0)).watermark, 9);
  EXPECT_EQ((**read("unit: us, watermark: { field: this.w }", R"({"ts":9,"w":4})", 0)).watermark,
            4);
  EXPECT_EQ((**read("unit: us, watermark: { punctuated: this.w }", R"({"ts":9})", 0)).watermark,
            std::nullopt);
  EXPECT_EQ((**read("unit: us, watermark: { none: true }", R"({"ts":9})", 0)).watermark,
            std::nullopt);
}

}  // namespace
}  // namespace weir::windowing
