#include "mapping/text/go_layout.h"

#include <gtest/gtest.h>

namespace weir::mapping::text {
namespace {

core::Timestamp at(const char* rfc3339) {
  return core::parse_rfc3339(rfc3339).value();
}

std::string formatted(const core::Timestamp& time, std::string_view layout) {
  std::string out;
  format_go_layout(out, time, layout);
  return out;
}

struct FormatCase {
  const char* layout;
  const char* text;
};

TEST(GoLayoutFormat, WritesEveryElement) {
  const core::Timestamp time = at("2009-02-04T05:06:07.089012345-08:00");
  for (const FormatCase& c :
       {FormatCase{"2006 06", "2009 09"},
        {"01 1 Jan January", "02 2 Feb February"},
        {"02 2 _2 002 __2", "04 4  4 035  35"},
        {"Mon Monday", "Wed Wednesday"},
        {"15 03 3 PM pm", "05 05 5 AM am"},
        {"04 4 05 5", "06 6 07 7"},
        {"Z0700 Z07:00 Z07", "-0800 -08:00 -08"},
        {"-0700 -07:00 -07", "-0800 -08:00 -08"},
        {"-070000 Z070000 -07:00:00 Z07:00:00", "-080000 -080000 -08:00:00 -08:00:00"},
        {"MST", "-0800"},
        {"05.000 05.999 05,000 05,999", "07.089 07.089 07,089 07,089"},
        {".0 .9 .00 .99", ".0  .08 .08"},
        {".000000000 .999999999 .0000000000", ".089012345 .089012345 .089012345"},
        {"_2006", "_2009"},
        {"__2006", " 35009"},
        {"", ""},
        {"no elements", "no elements"},
        {"Janx Mondayx Monx", "Janx Wednesdayx Monx"},
        {"J M P p Z - . , 0", "J M P p Z - . , 0"},
        {".0001 .9992", ".0002 .9994"},
        {"é2006", "é2009"}}) {
    EXPECT_EQ(formatted(time, c.layout), c.text) << c.layout;
  }
}

TEST(GoLayoutFormat, CasesOfTheLanguage) {
  EXPECT_EQ(formatted(at("2020-08-14T11:50:26.371Z"), "2006-Jan-02 15:04:05"),
            "2020-Aug-14 11:50:26");
  EXPECT_EQ(formatted(at("2020-08-14T11:45:26.371+01:00"), kRfc3339NanoLayout),
            "2020-08-14T11:45:26.371+01:00");
  EXPECT_EQ(formatted(at("2020-08-14T11:45:26.371Z"), "2006-Jan-02 15:04:05.999999"),
            "2020-Aug-14 11:45:26.371");
  EXPECT_EQ(
      formatted(core::from_unix_double(1597405526.123456).value(), "2006-Jan-02 15:04:05.999999"),
      "2020-Aug-14 11:45:26.123456");
}

TEST(GoLayoutFormat, NoonMidnightAndOtherYears) {
  EXPECT_EQ(formatted(at("2020-01-01T00:30:00Z"), "3PM 03pm"), "12AM 12am");
  EXPECT_EQ(formatted(at("2020-01-01T12:30:00Z"), "3PM"), "12PM");
  EXPECT_EQ(formatted(at("2020-01-01T23:30:00Z"), "3PM 15"), "11PM 23");
  EXPECT_EQ(formatted(core::from_civil(12345, 1, 1), "2006 06"), "12345 45");
  EXPECT_EQ(formatted(core::from_civil(-5, 1, 1), "2006 06"), "-0005 00");
  EXPECT_EQ(formatted(at("2020-01-01T00:00:00Z"), "MST Z07:00 -0700"), "UTC Z +0000");
  EXPECT_EQ(formatted(at("2020-12-31T00:00:00Z"), "002"), "366");
  const core::Zone& berlin = *core::load_zone("Europe/Berlin").value();
  EXPECT_EQ(formatted(at("2020-07-01T12:00:00Z").in(berlin), "15:04 MST -0700"),
            "14:00 CEST +0200");
}

struct ParseCase {
  const char* layout;
  const char* text;
  const char* result;
};

TEST(GoLayoutParse, ReadsEveryElement) {
  for (const ParseCase& c : {
           ParseCase{"2006-Jan-02", "2020-Aug-14", "2020-08-14T00:00:00Z"},
           {"Jan 2, 2006 at 3:04pm (MST)", "Aug 14, 2020 at 5:54am (UTC)", "2020-08-14T05:54:00Z"},
           {"2006-01-02", "2022-06-06", "2022-06-06T00:00:00Z"},
           {"Monday January _2 2006", "wednesday FEBRUARY  4 2009", "2009-02-04T00:00:00Z"},
           {"06-1-2", "69-2-4", "1969-02-04T00:00:00Z"},
           {"06-1-2", "68-02-04", "2068-02-04T00:00:00Z"},
           {"2006 002", "2020 060", "2020-02-29T00:00:00Z"},
           {"2006 __2", "2021  60", "2021-03-01T00:00:00Z"},
           {"2006-01-02 002", "2020-12-31 366", "2020-12-31T00:00:00Z"},
           {"15:04:05", "1:02:03", "0000-01-01T01:02:03Z"},
           {"3:4:5 PM", "12:30:00 AM", "0000-01-01T00:30:00Z"},
           {"3:4:5 PM", "12:30:00 PM", "0000-01-01T12:30:00Z"},
           {"15:04:05", "01:02:03.25", "0000-01-01T01:02:03.25Z"},
           {"15:04:05.000", "01:02:03.250", "0000-01-01T01:02:03.25Z"},
           {"15:04:05.999", "01:02:03", "0000-01-01T01:02:03Z"},
           {"15:04:05.999", "01:02:03.123456", "0000-01-01T01:02:03.123456Z"},
           {"15:04:05,000", "01:02:03.250", "0000-01-01T01:02:03.25Z"},
           {"15:04:05.0000000000", "01:02:03.250000000", "0000-01-01T01:02:03.25Z"},
           {"2006-01-02 -0700", "2020-08-14 +0130", "2020-08-14T00:00:00+01:30"},
           {"2006-01-02 Z07:00", "2020-08-14 Z", "2020-08-14T00:00:00Z"},
           {"2006-01-02 Z07:00:00", "2020-08-14 -01:30:00", "2020-08-14T00:00:00-01:30"},
           {"2006-01-02 -07", "2020-08-14 -08", "2020-08-14T00:00:00-08:00"},
           {"2006-01-02 MST", "2020-08-14 CEST", "2020-08-14T00:00:00Z"},
           {"2006-01-02 MST", "2020-08-14 GMT+3", "2020-08-14T03:00:00+03:00"},
           {"2006-01-02 MST", "2020-08-14 +03", "2020-08-14T00:00:00Z"},
           {"2006-01-02 MST", "2020-08-14 WITA", "2020-08-14T00:00:00Z"},
           {"2006-01-02 MST", "2020-08-14 ChST", "2020-08-14T00:00:00Z"},
           {"2006-01-02   15", "2020-08-14 07", "2020-08-14T07:00:00Z"},
           {"2006-01-02T15:04:05Z07:00", "2020-08-14T5:04:05Z", "2020-08-14T05:04:05Z"},
           {"2006 x", "2020 x", "2020-01-01T00:00:00Z"},
       }) {
    const auto time = parse_go_layout(c.text, c.layout);
    ASSERT_TRUE(time) << c.text << ": " << time.error().message;
    EXPECT_EQ(core::to_rfc3339(*time), c.result) << c.text << " as " << c.layout;
  }
}

TEST(GoLayoutParse, KeepsTheAbbreviationOfTheZone) {
  const auto time = parse_go_layout("2020-08-14 CEST", "2006-01-02 MST").value();
  EXPECT_EQ(formatted(time, "MST -0700"), "CEST +0000");
  const auto both = parse_go_layout("2020-08-14 +0200 CEST", "2006-01-02 -0700 MST").value();
  EXPECT_EQ(formatted(both, "MST -0700"), "CEST +0200");
}

TEST(GoLayoutParse, AnAbbreviationOfTheLocalZoneHasItsOffset) {
  core::set_local_zone(*core::load_zone("Europe/Berlin").value());
  EXPECT_EQ(core::to_rfc3339(parse_go_layout("2020-08-14 CEST", "2006-01-02 MST").value()),
            "2020-08-14T00:00:00+02:00");
  EXPECT_EQ(core::to_rfc3339(parse_go_layout("2020-08-14 EST", "2006-01-02 MST").value()),
            "2020-08-14T00:00:00Z");
  core::set_local_zone(core::utc_zone());
}

TEST(GoLayoutParse, SaysWhereTheTextLeavesTheLayout) {
  for (
      const ParseCase& c : {
          ParseCase{"2006-01-02T15:04:05Z07:00", "not valid timestamp",
                    "parsing time \"not valid timestamp\" as \"2006-01-02T15:04:05Z07:00\": cannot "
                    "parse \"not valid timestamp\" as \"2006\""},
          {"2006-Jan-02", "invalid format",
           "parsing time \"invalid format\" as \"2006-Jan-02\": cannot parse \"invalid format\" as "
           "\"2006\""},
          {"2006-01-02", "2020-08-14x", "parsing time \"2020-08-14x\": extra text: \"x\""},
          {"2006-01-02", "2020/08/14",
           "parsing time \"2020/08/14\" as \"2006-01-02\": cannot parse \"/08/14\" as \"-\""},
          {"2006-01-02", "2020-13-14", "parsing time \"2020-13-14\": month out of range"},
          {"2006-01-02", "2020-02-30", "parsing time \"2020-02-30\": day out of range"},
          {"2006-01-02", "2020-02-00", "day out of range"},
          {"15:04", "24:00", "hour out of range"},
          {"15:04", "23:60", "minute out of range"},
          {"03:04 PM", "13:00 PM", "hour out of range"},
          {"03:04 PM", "11:00 XM", "cannot parse \"XM\" as \"PM\""},
          {"05", "60", "second out of range"},
          {"02", "5", "cannot parse \"5\" as \"02\""},
          {"2006 002", "2021 366", "day-of-year out of range"},
          {"2006-01-02 002", "2020-12-30 366", "day-of-year does not match day"},
          {"2006-01 002", "2020-11 366", "day-of-year does not match month"},
          {"-0700", "+2500", "time zone offset hour out of range"},
          {"-0700", "+0061", "time zone offset minute out of range"},
          {"-07:00", "+0100", "cannot parse \"+0100\" as \"-07:00\""},
          {"MST", "utc", "cannot parse \"utc\" as \"MST\""},
          {"MST", "TOOLONG", "cannot parse \"TOOLONG\" as \"MST\""},
          {".000", ".12", "cannot parse \".12\" as \".000\""},
          {"2006", "", "cannot parse \"\" as \"2006\""},
          {"2006", "\"\n\xff", "cannot parse \"\\\"\\x0a\\xff\" as \"2006\""},
      }) {
    const auto time = parse_go_layout(c.text, c.layout);
    ASSERT_FALSE(time) << c.text;
    EXPECT_NE(time.error().message.find(c.result), std::string::npos) << time.error().message;
  }
  EXPECT_LT(parse_go_layout(std::string(1 << 20, 'x'), "2006").error().message.size(), 2000U);
}

TEST(GoLayoutParse, WhatIsWrittenIsReadBack) {
  const core::Timestamp time = at("2009-12-31T23:06:07.089012345-08:30");
  for (const char* layout :
       {"2006-01-02T15:04:05.999999999Z07:00", "Mon Jan _2 15:04:05.000000000 2006 -0700",
        "Monday, 02-Jan-06 15:04:05.999999999 -07:00:00", "2006 002 03:04:05.999999999PM Z0700",
        "20060102150405.000000000-0700"}) {
    const auto back = parse_go_layout(formatted(time, layout), layout);
    ASSERT_TRUE(back) << layout << ": " << back.error().message;
    EXPECT_EQ(*back, time) << layout;
  }
}

TEST(GoLayoutParse, TimestampsInTextAreRfc3339) {
  EXPECT_EQ(parse_timestamp("2020-08-14T05:54:23.5+01:00").value(),
            at("2020-08-14T05:54:23.5+01:00"));
  EXPECT_EQ(
      parse_timestamp("not a timestamp").error().message,
      "parsing time \"not a timestamp\" as \"2006-01-02T15:04:05.999999999Z07:00\": cannot parse "
      "\"not a timestamp\" as \"2006\"");
}

TEST(GoLayout, ACompiledLayoutCanBeMovedAndUsedTwice) {
  std::vector<GoLayout> layouts;
  for (int i = 0; i < 10; ++i) layouts.emplace_back("2006");
  for (const GoLayout& layout : layouts) {
    std::string out;
    layout.format(out, at("2020-01-01T00:00:00Z"));
    EXPECT_EQ(out, "2020");
    EXPECT_EQ(layout.parse("1999").value(), at("1999-01-01T00:00:00Z"));
  }
}

}  // namespace
}  // namespace weir::mapping::text
