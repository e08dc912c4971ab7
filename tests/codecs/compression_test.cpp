#include "codecs/compression.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "codecs/support.h"

namespace weir::codecs {
namespace {

using core::ErrorCode;
using testing::from_hex;
using ::testing::HasSubstr;
using testing::noise;

constexpr std::string_view kHello = "hello hello hello\n";

struct Known {
  const char* name;
  Compression algorithm;
  const char* hex;                ///< kHello, as the algorithm's own tool or library wrote it
  bool notices_damage = true;     ///< always: it has a checksum that covers everything
  std::size_t may_end_at = 1000;  ///< cut there, no damage can be seen
};

// gzip 1.12, zlib, bzip2 1.0.8, lz4 1.9.4 and Go's lz4, Go's snappy (block, framed), zstd 1.5.4
const Known kKnown[] = {
    {"gzip", Compression::kGzip, "1f8b0800048b006b0003cb48cdc9c957c840905c003b7c8adf12000000"},
    {"zlib", Compression::kZlib, "789ccb48cdc9c957c840905c0040b50687"},
    {"flate", Compression::kFlate, "cb48cdc9c957c840905c00", false},
    {"bzip2", Compression::kBzip2,
     "425a6839314159265359e5b5f3090000045100001040000244a00021b5180c029069c2a30bb9229c284872daf9"
     "8480"},
    {"lz4", Compression::kLz4,
     "04224d186440a70f0000006368656c6c6f20060050656c6c6f0a00000000c659d85b"},
    {"lz4_go", Compression::kLz4,
     "04224d186470b91200008068656c6c6f2068656c6c6f2068656c6c6f0a00000000c659d85b"},
    {"snappy_block", Compression::kSnappy, "124468656c6c6f2068656c6c6f2068656c6c6f0a", false},
    {"snappy_framed", Compression::kSnappyFramed,
     // No end mark: it may end after any chunk, and a flipped bit may make one skippable.
     "ff060000734e6150705901160000eb91a20c68656c6c6f2068656c6c6f2068656c6c6f0a", false, 10},
    {"zstd", Compression::kZstd, "28b52ffd04586d00003868656c6c6f200a0100314a11a3aa74ce"},
};

const Compression kAll[] = {Compression::kGzip,         Compression::kZlib, Compression::kFlate,
                            Compression::kBzip2,        Compression::kLz4,  Compression::kSnappy,
                            Compression::kSnappyFramed, Compression::kZstd};
const Compression kStreaming[] = {
    Compression::kGzip, Compression::kZlib,         Compression::kFlate, Compression::kBzip2,
    Compression::kLz4,  Compression::kSnappyFramed, Compression::kZstd};

std::string test_name(Compression algorithm) {
  std::string text(name(algorithm));
  if (algorithm == Compression::kSnappyFramed) text += "_framed";
  return text;
}

// Any number of frames is a stream.
bool may_be_empty(Compression algorithm) {
  return algorithm == Compression::kLz4 || algorithm == Compression::kSnappyFramed ||
         algorithm == Compression::kZstd;
}

// In pieces of the sizes given, to an output buffer of `room` bytes.
core::Result<std::string> decompress_in_pieces(Compression algorithm, std::string_view input,
                                               std::size_t piece, std::size_t room,
                                               const DecompressLimits& limits = {}) {
  WEIR_TRY(const auto decompressor, make_decompressor(algorithm, limits));
  std::string output;
  std::string buffer(room, '\0');
  while (true) {
    std::string_view in = input.substr(0, piece);
    input.remove_prefix(in.size());
    while (true) {
      WEIR_TRY(const auto progress, decompressor->step(in, std::span<char>(buffer)));
      in.remove_prefix(progress.consumed);
      output.append(buffer, 0, progress.produced);
      if (progress.produced < room) break;
    }
    EXPECT_TRUE(in.empty());
    if (input.empty()) break;
  }
  WEIR_CHECK_OK(decompressor->finish());
  return output;
}

std::string compressed(Compression algorithm, std::string_view data, int level = -1) {
  auto result = compress(algorithm, data, level);
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return result.value_or("");
}

class KnownData : public ::testing::TestWithParam<Known> {};

TEST_P(KnownData, OfOtherToolsIsRead) {
  const std::string input = from_hex(GetParam().hex);
  const auto output = decompress(GetParam().algorithm, input);
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(*output, kHello);
}

TEST_P(KnownData, CutShortAnywhereIsAnError) {
  const std::string input = from_hex(GetParam().hex);
  for (std::size_t size = 0; size < input.size(); ++size) {
    if (size == GetParam().may_end_at || (size == 0 && may_be_empty(GetParam().algorithm)))
      continue;
    const auto output = decompress(GetParam().algorithm, std::string_view(input).substr(0, size));
    ASSERT_FALSE(output) << "at " << size;
    EXPECT_EQ(output.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(output.error().message, HasSubstr("decompressing "));
  }
}

TEST_P(KnownData, WithAnyBitFlippedNeverYieldsOtherDataUnnoticed) {
  const std::string input = from_hex(GetParam().hex);
  for (std::size_t bit = 0; bit < input.size() * 8; ++bit) {
    std::string damaged = input;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto output = decompress(GetParam().algorithm, damaged);
    if (output && GetParam().notices_damage) {
      EXPECT_EQ(*output, kHello) << "bit " << bit;
    }
    if (!output) {
      EXPECT_FALSE(output.error().message.empty());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Compression, KnownData, ::testing::ValuesIn(kKnown),
                         [](const auto& test) { return std::string(test.param.name); });

class EveryAlgorithm : public ::testing::TestWithParam<Compression> {};

TEST_P(EveryAlgorithm, GivesBackWhatItWasGiven) {
  EXPECT_TRUE(rc::check(test_name(GetParam()) + " round trip", [this] {
    const auto size = *rc::gen::inRange<std::size_t>(0, 40'000);
    const bool compressible = *rc::gen::arbitrary<bool>();
    std::string data = noise(size, *rc::gen::arbitrary<std::uint32_t>());
    if (compressible) {
      for (char& c : data) c = static_cast<char>('a' + (c & 1));
    }
    const auto packed = compress(GetParam(), data);
    RC_ASSERT(packed.has_value());
    const auto unpacked = decompress(GetParam(), *packed);
    RC_ASSERT(unpacked.has_value());
    RC_ASSERT(*unpacked == data);
  }));
}

TEST_P(EveryAlgorithm, OutputMayReachTheLimitAndNoMore) {
  const std::string data = noise(100'000);
  const std::string packed = compressed(GetParam(), data);
  for (const std::uint64_t limit : {data.size() + 1, data.size()}) {
    EXPECT_TRUE(decompress(GetParam(), packed, {.max_output_bytes = limit}));
  }
  const auto over = decompress(GetParam(), packed, {.max_output_bytes = data.size() - 1});
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, ErrorCode::kLimit);
  EXPECT_THAT(over.error().message, HasSubstr("99999 bytes"));
}

TEST_P(EveryAlgorithm, RefusesGarbage) {
  EXPECT_TRUE(rc::check(test_name(GetParam()) + " garbage", [this] {
    const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const auto output = decompress(GetParam(), bytes, {.max_output_bytes = 1 << 20});
    if (!output) RC_ASSERT(!output.error().message.empty());
  }));
}

TEST_P(EveryAlgorithm, SaysThatEmptyInputIsEmptyIfItMayNotBe) {
  const auto output = decompress(GetParam(), "");
  if (may_be_empty(GetParam())) {
    EXPECT_EQ(output, "");
    return;
  }
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().message,
            "decompressing " + std::string(name(GetParam())) + ": the input is empty");
}

INSTANTIATE_TEST_SUITE_P(Compression, EveryAlgorithm, ::testing::ValuesIn(kAll),
                         [](const auto& test) { return test_name(test.param); });

class StreamingAlgorithm : public ::testing::TestWithParam<Compression> {};

TEST_P(StreamingAlgorithm, DoesNotCareHowTheStreamIsCut) {
  std::string data = noise(70'000, 3) + std::string(20'000, 'z') + noise(300, 4);
  auto compressor = make_compressor(GetParam());
  ASSERT_TRUE(compressor);
  std::string packed;
  std::string_view rest = data;
  for (const std::size_t size : testing::random_sizes(5, 40'000)) {
    ASSERT_TRUE((*compressor)->write(rest.substr(0, size), packed));
    rest.remove_prefix(std::min(size, rest.size()));
  }
  ASSERT_TRUE((*compressor)->write(rest, packed));
  ASSERT_TRUE((*compressor)->finish(packed));
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{7}, std::size_t{4096}, packed.size()}) {
    for (const std::size_t room : {std::size_t{1}, std::size_t{1000}, std::size_t{65536}}) {
      if (piece * room < 50'000) continue;  // small on both sides is slow and shows no more
      const auto output = decompress_in_pieces(GetParam(), packed, piece, room);
      ASSERT_TRUE(output) << output.error().message << " piece " << piece << " room " << room;
      EXPECT_EQ(*output == data, true) << "piece " << piece << " room " << room;
    }
  }
}

TEST_P(StreamingAlgorithm, CanBeUsedAgainAfterAnError) {
  auto decompressor = make_decompressor(GetParam());
  ASSERT_TRUE(decompressor);
  const std::string packed = compressed(GetParam(), kHello);
  std::string output = "kept ";
  EXPECT_FALSE((*decompressor)->decompress(packed.substr(0, packed.size() / 2), output));
  EXPECT_EQ(output, "kept ");
  EXPECT_FALSE((*decompressor)->decompress(std::string(20, '\xfe'), output));
  ASSERT_TRUE((*decompressor)->decompress(packed, output));
  EXPECT_EQ(output, "kept " + std::string(kHello));
}

TEST_P(StreamingAlgorithm, WritesOneStreamAfterTheOther) {
  auto compressor = make_compressor(GetParam());
  ASSERT_TRUE(compressor);
  std::string abandoned;
  ASSERT_TRUE((*compressor)->write("abandoned", abandoned));
  for (int round = 0; round < 3; ++round) {
    std::string packed;
    ASSERT_TRUE((*compressor)->compress(kHello, packed));
    const auto output = decompress(GetParam(), packed);
    ASSERT_TRUE(output) << output.error().message;
    EXPECT_EQ(*output, kHello);
  }
}

TEST_P(StreamingAlgorithm, StopsABombAtTheLimitHavingReadLittleOfIt) {
  const std::string bomb = compressed(GetParam(), std::string(std::size_t{12} << 20, '\0'));
  auto decompressor =
      make_decompressor(GetParam(), {.max_output_bytes = std::uint64_t{1} << 20, .max_ratio = 0});
  ASSERT_TRUE(decompressor);
  std::string output;
  const auto status = (*decompressor)->decompress(bomb, output);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kLimit);
  EXPECT_TRUE(output.empty());
  // No more than what was asked for and one piece of output was ever produced.
  EXPECT_LE((*decompressor)->total_out(), std::uint64_t{6} << 20);
}

TEST_P(StreamingAlgorithm, AnEmptyStreamIsNotEmptyInput) {
  const std::string packed = compressed(GetParam(), "");
  EXPECT_FALSE(packed.empty());
  const auto output = decompress(GetParam(), packed);
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(*output, "");
}

INSTANTIATE_TEST_SUITE_P(Compression, StreamingAlgorithm, ::testing::ValuesIn(kStreaming),
                         [](const auto& test) { return test_name(test.param); });

TEST(Compression, RatioCountsOnlyOnceTheOutputIsLarge) {
  const std::string megabyte(std::size_t{1} << 20, '\0');
  const std::string packed = compressed(Compression::kGzip, megabyte);
  ASSERT_GT(megabyte.size() / packed.size(), 200U);
  EXPECT_TRUE(decompress(Compression::kGzip, packed));

  const std::string larger = compressed(Compression::kGzip, megabyte + std::string(1, '\0'));
  const auto output = decompress(Compression::kGzip, larger);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::kLimit);
  EXPECT_THAT(output.error().message, HasSubstr("200 times"));
  EXPECT_TRUE(decompress(Compression::kGzip, larger, {.max_ratio = 0}));
}

TEST(Compression, RatioIsThatOfTheWholeInputWhereItIsKnown) {
  // The zeros in front alone are over the ratio, all of it is not.
  const std::string data = std::string(std::size_t{2} << 20, '\0') + noise(20'000);
  const std::string packed = compressed(Compression::kGzip, data);
  ASSERT_LT(data.size() / packed.size(), 200U);
  EXPECT_TRUE(decompress(Compression::kGzip, packed));
}

TEST(Compression, GzipReadsMembersOneAfterTheOtherAndZerosBehind) {
  const std::string member = compressed(Compression::kGzip, kHello);
  const std::string twice = std::string(kHello) + std::string(kHello);
  EXPECT_EQ(decompress(Compression::kGzip, member + member), twice);
  EXPECT_EQ(decompress_in_pieces(Compression::kGzip, member + member, 1, 100), twice);
  EXPECT_EQ(decompress(Compression::kGzip, member + std::string(500, '\0')), kHello);
  const auto output = decompress(Compression::kGzip, member + "and more");
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().message,
            "decompressing gzip: what follows the last gzip member is not gzip data");
}

TEST(Compression, ZlibAndFlateIgnoreWhatFollows) {
  EXPECT_EQ(decompress(Compression::kZlib, compressed(Compression::kZlib, kHello) + "\n"), kHello);
  EXPECT_EQ(decompress(Compression::kFlate, compressed(Compression::kFlate, kHello) + "\n"),
            kHello);
}

TEST(Compression, OthersReadFurtherStreamsAndRefuseAnythingElse) {
  const std::string twice = std::string(kHello) + std::string(kHello);
  for (const Compression algorithm :
       {Compression::kBzip2, Compression::kLz4, Compression::kSnappyFramed, Compression::kZstd}) {
    const std::string stream = compressed(algorithm, kHello);
    EXPECT_EQ(decompress(algorithm, stream + stream), twice) << name(algorithm);
    EXPECT_EQ(decompress_in_pieces(algorithm, stream + stream, 1, 100), twice) << name(algorithm);
    EXPECT_FALSE(decompress(algorithm, stream + "and more")) << name(algorithm);
  }
}

TEST(Compression, SkippableFramesAreSkipped) {
  const std::string skippable = from_hex("502a4d1804000000") + "skip";
  for (const Compression algorithm : {Compression::kZstd, Compression::kLz4}) {
    const std::string stream = compressed(algorithm, kHello);
    EXPECT_EQ(decompress(algorithm, skippable + stream + skippable), kHello) << name(algorithm);
  }
  // A chunk that says it may be skipped, and padding.
  const std::string framed = compressed(Compression::kSnappyFramed, kHello);
  const std::string chunks = from_hex("80030000") + "abc" + from_hex("fe020000") + "xy";
  EXPECT_EQ(decompress(Compression::kSnappyFramed, framed + chunks + framed.substr(10)),
            std::string(kHello) + std::string(kHello));
}

TEST(Compression, WrongMagicIsNamed) {
  const std::string text = "plain text, not compressed at all";
  const auto message = [&](Compression algorithm) {
    const auto output = decompress(algorithm, text);
    return output ? "no error" : output.error().message;
  };
  EXPECT_EQ(message(Compression::kGzip),
            "decompressing gzip: this is not gzip data (no gzip header)");
  EXPECT_EQ(message(Compression::kZlib),
            "decompressing zlib: this is not zlib data (no zlib header)");
  EXPECT_EQ(message(Compression::kBzip2),
            "decompressing bzip2: this is not bzip2 data (no bzip2 header)");
  EXPECT_EQ(message(Compression::kLz4),
            "decompressing lz4: this is not an LZ4 frame (no LZ4 header)");
  EXPECT_EQ(message(Compression::kZstd),
            "decompressing zstd: this is not zstd data (no zstd header)");
  EXPECT_EQ(message(Compression::kSnappyFramed),
            "decompressing snappy: this is not framed snappy data (no stream identifier)");
}

TEST(Compression, ABlockThatClaimsGigabytesAllocatesNothing) {
  const std::string claims_4_gib = from_hex("ffffffff0f") + "abc";
  auto output = decompress(Compression::kSnappy, claims_4_gib);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::kLimit);
  output = decompress(Compression::kSnappy, claims_4_gib, {.max_output_bytes = 0});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::kInvalidData);
}

TEST(Compression, AZstdWindowOver128MiBIsRefused) {
  // A frame header with a window of 2^28 bytes.
  const auto output =
      decompress(Compression::kZstd, from_hex("28b52ffd0090") + std::string(20, '\0'));
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::kLimit);
}

TEST(Compression, NamesAreThoseOfTheFamily) {
  for (const std::string_view text : compression_names()) {
    EXPECT_TRUE(parse_compression(text, CompressionUse::kMessage)) << text;
  }
  EXPECT_TRUE(std::is_sorted(compression_names().begin(), compression_names().end()));
  EXPECT_EQ(parse_compression("pgzip", CompressionUse::kMessage), Compression::kGzip);
  EXPECT_EQ(parse_compression("snappy", CompressionUse::kMessage), Compression::kSnappy);
  EXPECT_EQ(parse_compression("snappy", CompressionUse::kStream), Compression::kSnappyFramed);
  const auto unknown = parse_compression("rar", CompressionUse::kStream);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidConfig);
  EXPECT_THAT(unknown.error().message, HasSubstr("`rar` is not one of"));
}

TEST(Compression, LevelsAreCheckedAndMatter) {
  const std::string text = [] {
    std::string words;
    for (int i = 0; i < 20'000; ++i) words += "word" + std::to_string(i * 7919 % 1000) + ' ';
    return words;
  }();
  for (const Compression algorithm : {Compression::kGzip, Compression::kLz4, Compression::kZstd}) {
    EXPECT_LT(compressed(algorithm, text, 9).size(), compressed(algorithm, text, 1).size())
        << name(algorithm);
  }
  EXPECT_GT(compressed(Compression::kZlib, text, 0).size(), text.size());
  EXPECT_EQ(decompress(Compression::kGzip, compressed(Compression::kGzip, text, -2)), text);
  EXPECT_EQ(decompress(Compression::kZstd, compressed(Compression::kZstd, text, 22)), text);
  EXPECT_TRUE(compress(Compression::kSnappy, text, 77));
  struct Refused {
    Compression algorithm;
    int level;
  };
  for (const auto& [algorithm, level] :
       {Refused{Compression::kGzip, 10}, Refused{Compression::kGzip, -3},
        Refused{Compression::kBzip2, 0}, Refused{Compression::kBzip2, 10},
        Refused{Compression::kLz4, 10}, Refused{Compression::kZstd, 23},
        Refused{Compression::kZstd, -2}}) {
    const auto result = compress(algorithm, text, level);
    ASSERT_FALSE(result) << name(algorithm) << level;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidConfig);
  }
}

TEST(Compression, TheRawSnappyBlockCannotBeStreamed) {
  EXPECT_FALSE(make_decompressor(Compression::kSnappy));
  EXPECT_FALSE(make_compressor(Compression::kSnappy));
}

TEST(Compression, AskingForMoreThanThereIsDoesNoHarm) {
  for (const Compression algorithm : kStreaming) {
    auto decompressor = make_decompressor(algorithm);
    ASSERT_TRUE(decompressor);
    const std::string packed = compressed(algorithm, kHello);
    std::string buffer(100, '\0');
    std::string output;
    for (const char byte : packed) {
      for (int again = 0; again < 40; ++again) {
        const auto progress =
            (*decompressor)->step(std::string_view(&byte, again == 0 ? 1 : 0), buffer);
        ASSERT_TRUE(progress) << name(algorithm) << ": " << progress.error().message;
        output.append(buffer, 0, progress->produced);
      }
    }
    EXPECT_EQ(output, kHello) << name(algorithm);
    EXPECT_TRUE((*decompressor)->finish()) << name(algorithm);
  }
}

}  // namespace
}  // namespace weir::codecs
