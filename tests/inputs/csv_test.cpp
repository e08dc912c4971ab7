#include <gmock/gmock.h>

#include "inputs/support.h"

namespace weir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string yaml(const TempFolder& folder, const std::string& rest = "") {
  return "csv:\n  paths: [ '" + folder / "*.csv" + "' ]\n" + rest;
}

TEST(CsvInput, EachRowIsAnObjectNamedByTheHeaderOfItsFile) {
  TempFolder folder;
  folder.write("a.csv", "id,name\n1,\"Ann, B.\"\n2,Bo\n");
  folder.write("b.csv", "x\n3\n");
  InputWorld world;
  auto input = world.make(yaml(folder));
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  const auto got = world.read_all(*input);
  EXPECT_THAT(InputWorld::payloads(got), ElementsAre(R"({"id":"1","name":"Ann, B."})",
                                                     R"({"id":"2","name":"Bo"})", R"({"x":"3"})"));
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[0].metadata.at("path"), folder / "a.csv");
  EXPECT_EQ(got[1].metadata.at("csv_row"), "1");
}

TEST(CsvInput, WithoutAHeaderRowsAreArrays) {
  TempFolder folder;
  folder.write("a.csv", "1;2\n3;4\n");
  InputWorld world;
  auto input = world.make(yaml(folder, "  parse_header_row: false\n  delimiter: ';'\n"));
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  EXPECT_THAT(InputWorld::payloads(world.read_all(*input)),
              ElementsAre(R"(["1","2"])", R"(["3","4"])"));
}

TEST(CsvInput, AMalformedRowFailsAloneAndTheRestIsRead) {
  TempFolder folder;
  folder.write("a.csv", "a,b\n1,2\n3\n4,5\n");
  InputWorld world;
  auto input = world.make(yaml(folder));
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  const auto got = world.read_all(*input);
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[0].error, "");
  EXPECT_NE(got[1].error, "");
  EXPECT_EQ(got[2].payload, R"({"a":"4","b":"5"})");
}

TEST(CsvInput, RowsTravelInBatchesOfTheSizeAskedFor) {
  TempFolder folder;
  std::string text = "n\n";
  for (int i = 0; i < 25; ++i) text += std::to_string(i) + "\n";
  folder.write("a.csv", text);
  InputWorld world;
  auto input = world.make(yaml(folder, "  batch_count: 10\n"));
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  std::vector<std::size_t> sizes;
  while (true) {
    auto result = world.read(*input);
    ASSERT_TRUE(result);
    if (result->status == core::ReadStatus::kEnd) break;
    if (result->status == core::ReadStatus::kBatch) sizes.push_back(result->read.batch.size());
  }
  EXPECT_THAT(sizes, ElementsAre(10, 10, 5));
}

TEST(CsvInput, AnUnexpectedHeaderMakesOneFailedMessageOfItsFile) {
  TempFolder folder;
  folder.write("a.csv", "id,nom\n1,x\n");
  folder.write("b.csv", "id,name\n2,y\n");
  InputWorld world;
  auto input = world.make(yaml(folder, "  expected_headers: [ id, name ]\n"));
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  const auto got = world.read_all(*input);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_THAT(got[0].error, HasSubstr("id, nom"));
  EXPECT_EQ(got[1].payload, R"({"id":"2","name":"y"})");
}

TEST(CsvInput, AFileIsDeletedWhenItsRowsAreDelivered) {
  TempFolder folder;
  folder.write("a.csv", "n\n1\n");
  InputWorld world;
  auto input = world.make(yaml(folder, "  delete_on_finish: true\n"));
  ASSERT_TRUE(input) << world.mistakes;
  ASSERT_TRUE(world.connect(*input));
  EXPECT_EQ(world.read_all(*input).size(), 1U);
  EXPECT_FALSE(folder.has("a.csv"));
}

TEST(CsvInput, RefusesWhatDoesNotGoTogether) {
  TempFolder folder;
  InputWorld world;
  EXPECT_FALSE(world.make(yaml(folder, "  delimiter: ab\n")));
  EXPECT_FALSE(world.make(yaml(folder, "  parse_header_row: false\n  expected_headers: [ a ]\n")));
  EXPECT_FALSE(world.make(yaml(folder, "  batch_count: 0\n")));
}

}  // namespace
}  // namespace weir::test
