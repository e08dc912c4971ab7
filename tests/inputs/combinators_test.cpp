#include <gmock/gmock.h>

#include "inputs/support.h"
#include "support/stream_world.h"

namespace weir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::string generate(int count, const std::string& value) {
  return "{ generate: { count: " + std::to_string(count) +
         ", interval: '', mapping: 'root = " + value + "' } }";
}

TEST(BrokerInput, MergesItsInputsAndRunsTheirProcessors) {
  StreamWorld world;
  EXPECT_EQ(
      world.run("input:\n  broker:\n    inputs:\n      - " + generate(2, "\"a\"") +
                "\n      - generate: { count: 1, interval: '', mapping: 'root = \"b\"' }\n"
                "        processors: [ { mapping: 'root = content().string().uppercase()' } ]\n"
                "output: { collect: {} }\n"),
      engine::ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got(), UnorderedElementsAre("a", "a", "B"));
}

TEST(BrokerInput, MakesEachInputAsOftenAsAskedFor) {
  StreamWorld world;
  EXPECT_EQ(world.run("input: { broker: { copies: 3, inputs: [ " + generate(2, "\"a\"") +
                      " ] } }\noutput: { collect: {} }\n"),
            engine::ExitCode::kOk)
      << world.mistakes;
  EXPECT_EQ(world.count(), 6U);
}

TEST(BatchedInput, FormsBatchesAndGivesOutTheRestAtTheEnd) {
  StreamWorld world;
  EXPECT_EQ(
      world.run("input: { batched: { policy: { count: 4 }, child: " + generate(10, "counter()") +
                " } }\npipeline: { processors: [ { mapping: 'root = batch_size()' } ] }\n"
                "output: { collect: {} }\n"),
      engine::ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got(), ElementsAre("4", "4", "4", "4", "4", "4", "4", "4", "2", "2"));
}

TEST(SequenceInput, StartsTheNextInputWhenTheOneBeforeHasEnded) {
  TempFolder folder;
  folder.write("a", "1\n2\n");
  folder.write("b", "3\n");
  StreamWorld world;
  EXPECT_EQ(
      world.run("input:\n  sequence:\n    inputs:\n      - file: { paths: [ '" + folder / "a" +
                "' ] }\n      - file: { paths: [ '" + folder / "b" +
                "' ] }\n        processors: [ { mapping: 'root = content().string() + \"x\"' } ]\n"
                "output: { collect: {} }\n"),
      engine::ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got(), ElementsAre("1", "2", "3x"));
}

TEST(SequenceInput, ReadsABrokerInsideItToItsEnd) {
  StreamWorld world;
  EXPECT_EQ(world.run("input: { sequence: { inputs: [ { broker: { inputs: [ " +
                      generate(3, "\"a\"") + ", " + generate(3, "\"b\"") + " ] } }, " +
                      generate(1, "\"last\"") + " ] } }\noutput: { collect: {} }\n"),
            engine::ExitCode::kOk)
      << world.mistakes;
  const auto got = world.got();
  EXPECT_THAT(got, UnorderedElementsAre("a", "a", "a", "b", "b", "b", "last"));
  EXPECT_EQ(got.back(), "last");
}

TEST(SequenceInput, RefusesAChildThatWantsToFormBatches) {
  StreamWorld world;
  EXPECT_FALSE(
      world.start("input: { sequence: { inputs: [ { batched: { policy: { count: 2 }, "
                  "child: " +
                  generate(1, "1") + " } } ] } }\noutput: { collect: {} }\n"));
  EXPECT_THAT(world.mistakes, HasSubstr("around"));
}

TEST(ReadUntilInput, EndsBehindTheMessageThatPassesTheCheck) {
  StreamWorld world;
  EXPECT_EQ(world.run("input: { read_until: { check: 'this == 5', input: " +
                      generate(100, "counter()") + " } }\noutput: { collect: {} }\n"),
            engine::ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got(), ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_THAT(world.metadata().back().at("*"), HasSubstr("\"benthos_read_until\":\"final\""));
}

TEST(ReadUntilInput, WhatWasReadBeyondTheEndIsReadAgainByTheNextRun) {
  TempFolder folder;
  folder.write("log", "1\n2\nstop\n4\n5\nstop\n7\n");
  const std::string config =
      "input:\n  read_until:\n    check: 'content().string() == \"stop\"'\n    input:\n      file: "
      "{ paths: "
      "[ '" +
      folder / "log" + "' ], follow: true }\noutput: { collect: {} }\n";
  StreamWorld first;
  first.data_dir = folder / "state";
  EXPECT_EQ(first.run(config), engine::ExitCode::kOk) << first.mistakes;
  EXPECT_THAT(first.got(), ElementsAre("1", "2", "stop"));
  // The position stays in front of the batch that was cut: at least once, nothing skipped.
  StreamWorld second;
  second.data_dir = folder / "state";
  EXPECT_EQ(
      second.run(
          "input:\n  read_until:\n    check: 'content().string() == \"7\"'\n    input:\n      "
          "file: { paths: [ '" +
          folder / "log" + "' ], follow: true }\noutput: { collect: {} }\n"),
      engine::ExitCode::kOk)
      << second.mistakes;
  EXPECT_THAT(second.got(), ElementsAre("1", "2", "stop", "4", "5", "stop", "7"));
}

TEST(ReadUntilInput, EndsWhenTheInputHasBeenSilent) {
  TempFolder folder;
  folder.write("log", "1\n2\n");
  StreamWorld world;
  world.data_dir = folder / "state";
  EXPECT_EQ(world.run("input:\n  read_until:\n    idle_timeout: 200ms\n    input:\n      file: { "
                      "paths: [ '" +
                      folder / "log" + "' ], follow: true }\noutput: { collect: {} }\n"),
            engine::ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got(), ElementsAre("1", "2"));
}

TEST(ReadUntilInput, StartsAnInputThatEndsAgain) {
  StreamWorld world;
  EXPECT_EQ(world.run("input: { read_until: { restart_input: true, check: 'count(\"restarted\") >= "
                      "7', input: " +
                      generate(3, "\"a\"") + " } }\noutput: { collect: {} }\n"),
            engine::ExitCode::kOk)
      << world.mistakes;
  EXPECT_EQ(world.count(), 7U);
}

TEST(ResourceInput, RunsTheProcessorsBesideTheResource) {
  StreamWorld world;
  EXPECT_EQ(world.run("input: { resource: source }\ninput_resources:\n  - label: source\n    "
                      "generate: { count: 2, interval: '', mapping: 'root = \"a\"' }\n    "
                      "processors: [ { mapping: 'root = content().string().uppercase()' } ]\n"
                      "output: { collect: {} }\n"),
            engine::ExitCode::kOk)
      << world.mistakes;
  EXPECT_THAT(world.got(), ElementsAre("A", "A"));
}

TEST(ResourceInput, IsOneInputHoweverManyPlacesReferToIt) {
  TempFolder folder;
  std::string lines;
  for (int i = 0; i < 3000; ++i) lines += std::to_string(i) + "\n";
  folder.write("data", lines);
  StreamWorld world;
  EXPECT_EQ(world.run("input: { broker: { inputs: [ { resource: source }, { resource: source } ] } "
                      "}\ninput_resources:\n  - label: source\n    file: { paths: [ '" +
                      folder / "data" + "' ], delete_on_finish: true }\noutput: { collect: {} }\n"),
            engine::ExitCode::kOk)
      << world.mistakes;
  auto got = world.got();
  std::sort(got.begin(), got.end());
  EXPECT_EQ(std::unique(got.begin(), got.end()) - got.begin(), 3000);
  EXPECT_EQ(got.size(), 3000U);
  EXPECT_FALSE(folder.has("data"));  // all of it was acknowledged, whoever had it
}

TEST(InprocInput, TakesWhatOutputsOfItsNameWriteAndEndsWhenAllIsThrough) {
  StreamWorld world;
  EXPECT_EQ(
      world.run(
          "input: { broker: { inputs: [ " + generate(50, "\"x\"") +
          ", { inproc: loop } ] } }\n"
          "pipeline: { processors: [ { mapping: 'root = content().string() + \"y\"' } ] }\n"
          "output:\n  switch:\n    cases:\n      - check: content().string().length() < 4\n        "
          "output: { inproc: loop }\n      - output: { collect: {} }\n"),
      engine::ExitCode::kOk)
      << world.mistakes;
  EXPECT_EQ(world.got(), std::vector<std::string>(50, "xyyy"));
}

TEST(InprocInput, AMessageThatFailsBehindItFailsAlone) {
  StreamWorld world;
  EXPECT_EQ(
      world.run("input: { broker: { inputs: [ " + generate(5, "counter()") +
                ", { inproc: side } ] } }\n"
                "pipeline: { processors: [ { mutation: 'meta round = "
                "(metadata(\"round\").or(0)) + 1' } ] }\n"
                "output:\n  switch:\n    cases:\n      - check: metadata(\"round\") == 1\n    "
                "    output: { inproc: side }\n      - output: { collect: { refuse: '3' } }\n"),
      engine::ExitCode::kFailedMessages)
      << world.mistakes;
  auto got = world.got();
  std::sort(got.begin(), got.end());
  got.erase(std::unique(got.begin(), got.end()), got.end());
  EXPECT_THAT(got, ElementsAre("1", "2", "4", "5"));
}

}  // namespace
}  // namespace weir::test
