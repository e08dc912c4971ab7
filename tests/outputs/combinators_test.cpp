#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>

#include "support/stream_world.h"

namespace weir::test {
namespace {

using engine::ExitCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Numbers from 1 to `count`, then `rest` of a configuration.
std::string numbers(int count, const std::string& rest) {
  return "input: { generate: { count: " + std::to_string(count) +
         ", interval: '', mapping: 'root = counter()' } }\n" + rest;
}

TEST(SwitchOutput, SendsEachMessageToTheFirstCaseThatTakesIt) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(6, R"(
output:
  switch:
    cases:
      - { check: this % 2 == 0, output: { collect: { name: even } } }
      - { check: this % 3 == 0, output: { collect: { name: three } } }
      - { output: { collect: { name: rest } } }
)")),
            ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got("even"), ElementsAre("2", "4", "6"));
  EXPECT_THAT(world.got("three"), ElementsAre("3"));
  EXPECT_THAT(world.got("rest"), ElementsAre("1", "5"));
}

TEST(SwitchOutput, ContinuesWhenACaseSaysSo) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(3, R"(
output:
  switch:
    cases:
      - { check: this > 1, continue: true, output: { collect: { name: copy } } }
      - { output: { collect: {} } }
)")),
            ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got("copy"), ElementsAre("2", "3"));
  EXPECT_THAT(world.got(), ElementsAre("1", "2", "3"));
}

TEST(SwitchOutput, AMessageThatNoCaseTakesFails) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(3, R"(
output: { switch: { cases: [ { check: this == 2, output: { collect: {} } } ] } }
)")),
            ExitCode::kFailedMessages);
  EXPECT_THAT(world.got(), ElementsAre("2"));
  EXPECT_EQ(world.times_logged("message_failed"), 2U);
}

TEST(SwitchOutput, WithoutStrictErrorsItIsDropped) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(3, R"(
error_handling: { strict: false }
output: { switch: { cases: [ { check: this == 2, output: { collect: {} } } ] } }
)")),
            ExitCode::kOk);
  EXPECT_THAT(world.got(), ElementsAre("2"));
}

TEST(FallbackOutput, TheNextOutputGetsOnlyWhatTheOneBeforeRefused) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(4, R"(
output:
  fallback:
    - collect: { name: first, refuse: '3' }
    - collect: { name: second }
)")),
            ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got("first"), ElementsAre("1", "2", "4"));
  EXPECT_THAT(world.got("second"), ElementsAre("3"));
  EXPECT_THAT(world.metadata("second")[0].at("*"), HasSubstr("\"fallback_error\""));
}

TEST(FallbackOutput, AMessageThatAllRefuseFails) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(2, R"(
output:
  fallback:
    - collect: { name: first, refuse: '2' }
    - collect: { name: second, refuse: '2' }
)")),
            ExitCode::kFailedMessages);
  EXPECT_THAT(world.got("first"), ElementsAre("1"));
  EXPECT_THAT(world.got("second"), IsEmpty());
}

TEST(RetryOutput, WritesAgainUntilItIsAccepted) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(2, R"(
output:
  retry:
    backoff: { initial_interval: 5ms, max_interval: 10ms }
    output: { collect: { unavailable: 3 } }
)")),
            ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got(), ElementsAre("1", "2"));
  EXPECT_EQ(world.times_logged("output_retry"), 3U);
}

TEST(RetryOutput, GivesUpAfterTheAttemptsAllowed) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(1, R"(
output:
  fallback:
    - retry:
        max_retries: 2
        backoff: { initial_interval: 5ms, max_interval: 10ms }
        output: { collect: { name: first, refuse: '1' } }
    - collect: { name: second }
)")),
            ExitCode::kOk)
      << world.mistakes;
  EXPECT_EQ(world.times_logged("output_retry"), 2U);
  EXPECT_THAT(world.got("second"), ElementsAre("1"));
}

TEST(DropOnOutput, DropsWhatIsRefusedForAReasonThatMatches) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(3, R"(
output: { drop_on: { error_patterns: [ 'refu.ed' ], output: { collect: { refuse: '2' } } } }
)")),
            ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got(), ElementsAre("1", "3"));
  EXPECT_EQ(world.times_logged("message_dropped"), 1U);
}

TEST(DropOnOutput, OtherReasonsFailTheMessage) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(3, R"(
output: { drop_on: { error_patterns: [ 'on fire' ], output: { collect: { refuse: '2' } } } }
)")),
            ExitCode::kFailedMessages);
}

TEST(DropOnOutput, DropsWhatABlockedOutputDoesNotTakeInTime) {
  StreamWorld world;
  ASSERT_TRUE(world.start(
      "input: { generate: { count: 4, interval: 1ms, mapping: 'root = counter()' } }\n"
      "output: { drop_on: { back_pressure: 50ms, output: { collect: { hold: true } } } }\n"))
      << world.mistakes;
  // The first is in the output's hands, however long that takes; those behind it are not.
  ASSERT_TRUE(world.until([&] { return world.times_logged("messages_dropped") == 3; }));
  EXPECT_THAT(world.got(), ElementsAre("1"));
  world.release();
  EXPECT_EQ(world.wait(), ExitCode::kOk);
  EXPECT_THAT(world.got(), ElementsAre("1"));
}

TEST(BrokerOutput, FanOutGivesAllToAllThoughOneFailsForAWhile) {
  for (const char* pattern : {"fan_out", "fan_out_sequential"}) {
    StreamWorld world;
    EXPECT_EQ(world.run(numbers(5, std::string("output:\n  broker:\n    pattern: ") + pattern + R"(
    outputs:
      - collect: { name: a }
      - collect: { name: b, unavailable: 2 }
)")),
              ExitCode::kOk)
        << world.mistakes;
    EXPECT_THAT(world.got("a"), ElementsAre("1", "2", "3", "4", "5")) << pattern;
    EXPECT_THAT(world.got("b"), ElementsAre("1", "2", "3", "4", "5")) << pattern;
  }
}

TEST(BrokerOutput, FailFastFailsTheMessageThatOneRefuses) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(3, R"(
output:
  broker:
    pattern: fan_out_sequential_fail_fast
    outputs:
      - collect: { name: a, refuse: '2' }
      - collect: { name: b }
)")),
            ExitCode::kFailedMessages);
  EXPECT_THAT(world.got("a"), ElementsAre("1", "3"));
  EXPECT_THAT(world.got("b"), ElementsAre("1", "3"));  // those beside it go on
}

TEST(BrokerOutput, RoundRobinGivesBatchesInTurn) {
  StreamWorld world;
  EXPECT_EQ(world.run("input: { generate: { count: 4, interval: 1ms, mapping: 'root = counter()' } "
                      "}\noutput:\n  broker:\n    pattern: round_robin\n    outputs:\n      - "
                      "collect: { name: a }\n      - collect: { name: b }\n"),
            ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got("a"), ElementsAre("1", "3"));
  EXPECT_THAT(world.got("b"), ElementsAre("2", "4"));
}

TEST(BrokerOutput, GreedyGivesAllToSomebody) {
  StreamWorld world;
  EXPECT_EQ(world.run("input: { generate: { count: 20, interval: 1ms, mapping: 'root = counter()' "
                      "} }\noutput:\n  broker:\n    pattern: greedy\n    outputs:\n      - "
                      "collect: { name: a }\n      - collect: { name: b }\n"),
            ExitCode::kOk)
      << world.mistakes;
  EXPECT_EQ(world.count("a") + world.count("b"), 20U);
}

TEST(MemoryBuffer, FormsBatchesOfWhatItHolds) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(10, R"(
buffer:
  memory:
    batch_policy:
      enabled: true
      count: 4
      processors: [ { mapping: 'root = batch_size()' } ]
output: { collect: {} }
)")),
            ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got(), ElementsAre("4", "4", "4", "4", "4", "4", "4", "4", "2", "2"));
}

TEST(MemoryBuffer, APolicyThatWantsMoreThanThereIsRoomForGetsWhatThereIs) {
  StreamWorld world;
  EXPECT_EQ(world.run(numbers(5000, R"(
buffer: { memory: { limit: 50KiB, batch_policy: { enabled: true, count: 1000000 } } }
output: { collect: {} }
)")),
            ExitCode::kOk)
      << world.mistakes;
  EXPECT_EQ(world.count(), 5000U);
}

}  // namespace
}  // namespace weir::test
