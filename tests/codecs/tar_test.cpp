#include "codecs/tar.h"

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "codecs/compression.h"
#include "codecs/support.h"

namespace weir::codecs {
namespace {

using core::ErrorCode;
using ::testing::ElementsAre;
using testing::Event;
using ::testing::HasSubstr;
using testing::WindowFeed;
using Kind = TarReader::Step::Kind;

// An archive as GNU tar 1.34 wrote it.
std::string archive(const std::string& name) {
  std::ifstream file(std::string(WEIR_CODECS_DATA "/") + name + ".tar.zst", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto unpacked = decompress(Compression::kZstd, bytes, {.max_ratio = 0});
  EXPECT_TRUE(unpacked) << name;
  return unpacked.value_or("");
}

Event file(const std::string& name, const std::string& content) {
  return {name, content};
}

std::vector<Event> drive(TarReader& reader, std::string_view data,
                         const std::vector<std::size_t>& sizes) {
  std::vector<Event> events;
  WindowFeed feed(data, sizes);
  Event open;
  for (std::size_t steps = 0; steps < 100 + 8 * data.size(); ++steps) {
    const std::string_view window = feed.window();
    const auto step = reader.next(window, feed.at_end());
    if (step.consumed > window.size()) return {{"broken", "offsets out of range"}};
    switch (step.kind) {
      case Kind::kEntry: open = {reader.entry().name, ""}; break;
      case Kind::kData: open.text.append(step.data); break;
      case Kind::kEntryEnd:
        if (open.text.size() != reader.entry().size) return {{"broken", "wrong size"}};
        events.push_back(open);
        break;
      case Kind::kBadEntry: events.push_back({"bad", reader.error().message}); break;
      case Kind::kNeedMore:
        if (feed.at_end() || window.size() - step.consumed >= TarReader::max_window()) {
          return {{"broken", "wants too much"}};
        }
        break;
      case Kind::kEnd: return events;
      case Kind::kFailed: events.push_back({"failed", reader.error().message}); return events;
    }
    feed.consume(step.consumed);
    if (step.kind == Kind::kNeedMore) feed.add();
  }
  return {{"broken", "never ends"}};
}

std::vector<Event> read(std::string_view data, const TarLimits& limits = {}) {
  TarReader reader(limits);
  const auto whole = drive(reader, data, {0});
  for (const std::size_t piece : {7U, 511U, 512U, 513U, 5000U}) {
    TarReader again(limits);
    EXPECT_EQ(drive(again, data, {piece}), whole) << "pieces of " << piece;
  }
  return whole;
}

std::string written(const std::vector<Event>& files) {
  std::string output;
  for (const auto& [name, content] : files) {
    const auto status = TarWriter::append(name, content, 1'700'000'000, output);
    EXPECT_TRUE(status) << name;
  }
  TarWriter::finish(output);
  return output;
}

// Changes a byte range of a header and makes its checksum fit again.
void patch(std::string& tar, std::size_t block, std::size_t offset, std::string_view text) {
  tar.replace(block + offset, text.size(), text);
  tar.replace(block + 148, 8, "        ");
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(tar[block + i]);
  std::string digits(6, '0');
  for (std::size_t i = 6; i-- > 0; sum /= 8) digits[i] = static_cast<char>('0' + sum % 8);
  tar.replace(block + 148, 6, digits);
  tar[block + 154] = '\0';
}

const std::string kLongName = "long/" + std::string(120, 'n') + ".txt";

TEST(TarReader, ReadsTheGnuAndPaxFormatsAndPassesOverWhatIsNoFile) {
  for (const std::string name : {"gnu", "pax"}) {
    const std::string data = archive(name);
    EXPECT_THAT(read(data), ElementsAre(file("a.txt", "alpha\n"), file("empty", ""),
                                        file("dir/x700", std::string(700, 'x')),
                                        file(kLongName, "long one\n"), file("grüße.txt", "uni\n")))
        << name;
    TarReader reader;
    drive(reader, data, {0});
    // Two directories, a symbolic and a hard link, a pipe.
    EXPECT_EQ(reader.skipped_entries(), 5U) << name;
  }
}

TEST(TarReader, ReadsTheOldFormats) {
  for (const std::string name : {"ustar", "v7"}) {
    const auto events = read(archive(name));
    ASSERT_GE(events.size(), 4U) << name;
    EXPECT_EQ(events[0], file("a.txt", "alpha\n"));
    EXPECT_EQ(events[2], file("dir/x700", std::string(700, 'x')));
    EXPECT_EQ(events.back(), file("grüße.txt", "uni\n"));
  }
}

TEST(TarReader, JoinsThePrefixOfUstar) {
  const std::string prefix(150, 'p');
  std::string tar = written({{"name", "x"}});
  patch(tar, 0, 345, prefix);
  EXPECT_EQ(read(tar), (std::vector<Event>{file(prefix + "/name", "x")}));
  patch(tar, 0, 257, std::string("ustar  \0", 8));  // the GNU format has no prefix there
  EXPECT_EQ(read(tar), (std::vector<Event>{file("name", "x")}));
}

TEST(TarReader, SparseFilesAreLeftOut) {
  const auto pax = read(archive("pax_sparse"));
  ASSERT_EQ(pax.size(), 2U);
  EXPECT_EQ(pax[0].kind, "bad");
  EXPECT_THAT(pax[0].text, HasSubstr("sparse files are not supported"));
  EXPECT_EQ(pax[1], file("a.txt", "alpha\n"));
  const auto gnu = read(archive("gnu_sparse"));
  ASSERT_EQ(gnu.size(), 2U);
  EXPECT_EQ(gnu[0], file("a.txt", "alpha\n"));
  EXPECT_EQ(gnu[1].kind, "failed");
}

TEST(TarReader, TheEndMayBeMissingOrFollowedByAnything) {
  const std::string tar = written({{"a", "1"}, {"b", "2"}});
  const std::vector<Event> files{file("a", "1"), file("b", "2")};
  EXPECT_EQ(read(tar), files);
  EXPECT_EQ(read(tar + "anything"), files);
  EXPECT_EQ(read(tar.substr(0, tar.size() - 512)), files);
  EXPECT_EQ(read(tar.substr(0, tar.size() - 1024)), files);
  EXPECT_EQ(read(tar.substr(0, 512 * 3 + 1)), files);  // nor is the last block filled up
  EXPECT_EQ(read(""), std::vector<Event>{});
}

TEST(TarReader, CutShortAnywhereElseIsAnError) {
  const std::string tar = written({{"a", "12345"}, {"b", "2"}});
  for (const std::size_t size : {1U, 511U, 512U, 516U, 1025U, 1535U, 1536U}) {
    const auto events = read(tar.substr(0, size));
    ASSERT_FALSE(events.empty()) << size;
    EXPECT_EQ(events.back().kind, "failed") << size;
    EXPECT_THAT(events.back().text, HasSubstr("the archive is cut short")) << size;
  }
}

TEST(TarReader, DamageIsNoticed) {
  const auto garbage = read(std::string(600, 'x'));
  ASSERT_EQ(garbage.size(), 1U);
  EXPECT_EQ(garbage[0].text,
            "reading a tar archive, header at byte 0: this is not a tar archive (wrong checksum)");
  std::string tar = written({{"a", "1"}, {"b", "2"}});
  tar[1024] = 'c';
  const auto damaged = read(tar);
  ASSERT_EQ(damaged.size(), 2U);
  EXPECT_EQ(damaged[1].text,
            "reading a tar archive, header at byte 1024: the archive is damaged (wrong checksum)");
  tar = written({{"a", "1"}});
  tar.insert(1024, 512, '\0');
  tar.replace(1536, 512, 512, 'x');
  EXPECT_EQ(read(tar).back().kind, "failed");
}

TEST(TarReader, SizesThatAreNoneAreRefused) {
  for (const std::string_view size : {"00000000x01\0", "-0000000001\0",
                                      "\xff\xff\xff\xff\xff\xff\xff"
                                      "\xff\xff\xff\xff\xff",
                                      "\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff"
                                      "\xff\xff"}) {
    std::string tar = written({{"a", "1"}});
    patch(tar, 0, 124, size);
    const auto events = read(tar);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_THAT(events[0].text, HasSubstr("the size is invalid"));
  }
  std::string tar = written({{"a", "1"}});
  patch(tar, 0, 124, std::string_view("\x80\0\0\0\0\0\0\0\0\0\0\x01", 12));  // binary, as GNU
  EXPECT_EQ(read(tar), (std::vector<Event>{file("a", "1")}));
}

TEST(TarReader, AnEntryMayReachTheLimitAndNoMore) {
  const std::string tar = written({{"a", "12345"}, {"b", "123456"}, {"c", "1"}});
  EXPECT_EQ(read(tar, {.max_entry_bytes = 6}).size(), 3U);
  EXPECT_EQ(read(tar, {.max_entry_bytes = 5}),
            (std::vector<Event>{file("a", "12345"),
                                {"bad",
                                 "reading entry `b` of a tar archive: its 6 bytes are more than "
                                 "the limit of 5"},
                                file("c", "1")}));
}

TEST(TarReader, EntriesMayReachTheLimitAndNoMore) {
  const std::string tar = written({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  EXPECT_EQ(read(tar, {.max_entries = 4}).size(), 3U);
  EXPECT_EQ(read(tar, {.max_entries = 3}).size(), 3U);
  EXPECT_EQ(read(tar, {.max_entries = 0}).size(), 3U);
  TarReader reader({.max_entries = 2});
  const auto events = drive(reader, tar, {0});
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[2].kind, "failed");
  EXPECT_EQ(reader.error().code, ErrorCode::kLimit);
}

TEST(TarReader, MalformedPaxHeadersAreRefused) {
  for (const std::string_view records :
       {"x", "9 path=ab\n", "99 path=abc\n", "11 path=abcd\n", "10 pathabc\n", "5 a=\n\n",
        "18446744073709551616 a=b\n", "12 size=abc\n", "-5 a=b\n"}) {
    std::string tar = written({{std::string(300, 'n'), "x"}});
    std::string body(records);
    body.resize(312, '\0');
    tar.replace(512, body.size(), body);
    std::string size(11, '0');
    std::size_t value = records.size();
    for (std::size_t i = 11; i-- > 0; value /= 8) size[i] = static_cast<char>('0' + value % 8);
    patch(tar, 0, 124, size);
    const auto events = read(tar);
    ASSERT_EQ(events.size(), 1U) << records;
    EXPECT_EQ(events[0].kind, "failed") << records;
  }
}

TEST(TarReader, ExtendedHeadersOverAMebibyteAreRefused) {
  std::string tar = written({{std::string(300, 'n'), "x"}});
  patch(tar, 0, 124, "00004000001");
  TarReader reader;
  EXPECT_EQ(drive(reader, tar, {0}).back().kind, "failed");
  EXPECT_EQ(reader.error().code, ErrorCode::kLimit);
}

TEST(TarReader, GarbageNeitherCrashesNorBreaksThePromises) {
  const std::string valid = archive("pax");
  EXPECT_TRUE(rc::check("tar with bytes changed", [&valid] {
    std::string tar = valid;
    const auto count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, tar.size());
      tar[at] = *rc::gen::arbitrary<char>();
      const std::size_t block = at / 512 * 512;
      if (*rc::gen::arbitrary<bool>()) patch(tar, block, 0, "");
    }
    TarReader reader;
    for (const Event& event : drive(reader, tar, {0, 333})) RC_ASSERT(event.kind != "broken");
  }));
}

TEST(TarWriter, TheReaderReadsWhatItWrote) {
  EXPECT_TRUE(rc::check("tar round trip", [] {
    const auto count = *rc::gen::inRange(0, 5);
    std::vector<Event> files;
    for (int i = 0; i < count; ++i) {
      const auto stem = *rc::gen::nonEmpty(
          rc::gen::container<std::string>(rc::gen::element('a', '/', '\xc3', '\xa9', '.')));
      std::string name = stem;
      const auto length = *rc::gen::inRange<std::size_t>(1, 400);
      while (name.size() < length) name += stem;
      files.push_back({name, testing::noise(*rc::gen::inRange<std::size_t>(0, 2000))});
    }
    TarReader reader;
    RC_ASSERT(drive(reader, written(files), {0}) == files);
  }));
}

TEST(TarWriter, KeepsShortNamesInPlainUstar) {
  EXPECT_EQ(written({{std::string(100, 'a'), ""}}).size(), 512U + 1024U);
  EXPECT_EQ(written({{std::string(155, 'd') + "/" + std::string(100, 'a'), ""}}).size(), 1536U);
  EXPECT_EQ(written({{std::string(101, 'a'), ""}}).size(), 1536U + 1024U);
}

TEST(TarWriter, RefusesNamesThatCannotBe) {
  std::string output;
  EXPECT_FALSE(TarWriter::append("", "x", 0, output));
  EXPECT_FALSE(TarWriter::append(std::string("a\0b", 3), "x", 0, output));
  EXPECT_TRUE(TarWriter::append(std::string(65536, 'a'), "x", 0, output));
  output.clear();
  EXPECT_FALSE(TarWriter::append(std::string(65537, 'a'), "x", 0, output));
  EXPECT_EQ(output, "");
}

}  // namespace
}  // namespace weir::codecs
