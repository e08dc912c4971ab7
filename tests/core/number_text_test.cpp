#include "core/number_text.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace weir::core {
namespace {

std::string json(double value) {
  std::string out;
  append_json_double(out, value);
  return out;
}
std::string json(float value) {
  std::string out;
  append_json_float(out, value);
  return out;
}
std::string go(double value) {
  std::string out;
  append_go_double(out, value);
  return out;
}
std::string go(float value) {
  std::string out;
  append_go_float(out, value);
  return out;
}

TEST(NumberText, DoublesInJsonArePlainFrom1eMinus6To1e21) {
  EXPECT_EQ(json(0.0), "0");
  EXPECT_EQ(json(-0.0), "-0");
  EXPECT_EQ(json(3.0), "3");
  EXPECT_EQ(json(-42.0), "-42");
  EXPECT_EQ(json(1.5), "1.5");
  EXPECT_EQ(json(0.1), "0.1");
  EXPECT_EQ(json(1e20), "100000000000000000000");
  EXPECT_EQ(json(1e21), "1e+21");
  EXPECT_EQ(json(1.5e300), "1.5e+300");
  EXPECT_EQ(json(1e-6), "0.000001");
  EXPECT_EQ(json(1e-7), "1e-7");
  EXPECT_EQ(json(1.25e-10), "1.25e-10");
  EXPECT_EQ(json(9007199254740991.0), "9007199254740991");
  EXPECT_EQ(json(9007199254740993.0), "9007199254740992");
  EXPECT_EQ(json(1597405526.123456), "1597405526.123456");
  EXPECT_EQ(json(6.674282313423543523453425345e-11), "6.674282313423544e-11");
  EXPECT_EQ(json(5e-324), "5e-324");
  EXPECT_EQ(json(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(json(-1.7976931348623157e308), "-1.7976931348623157e+308");
  EXPECT_EQ(json(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(json(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(NumberText, FloatsInJsonHaveTheirOwnShortestDigits) {
  EXPECT_EQ(json(6.674282313423543523453425345e-11F), "6.674283e-11");
  EXPECT_EQ(json(0.1F), "0.1");
  EXPECT_EQ(json(16777216.0F), "16777216");
  EXPECT_EQ(json(1e20F), "100000000000000000000");
  EXPECT_EQ(json(1e21F), "1e+21");
  EXPECT_EQ(json(1e-6F), "0.000001");
  EXPECT_EQ(json(9.9e-7F), "9.9e-7");
}

TEST(NumberText, GoFormHasAnExponentFromSixUp) {
  EXPECT_EQ(go(999999.0), "999999");
  EXPECT_EQ(go(1000000.0), "1e+06");
  EXPECT_EQ(go(1597405526.0), "1.597405526e+09");
  EXPECT_EQ(go(1.23 * 4.567 * 1000000000), "5.61741e+09");
  EXPECT_EQ(go(1.234567891234567891234567), "1.234567891234568");
  EXPECT_EQ(go(0.0001), "0.0001");
  EXPECT_EQ(go(0.00001), "1e-05");
  EXPECT_EQ(go(1.5), "1.5");
  EXPECT_EQ(go(0.0), "0");
  EXPECT_EQ(go(-0.0), "-0");
  EXPECT_EQ(go(100000.5), "100000.5");
  EXPECT_EQ(go(5e-324), "5e-324");
  EXPECT_EQ(go(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(go(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(go(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(go(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(go(16777216.0F), "1.6777216e+07");
  EXPECT_EQ(go(1e-45F), "1e-45");
}

TEST(NumberText, EveryDoubleReadsBackAsItself) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 50'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(json_double(json(value)), value);
    const auto read = parse_go_float64(go(value));
    ASSERT_TRUE(read);
    ASSERT_EQ(*read, value);
    ASSERT_LE(json(value).size(), kMaxNumberText);
  }
}

TEST(NumberText, IntegersReadBackAsThemselves) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1234567890},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    std::string text;
    append_int64(text, value);
    EXPECT_EQ(text, std::to_string(value));
    EXPECT_EQ(json_int64(text), value);
  }
  std::string text;
  append_uint64(text, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(text, "18446744073709551615");
  EXPECT_EQ(json_uint64(text), std::numeric_limits<std::uint64_t>::max());
}

TEST(NumberText, OnlyPlainDigitsAreAnInteger) {
  EXPECT_EQ(json_int64("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(json_int64("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "1.0", "1e3", "", "-"}) {
    EXPECT_EQ(json_int64(text), std::nullopt) << text;
  }
  EXPECT_EQ(json_int64("-0"), 0);
  EXPECT_EQ(json_uint64("-0"), 0U);
  EXPECT_EQ(json_uint64("-1"), std::nullopt);
  EXPECT_EQ(json_uint64("18446744073709551616"), std::nullopt);
}

TEST(NumberText, ShortDecimalsRoundAsLongOnesDo) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200'000; ++i) {
    std::string text = random() % 2 == 0 ? "-" : "";
    text += std::to_string(random() % 1000000007 >> random() % 30) + ".";
    for (std::uint64_t digits = 1 + random() % 8; digits > 0; --digits)
      text += static_cast<char>('0' + random() % 10);
    const auto read = json_double(text);
    ASSERT_TRUE(read.has_value()) << text;
    const double expected = std::strtod(text.c_str(), nullptr);
    ASSERT_EQ(*read, expected) << text;
    ASSERT_EQ(std::signbit(*read), std::signbit(expected)) << text;
  }
  for (const char* wrong :
       {"1.", ".5", "-.5", "01.5", "-", "1.5.5", "1.5x", "+1.5", "1,5", "--1.5"})
    EXPECT_EQ(json_double(wrong), std::nullopt) << wrong;
}

TEST(NumberText, DoublesAreReadExactlyAndOverflowIsNoNumber) {
  EXPECT_EQ(json_double("1.10"), 1.1);
  EXPECT_EQ(json_double("-0.0"), 0.0);
  EXPECT_TRUE(std::signbit(*json_double("-0.0")));
  EXPECT_EQ(json_double("12345678901234567890"), 12345678901234567890.0);
  EXPECT_EQ(json_double("1e-400"), 0.0);
  EXPECT_TRUE(std::signbit(*json_double("-1e-400")));
  EXPECT_EQ(json_double("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(json_double("0." + std::string(400, '0') + "1e500"), 1e99);
  EXPECT_EQ(json_double(std::string(400, '9') + "e-399"), 10.0);
  EXPECT_EQ(json_double("1e-99999999999999999999"), 0.0);
  EXPECT_EQ(json_double("0e99999999999999999999"), 0.0);
  EXPECT_EQ(json_double("1e400"), std::nullopt);
  EXPECT_EQ(json_double("-1e400"), std::nullopt);
  EXPECT_EQ(json_double("1e99999999999999999999"), std::nullopt);
  EXPECT_EQ(json_double(std::string(400, '9')), std::nullopt);
  EXPECT_EQ(json_double("+1"), std::nullopt);
  EXPECT_EQ(json_double("nan"), std::nullopt);
}

TEST(NumberText, TheJsonGrammarIsStrict) {
  for (const char* text : {"0", "-0", "10", "1.5", "1e5", "1E+5", "1.25e-10", "-1.0"}) {
    EXPECT_TRUE(is_json_number(text)) << text;
  }
  for (const char* text : {"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x1", "1 ", " 1", "1_0",
                           "1.5.2", "inf", "-01", "1e5.0"}) {
    EXPECT_FALSE(is_json_number(text)) << text;
  }
}

struct FloatCase {
  const char* text;
  double value;
};

TEST(NumberText, ReadsFloatsAsGoDoes) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const FloatCase& c : {FloatCase{"1_000", 1000},
                             {"inf", inf},
                             {"+Inf", inf},
                             {"-infinity", -inf},
                             {"INFINITY", inf},
                             {"0x1p-2", 0.25},
                             {"-0X1P+2", -4},
                             {"0x_1p3", 8},
                             {"0x1.8p1", 3},
                             {"0x1_0p0", 16},
                             {"1.e5", 1e5},
                             {".5", 0.5},
                             {"+5.", 5},
                             {"1_0.5_0", 10.5},
                             {"1e5_0", 1e50},
                             {"1_000e1", 10000},
                             {"1e-400", 0},
                             {"4.9e-324", 5e-324},
                             {"2.4e-324", 0},
                             {"0x1p-1080", 0},
                             {"0x1p-99999999999999999999", 0},
                             {"00012", 12},
                             {"0_1", 1},
                             {"12.5", 12.5}}) {
    const auto value = parse_go_float64(c.text);
    ASSERT_TRUE(value) << c.text;
    EXPECT_EQ(*value, c.value) << c.text;
  }
  EXPECT_TRUE(std::isnan(parse_go_float64("nan").value()));
  EXPECT_TRUE(std::isnan(parse_go_float64("NaN").value()));
  EXPECT_EQ(parse_go_float32("6.674282313423543523453425345e-11").value(), 6.674283e-11F);
  EXPECT_EQ(parse_go_float32("16777217").value(), 16777216.0F);
}

TEST(NumberText, RefusesFloatsAsGoDoes) {
  for (const char* text : {"nope", "",     "+",     "+nan", "0x1F",  "0x1", "0x",     "1__0",
                           "_1",   "1_",   "1_e5",  " 1",   "1 ",    "1e",  "1e+",    "0b1",
                           "0x1p", "infx", "0x.p1", ".",    "1.2.3", "--1", "0x-1p3", "1e5p3"}) {
    const auto value = parse_go_float64(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().message,
              "strconv.ParseFloat: parsing \"" + std::string(text) + "\": invalid syntax");
    EXPECT_EQ(value.error().code, ErrorCode::kInvalidData);
  }
  for (const char* text :
       {"1e400", "-1e400", "0x1p1024", "0x1.fffffffffffff8p1023", "0x1p99999999999999999999"}) {
    const auto value = parse_go_float64(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().message,
              "strconv.ParseFloat: parsing \"" + std::string(text) + "\": value out of range");
  }
  EXPECT_FALSE(parse_go_float32("1e50"));
}

struct IntCase {
  const char* text;
  std::int64_t value;
};

TEST(NumberText, ReadsIntegersWithGoPrefixes) {
  for (const IntCase& c : {IntCase{"017", 15},
                           {"0x1F", 31},
                           {"0xDEADBEEF", 3735928559},
                           {"0b101", 5},
                           {"0B1", 1},
                           {"0o17", 15},
                           {"0O17", 15},
                           {"1_000", 1000},
                           {"0_7", 7},
                           {"0x_1F", 31},
                           {"+5", 5},
                           {"-12", -12},
                           {"0", 0},
                           {"00", 0},
                           {"-0x8000000000000000", std::numeric_limits<std::int64_t>::min()},
                           {"9223372036854775807", std::numeric_limits<std::int64_t>::max()}}) {
    const auto value = parse_go_int(c.text);
    ASSERT_TRUE(value) << c.text;
    EXPECT_EQ(*value, c.value) << c.text;
  }
  EXPECT_EQ(parse_go_uint("18446744073709551613").value(), 18446744073709551613U);
  EXPECT_EQ(parse_go_int("-128", 8).value(), -128);
  EXPECT_EQ(parse_go_uint("255", 8).value(), 255U);
}

TEST(NumberText, RefusesIntegersAsGoDoes) {
  for (const char* text : {"08", "1.0", "", "-", "+", "0x", "_1", "1__0", "1_", "0_", "0x1_", "1e3",
                           " 1", "0b2", "--1"}) {
    const auto value = parse_go_int(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().message,
              "strconv.ParseInt: parsing \"" + std::string(text) + "\": invalid syntax");
  }
  for (const char* text : {"0x8000000000000000", "9223372036854775808", "-9223372036854775809",
                           "99999999999999999999a"}) {
    const auto value = parse_go_int(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().message,
              "strconv.ParseInt: parsing \"" + std::string(text) + "\": value out of range");
  }
  EXPECT_FALSE(parse_go_int("128", 8));
  EXPECT_FALSE(parse_go_int("-129", 8));
  EXPECT_FALSE(parse_go_uint("256", 8));
  EXPECT_FALSE(parse_go_uint("+5"));
  EXPECT_FALSE(parse_go_uint("-5"));
}

TEST(NumberText, ErrorsQuoteAtMostAnExcerpt) {
  const auto value = parse_go_float64(std::string(1 << 20, 'x'));
  ASSERT_FALSE(value);
  EXPECT_LT(value.error().message.size(), 400U);
}

}  // namespace
}  // namespace weir::core
