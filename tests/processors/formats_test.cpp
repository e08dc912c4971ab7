// compress, decompress, msgpack, xml.
#include "processors/support.h"

namespace weir::test {
namespace {

using testing::ElementsAre;

TEST(Compress, IsUndoneByDecompress) {
  ProcessorWorld world;
  for (const std::string algorithm :
       {"bzip2", "flate", "gzip", "lz4", "pgzip", "snappy", "zlib", "zstd"}) {
    auto pack = world.make("compress: { algorithm: " + algorithm + " }");
    auto unpack = world.make("decompress: { algorithm: " + algorithm + " }");
    ASSERT_TRUE(pack != nullptr && unpack != nullptr) << world.mistakes;
    const std::string text(1000, 'x');
    const auto packed = world.run(*pack, {text, ""});
    EXPECT_LT(packed.payloads()[0].size(), 200U) << algorithm;
    const auto back = world.run(*unpack, {packed.payloads()[0], packed.payloads()[1], "damaged"});
    EXPECT_EQ(back.payloads()[0], text) << algorithm;
    EXPECT_EQ(back.payloads()[1], "") << algorithm;
    EXPECT_NE(back.errors()[2], "") << algorithm;
    EXPECT_EQ(back.payloads()[2], "damaged");
  }
  EXPECT_EQ(world.make("compress: { algorithm: gzip, level: 99 }"), nullptr);
  EXPECT_EQ(world.make("compress: { algorithm: rar }"), nullptr);
  EXPECT_EQ(world.make("compress: {}"), nullptr);
}

TEST(Decompress, DoesNotBlowUp) {
  ProcessorWorld world;
  auto pack = world.make("compress: { algorithm: gzip }");
  const auto bomb = world.run(*pack, {std::string(std::size_t{8} << 20, '0')}).payloads()[0];
  const auto run = world.run("decompress: { algorithm: gzip }", {bomb});
  EXPECT_NE(run.errors()[0], "");
  EXPECT_EQ(run.payloads()[0], bomb);
}

TEST(Msgpack, GoesBothWays) {
  ProcessorWorld world;
  auto pack = world.make("msgpack: { operator: from_json }");
  auto unpack = world.make("msgpack: { operator: to_json }");
  const auto packed = world.run(*pack, {R"({"a":[1,-2.5,null,"x"]})", "no json"});
  EXPECT_NE(packed.errors()[1], "");
  const auto back = world.run(*unpack, {packed.payloads()[0], "\xc1"});
  EXPECT_EQ(back.payloads()[0], R"({"a":[1,-2.5,null,"x"]})");
  EXPECT_NE(back.errors()[1], "");
  EXPECT_EQ(back.payloads()[1], "\xc1");
}

TEST(Xml, BecomesADocument) {
  ProcessorWorld world;
  EXPECT_THAT(world.run("xml: { operator: to_json }", {"<a b='1'><c>2</c><c>x</c></a>"}).payloads(),
              ElementsAre(R"({"a":{"-b":"1","c":["2","x"]}})"));
  const auto run = world.run("xml: { operator: to_json, cast: true }", {"<a>1</a>", "<a>"});
  EXPECT_EQ(run.payloads()[0], R"({"a":1})");
  EXPECT_NE(run.errors()[1], "");
}

}  // namespace
}  // namespace weir::test
