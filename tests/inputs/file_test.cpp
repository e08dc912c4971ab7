#include <gmock/gmock.h>

#include "inputs/support.h"

namespace weir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string yaml(const TempFolder& folder, const std::string& pattern,
                 const std::string& rest = "") {
  return "file:\n  paths: [ '" + folder / pattern + "' ]\n" + rest;
}

TEST(FileInput, ReadsTheFilesOfAPatternInOrderAndNamesThem) {
  TempFolder folder;
  folder.write("b.log", "three\n");
  folder.write("a.log", "one\ntwo\n");
  folder.write("c.txt", "not\n");
  InputWorld world;
  auto input = world.make(yaml(folder, "*.log"));
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  const auto got = world.read_all(*input);
  ASSERT_THAT(InputWorld::payloads(got), ElementsAre("one", "two", "three"));
  EXPECT_EQ(got[0].metadata.at("path"), folder / "a.log");
  EXPECT_EQ(got[2].metadata.at("path"), folder / "b.log");
  EXPECT_GT(std::stoll(got[0].metadata.at("mod_time_unix")), 1'000'000'000);
  EXPECT_THAT(got[0].metadata.at("mod_time"), testing::EndsWith("Z"));
  EXPECT_EQ(got[1].position, 4);
  EXPECT_EQ(input->progress(), std::pair(std::uint64_t{14}, std::uint64_t{14}));
}

TEST(FileInput, AMissingFileIsAnErrorThatNamesIt) {
  TempFolder folder;
  for (const char* name : {"none.log", "*.log"}) {
    InputWorld world;
    auto input = world.make(yaml(folder, name));
    ASSERT_TRUE(input) << world.mistakes;
    const core::Status status = world.connect(*input);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, core::ErrorCode::kNotFound);
    EXPECT_THAT(status.error().message, HasSubstr(folder / name));
  }
}

TEST(FileInput, DropsCarriageReturnsAndKeepsALastLineWithoutLineBreak) {
  TempFolder folder;
  folder.write("a", "one\r\n\r\ntwo");
  InputWorld world;
  auto input = world.make(yaml(folder, "a"));
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  EXPECT_THAT(InputWorld::payloads(world.read_all(*input)), ElementsAre("one", "", "two"));
}

TEST(FileInput, ALineThatIsTooLongFailsAlone) {
  TempFolder folder;
  folder.write("a", "one\n" + std::string(300'000, 'x') + "\ntwo\n");
  InputWorld world;
  auto input = world.make(yaml(folder, "a"));
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  const auto got = world.read_all(*input);
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[0].error, "");
  EXPECT_NE(got[1].error, "");
  EXPECT_EQ(got[2].payload, "two");
  EXPECT_EQ(got[2].error, "");
}

TEST(FileInput, DeletesAFileOnlyWhenAllOfItHasBeenDelivered) {
  TempFolder folder;
  folder.write("a", "one\n");
  InputWorld world;
  auto input = world.make(yaml(folder, "a", "  delete_on_finish: true\n"));
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  auto first = world.read(*input);
  ASSERT_TRUE(first);
  ASSERT_EQ(world.read(*input)->status, core::ReadStatus::kEnd);
  EXPECT_TRUE(folder.has("a"));
  input->acknowledge(first->read.partition, first->read.after);
  EXPECT_FALSE(folder.has("a"));
}

TEST(FileInput, ACorruptFileIsAFailedMessageAndTheNextFileIsRead) {
  TempFolder folder;
  folder.write("a.gz", "this is no gzip");
  folder.write("b.gz", "nor is this");
  InputWorld world;
  auto input = world.make(yaml(
      folder, "*.gz", "  scanner: { decompress: { algorithm: gzip, into: { lines: {} } } }\n"));
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  const auto got = world.read_all(*input);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_THAT(got[0].error, HasSubstr("a.gz"));
  EXPECT_THAT(got[1].error, HasSubstr("b.gz"));
}

TEST(FileInput, ReadsCsvRowsAsObjects) {
  TempFolder folder;
  folder.write("a.csv", "id,name\n1,\"x, y\"\n2,z\n");
  InputWorld world;
  auto input = world.make(yaml(folder, "a.csv", "  scanner: { csv: {} }\n"));
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  const auto got = world.read_all(*input);
  EXPECT_THAT(InputWorld::payloads(got),
              ElementsAre(R"({"id":"1","name":"x, y"})", R"({"id":"2","name":"z"})"));
  EXPECT_EQ(got[1].metadata.at("csv_row"), "1");
  EXPECT_EQ(got[1].metadata.at("path"), folder / "a.csv");
}

class Follow : public testing::Test {
 protected:
  Follow() { start(); }
  void start() {
    world.shared.data_dir = folder / "data";
    input = world.make(yaml(folder, "log", "  follow: true\n"));
    ASSERT_TRUE(input) << world.mistakes;
    ASSERT_TRUE(world.connect(*input));
  }
  void stop() {
    input->close();
    input.reset();
  }
  std::vector<std::string> lines() { return InputWorld::payloads(world.read_all(*input)); }

  TempFolder folder;
  InputWorld world;
  std::unique_ptr<core::Input> input;
};

TEST_F(Follow, WaitsForTheFileAndForWholeLines) {
  EXPECT_THAT(lines(), ElementsAre());
  folder.write("log", "one\ntw");
  EXPECT_THAT(lines(), ElementsAre("one"));
  folder.append("log", "o\n");
  EXPECT_THAT(lines(), ElementsAre("two"));
}

TEST_F(Follow, RepeatsNothingAfterACleanStop) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += std::to_string(i) + "\n";
  folder.write("log", many);
  auto first = world.read(*input);  // a part of what was cut
  ASSERT_TRUE(first);
  const std::size_t taken = first->read.batch.size();
  ASSERT_LT(taken, 1000U);
  input->acknowledge(first->read.partition, first->read.after);
  stop();
  start();
  const auto rest = lines();
  ASSERT_EQ(rest.size(), 1000 - taken);
  EXPECT_EQ(rest.front(), std::to_string(taken));
}

TEST_F(Follow, WhatWasNotDeliveredComesAgain) {
  folder.write("log", "one\ntwo\n");
  EXPECT_EQ(world.read_all(*input, 3, false).size(), 2U);
  stop();
  start();
  EXPECT_THAT(lines(), ElementsAre("one", "two"));
}

TEST_F(Follow, ReadsTheOldFileToItsEndWhenItIsReplaced) {
  folder.write("log", "one\n");
  EXPECT_THAT(lines(), ElementsAre("one"));
  std::filesystem::rename(folder / "log", folder / "log.1");
  folder.write("log", "four\n");
  folder.append("log.1", "two\nthree");
  EXPECT_THAT(lines(), ElementsAre("two"));
  world.clock.advance(std::chrono::seconds(2));
  EXPECT_THAT(lines(), ElementsAre("three", "four"));
}

TEST_F(Follow, FindsTheFileThatWasRenamedWhileNobodyRead) {
  folder.write("log", "one\n");
  EXPECT_THAT(lines(), ElementsAre("one"));
  stop();
  folder.append("log", "two\n");
  std::filesystem::rename(folder / "log", folder / "log.1");
  folder.write("log", "three\n");
  start();
  EXPECT_THAT(lines(), ElementsAre("two", "three"));
}

TEST_F(Follow, StartsOverWhenTheFileIsTruncated) {
  folder.write("log", "one\ntwo\n");
  EXPECT_EQ(lines().size(), 2U);
  folder.write("log", "three\n");
  EXPECT_THAT(lines(), ElementsAre("three"));
}

TEST_F(Follow, SavesPositionsWithinTheCommitPeriod) {
  folder.write("log", "one\n");
  EXPECT_THAT(lines(), ElementsAre("one"));
  EXPECT_FALSE(folder.has("data/positions/root.input.json"));
  world.clock.advance(std::chrono::seconds(1));
  (void)lines();
  EXPECT_TRUE(folder.has("data/positions/root.input.json"));
}

TEST(FollowInput, RefusesAScannerThatCannotStartInTheMiddle) {
  TempFolder folder;
  InputWorld world;
  EXPECT_FALSE(world.make(yaml(folder, "a", "  follow: true\n  scanner: { to_the_end: {} }\n")));
  EXPECT_THAT(world.mistakes, HasSubstr("middle of a file"));
}

}  // namespace
}  // namespace weir::test
