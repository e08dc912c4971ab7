#include "mapping/text/binary_text.h"

#include <random>

#include <gtest/gtest.h>

namespace weir::mapping::text {
namespace {

std::string encoded(std::string_view bytes, const char* scheme) {
  std::string out;
  const core::Status status = append_encoded(out, bytes, binary_scheme(scheme).value());
  return status ? out : "error: " + status.error().message;
}

std::string decoded(std::string_view text, const char* scheme) {
  std::string out;
  const core::Status status = append_decoded(out, text, binary_scheme(scheme).value());
  return status ? out : "error: " + status.error().message;
}

struct Case {
  const char* scheme;
  std::string bytes;
  std::string text;
};

TEST(BinaryText, WritesAndReadsEveryScheme) {
  for (const Case& c : {Case{"hex", "hello world", "68656c6c6f20776f726c64"},
                        {"base64", "hello world", "aGVsbG8gd29ybGQ="},
                        {"base64", "", ""},
                        {"base64", "a", "YQ=="},
                        {"base64", "\xff\xfe\xfd", "//79"},
                        {"base64url", "<<?\?\?>>", "PDw_Pz8-Pg=="},
                        {"base64rawurl", "<<?\?\?>>", "PDw_Pz8-Pg"},
                        {"z85", "hello world!", "xK#0@zY<mxA+]nf"},
                        {"ascii85", "hello world!", "BOu!rD]j7BEbo80"},
                        {"ascii85", "hello world", "BOu!rD]j7BEbo7"},
                        {"ascii85", "this is totally unstructured data",
                         "FD,B0+DGm>FDl80Ci\"A>F`)8BEckl6F`M&(+Cno&@/"},
                        {"ascii85", std::string(4, '\0'), "z"},
                        {"ascii85", std::string(3, '\0'), "!!!!"}}) {
    EXPECT_EQ(encoded(c.bytes, c.scheme), c.text);
    EXPECT_EQ(decoded(c.text, c.scheme), c.bytes);
  }
}

TEST(BinaryText, EveryByteSurvives) {
  std::mt19937 random(5);
  for (std::size_t size = 0; size < 300; ++size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    for (const char* scheme : {"hex", "base64", "base64url", "base64rawurl", "ascii85", "z85"}) {
      if (scheme == std::string_view("z85") && size % 4 != 0) continue;
      ASSERT_EQ(decoded(encoded(bytes, scheme), scheme), bytes) << scheme << " " << size;
    }
  }
}

TEST(BinaryText, LineBreaksDoNotMatter) {
  EXPECT_EQ(decoded("aGVs\nbG8g\r\nd29ybGQ=\n", "base64"), "hello world");
  EXPECT_EQ(decoded("BOu!r\n D]j7B\tEbo7 ", "ascii85"), "hello world");
}

TEST(BinaryText, SaysWhatIsWrong) {
  for (const Case& c : {Case{"base64", "illegal base64 data at input byte 4", "aGVs*"},
                        {"base64", "illegal base64 data at input byte 4", "aGVsbG8"},
                        {"base64", "illegal base64 data at input byte 1", "a=GV"},
                        {"base64", "illegal base64 data", "YQ="},
                        {"base64", "illegal base64 data at input byte 4", "YQ==YQ=="},
                        {"base64", "illegal base64 data", "PDw_"},
                        {"base64url", "illegal base64 data", "ab+/"},
                        {"base64rawurl", "illegal base64 data", "YQ=="},
                        {"base64rawurl", "illegal base64 data", "Y"},
                        {"hex", "encoding/hex: invalid byte: U+0067 'g'", "6g"},
                        {"hex", "encoding/hex: odd length hex string", "686"},
                        {"hex", "encoding/hex: invalid byte: U+000A", "6\n"},
                        {"ascii85", "illegal ascii85 data at input byte 2", "ab~>"},
                        {"ascii85", "illegal ascii85 data", "BOu!rB"},
                        {"z85", "z85: wrongly aligned input data", "xK#0"},
                        {"z85", "z85: invalid input byte: U+0020 ' '", "xK#0 "}}) {
    EXPECT_NE(decoded(c.text, c.scheme).find("error: " + c.bytes), std::string::npos)
        << c.scheme << " " << c.text << ": " << decoded(c.text, c.scheme);
  }
  EXPECT_EQ(encoded("abc", "z85"), "error: z85: wrongly aligned input data");
  EXPECT_FALSE(binary_scheme("base32"));
}

}  // namespace
}  // namespace weir::mapping::text
