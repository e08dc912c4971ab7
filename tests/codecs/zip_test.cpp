#include "codecs/zip.h"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "codecs/bytes.h"
#include "codecs/support.h"

namespace weir::codecs {
namespace {

using core::ErrorCode;
using ::testing::ElementsAre;
using testing::Event;
using ::testing::HasSubstr;

// Archives of Info-ZIP 3.0 and Python 3.11.
std::string archive(const std::string& name) {
  std::ifstream file(std::string(WEIR_CODECS_DATA "/") + name + ".zip", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Event file(const std::string& name, const std::string& content) {
  return {name, content};
}

std::vector<Event> read(const std::string& data, const ZipLimits& limits = {}) {
  const std::vector<char> exact(data.begin(), data.end());
  const auto reader = ZipReader::open({exact.data(), exact.size()}, limits);
  if (!reader) return {{"failed", reader.error().message}};
  std::vector<Event> events;
  for (std::size_t i = 0; i < reader->entries().size(); ++i) {
    const auto content = reader->read(i);
    events.push_back(content ? file(reader->entries()[i].name, *content)
                             : Event{"bad", content.error().message});
  }
  return events;
}

std::string written(const std::vector<Event>& files, ZipMethod method = ZipMethod::kDeflate) {
  ZipWriter writer;
  for (const auto& [name, content] : files) {
    EXPECT_TRUE(writer.append(name, content, 1'700'000'000, method)) << name;
  }
  auto result = writer.finish();
  EXPECT_TRUE(result);
  return result.value_or("");
}

void put_le32(std::string& data, std::size_t at, std::uint32_t value) {
  std::string bytes;
  append_le32(bytes, value);
  data.replace(at, 4, bytes);
}

TEST(ZipReader, ReadsFilesAndPassesOverDirectoriesAndLinks) {
  const std::string data = archive("tree");
  EXPECT_THAT(read(data),
              ElementsAre(file("a.txt", "alpha\n"), file("empty", ""),
                          file("dir/x700", std::string(700, 'x')),
                          file("long/" + std::string(120, 'n') + ".txt", "long one\n")));
  EXPECT_EQ(ZipReader::open(data)->skipped_entries(), 3U);
}

TEST(ZipReader, ReadsWhatWasWrittenToAStream) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += "streamed ";
  EXPECT_THAT(read(archive("data_descriptors")),
              ElementsAre(file("s.txt", text), file("grüße.txt", "uni\n")));
}

TEST(ZipReader, OtherDataMayStandInFrontAndACommentBehind) {
  EXPECT_THAT(read(archive("prefixed")), ElementsAre(file("pre.txt", "prefixed")));
}

TEST(ZipReader, RefusesWhatItDoesNotReadAndSaysSo) {
  EXPECT_THAT(read(archive("encrypted"))[0].text,
              "reading entry `sec` of a zip archive: encrypted entries are not supported");
  EXPECT_THAT(read(archive("bzip2_method"))[0].text, HasSubstr("compression method 12"));
  std::string zip64 = written({{"a", "1"}});
  put_le32(zip64, zip64.size() - 22 + 16, 0xFFFFFFFF);
  EXPECT_EQ(read(zip64)[0].text, "reading a zip archive: zip64 archives are not supported");
  std::string disks = written({{"a", "1"}});
  disks[disks.size() - 22 + 4] = 1;
  EXPECT_THAT(read(disks)[0].text, HasSubstr("several disks"));
  // Only the local header is of zip64 here; the directory is what counts.
  EXPECT_THAT(read(archive("zip64")), ElementsAre(file("a", "x")));
}

TEST(ZipReader, RefusesWhatIsNoArchive) {
  for (const std::string& data :
       {std::string(), std::string("PK"), std::string(100, 'x'), std::string(100'000, '\0')}) {
    EXPECT_EQ(read(data)[0].text,
              "reading a zip archive: this is not a zip archive (no directory at the end)");
  }
  EXPECT_EQ(read(written({})), std::vector<Event>{});
}

TEST(ZipReader, CutShortAnywhereIsAnError) {
  const std::string data = archive("data_descriptors");
  for (std::size_t size = 0; size < data.size(); ++size) {
    EXPECT_EQ(read(data.substr(0, size))[0].kind, "failed") << size;
  }
}

TEST(ZipReader, DamageIsNoticed) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "text " + std::to_string(i * i) + ' ';
  for (const ZipMethod method : {ZipMethod::kStore, ZipMethod::kDeflate}) {
    std::string data = written({{"a", text}, {"b", "2"}}, method);
    data[60] = static_cast<char>(data[60] ^ 1);
    const auto events = read(data);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].kind, "bad");
    EXPECT_EQ(events[1], file("b", "2"));
  }
}

TEST(ZipReader, ADirectoryThatLiesAboutSizesIsNotBelieved) {
  const std::string data = written({{"a", std::string(1000, 'x')}});
  const std::size_t directory = load_le32(data, data.size() - 22 + 16);
  for (const std::uint32_t size : {0U, 1U, 999U, 1001U, 60'000'000U}) {
    std::string lying = data;
    put_le32(lying, directory + 24, size);
    EXPECT_THAT(read(lying)[0].text, HasSubstr("the size is not as the directory says")) << size;
  }
  std::string outside = data;
  put_le32(outside, directory + 20, 100'000);
  EXPECT_THAT(read(outside)[0].text, HasSubstr("an entry lies outside"));
  outside = data;
  put_le32(outside, directory + 42, 0x7FFFFFFF);
  EXPECT_THAT(read(outside)[0].text, HasSubstr("an entry lies outside"));
}

TEST(ZipReader, EntriesThatShareTheirDataAreRefused) {
  // The directory's one entry, three times over.
  const std::string data = written({{"a", testing::noise(500)}}, ZipMethod::kStore);
  const std::size_t begin = load_le32(data, data.size() - 22 + 16);
  const std::string entry = data.substr(begin, data.size() - 22 - begin);
  std::string bomb = data.substr(0, begin) + entry + entry + entry + data.substr(data.size() - 22);
  const std::size_t end = bomb.size() - 22;
  bomb[end + 8] = bomb[end + 10] = 3;
  put_le32(bomb, end + 12, static_cast<std::uint32_t>(3 * entry.size()));
  EXPECT_THAT(read(bomb)[0].text, HasSubstr("entries overlap"));
}

TEST(ZipReader, SizesMayReachTheLimitsAndNoMore) {
  const std::string data = written({{"a", std::string(1000, 'x')}, {"b", std::string(500, 'y')}});
  EXPECT_EQ(read(data, {.max_entry_bytes = 1000})[0].text.size(), 1000U);
  EXPECT_THAT(read(data, {.max_entry_bytes = 999})[0].text, HasSubstr("limit of 999 bytes"));
  EXPECT_EQ(read(data, {.max_entry_bytes = 999})[1], file("b", std::string(500, 'y')));
  EXPECT_EQ(read(data, {.max_total_bytes = 1500}).size(), 2U);
  EXPECT_THAT(read(data, {.max_total_bytes = 1499})[0].text, HasSubstr("limit of 1499 bytes"));
  EXPECT_EQ(read(data, {.max_entries = 2}).size(), 2U);
  EXPECT_EQ(ZipReader::open(data, {.max_entries = 1}).error().code, ErrorCode::kLimit);
}

TEST(ZipReader, ABombIsStopped) {
  const std::string data = written({{"a", std::string(std::size_t{3} << 20, '\0')}});
  EXPECT_THAT(read(data)[0].text, HasSubstr("200 times"));
  EXPECT_EQ(read(data, {.max_ratio = 0})[0].text.size(), std::size_t{3} << 20);
}

TEST(ZipReader, GarbageNeitherCrashesNorAllocatesWithoutBound) {
  EXPECT_TRUE(rc::check("zip with bytes changed", [] {
    static const std::string kValid =
        written({{"a", std::string(300, 'x')}, {"b", "2"}, {"c/d", testing::noise(50)}});
    std::string data = kValid;
    const auto count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i) {
      data[*rc::gen::inRange<std::size_t>(0, data.size())] = *rc::gen::arbitrary<char>();
    }
    const auto events = read(data);
    RC_ASSERT(events.size() <= 3U);
  }));
}

TEST(ZipWriter, TheReaderReadsWhatItWrote) {
  EXPECT_TRUE(rc::check("zip round trip", [] {
    const auto count = *rc::gen::inRange(0, 6);
    std::vector<Event> files;
    for (int i = 0; i < count; ++i) {
      const bool compressible = *rc::gen::arbitrary<bool>();
      const auto size = *rc::gen::inRange<std::size_t>(0, 5000);
      files.push_back({"file " + std::to_string(i) + "\u00e9",
                       compressible ? std::string(size, 'z') : testing::noise(size)});
    }
    const auto method = *rc::gen::element(ZipMethod::kStore, ZipMethod::kDeflate);
    RC_ASSERT(read(written(files, method)) == files);
  }));
}

TEST(ZipWriter, StoresWhatDoesNotGetSmaller) {
  const std::string noise = testing::noise(1000);
  EXPECT_EQ(written({{"a", noise}}, ZipMethod::kDeflate),
            written({{"a", noise}}, ZipMethod::kStore));
  EXPECT_LT(written({{"a", std::string(1000, 'x')}}).size(), 200U);
}

TEST(ZipWriter, RefusesNamesThatCannotBe) {
  ZipWriter writer;
  EXPECT_FALSE(writer.append("", "x", 0));
  EXPECT_FALSE(writer.append(std::string("a\0b", 3), "x", 0));
  EXPECT_TRUE(writer.append(std::string(65535, 'a'), "x", 0));
  EXPECT_FALSE(writer.append(std::string(65536, 'a'), "x", 0));
  EXPECT_EQ(read(*writer.finish()).size(), 1U);
}

TEST(ZipWriter, EntriesMayReachTheLimitOfTheFormat) {
  ZipWriter writer;
  for (int i = 0; i < 65534; ++i) ASSERT_TRUE(writer.append("n", "", 0, ZipMethod::kStore));
  const auto status = writer.append("n", "", 0, ZipMethod::kStore);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kLimit);
  const std::string data = *writer.finish();
  EXPECT_EQ(ZipReader::open(data, {.max_entries = 65534})->entries().size(), 65534U);
}

}  // namespace
}  // namespace weir::codecs
