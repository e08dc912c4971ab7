#include "mapping/text/strftime.h"

#include <gtest/gtest.h>

namespace weir::mapping::text {
namespace {

core::Timestamp at(const char* rfc3339) {
  return core::parse_rfc3339(rfc3339).value();
}

std::string formatted(const core::Timestamp& time, std::string_view format) {
  std::string out;
  const core::Status status = append_strftime(out, time, format);
  return status ? out : status.error().message;
}

struct Case {
  const char* format;
  const char* text;
};

TEST(Strftime, WritesEveryDirective) {
  const core::Timestamp time = at("2009-02-04T05:06:07.089012345-08:00");
  for (const Case& c : {Case{"%Y %y %C", "2009 09 20"},
                        {"%G %g %V", "2009 09 06"},
                        {"%m %B %b %h", "02 February Feb Feb"},
                        {"%A %a %w %u", "Wednesday Wed 3 3"},
                        {"%U %W %j", "05 05 035"},
                        {"%d %e", "04  4"},
                        {"%H %k %I %l", "05  5 05  5"},
                        {"%p %P", "AM am"},
                        {"%M %S %f", "06 07 089012"},
                        {"%s", "1233752767"},
                        {"%z %:z %::z %:::z", "-0800 -08:00 -08:00:00 -08"},
                        {"%Z", "-0800"},
                        {"%t%n%%", "\t\n%"},
                        {"%c", "Wed Feb  4 05:06:07 2009"},
                        {"%v", " 4-Feb-2009"},
                        {"%r", "05:06:07 AM"},
                        {"%F %T %R", "2009-02-04 05:06:07 05:06"},
                        {"%D %x %X", "02/04/09 02/04/09 05:06:07"},
                        {"", ""},
                        {"plain é", "plain é"}}) {
    EXPECT_EQ(formatted(time, c.format), c.text) << c.format;
  }
  EXPECT_EQ(formatted(at("2020-08-14T11:45:26Z"), "%+"), "Fri Aug 14 11:45:26 UTC 2020");
}

TEST(Strftime, CasesOfTheLanguage) {
  EXPECT_EQ(formatted(at("2020-08-14T11:45:26.371+01:00"), "%Y-%b-%d %H:%M:%S"),
            "2020-Aug-14 11:45:26");
  EXPECT_EQ(formatted(at("2020-08-14T11:50:26.371Z"), "%Y-%b-%d %H:%M:%S.%f"),
            "2020-Aug-14 11:50:26.371000");
}

TEST(Strftime, FlagsAndWidthsChangePaddingAndCase) {
  const core::Timestamp time = at("2009-02-04T05:06:07.089Z");
  for (const Case& c : {Case{"%-d %-m %-H %-j", "4 2 5 35"},
                        {"%_d %_m %_H %_j", " 4  2  5  35"},
                        {"%0e %0k", "04 05"},
                        {"%^a %^B", "WED FEBRUARY"},
                        {"%#a %#p %#B", "WED am FEBRUARY"},
                        {"%^P %#Z", "AM utc"},
                        {"%5d %05d %_5d %-5d", "00004 00004     4     4"},
                        {"%12B %012B %-12B", "    February 0000February     February"},
                        {"%10Y %3Y", "0000002009 2009"},
                        {"%8z %_8z %-z %_z", "+0000000     +000 +000  +000"},
                        {"%^c", "WED FEB  4 05:06:07 2009"},
                        {"%3f", "89000"}}) {
    EXPECT_EQ(formatted(time, c.format), c.text) << c.format;
  }
  EXPECT_EQ(formatted(time.in(core::fixed_zone(32'400)), "%_z|%-z|%10z"), " +900|+900|+000000900");
}

TEST(Strftime, UnknownDirectivesStandForThemselves) {
  const core::Timestamp time = at("2009-02-04T05:06:07Z");
  for (const char* format : {"%Q", "%", "%E", "%-", "%^", "%:", "%:d", "%::::z", "%é", "100%"}) {
    EXPECT_EQ(formatted(time, format), format);
  }
  EXPECT_EQ(formatted(time, "%5Q"), "  %5Q");
}

TEST(Strftime, WidthsAreBounded) {
  const core::Timestamp time = at("2009-02-04T05:06:07Z");
  EXPECT_EQ(formatted(time, "%1000000d").size(), 1024U);
  EXPECT_EQ(formatted(time, "%99999999999999999999999d").size(), 1024U);
  std::string format;
  for (int i = 0; i < 60; ++i) format += "%1024d";
  EXPECT_EQ(formatted(time, format).size(), 60U * 1024);
  for (int i = 0; i < 100'000; ++i) format += "%1024d";
  std::string out;
  const core::Status status = append_strftime(out, time, format);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, core::ErrorCode::kLimit);
  EXPECT_LT(out.size(), 100'000U);
}

TEST(Strftime, WeeksAtTheTurnOfTheYear) {
  EXPECT_EQ(formatted(at("2021-01-03T00:00:00Z"), "%G-%V %U %W %u %w"), "2020-53 01 00 7 0");
  EXPECT_EQ(formatted(at("2018-12-31T00:00:00Z"), "%G-%V %U %W %u"), "2019-01 52 53 1");
  EXPECT_EQ(formatted(at("2020-12-31T00:00:00Z"), "%j"), "366");
}

struct ParseCase {
  const char* text;
  const char* format;
  const char* result;
};

TEST(Strptime, ReadsEveryDirective) {
  for (const ParseCase& c : {
           ParseCase{"2020-Aug-14", "%Y-%b-%d", "2020-08-14T00:00:00Z"},
           {"2020-Aug-14 11:50:26.371000", "%Y-%b-%d %H:%M:%S.%f", "2020-08-14T11:50:26.371Z"},
           {"11:50:26.3", "%T.%f", "1900-01-01T11:50:26.3Z"},
           {"", "", "1900-01-01T00:00:00Z"},
           {"68 69", "%y %y", "1969-01-01T00:00:00Z"},
           {"68", "%y", "2068-01-01T00:00:00Z"},
           {"1995", "%C%y", "1995-01-01T00:00:00Z"},
           {"AUGUST 2020", "%B %Y", "2020-08-01T00:00:00Z"},
           {"Fri Aug 14 11:45:26 2020", "%c", "2020-08-14T11:45:26Z"},
           {"Fri Aug  4 11:45:26 UTC 2020", "%+", "2020-08-04T11:45:26Z"},
           {"08/14/20", "%D", "2020-08-14T00:00:00Z"},
           {" 4-Aug-2020", "%v", "2020-08-04T00:00:00Z"},
           {"2020-08-14 11:45", "%F %R", "2020-08-14T11:45:00Z"},
           {"12:30:00 AM", "%r", "1900-01-01T00:30:00Z"},
           {"12:30:00 pm", "%I:%M:%S %p", "1900-01-01T12:30:00Z"},
           {" 5 7", "%k %l", "1900-01-01T07:00:00Z"},
           {"2020 366", "%Y %j", "2020-12-31T00:00:00Z"},
           {"2020-W53-4", "%G-W%V-%u", "2020-12-31T00:00:00Z"},
           {"2020-W53-7", "%G-W%V-%u", "2021-01-03T00:00:00Z"},
           {"2021 01 Sun", "%Y %U %a", "2021-01-03T00:00:00Z"},
           {"2021 01 Monday", "%Y %W %A", "2021-01-04T00:00:00Z"},
           {"2021 00 0", "%Y %W %w", "2021-01-03T00:00:00Z"},
           {"1597405526", "%s", "2020-08-14T11:45:26Z"},
           {"2020-02-30", "%F", "2020-03-01T00:00:00Z"},
           {"23:59:60", "%T", "1900-01-02T00:00:00Z"},
           {"2020 +0130", "%Y %z", "2020-01-01T00:00:00+01:30"},
           {"2020 +01:30", "%Y %z", "2020-01-01T00:00:00+01:30"},
           {"2020 +01", "%Y %z", "2020-01-01T00:00:00+01:00"},
           {"2020 Z", "%Y %z", "2020-01-01T00:00:00Z"},
           {"2020 -01:30", "%Y %:z", "2020-01-01T00:00:00-01:30"},
           {"2020 -01:30:00", "%Y %::z", "2020-01-01T00:00:00-01:30"},
           {"2020 CEST", "%Y %Z", "2020-01-01T00:00:00Z"},
           {"2020 CEST +0200", "%Y %Z %z", "2020-01-01T00:00:00+02:00"},
           {"2020 \t 08", "%Y%t%m", "2020-08-01T00:00:00Z"},
           {"100%", "100%%", "1900-01-01T00:00:00Z"},
       }) {
    const auto time = parse_strptime(c.text, c.format);
    ASSERT_TRUE(time) << c.text << ": " << time.error().message;
    EXPECT_EQ(core::to_rfc3339(*time), c.result) << c.text << " as " << c.format;
  }
}

TEST(Strptime, SaysWhatWasExpected) {
  for (const ParseCase& c : {
           ParseCase{"invalid format", "INVALID_FORMAT",
                     "failed to parse \"invalid format\" with \"INVALID_FORMAT\": expected 'I'"},
           {"not valid timestamp", "%Y-%b-%d",
            "failed to parse \"not valid timestamp\" with \"%Y-%b-%d\": cannot parse \"%Y\""},
           {"2020-08-14x", "%F", "unparsed string \"x\""},
           {"2020", "%Q", "unexpected format \"%Q\""},
           {"2020", "%-d", "unexpected format \"%-\""},
           {"2020", "%Y%", "stray \"%\""},
           {"13", "%m", "cannot parse \"%m\""},
           {"00", "%d", "cannot parse \"%d\""},
           {"Foo", "%b", "cannot parse \"%b\""},
           {"x", "%n", "expected a space for \"%n\""},
           {"x", "%%", "expected '%'"},
           {"abc", "%Z", "cannot parse \"\" with \"%Z\""},
           {"0100", "%z", "cannot parse \"%z\""},
           {"+1", "%z", "cannot parse \"%z\""},
           {"+0100", "%:z", "expected ':' for \"%:z\""},
           {"+01:00", "%::z", "expected ':' for \"%::z\""},
           {"+01:00", "%:d", "expected 'z' after \"%:\""},
           {"2020 05", "%Y %V", "use \"%G\" to parse ISO year for \"%V\""},
           {"2020 05", "%G %U", "use \"%Y\" to parse non-ISO year"},
           {"2020 055", "%G %j", "use \"%Y\" to parse non-ISO year for \"%j\""},
       }) {
    const auto time = parse_strptime(c.text, c.format);
    ASSERT_FALSE(time) << c.text << " as " << c.format;
    EXPECT_NE(time.error().message.find(c.result), std::string::npos) << time.error().message;
  }
  EXPECT_LT(parse_strptime(std::string(1 << 20, 'x'), "%Y").error().message.size(), 1000U);
}

}  // namespace
}  // namespace weir::mapping::text
