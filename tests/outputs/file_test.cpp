#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "outputs/file_rotation.h"
#include "support/stream_world.h"

namespace weir::test {
namespace {

namespace fs = std::filesystem;
using engine::ExitCode;

class FileOutput : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "weir_test_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(folder_)) all.push_back(entry.path());
    std::sort(all.begin(), all.end());
    return all;
  }
  std::string config(int count, const std::string& fields) const {
    return "input: { generate: { count: " + std::to_string(count) +
           ", interval: 1ms, mapping: 'root = \"message %04d\".format(counter())' } }\n"
           "output: { file: { path: '" +
           (folder_ / "out").string() + "'" + fields + " } }\n";
  }

  fs::path folder_;
};

TEST_F(FileOutput, BeginsANewFileBeforeOneGrowsTooLarge) {
  StreamWorld world;
  EXPECT_EQ(world.run(config(20, ", rotate: { size: 50 }")), ExitCode::kOk) << world.mistakes;
  const auto all = files();
  EXPECT_GE(all.size(), 7U);
  std::string joined;
  // Sorted by name: the current file, `out`, stands in front of those with a time behind it.
  for (std::size_t i = 1; i < all.size(); ++i) joined += read(all[i]);
  joined += read(all[0]);
  for (const fs::path& one : all) EXPECT_LE(fs::file_size(one), 50U) << one;
  std::string wanted;
  for (int i = 1; i <= 20; ++i) {
    const std::string number = std::to_string(i);
    wanted += "message " + std::string(4 - number.size(), '0') + number + "\n";
  }
  EXPECT_EQ(joined, wanted);
}

TEST_F(FileOutput, KeepsAsManyOldFilesAsAskedForAndLeavesOthersAlone) {
  std::ofstream(folder_ / "out.mine") << "not ours";
  StreamWorld world;
  EXPECT_EQ(world.run(config(20, ", rotate: { size: 20, keep: 3 }")), ExitCode::kOk)
      << world.mistakes;
  EXPECT_EQ(files().size(), 1U + 3U + 1U);
  EXPECT_EQ(read(folder_ / "out"), "message 0020\n");
  EXPECT_EQ(read(folder_ / "out.mine"), "not ours");
}

TEST_F(FileOutput, WhatAKilledProcessLeftHalfWrittenIsNotMixedUp) {
  std::ofstream(folder_ / "out") << "message 0001\nmess";
  StreamWorld world;
  EXPECT_EQ(world.run(config(1, "")), ExitCode::kOk) << world.mistakes;
  EXPECT_EQ(read(folder_ / "out"), "message 0001\nmess\nmessage 0001\n");
  EXPECT_EQ(world.times_logged("file_end_mended"), 1U);
}

TEST_F(FileOutput, RefusesToRotateWhatEachMessageReplaces) {
  StreamWorld world;
  EXPECT_FALSE(world.start(config(1, ", codec: all-bytes, rotate: { size: 50 }")));
}

TEST(FileRotation, IsDueBySizeAndByPeriod) {
  constexpr std::int64_t kHour = 3'600'000'000'000;
  outputs::FileRotation rotation;
  rotation.size.bytes = 100;
  EXPECT_FALSE(rotation.due(0, 500, 0, 0));  // a single message larger than all has to go somewhere
  EXPECT_FALSE(rotation.due(60, 40, 0, 0));
  EXPECT_TRUE(rotation.due(60, 41, 0, 0));
  rotation.size.bytes = 0;
  rotation.interval = std::chrono::hours(1);
  EXPECT_FALSE(rotation.due(60, 1, 5 * kHour, 6 * kHour - 1));
  EXPECT_TRUE(rotation.due(60, 1, 6 * kHour - 1, 6 * kHour));
}

}  // namespace
}  // namespace weir::test
