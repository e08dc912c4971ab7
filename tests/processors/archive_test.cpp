// archive and unarchive.
#include "processors/support.h"

namespace weir::test {
namespace {

using core::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Archive, MakesOneMessageOfTheBatch) {
  ProcessorWorld world;
  const std::vector<ProcessorWorld::Given> two = {{"{\"a\": 1}", {{"k", "first"}}},
                                                  {"{\"b\":2}", {{"k", "second"}}}};
  const auto lines = world.run("archive: { format: lines }", two);
  EXPECT_THAT(lines.payloads(), ElementsAre("{\"a\": 1}\n{\"b\":2}"));
  EXPECT_EQ(lines.all()[0].metadata, R"({"k":"first"})");
  EXPECT_THAT(lines.outcomes, ElementsAre(Outcome::kDelivered, Outcome::kDelivered));
  EXPECT_THAT(world.run("archive: { format: concatenate }", two).payloads(),
              ElementsAre("{\"a\": 1}{\"b\":2}"));
  EXPECT_THAT(world.run("archive: { format: binary }", {"ab", "c"}).payloads(),
              ElementsAre(std::string("\0\0\0\2\0\0\0\2ab\0\0\0\1c", 15)));
  const auto array = world.run("archive: { format: json_array }", two).payloads();
  EXPECT_THAT(array, ElementsAre(testing::AnyOf(R"([{"a":1},{"b":2}])", R"([{"a": 1},{"b":2}])")));
}

TEST(Archive, LeavesABatchThatDoesNotFit) {
  ProcessorWorld world;
  const auto run = world.run("archive: { format: json_array }", {"1", "no json"});
  EXPECT_THAT(run.payloads(), ElementsAre("1", "no json"));
  for (const auto& error : run.errors()) EXPECT_NE(error, "");
  EXPECT_EQ(world.make("archive: { format: zip }"), nullptr);
  EXPECT_EQ(world.make("archive: { format: arj }"), nullptr);
}

TEST(Unarchive, UndoesArchive) {
  ProcessorWorld world;
  for (const std::string format : {"binary", "json_array", "lines", "tar", "zip"}) {
    auto pack = world.make("archive: { format: " + format + ", path: 'f${! batch_index() }' }");
    auto unpack = world.make("unarchive: { format: " + format + " }");
    ASSERT_TRUE(pack != nullptr && unpack != nullptr) << world.mistakes;
    const auto packed = world.run(*pack, {{"{\"a\":1}", {{"k", "v"}}}, "2"});
    ASSERT_EQ(packed.payloads().size(), 1U) << format;
    const auto back = world.run(*unpack, {{packed.payloads()[0], {{"k", "v"}}}, {"#"}});
    const auto all = back.all();
    ASSERT_GE(all.size(), 3U) << format;
    EXPECT_EQ(all[0].payload, "{\"a\":1}") << format;
    EXPECT_EQ(all[1].payload, "2") << format;
    EXPECT_THAT(all[1].metadata, HasSubstr("\"k\":\"v\"")) << format;
    if (format != "lines") {
      EXPECT_NE(all[2].error, "") << format;
      EXPECT_EQ(all[2].payload, "#") << format;
    }
    if (format == "tar" || format == "zip") {
      EXPECT_EQ(all[1].metadata, R"({"archive_filename":"f1","k":"v"})");
    }
    EXPECT_THAT(back.outcomes, ElementsAre(Outcome::kDelivered, Outcome::kDelivered));
    EXPECT_EQ(back.sizes().size(), 1U);
  }
}

TEST(Unarchive, ReadsTheOtherFormats) {
  ProcessorWorld world;
  EXPECT_THAT(world.run("unarchive: { format: csv }", {"a,b\n1,2\n\"x,\",y\n"}).payloads(),
              ElementsAre(R"({"a":"1","b":"2"})", R"({"a":"x,","b":"y"})"));
  EXPECT_THAT(world.run("unarchive: { format: 'csv:;' }", {"a;b\n1;2"}).payloads(),
              ElementsAre(R"({"a":"1","b":"2"})"));
  EXPECT_THAT(
      world.run("unarchive: { format: json_documents }", {"{\"a\":1} [2]\n3 \"x\" "}).payloads(),
      testing::SizeIs(4));
  const auto map = world.run("unarchive: { format: json_map }", {R"({"x":{"n":1},"y":2})"});
  EXPECT_THAT(map.payloads(), ElementsAre(R"({"n":1})", "2"));
  EXPECT_EQ(map.all()[1].metadata, R"({"archive_key":"y"})");
  EXPECT_THAT(world.run("unarchive: { format: lines }", {"a\r\nb\n\nc"}).payloads(),
              ElementsAre("a", "b", "", "c"));
  const auto empty = world.run("unarchive: { format: json_array }", {"[]"});
  EXPECT_TRUE(empty.batches.empty());
  EXPECT_THAT(empty.outcomes, ElementsAre(Outcome::kFiltered));
}

TEST(Unarchive, FlagsWhatItCannotTakeApart) {
  ProcessorWorld world;
  for (const std::string format :
       {"binary", "csv", "json_array", "json_documents", "json_map", "tar", "zip"}) {
    const std::string bad = "\"a\"b,\n{";
    const auto run = world.run("unarchive: { format: " + format + " }", {bad});
    ASSERT_EQ(run.all().size(), 1U) << format;
    EXPECT_NE(run.errors()[0], "") << format;
    EXPECT_EQ(run.payloads()[0], bad) << format;
    EXPECT_EQ(run.outcomes.size(), 1U);
  }
  const std::string huge = std::string("\xff\xff\xff\xff", 4);
  EXPECT_THAT(world.run("unarchive: { format: binary }", {huge}).errors()[0],
              HasSubstr("too many parts"));
  EXPECT_EQ(world.make("unarchive: { format: 'csv:' }"), nullptr);
  EXPECT_EQ(world.make("unarchive: { format: rar }"), nullptr);
}

}  // namespace
}  // namespace weir::test
