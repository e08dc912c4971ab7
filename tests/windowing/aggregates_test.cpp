#include "windowing/aggregates.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "core/json_index.h"
#include "core/json_text.h"
#include "windowing/key.h"
#include "windowing/row.h"

namespace weir::windowing {
namespace {

using core::Value;

class Runner {
 public:
  explicit Runner(AggregatePtr aggregate) : layout_({{"a", std::move(aggregate)}}) {}

  struct Row {
    std::string json;  // of one argument, or an array of all
    Micros ts = 0;
  };

  Cell cell(const std::vector<Row>& rows) {
    Cell made(layout_);
    for (const Row& row : rows) {
      std::vector<Value> arguments;
      if (layout_.arguments() == 1) {
        arguments.push_back(*core::parse_json(row.json, arena_));
      } else if (layout_.arguments() > 1) {
        const Value all = *core::parse_json(row.json, arena_);
        for (const Value v : core::items(all)) arguments.push_back(v);
      }
      Writer rank;
      write_rank(row.ts, {{}, {}, ++position_}, rank);
      const core::Status fine = layout_.check(arguments, {true});
      if (!fine) {
        errors.push_back(fine.error().message);
        continue;
      }
      layout_.add(made.state(), arguments, {true}, {row.ts, arena_.copy(rank.bytes()), &arena_});
    }
    return made;
  }

  std::string result(const Cell& cell) {
    Value object = Value::object(arena_);
    const core::Status status = layout_.results(cell.state(), object, arena_);
    if (!status) return status.error().message;
    core::Buffer text;
    EXPECT_TRUE(core::write_json(core::find(object, "a")->value, text));
    return std::string(text.view());
  }
  std::string of(const std::vector<Row>& rows) {
    const Cell whole = cell(rows);
    const std::string direct = result(whole);
    // The same through bytes.
    Writer bytes;
    layout_.encode(whole.state(), bytes);
    Cell loaded(layout_);
    Reader in(bytes.bytes());
    layout_.decode(loaded.state(), in);
    EXPECT_TRUE(in.good() && in.at_end());
    EXPECT_EQ(result(loaded), direct);
    Writer again;
    layout_.encode(loaded.state(), again);
    EXPECT_EQ(again.bytes(), bytes.bytes());
    return direct;
  }
  std::string values(const std::vector<std::string>& values) {
    std::vector<Row> rows;
    for (const std::string& v : values) rows.push_back({v, static_cast<Micros>(rows.size())});
    return of(rows);
  }
  const Layout& layout() const { return layout_; }
  std::vector<std::string> errors;

 private:
  Layout layout_;
  core::Arena arena_;
  std::int64_t position_ = 0;
};

std::string of(AggregatePtr aggregate, const std::vector<std::string>& values) {
  return Runner(std::move(aggregate)).values(values);
}

TEST(Aggregates, SumIsExactOverIntegersAndDecimals) {
  EXPECT_EQ(of(aggregates::sum(), {"1", "2", "3"}), "6");
  EXPECT_EQ(of(aggregates::sum(), {"0.1", "0.2"}), "0.3");
  EXPECT_EQ(of(aggregates::sum(), {"9223372036854775807", "9223372036854775807"}),
            "18446744073709551614");
  EXPECT_EQ(of(aggregates::sum(), {"1e3", "1", "-1001"}), "0");
  EXPECT_EQ(of(aggregates::sum(), {"123456789012345678901234567890", "1"}),
            "123456789012345678901234567891");
  EXPECT_EQ(of(aggregates::sum(), std::vector<std::string>{}), "null");
  EXPECT_EQ(of(aggregates::sum(), {"null", "4"}), "4");
}

TEST(Aggregates, FloatsAreCompensated) {
  Runner run(aggregates::sum());
  EXPECT_EQ(run.values({"1e100", "1.5", "-1e100"}), "1.5");
}

TEST(Aggregates, AverageOfNothingIsNull) {
  EXPECT_EQ(of(aggregates::avg(), {"1", "2", "4.5"}), "2.5");
  EXPECT_EQ(of(aggregates::avg(), {"null"}), "null");
}

TEST(Aggregates, WrongTypesAreRowErrors) {
  Runner run(aggregates::sum());
  EXPECT_EQ(run.values({"\"x\"", "1"}), "1");
  EXPECT_EQ(run.errors, (std::vector<std::string>{"aggregating `a`: expected a number"}));
}

TEST(Aggregates, MinAndMaxOrderAllValues) {
  EXPECT_EQ(of(aggregates::max(), {"3", "10", "2.5"}), "10");
  EXPECT_EQ(of(aggregates::min(), {"3", "10", "2.50"}), "2.50");
  EXPECT_EQ(of(aggregates::max(), {"3", "\"a\"", "[1]", "true"}), "[1]");
  EXPECT_EQ(of(aggregates::max(), {"9007199254740993", "9007199254740992.5"}), "9007199254740993");
}

TEST(Aggregates, ArgMaxTakesTheFirstOfEquals) {
  EXPECT_EQ(of(aggregates::arg_max(), {"[\"a\",1]", "[\"b\",7]", "[\"c\",7]"}), "\"b\"");
  EXPECT_EQ(of(aggregates::arg_min(), {"[\"a\",1]", "[\"b\",null]", "[\"c\",1]"}), "\"a\"");
}

TEST(Aggregates, FirstAndLastGoByEventTime) {
  const std::vector<Runner::Row> rows = {{"1", 5}, {"2", 3}, {"3", 9}, {"4", 9}, {"5", 3}};
  EXPECT_EQ(Runner(aggregates::first()).of(rows), "2");
  EXPECT_EQ(Runner(aggregates::last()).of(rows), "4");
  EXPECT_EQ(Runner(aggregates::collect_list(10)).of(rows), "[2,5,1,3,4]");
  EXPECT_EQ(Runner(aggregates::collect_list(2)).of(rows), "[2,5]");
}

TEST(Aggregates, SpreadIsThatOfTheDefinition) {
  EXPECT_EQ(of(aggregates::spread(aggregates::Spread::kVariancePop), {"1", "2", "3", "4"}), "1.25");
  EXPECT_EQ(of(aggregates::spread(aggregates::Spread::kStddevSamp), {"5"}), "null");
  EXPECT_EQ(of(aggregates::spread(aggregates::Spread::kStddevPop), {"2", "4"}), "1");
}

TEST(Aggregates, SetsAreSortedAndDistinct) {
  EXPECT_EQ(of(aggregates::collect_set(10), {"3", "1", "1.0", "\"1\""}), "[1,3,\"1\"]");
  EXPECT_EQ(of(aggregates::collect_set(2), {"3", "1", "2"}), "[1,2]");
  EXPECT_EQ(of(aggregates::count_distinct(100), {"1", "1.0", "1e0", "\"1\"", "null"}), "2");
  EXPECT_EQ(of(aggregates::mode(100), {"2", "7", "7", "2", "9"}), "2");
  EXPECT_EQ(of(aggregates::top_k(1, 100), {"2", "7", "7"}), R"([{"value":7,"count":2}])");
  EXPECT_EQ(of(aggregates::string_agg("-", 9), {"\"a\"", "\"b\""}), "\"a-b\"");
}

TEST(Aggregates, SeriesFollowTheRowsInOrder) {
  const std::vector<Runner::Row> rows = {{"10", 0}, {"3", 2'000'000}, {"8", 4'000'000}};
  using aggregates::Series;
  EXPECT_EQ(Runner(aggregates::series(Series::kDelta, 0, 99)).of(rows), "-2");
  EXPECT_EQ(Runner(aggregates::series(Series::kRate, 0, 99)).of(rows), "-0.5");
  EXPECT_EQ(Runner(aggregates::series(Series::kIncrease, 0, 99)).of(rows), "8");
  EXPECT_EQ(Runner(aggregates::series(Series::kEwma, 0.5, 99)).of(rows), "7.25");
}

TEST(Aggregates, LogicFoldsWords) {
  using aggregates::Logic;
  EXPECT_EQ(of(aggregates::logic(Logic::kBitOr), {"1", "4"}), "5");
  EXPECT_EQ(of(aggregates::logic(Logic::kBitXor), {"7", "2"}), "5");
  EXPECT_EQ(of(aggregates::logic(Logic::kBoolAnd), {"true", "false"}), "false");
}

TEST(Aggregates, HistogramIsCumulative) {
  EXPECT_EQ(of(aggregates::histogram({1, 5}), {"1", "3", "9"}),
            R"({"count":3,"sum":13,"buckets":{"1":1,"5":2,"+Inf":3}})");
}

TEST(Aggregates, EstimatesStayWithinTheirError) {
  std::vector<std::string> values;
  std::vector<double> numbers;
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    numbers.push_back(std::exp(static_cast<double>(random() % 1000) / 100.0));
    values.push_back(std::to_string(i));
  }
  const double distinct = std::stod(of(aggregates::approx_count_distinct(14), values));
  EXPECT_NEAR(distinct, 20'000, 20'000 * 0.03);
  EXPECT_NEAR(std::stod(of(aggregates::count_distinct(500), values)), 20'000, 20'000 * 0.03);
  std::vector<std::string> texts;
  for (const double d : numbers) texts.push_back(std::to_string(d));
  std::sort(numbers.begin(), numbers.end());
  for (const double q : {0.0, 0.5, 0.95, 1.0}) {
    const double exact = numbers[static_cast<std::size_t>(q * 19'999)];
    EXPECT_NEAR(std::stod(of(aggregates::percentile(q, 0.01), texts)), exact, exact * 0.011);
  }
  EXPECT_EQ(of(aggregates::exact_percentile(0.5, 100), {"1", "2", "10", "4"}), "3");
  EXPECT_EQ(of(aggregates::exact_percentile(0.5, 100), {"1", "2", "3"}), "2");
  EXPECT_EQ(of(aggregates::percentile(0.5, 0.01), {"-4", "0", "4"}), "0");
}

TEST(Aggregates, ResultsDoNotDependOnOrderOrParts) {
  const std::vector<AggregatePtr> all = {aggregates::count(),
                                         aggregates::sum(),
                                         aggregates::min(),
                                         aggregates::max(),
                                         aggregates::first(),
                                         aggregates::last(),
                                         aggregates::collect_list(5),
                                         aggregates::collect_set(5),
                                         aggregates::count_distinct(20),
                                         aggregates::mode(1000),
                                         aggregates::top_k(3, 1000),
                                         aggregates::approx_count_distinct(6),
                                         aggregates::percentile(0.9, 0.01),
                                         aggregates::exact_percentile(0.3, 15),
                                         aggregates::histogram({10, 20})};
  std::mt19937_64 random(11);
  for (const AggregatePtr& aggregate : all) {
    Layout layout({{"a", aggregate}});
    core::Arena arena;
    struct Item {
      Value value;
      Micros ts;
      std::string_view rank;
    };
    std::vector<Item> items;
    for (int i = 0; i < 60; ++i) {
      Writer rank;
      const Micros ts = static_cast<Micros>(random() % 10);
      write_rank(ts, {{}, {}, i}, rank);
      items.push_back(
          {Value::integer(static_cast<std::int64_t>(random() % 40)), ts, arena.copy(rank.bytes())});
    }
    std::string expected;
    for (int round = 0; round < 20; ++round) {
      std::shuffle(items.begin(), items.end(), random);
      std::vector<Cell> parts;
      for (int p = 0; p < 4; ++p) parts.emplace_back(layout);
      for (const Item& item : items) {
        std::vector<Value> arguments(layout.arguments(), item.value);
        layout.add(parts[random() % (round == 0 ? 1 : 4)].state(), arguments, {true},
                   {item.ts, item.rank, &arena});
      }
      Cell whole(layout);
      for (const Cell& part : parts) whole.merge(part);
      Writer bytes;
      layout.encode(whole.state(), bytes);
      if (round == 0) expected = bytes.bytes();
      EXPECT_EQ(bytes.bytes(), expected);
    }
  }
}

TEST(Aggregates, AFoldRunsTheUsersMappings) {
  const auto compile = [](const char* text) {
    return std::make_shared<const mapping::Mapping>(*mapping::Mapping::compile(text));
  };
  aggregates::FoldSpec spec;
  spec.init = Value::integer(0);
  spec.add = compile("root = this.acc + this.value.length()");
  spec.merge = compile("root = this.left + this.right");
  spec.result = compile("root.total = this");
  Runner run(aggregates::fold(spec));
  EXPECT_EQ(run.values({"\"abc\"", "\"de\""}), R"({"total":5})");
  EXPECT_NE(run.values({"\"abc\"", "5"}).find("failed"), std::string::npos)
      << "a row that a fold cannot take fails the pane";
}

TEST(Aggregates, BrokenBytesAreRefused) {
  std::mt19937_64 random(5);
  for (const AggregatePtr& aggregate :
       {aggregates::sum(), aggregates::max(), aggregates::collect_list(9),
        aggregates::count_distinct(2), aggregates::percentile(0.5, 0.01)}) {
    Layout layout({{"a", aggregate}});
    for (int i = 0; i < 300; ++i) {
      std::string bytes =
          "\x01\x01"
          "a";
      const std::size_t size = random() % 40;
      bytes += static_cast<char>(size);
      for (std::size_t k = 0; k < size; ++k) bytes += static_cast<char>(random());
      Cell cell(layout);
      Reader in(bytes);
      layout.decode(cell.state(), in);
      core::Arena arena;
      Value object = Value::object(arena);
      if (in.good()) (void)layout.results(cell.state(), object, arena);
    }
  }
}

TEST(Key, EqualNumbersAreOneKey) {
  core::Arena arena;
  const auto bytes = [&arena](const char* json) {
    Writer out;
    EXPECT_TRUE(write_key(*core::parse_json(json, arena), arena, out));
    return out.take();
  };
  EXPECT_EQ(bytes("1"), bytes("1.0"));
  EXPECT_EQ(bytes("1"), bytes("1e0"));
  EXPECT_NE(bytes("1"), bytes("\"1\""));
  EXPECT_EQ(bytes("0.5"), bytes("5e-1"));
  EXPECT_EQ(bytes(R"({"a":1,"b":2})"), bytes(R"({"b":2.0,"a":1})"));
  EXPECT_NE(bytes("null"), bytes("\"null\""));
  EXPECT_LT(bytes("-5"), bytes("3"));
  for (const char* json : {"7", "-0.25", "\"x\"", "null", "true", R"({"a":[1,"x"]})",
                           "100000000000000000000", "1e300"}) {
    Writer out;
    core::Arena other;
    ASSERT_TRUE(write_key(read_key(bytes(json), other), other, out));
    EXPECT_EQ(out.bytes(), bytes(json)) << json;
  }
  Writer out;
  EXPECT_FALSE(write_key(Value::number(std::nan("")), arena, out));
  EXPECT_FALSE(write_key(Value::nothing(), arena, out));
  EXPECT_FALSE(write_key(Value::string(std::string(kMaxKeyBytes + 1, 'x')), arena, out));
}

}  // namespace
}  // namespace weir::windowing
