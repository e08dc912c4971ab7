#include <gmock/gmock.h>

#include "codecs/compression.h"
#include "codecs/tar.h"
#include "inputs/support.h"

// Each scanner through a `file` input: what users see.
namespace weir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Read {
  std::vector<InputWorld::Got> got;
  std::string mistakes;
  [[nodiscard]] std::vector<std::string> payloads() const { return InputWorld::payloads(got); }
};

Read scan(const std::string& scanner, std::string_view bytes, const std::string& name = "data") {
  TempFolder folder;
  folder.write(name, bytes);
  InputWorld world;
  Read read;
  auto input = world.make("file:\n  paths: [ '" + folder / name + "' ]\n  scanner: " + scanner);
  if (input == nullptr || !world.connect(*input)) {
    read.mistakes = world.mistakes;
    return read;
  }
  read.got = world.read_all(*input);
  read.mistakes = world.mistakes;
  return read;
}

TEST(Scanners, LinesCutsAtADelimiterOfItsOwnAndLeavesEmptyOnesOut) {
  EXPECT_THAT(scan("{ lines: { custom_delimiter: '::' } }", "a::b\nc::").payloads(),
              ElementsAre("a", "b\nc"));
  EXPECT_THAT(scan("{ lines: { omit_empty: true } }", "a\n\n\nb\n").payloads(),
              ElementsAre("a", "b"));
}

TEST(Scanners, LinesFailsTooLongOnesAlone) {
  const Read read = scan("{ lines: { max_buffer_size: 4 } }", "one\nfourteen\ntwo\n");
  ASSERT_EQ(read.got.size(), 3U);
  EXPECT_EQ(read.got[0].payload, "one");
  EXPECT_NE(read.got[1].error, "");
  EXPECT_EQ(read.got[2].payload, "two");
}

TEST(Scanners, ChunkerCutsPiecesOfOneSize) {
  EXPECT_THAT(scan("{ chunker: { size: 3 } }", "abcdefgh").payloads(),
              ElementsAre("abc", "def", "gh"));
}

TEST(Scanners, ToTheEndMakesOneMessage) {
  EXPECT_THAT(scan("to_the_end", "a\nb\n").payloads(), ElementsAre("a\nb\n"));
}

TEST(Scanners, CsvNamesFieldsByTheHeaderOrGivesArrays) {
  EXPECT_THAT(scan("{ csv: {} }", "a,b\n1,\"x, y\"\n").payloads(),
              ElementsAre(R"({"a":"1","b":"x, y"})"));
  EXPECT_THAT(
      scan("{ csv: { parse_header_row: false, custom_delimiter: '|' } }", "1|2\n").payloads(),
      ElementsAre(R"(["1","2"])"));
}

TEST(Scanners, AMalformedCsvRowEndsTheFileOrOnlyItself) {
  const Read ended = scan("{ csv: {} }", "a,b\n1\n3,4\n");
  ASSERT_EQ(ended.got.size(), 1U);
  EXPECT_THAT(ended.got[0].error, HasSubstr("number of fields"));
  const Read went_on = scan("{ csv: { continue_on_error: true } }", "a,b\n1\n3,4\n");
  ASSERT_EQ(went_on.got.size(), 2U);
  EXPECT_NE(went_on.got[0].error, "");
  EXPECT_EQ(went_on.got[1].payload, R"({"a":"3","b":"4"})");
}

TEST(Scanners, JsonDocumentsMayStandWithoutLineBreaks) {
  EXPECT_THAT(scan("json_documents", "{\"a\":1} {\n\"b\":2}[3]").payloads(),
              ElementsAre("{\"a\":1}", "{\n\"b\":2}", "[3]"));
}

TEST(Scanners, JsonArrayGivesItsElements) {
  EXPECT_THAT(scan("json_array", "[ {\"a\":1}, 2 , \"x\" ]").payloads(),
              ElementsAre("{\"a\":1}", "2", "\"x\""));
  const Read broken = scan("json_array", "[1, }");
  ASSERT_EQ(broken.got.size(), 2U);
  EXPECT_EQ(broken.got[0].payload, "1");
  EXPECT_NE(broken.got[1].error, "");
}

TEST(Scanners, ReMatchBeginsAMessageAtEachMatch) {
  EXPECT_THAT(scan("{ re_match: { pattern: '(?m)^\\d\\d' } }", "10 a\n  more\n11 b\n").payloads(),
              ElementsAre("10 a\n  more\n", "11 b\n"));
}

TEST(Scanners, SkipBomTakesTheMarkAway) {
  EXPECT_THAT(scan("{ skip_bom: { into: { lines: {} } } }",
                   "\xef\xbb\xbf"
                   "a\nb\n")
                  .payloads(),
              ElementsAre("a", "b"));
  EXPECT_THAT(scan("{ skip_bom: { into: { lines: {} } } }", "a\n").payloads(), ElementsAre("a"));
}

TEST(Scanners, DecompressFeedsAnotherScanner) {
  for (const auto algorithm : {codecs::Compression::kGzip, codecs::Compression::kZstd}) {
    auto packed = codecs::compress(algorithm, "one\ntwo\n");
    ASSERT_TRUE(packed);
    const std::string name(codecs::name(algorithm));
    EXPECT_THAT(scan("{ decompress: { algorithm: " + name + ", into: { lines: {} } } }", *packed)
                    .payloads(),
                ElementsAre("one", "two"));
  }
}

TEST(Scanners, ADamagedArchiveGivesWhatIsGoodAndAFailedMessage) {
  std::string text;
  for (int i = 0; i < 50000; ++i) text += "line " + std::to_string(i) + "\n";
  auto packed = codecs::compress(codecs::Compression::kGzip, text);
  ASSERT_TRUE(packed);
  const Read read = scan("{ decompress: { algorithm: gzip, into: { lines: {} } } }",
                         packed->substr(0, packed->size() / 2));
  ASSERT_GT(read.got.size(), 1U);
  EXPECT_EQ(read.got[0].payload, "line 0");
  EXPECT_NE(read.got.back().error, "");
}

TEST(Scanners, TarGivesTheFilesInside) {
  std::string archive;
  ASSERT_TRUE(codecs::TarWriter::append("a.txt", "first", 0, archive));
  ASSERT_TRUE(codecs::TarWriter::append("b.txt", "second\n", 0, archive));
  codecs::TarWriter::finish(archive);
  EXPECT_THAT(scan("tar", archive).payloads(), ElementsAre("first", "second\n"));
}

TEST(Scanners, SwitchChoosesByTheNameOfTheFile) {
  const std::string config =
      "\n    switch:\n      - { re_match_name: '\\.csv$', scanner: { csv: {} } }\n      - { "
      "scanner: "
      "{ to_the_end: {} } }\n";
  EXPECT_THAT(scan(config, "a\n1\n", "x.csv").payloads(), ElementsAre(R"({"a":"1"})"));
  EXPECT_THAT(scan(config, "a\n1\n", "x.txt").payloads(), ElementsAre("a\n1\n"));
}

TEST(Scanners, AvroIsRefusedWithAReason) {
  EXPECT_NE(scan("{ avro: {} }", "").mistakes, "");
}

}  // namespace
}  // namespace weir::test
