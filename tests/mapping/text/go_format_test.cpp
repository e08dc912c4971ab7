#include "mapping/text/go_format.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace weir::mapping::text {
namespace {

using V = FormatValue;

/// Containers for tests: node[0] says which one, node[1] how deep a nest goes on.
class Samples : public FormatContainers {
 public:
  enum : std::uint64_t { kEmpty, kMixed, kFields, kNest };
  [[nodiscard]] std::size_t size(const V::Node& node) const override {
    constexpr std::size_t kSizes[] = {0, 4, 3, 1};
    return kSizes[node[0]];
  }
  [[nodiscard]] V item(const V::Node& array, std::size_t index) const override {
    if (array[0] == kNest) {
      return array[1] == 0 ? V::of(std::int64_t{7}) : V::array({kNest, array[1] - 1}, *this);
    }
    const V items[] = {V::of(std::int64_t{1}), V::string("a"), V::null(), V::of(2.5)};
    return items[index];
  }
  [[nodiscard]] Entry entry(const V::Node&, std::size_t index) const override {
    const Entry entries[] = {
        {"b", V::of(std::int64_t{1})}, {"a", V::null()}, {"c", V::array({kEmpty}, *this)}};
    return entries[index];
  }
};

const Samples kSamples;

V number(std::int64_t value) {
  return V::of(value);
}
V mixed() {
  return V::array({Samples::kMixed}, kSamples);
}
V fields() {
  return V::object({Samples::kFields}, kSamples);
}

std::string print(std::string_view format, const std::vector<V>& arguments = {}) {
  std::string out;
  const core::Status status = format_go(out, format, arguments);
  return status ? out : "error: " + status.error().message;
}

TEST(GoFormat, CasesOfTheLanguage) {
  EXPECT_EQ(
      print("%s(%v): %v", {V::string("lance"), V::document_number("37"), V::document_number("13")}),
      "lance(37): 13");
  EXPECT_EQ(print("%f", {V::of(1.0)}), "1.000000");
  EXPECT_EQ(print("%f", {V::of(-0.0)}), "-0.000000");
  EXPECT_EQ(print("%v-%v", {number(10), number(20)}), "10-20");
  EXPECT_EQ(print("%vend", {V::string("EXAMPLE CONTENT")}), "EXAMPLE CONTENTend");
}

TEST(GoFormat, VWorksForEverything) {
  EXPECT_EQ(print("%v", {V::null()}), "<nil>");
  EXPECT_EQ(print("%v %v", {V::of(true), V::of(false)}), "true false");
  EXPECT_EQ(print("%v", {number(-5)}), "-5");
  EXPECT_EQ(print("%v", {V::of(std::uint64_t{18446744073709551615U})}), "18446744073709551615");
  EXPECT_EQ(print("%v %v %v", {V::of(1.5), V::of(1e6), V::of(0.00001)}), "1.5 1e+06 1e-05");
  EXPECT_EQ(print("%v", {V::of(0.1F)}), "0.1");
  EXPECT_EQ(print("%v", {V::document_number("1.50")}), "1.50");
  EXPECT_EQ(print("%v", {V::string("é")}), "é");
  EXPECT_EQ(print("%v", {V::bytes("abc")}), "[97 98 99]");
  EXPECT_EQ(print("%v", {mixed()}), "[1 a <nil> 2.5]");
  EXPECT_EQ(print("%v", {fields()}), "map[a:<nil> b:1 c:[]]");
  EXPECT_EQ(print("%v", {V::of(core::parse_rfc3339("2020-08-14T11:45:26.371+01:00").value())}),
            "2020-08-14 11:45:26.371 +0100 +0100");
}

TEST(GoFormat, IntegerVerbs) {
  EXPECT_EQ(print("%d|%5d|%-5d|%05d|%+d|% d",
                  {number(42), number(42), number(42), number(42), number(42), number(42)}),
            "42|   42|42   |00042|+42| 42");
  EXPECT_EQ(print("%x %X %#x %#X", {number(255), number(255), number(255), number(-255)}),
            "ff FF 0xff -0XFF");
  EXPECT_EQ(print("%o %#o %O %b %#b", {number(8), number(8), number(8), number(5), number(5)}),
            "10 010 0o10 101 0b101");
  EXPECT_EQ(print("%c %q %U %#U", {number(9731), number(9731), number(9731), number(9731)}),
            "\u2603 '\u2603' U+2603 U+2603 '\u2603'");
  EXPECT_EQ(print("%.3d|%8.3d|%08.3d|%.0d|", {number(7), number(7), number(7), number(0)}),
            "007|     007|     007||");
  EXPECT_EQ(print("%d", {number(std::numeric_limits<std::int64_t>::min())}),
            "-9223372036854775808");
  EXPECT_EQ(print("%06d %-06d|", {number(-42), number(-42)}), "-00042 -42   |");
  EXPECT_EQ(print("%#v", {V::of(std::uint64_t{255})}), "0xff");
}

TEST(GoFormat, FloatVerbs) {
  EXPECT_EQ(print("%e %E %.2e", {V::of(1234.5678), V::of(1234.5678), V::of(1234.5678)}),
            "1.234568e+03 1.234568E+03 1.23e+03");
  EXPECT_EQ(print("%f %.2f %8.2f|%-8.2f|%08.2f", {V::of(3.14159), V::of(3.14159), V::of(3.14159),
                                                  V::of(3.14159), V::of(-3.14159)}),
            "3.141590 3.14     3.14|3.14    |-0003.14");
  EXPECT_EQ(print("%g %G %.3g %#g", {V::of(1e21), V::of(1e-7), V::of(1234.5678), V::of(1.0)}),
            "1e+21 1E-07 1.23e+03 1.00000");
  EXPECT_EQ(print("%+f % f %+.1f", {V::of(1.5), V::of(1.5), V::of(-1.5)}),
            "+1.500000  1.500000 -1.5");
  EXPECT_EQ(print("%b %x %X %.3x", {V::of(1.0), V::of(1.5), V::of(-0.1), V::of(1.0)}),
            "4503599627370496p-52 0x1.8p+00 -0X1.999999999999AP-04 0x1.000p+00");
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(print("%f %5.1f %+v %v", {V::of(inf), V::of(-inf), V::of(inf),
                                      V::of(std::numeric_limits<double>::quiet_NaN())}),
            "+Inf  -Inf +Inf NaN");
  EXPECT_EQ(print("%08.2f", {V::of(inf)}), "    +Inf");
  EXPECT_EQ(print("%.0f %.0f", {V::of(0.5), V::of(1.5)}), "0 2");
  EXPECT_EQ(print("%.2000f", {V::of(0.5)}).size(), 2002U);
}

TEST(GoFormat, TextVerbs) {
  EXPECT_EQ(print("%s|%5s|%-5s|%.2s|%5.1s", {V::string("abc"), V::string("é"), V::string("é"),
                                             V::string("éàü"), V::string("xyz")}),
            "abc|    é|é    |éà|    x");
  EXPECT_EQ(print("%q %+q %#q", {V::string("a\"é"), V::string("é"), V::string("a\"b")}),
            R"("a\"é" "\u00e9" `a"b`)");
  EXPECT_EQ(print("%x %X % x %#x %# x", {V::string("hi"), V::string("hi"), V::string("hi"),
                                         V::string("hi"), V::string("hi")}),
            "6869 6869 68 69 0x6869 0x68 0x69");
  EXPECT_EQ(print("%s %x %q", {V::bytes("abc"), V::bytes("abc"), V::bytes("abc")}),
            "abc 616263 \"abc\"");
  EXPECT_EQ(print("%#v", {V::string("a")}), "\"a\"");
  EXPECT_EQ(print("%t", {V::of(true)}), "true");
}

TEST(GoFormat, TypesAndGoSyntax) {
  EXPECT_EQ(print("%T %T %T %T %T", {number(1), V::of(1.5), V::string(""), V::of(true), V::null()}),
            "int64 float64 string bool <nil>");
  EXPECT_EQ(print("%T %T %T %T", {V::document_number("3"), V::bytes(""), mixed(), fields()}),
            "json.Number []uint8 []interface {} map[string]interface {}");
  EXPECT_EQ(print("%#v", {mixed()}), "[]interface {}{1, \"a\", interface {}(nil), 2.5}");
  EXPECT_EQ(print("%#v", {fields()}),
            "map[string]interface {}{\"a\":interface {}(nil), \"b\":1, \"c\":[]interface {}{}}");
  EXPECT_EQ(print("%#v", {V::bytes("ab")}), "[]byte{0x61, 0x62}");
}

TEST(GoFormat, MistakesShowInTheText) {
  EXPECT_EQ(print("%d", {V::document_number("3")}), "%!d(json.Number=3)");
  EXPECT_EQ(print("%d", {V::of(3.0)}), "%!d(float64=3)");
  EXPECT_EQ(print("%s", {V::of(true)}), "%!s(bool=true)");
  EXPECT_EQ(print("%d", {V::string("hi")}), "%!d(string=hi)");
  EXPECT_EQ(print("%d", {V::null()}), "%!d(<nil>)");
  EXPECT_EQ(print("%d", {mixed()}), "[1 %!d(string=a) <nil> %!d(float64=2.5)]");
  EXPECT_EQ(print("%t", {V::bytes("a")}), "[%!t(uint8=97)]");
  EXPECT_EQ(print("%v"), "%!v(MISSING)");
  EXPECT_EQ(print("%v", {number(1), number(2)}), "1%!(EXTRA int64=2)");
  EXPECT_EQ(print("", {V::null(), V::string("x")}), "%!(EXTRA <nil>, string=x)");
  EXPECT_EQ(print("100%"), "100%!(NOVERB)");
  EXPECT_EQ(print("%5", {}), "%!(NOVERB)");
  EXPECT_EQ(print("%z", {number(1)}), "%!z(int64=1)");
  EXPECT_EQ(print("%é", {number(1)}), "%!é(int64=1)");
  EXPECT_EQ(print("%*d", {V::string("x"), number(1)}), "%!(BADWIDTH)1");
  EXPECT_EQ(print("%.*d", {V::string("x"), number(1)}), "%!(BADPREC)1");
  EXPECT_EQ(print("%[5]d", {number(1)}), "%!d(BADINDEX)");
  EXPECT_EQ(print("%[x]d", {number(1)}), "%!d(BADINDEX)");
  EXPECT_EQ(print("%[", {number(1)}), "%!(NOVERB)");
}

TEST(GoFormat, IndexesStarsAndPercent) {
  EXPECT_EQ(print("%[2]v %[1]v", {number(1), number(2)}), "2 1");
  EXPECT_EQ(print("%*d|%-*d|", {number(4), number(7), number(3), number(8)}), "   7|8  |");
  EXPECT_EQ(print("%*d|", {number(-4), number(7)}), "7   |");
  EXPECT_EQ(print("%.*f", {number(2), V::of(1.0)}), "1.00");
  EXPECT_EQ(print("%[3]*.[2]*[1]f", {V::of(12.0), number(2), number(6)}), " 12.00");
  EXPECT_EQ(print("%%|%5%|"), "%|%|");
}

TEST(GoFormat, NobodyFillsMemoryWithAWidth) {
  EXPECT_EQ(print("%1000000d", {number(1)}).size(), 1'000'000U);
  EXPECT_EQ(print("%1000001d", {number(1)}), "%!(NOVERB)%!(EXTRA int64=1)");
  EXPECT_EQ(print("%99999999999999999999999999999d", {number(1)}), "%!(NOVERB)%!(EXTRA int64=1)");
  EXPECT_EQ(print("%*d", {number(100'000'000), number(1)}), "%!(BADWIDTH)1");
  std::string format;
  for (int i = 0; i < 100'000; ++i) format += "%1000000[1]d";
  std::string out;
  const std::vector<V> one = {number(1)};
  const core::Status status = format_go(out, format, one);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, core::ErrorCode::kLimit);
  EXPECT_LE(out.size(), kMaxFormattedSize);
}

TEST(GoFormat, OutputStopsAtTheLimit) {
  const std::string big(1000, 'x');
  std::string out;
  for (const char* format : {"%[1]s%[1]s", "%[1]q%[1]q", "%[1]x", "%[1]v %[1]v", "%2000s"}) {
    out.clear();
    const std::vector<V> arguments = {V::string(big)};
    EXPECT_FALSE(format_go(out, format, arguments, 1500)) << format;
    EXPECT_LE(out.size(), 1500U);
  }
  out = "before ";
  const std::vector<V> arguments = {V::string(big)};
  EXPECT_TRUE(format_go(out, "%s", arguments, 1000));
  EXPECT_EQ(out, "before " + big);
}

TEST(GoFormat, NestingIsBounded) {
  EXPECT_EQ(print("%v", {V::array({Samples::kNest, 3}, kSamples)}), "[[[[7]]]]");
  EXPECT_EQ(print("%v", {V::array({Samples::kNest, 900}, kSamples)}).size(), 901U * 2 + 1);
  EXPECT_EQ(print("%v", {V::array({Samples::kNest, 1'000'000}, kSamples)}),
            "error: formatting: values nested deeper than 1000");
}

}  // namespace
}  // namespace weir::mapping::text
