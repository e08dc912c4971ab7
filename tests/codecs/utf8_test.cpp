#include "codecs/utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace weir::codecs {
namespace {

TEST(Utf8, CharactersOfAllLengthsComeBack) {
  for (const char32_t rune : {0x0U, 0x41U, 0x7FU, 0x80U, 0x7FFU, 0x800U, 0xD7FFU, 0xE000U, 0xFFFFU,
                              0x10000U, 0x10FFFFU}) {
    const std::string text = encode_rune(rune);
    const DecodedRune decoded = decode_rune(text + "x");
    EXPECT_EQ(decoded.rune, rune);
    EXPECT_EQ(decoded.length, text.size());
  }
}

TEST(Utf8, WhatIsNotUtf8IsReplacedByteByByte) {
  for (const std::string text : {"\x80", "\xc0\xaf", "\xc1\x81", "\xe0\x80\x80", "\xed\xa0\x80",
                                 "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
                                 "\xc3", "\xe2\x82", "\xe2\x28\xa1", "\xf0\x9f\x98"}) {
    EXPECT_EQ(decode_rune(text).rune, kReplacementCharacter);
    EXPECT_EQ(decode_rune(text).length, 1U);
  }
  EXPECT_EQ(decode_rune("").length, 0U);
}

TEST(Utf8, WhatIsNoCharacterIsWrittenAsTheReplacement) {
  EXPECT_EQ(encode_rune(0xD800), "\ufffd");
  EXPECT_EQ(encode_rune(0x110000), "\ufffd");
}

}  // namespace
}  // namespace weir::codecs
