// The worked tables of the semantics, run through configurations.

#include <gtest/gtest.h>

#include "windowing/chain.h"

namespace weir::windowing {
namespace {

using test::Chain;
using test::Plans;
using test::read_plans;
using Lines = std::vector<std::string>;

constexpr Micros kS = 1'000'000;

class Play {
 public:
  explicit Play(const std::string& processors) : plans_(read_plans(processors)), chain_(plans_) {
    EXPECT_TRUE(plans_.findings.empty()) << plans_.findings.front();
  }
  void row(Micros seconds, const std::string& json = "{}", std::string_view partition = "p") {
    core::Batch batch = core::Batch::of({json});
    chain_.row(batch[0], seconds * kS, partition, position_++);
  }
  void micros(Micros ts, const std::string& json = "{}") {
    core::Batch batch = core::Batch::of({json});
    chain_.row(batch[0], ts, "p", position_++);
  }
  void w(Micros seconds) { chain_.watermark(seconds * kS); }
  void w_micros(Micros w) { chain_.watermark(w); }
  void end() { chain_.watermark(kEndOfTime); }
  void now(Micros seconds) { chain_.time(seconds * kS); }
  Lines take() { return std::exchange(chain_.results, {}); }
  Lines described() { return std::exchange(chain_.described, {}); }
  Lines late(const std::string& output = "late") { return std::exchange(chain_.late[output], {}); }
  Chain& chain() { return chain_; }

 private:
  Plans plans_;
  Chain chain_;
  std::int64_t position_ = 0;
};

const char* const kShape = R"(
- mapping: |
    root.n = this.n
    root.start = @window_start.ts_unix()
    root.end = @window_end.ts_unix()
    root.pane = @pane_timing + "#" + @pane_index.string()
)";

std::string pane(const std::string& timing, int n, int start, int end) {
  return R"({"end":)" + std::to_string(end) + R"(,"n":)" + std::to_string(n) + R"(,"pane":")" +
         timing + R"(","start":)" + std::to_string(start) + "}";
}

TEST(Window, FollowsTheWorkedRunOfTwoPartitions) {
  Play p(std::string(R"(
- label: w
  window:
    tumbling: { size: 10s }
    allowed_lateness: 5s
    late: { output: late }
    aggregate: { n: { count: {} } }
)") + kShape);
  p.row(1);
  p.row(4);
  p.w(-1);
  p.row(12);
  p.w(2);
  p.row(9);
  p.w(7);
  p.row(13);
  p.row(14);
  EXPECT_EQ(p.take(), Lines{});
  p.w(11);
  EXPECT_EQ(p.take(), (Lines{pane("on_time#0", 3, 0, 10)}));
  p.row(8);
  EXPECT_EQ(p.take(), (Lines{pane("late#1", 4, 0, 10)}));
  p.row(19);
  p.w(12);
  p.w(17);
  p.row(7, R"({"x":7})");
  EXPECT_EQ(p.late(), (Lines{R"({"x":7})"}));
  p.row(3);
  EXPECT_EQ(p.late().size(), 1U);
  p.row(11);
  p.row(30);
  EXPECT_EQ(p.take(), Lines{});
  p.w(28);
  EXPECT_EQ(p.take(), (Lines{pane("on_time#0", 5, 10, 20)}));
  p.end();
  EXPECT_EQ(p.take(), (Lines{pane("on_time#0", 1, 30, 40)}));
}

TEST(Window, EventsOnTheEdgesBelongToOneWindow) {
  Play p(std::string(R"(
- label: w
  window: { tumbling: { size: 10s }, late: { output: late }, aggregate: { n: { count: {} } } }
)") + kShape);
  p.row(10);
  p.micros(10 * kS - 1);
  p.w_micros(10 * kS - 1);
  EXPECT_EQ(p.take(), Lines{});
  p.w(10);
  EXPECT_EQ(p.take(), (Lines{pane("on_time#0", 1, 0, 10)}));
  p.micros(10 * kS - 1);
  EXPECT_EQ(p.late().size(), 1U);
  p.row(10);
  p.w(5);  // never back
  p.w(20);
  EXPECT_EQ(p.take(), (Lines{pane("on_time#0", 2, 10, 20)}));
}

Lines panes_of(const std::string& mode) {
  Play p(R"(
- label: w
  window:
    tumbling: { size: 10s }
    allowed_lateness: 5s
    mode: )" +
         mode + R"(
    trigger: { any: [ watermark, { count: 2 } ] }
    aggregate: { n: { count: {} } }
- mapping: 'root = @pane_timing + "#" + @pane_index.string() + " " + (@op | "") + " " + this.n.string()'
)");
  for (int i = 0; i < 3; ++i) p.row(1);
  p.w(10);
  p.row(2);
  return p.take();
}

TEST(Window, PanesFollowTheWorkedModes) {
  EXPECT_EQ(panes_of("accumulate"),
            (Lines{R"("early#0  2")", R"("on_time#1  3")", R"("late#2  4")"}));
  EXPECT_EQ(panes_of("discard"), (Lines{R"("early#0  2")", R"("on_time#1  1")", R"("late#2  1")"}));
  EXPECT_EQ(panes_of("retract"),
            (Lines{R"("early#0 insert 2")", R"("on_time#1 retract 2")", R"("on_time#1 insert 3")",
                   R"("late#2 retract 3")", R"("late#2 insert 4")"}));
}

TEST(Window, ResultsAreOnTimeOneMicrosecondBeforeTheEnd) {
  Play p(R"(
- label: w
  window: { key: this.k, tumbling: { size: 10s }, aggregate: { n: { count: {} } } }
)");
  p.row(3, R"({"k":1.0})");
  p.w(12);
  EXPECT_EQ(p.described(),
            (Lines{R"({"key":1,"n":1} {"pane_index":0,"pane_timing":"on_time",)"
                   R"("watermark":"1970-01-01T00:00:12Z","window_end":"1970-01-01T00:00:10Z",)"
                   R"("window_start":"1970-01-01T00:00:00Z"} @9999999)"}));
}

TEST(Window, EmissionOrderIsTimeStartKey) {
  Play p(R"(
- label: w
  window:
    key: this.k
    windows: [ { hopping: { size: 20s, slide: 10s }, name: long }, { tumbling: { size: 10s }, name: short } ]
    aggregate: { n: { count: {} } }
- mapping: 'root = [ this.key, @window, @window_end.ts_unix() ]'
)");
  for (const char* k : {"b", "a"}) p.row(5, R"({"k":")" + std::string(k) + "\"}");
  p.w(100);
  EXPECT_EQ(p.take(), (Lines{R"(["a","long",10])", R"(["b","long",10])", R"(["a","short",10])",
                             R"(["b","short",10])", R"(["a","long",20])", R"(["b","long",20])"}));
}

TEST(Window, LatePartialRowsCountWhereTheyStillCan) {
  Play p(std::string(R"(
- label: w
  window: { hopping: { size: 10s, slide: 5s }, late: { output: late }, aggregate: { n: { count: {} } } }
)") + kShape);
  p.row(7);
  p.w(11);
  EXPECT_EQ(p.take(), (Lines{pane("on_time#0", 1, 0, 10)}));
  p.row(8);
  EXPECT_EQ(p.chain().shards(0)[0]->stats().late_partial, 1U);
  p.row(3);
  EXPECT_EQ(p.late().size(), 1U);
  p.end();
  EXPECT_EQ(p.take(), (Lines{pane("on_time#0", 2, 5, 15)}));
}

TEST(Window, SessionsJoinAtExactlyTheGap) {
  Play p(std::string(R"(
- label: w
  window: { session: { gap: 10s }, late: { output: late }, aggregate: { n: { count: {} } } }
)") + kShape);
  p.row(0);
  p.row(20);
  p.row(10);
  p.w(30);
  EXPECT_EQ(p.take(), Lines{}) << "a row at exactly the gap may still come";
  p.w_micros(30 * kS + 1);
  EXPECT_EQ(p.take(), (Lines{pane("on_time#0", 3, 0, 30)}));
  p.row(20);
  EXPECT_EQ(p.late().size(), 1U);
  p.row(21);
  EXPECT_EQ(p.late(), Lines{}) << "its own session reaches to 31";
}

TEST(Window, ALateRowMayBridgeTwoFiredSessions) {
  const std::string config = R"(
- label: w
  window:
    session: { gap: 10s }
    allowed_lateness: 1m
    mode: MODE
    aggregate: { n: { count: {} } }
- mapping: 'root = [ (@op | ""), this.n, @window_start.ts_unix(), @window_end.ts_unix() ]'
)";
  std::string accumulate = config;
  accumulate.replace(accumulate.find("MODE"), 4, "accumulate");
  Play p(accumulate);
  p.row(0);
  p.row(20);
  p.w(40);
  EXPECT_EQ(p.take(), (Lines{R"(["",1,0,10])", R"(["",1,20,30])"}));
  p.row(10);
  EXPECT_EQ(p.take(), (Lines{R"(["",3,0,30])"}));

  std::string retract = config;
  retract.replace(retract.find("MODE"), 4, "retract");
  Play q(retract);
  q.row(0);
  q.row(20);
  q.w(40);
  q.take();
  q.row(10);
  EXPECT_EQ(q.take(),
            (Lines{R"(["retract",1,0,10])", R"(["retract",1,20,30])", R"(["insert",3,0,30])"}));
}

TEST(Window, SessionResultsStayOnTimeDownstream) {
  Play p(R"(
- label: s
  window: { key: this.k, session: { gap: 10s }, aggregate: { n: { count: {} } } }
- label: once
  dedupe: { key: this.key, ttl: 1h, late: { output: late } }
)");
  p.row(0, R"({"k":1})");
  p.w(10);
  p.w(11);
  EXPECT_EQ(p.take().size(), 1U);
  EXPECT_EQ(p.late(), Lines{});
}

TEST(Window, TriggersCompose) {
  const auto play = [](const std::string& trigger, const std::function<void(Play&)>& script) {
    Play p(R"(
- label: w
  window:
    tumbling: { size: 100s }
    trigger: )" +
           trigger + R"(
    aggregate: { n: { count: {} } }
- mapping: 'root = @pane_timing + " " + this.n.string()'
)");
    script(p);
    return p.take();
  };
  const auto rows = [](int n) {
    return [n](Play& p) {
      for (int i = 0; i < n; ++i) p.row(1);
      p.end();
    };
  };
  EXPECT_EQ(play("{ only: { count: 2 } }", rows(5)), (Lines{R"("early 2")", R"("early 4")"}));
  EXPECT_EQ(play("{ count: 2 }", rows(3)), (Lines{R"("early 2")", R"("on_time 3")"}));
  EXPECT_EQ(play("{ when: this.n >= 2 }", rows(4)), (Lines{R"("early 2")", R"("on_time 4")"}))
      << "only when it becomes true";
  EXPECT_EQ(play("{ only: { all: [ { count: 2 }, { count: 3 } ] } }", rows(7)),
            (Lines{R"("early 3")", R"("early 6")"}));
  EXPECT_EQ(play("{ only: { then: [ { count: 3 }, { count: 1 } ] } }", rows(5)),
            (Lines{R"("early 3")", R"("early 4")", R"("early 5")"}));
  EXPECT_EQ(play("{ only: { count: 2, until: { when: this.n >= 5 } } }", rows(9)),
            (Lines{R"("early 2")", R"("early 4")", R"("early 5")"}));
  EXPECT_EQ(play("{ every: 10s }",
                 [](Play& p) {
                   p.now(3);
                   p.row(1);
                   p.now(9);
                   p.row(1);
                   p.now(10);
                   p.now(25);
                   p.row(1);
                   p.now(29);
                   p.now(30);
                   p.end();
                 }),
            (Lines{R"("early 2")", R"("early 3")", R"("on_time 3")"}));
  EXPECT_EQ(play("{ after_silence: 10s }",
                 [](Play& p) {
                   p.now(3);
                   p.row(1);
                   p.now(12);
                   p.row(1);
                   p.now(13);
                   p.now(22);
                   p.end();
                 }),
            (Lines{R"("early 2")", R"("on_time 2")"}));
  EXPECT_EQ(play("{ event_every: 20s }",
                 [](Play& p) {
                   p.row(1);
                   p.w(19);
                   p.row(19);
                   p.w(20);
                   p.w(45);
                   p.row(50);
                   p.end();
                 }),
            (Lines{R"("early 2")", R"("early 3")", R"("on_time 3")"}));
}

TEST(Window, LateRowsMayBeCollected) {
  Play p(R"(
- label: w
  window:
    tumbling: { size: 10s }
    allowed_lateness: 1m
    late_firing: { every: 5s }
    aggregate: { n: { count: {} } }
- mapping: 'root = @pane_timing + " " + this.n.string()'
)");
  p.now(100);
  p.row(1);
  p.w(10);
  p.row(2);
  p.row(3);
  p.now(104);
  EXPECT_EQ(p.take(), (Lines{R"("on_time 1")"}));
  p.now(105);
  EXPECT_EQ(p.take(), (Lines{R"("late 3")"}));
}

TEST(Window, GlobalWindowsDoNotFireAtTheEnd) {
  Play p(R"(
- label: w
  window: { global: {}, ttl: 1h, trigger: { only: { count: 2 } }, aggregate: { n: { count: {} } } }
)");
  for (int i = 0; i < 3; ++i) p.row(i);
  p.end();
  EXPECT_EQ(p.described(),
            (Lines{R"({"key":null,"n":2} {"pane_index":0,"pane_timing":"early"} @1000000)"}));
}

TEST(Window, AGlobalWindowIsForgottenAfterItsLifetime) {
  Play p(R"(
- label: w
  window: { global: {}, ttl: 10s, trigger: { only: { count: 1 } }, aggregate: { n: { count: {} } } }
- mapping: root = this.n
)");
  p.row(0);
  p.w(9);
  p.row(9);
  p.w(18);
  p.row(18);
  p.w(28);
  p.row(28);
  EXPECT_EQ(p.take(), (Lines{"1", "2", "3", "1"}));
}

TEST(Window, CountWindowsFollowArrival) {
  Play p(R"(
- label: w
  window: { count: { size: 4, every: 2 }, aggregate: { s: { sum: this.v } } }
- mapping: root = this.s
)");
  for (int i = 1; i <= 7; ++i) p.row(10 - i, R"({"v":)" + std::to_string(i) + "}");
  p.end();
  EXPECT_EQ(p.take(), (Lines{"3", "10", "18"})) << "the unfilled one does not fire";
}

TEST(Window, LookBackAnswersEachRowWhenNothingElseCanCome) {
  Play p(R"(
- label: w
  window: { look_back: { range: 10s }, late: { output: late }, aggregate: { s: { sum: this.v } } }
- mapping: root = this.s
)");
  p.row(10, R"({"v":1})");
  p.row(20, R"({"v":2})");
  p.row(15, R"({"v":4})");
  p.row(15, R"({"v":8})");
  p.w(15);
  EXPECT_EQ(p.take(), (Lines{"1"}));
  p.w(16);
  EXPECT_EQ(p.take(), (Lines{"13", "13"})) << "rows of one time see each other";
  p.row(15);
  EXPECT_EQ(p.late().size(), 1U);
  p.end();
  EXPECT_EQ(p.take(), (Lines{"14"})) << "the one 10 s before is out";
}

TEST(Dedupe, FollowsTheWorkedTable) {
  Play p(R"(
- label: once
  dedupe: { key: this.k, ttl: 10s, late: { output: late } }
- mapping: root = this.v
)");
  const auto k = [&p](Micros ts) {
    p.row(ts, R"({"k":"k","v":)" + std::to_string(ts) + "}");
    return p.take().size() == 1;
  };
  EXPECT_TRUE(k(0));
  EXPECT_FALSE(k(9));
  EXPECT_TRUE(k(10));
  EXPECT_FALSE(k(2));
  p.w(15);
  EXPECT_FALSE(k(15));
  k(14);
  EXPECT_EQ(p.late().size(), 1U);
  p.w(20);
  EXPECT_TRUE(k(20));
  EXPECT_FALSE(k(21));
}

TEST(Dedupe, FirstNeverMovesBack) {
  Play p(R"(
- label: once
  dedupe: { key: this.k, ttl: 10s }
)");
  const auto k = [&p](Micros ts) {
    p.row(ts, R"({"k":"k"})");
    return p.take().size() == 1;
  };
  EXPECT_TRUE(k(5));
  EXPECT_TRUE(k(-6)) << "11 s before";
  EXPECT_FALSE(k(14)) << "the first stays 5";
}

TEST(Dedupe, KeepLastComesOutAtExpiry) {
  Play p(R"(
- label: once
  dedupe: { key: this.k, ttl: 10s, keep: last }
- mapping: root = this.v
)");
  p.row(0, R"({"k":1,"v":"a"})");
  p.row(4, R"({"k":1,"v":"b"})");
  p.row(2, R"({"k":1,"v":"c"})");
  EXPECT_EQ(p.take(), Lines{});
  p.w(10);
  EXPECT_EQ(p.take(), (Lines{R"("b")"}));
}

TEST(Dedupe, ProcessingTimeHasNoLateRows) {
  Play p(R"(
- label: once
  dedupe: { key: this.k, ttl: { processing: 10s } }
)");
  p.now(0);
  p.row(500, R"({"k":1})");
  p.w(1000);
  p.now(9);
  p.row(1, R"({"k":1})");
  p.now(10);
  p.row(1, R"({"k":1})");
  EXPECT_EQ(p.take().size(), 2U);
}

Lines top(const std::string& ties) {
  Play p(R"(
- label: w
  window: { key: this.k, tumbling: { size: 10s }, aggregate: { n: { sum: this.v } } }
- label: best
  top_n: { per: window, n: 1, order_by: [ { desc: this.n } ], ties: )" +
         ties + R"( }
- mapping: 'root = this.key + "#" + @rank.string()'
)");
  p.row(1, R"({"k":"C","v":3})");
  p.row(2, R"({"k":"A","v":5})");
  p.row(3, R"({"k":"B","v":5})");
  p.end();
  return p.take();
}

TEST(TopN, FollowsTheWorkedTies) {
  EXPECT_EQ(top("cut"), (Lines{R"("A#1")"}));
  EXPECT_EQ(top("include"), (Lines{R"("A#1")", R"("B#1")"}));
}

TEST(TopN, WithoutWindowsSaysWhatChanges) {
  Play p(R"(
- label: best
  top_n: { group: this.g, n: 2, order_by: [ { desc: this.v } ], ttl: none }
- mapping: 'root = @op + " " + this.v.string() + "#" + @rank.string()'
)");
  for (const int v : {5, 7, 6}) p.row(1, R"({"g":1,"v":)" + std::to_string(v) + "}");
  EXPECT_EQ(p.take(), (Lines{R"("enter 5#1")", R"("enter 7#1")", R"("rank 5#2")", R"("leave 5#2")",
                             R"("enter 6#2")"}));
}

TEST(Table, KeepsTheLatestStateForQueries) {
  Play p(R"(
- label: stock
  table:
    key: this.sku
    fold: { on_hand: { sum: this.delta }, updated: { last: this.at } }
    ttl: 90d
    changelog: true
)");
  p.row(1, R"({"sku":"a","delta":5,"at":1})");
  p.row(2, R"({"sku":"a","delta":-2,"at":2})");
  EXPECT_EQ(p.take(), (Lines{R"({"key":"a","on_hand":5,"updated":1})",
                             R"({"key":"a","on_hand":3,"updated":2})"}));
  core::Arena arena;
  Writer key;
  ASSERT_TRUE(write_key(core::Value::string("a"), arena, key));
  const auto state = p.chain().shards(0)[0]->get(key.bytes(), arena);
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(test::json(*state), R"({"key":"a","on_hand":3,"updated":2})");
}

TEST(Operators, RowsThatCannotBeReadAreFlagged) {
  Play p(R"(
- label: w
  window: { key: this.k, tumbling: { size: 10s }, aggregate: { s: { sum: this.v } } }
)");
  p.row(1, R"({"k":1,"v":"x"})");
  p.row(1, R"(no json)");
  p.row(1, R"({"k":1,"v":2})");
  EXPECT_EQ(p.chain().failed.size(), 2U);
  p.end();
  EXPECT_EQ(p.take(), (Lines{R"({"key":1,"s":2})"}));
}

TEST(Operators, ResultShapesTheRow) {
  Play p(R"(
- label: w
  window:
    key: this.k
    tumbling: { size: 10s }
    aggregate: { n: { count: {} } }
    result: 'root = if this.n > 1 { { "who": this.key, "at": @window_end.ts_unix() } } else { deleted() }'
)");
  for (const char* k : {"a", "b", "a"}) p.row(1, R"({"k":")" + std::string(k) + "\"}");
  p.end();
  EXPECT_EQ(p.take(), (Lines{R"({"at":10,"who":"a"})"}));
}

TEST(Operators, DamagedStateIsRefused) {
  Play p(R"(
- label: w
  window: { key: this.k, tumbling: { size: 10s }, aggregate: { s: { sum: this.v } } }
)");
  p.row(1, R"({"k":1,"v":2})");
  Operator& op = *p.chain().shards(0)[0];
  const Plans plans = read_plans(R"(
- label: w
  window: { key: this.k, tumbling: { size: 10s }, aggregate: { s: { sum: this.v } } }
)");
  const auto& plan = std::get<std::shared_ptr<const OperatorPlan>>(plans.stages[0]);
  for (StateEntry entry : op.snapshot({})) {
    for (std::size_t cut = 0; cut < entry.value.size(); ++cut) {
      StateEntry damaged = entry;
      damaged.value.resize(cut);
      EXPECT_FALSE(plan->make()->load(damaged));
    }
    EXPECT_TRUE(plan->make()->load(entry));
  }
}

}  // namespace
}  // namespace weir::windowing
