// metric and benchmark.
#include "processors/support.h"

namespace weir::test {
namespace {

TEST(Metric, CountsAndMeasures) {
  ProcessorWorld world;
  const core::Labels a = {{"kind", "a"}};
  (void)world.run("metric: { type: counter, name: seen, labels: { kind: '${! this.k }' } }",
                  {"{\"k\":\"a\"}", "{\"k\":\"b\"}", "{\"k\":\"a\"}"});
  (void)world.run("metric: { type: counter, name: seen_all }", {"1", "2"});
  (void)world.run("metric: { type: counter_by, name: sum, value: '${! this }' }", {"2", "3", "-1"});
  (void)world.run("metric: { type: gauge, name: level, value: '${! this }' }", {"2", "-3", "bad"});
  (void)world.run("metric: { type: timing, name: took, value: '${! this }' }", {"2000", "-3"});
  std::map<std::string, std::int64_t> values;
  for (const auto& series : world.metrics.series()) {
    std::string key = series.name;
    for (const auto& [name, value] : series.labels) {
      if (name == "kind") key += "." + value;
    }
    if (series.counter != nullptr) values[key] = static_cast<std::int64_t>(series.counter->value());
    if (series.gauge != nullptr) values[key] = series.gauge->value();
    if (series.timing != nullptr) values[key] = static_cast<std::int64_t>(series.timing->count());
  }
  EXPECT_EQ(values["seen.a"], 2);
  EXPECT_EQ(values["seen.b"], 1);
  EXPECT_EQ(values["seen_all"], 2);
  EXPECT_EQ(values["sum"], 5);
  EXPECT_EQ(values["level"], -3);
  EXPECT_EQ(values["took"], 1);
}

TEST(Metric, RefusesWhatCannotWork) {
  ProcessorWorld world;
  EXPECT_EQ(world.make("metric: { type: gauge, name: x }"), nullptr);
  EXPECT_EQ(world.make("metric: { type: counter, name: 'a-b' }"), nullptr);
  EXPECT_EQ(world.make("metric: { type: counter, name: '1a' }"), nullptr);
}

TEST(Benchmark, PassesMessagesAndCountsThem) {
  ProcessorWorld world;
  EXPECT_EQ(world.run("benchmark: {}", {"abc", "d"}).payloads().size(), 2U);
  for (const auto& series : world.metrics.series()) {
    if (series.name == "benchmark_messages_total") {
      EXPECT_EQ(series.counter->value(), 2U);
    }
    if (series.name == "benchmark_bytes_total") {
      EXPECT_EQ(series.counter->value(), 4U);
    }
  }
}

}  // namespace
}  // namespace weir::test
