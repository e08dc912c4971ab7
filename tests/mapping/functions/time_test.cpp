#include <string>

#include <gtest/gtest.h>

#include "core/time_zone.h"
#include "functions/cases.h"
#include "functions/world.h"

namespace weir::mapping::test {
namespace {

class Times : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override { core::set_local_zone(core::utc_zone()); }
};

TEST_P(Times, BehaveAsTheTableSays) {
  World world;
  EXPECT_EQ(world.run(GetParam().mapping, GetParam().input), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Times,
    testing::Values(
        Case{"unix_seconds_round_down",
             "root = [this.ts_unix(), this.ts_unix_milli(), this.ts_unix_nano()]", "-1.5",
             "[-2,-1500,-1500000000]"},
        Case{"unix_nano_far_away", "root = this.ts_unix_nano().catch(\"no\")",
             R"("9999-01-01T00:00:00Z")", "no"},
        Case{"a_bool_is_no_time", "root = this.ts_unix()", "true",
             "error: failed assignment (line 1): expected number or string value, got bool from "
             "field "
             "`this` (true)"},
        Case{"null_is_no_time", "root = this.a.ts_format()", "{}",
             "error: failed assignment (line 1): expected number or string value, got null from "
             "field "
             "`this.a`"},
        Case{"bytes_are_text", "root = content().ts_unix()", "2020-01-01T00:00:00Z", "1577836800"},
        Case{"default_layout", "root = this.ts_format()", R"("2020-08-14T11:50:26.3710+02:00")",
             "2020-08-14T11:50:26.371+02:00"},
        Case{"unix_seconds_show_in_the_local_zone", "root = this.ts_format()", "0",
             "1970-01-01T00:00:00Z"},
        Case{"a_zone_of_the_data", "root = this.at.ts_format(\"15:04 MST\", this.zone)",
             R"({"at":0,"zone":"Asia/Tokyo"})", "09:00 JST"},
        Case{"an_unknown_zone_of_the_data", "root = this.at.ts_tz(this.zone)",
             R"({"at":0,"zone":"No/Where"})",
             "error: failed assignment (line 1): field `this.at`: failed to parse timezone "
             "location name: "
             "unknown time zone No/Where"},
        Case{"an_empty_zone_is_utc", "root.t = this.ts_tz(\"\")", "5",
             R"({"t":"1970-01-01T00:00:05Z"})"},
        Case{"rounding_by_nothing", "root.t = this.ts_round(0)", R"("2020-03-31T00:00:00.5Z")",
             R"({"t":"2020-03-31T00:00:00.5Z"})"},
        Case{"a_month_later", "root.t = this.ts_add_iso8601(\"P1M\")", R"("2020-01-31T00:00:00Z")",
             R"({"t":"2020-03-02T00:00:00Z"})"},
        Case{"a_period_of_the_data", "root.t = this.ts_sub_iso8601(\"P\" + this.day())",
             R"("2020-01-31T00:00:00Z")", "parse error: line 1 char 41: unrecognised method 'day'"},
        Case{"a_bad_period_of_the_data", "root.t = this.at.ts_sub_iso8601(this.by)",
             R"({"at":0,"by":"x"})",
             "error: failed assignment (line 1): field `this.at`: x: expected 'P' period mark at "
             "the "
             "start"},
        Case{"times_subtract", "root = this.a.ts_sub(this.b)",
             R"({"a":"2020-03-31T00:00:00.5Z","b":1585612800})", "500000000"},
        Case{"times_subtract_up_to_292_years", "root = this.a.ts_sub(this.b)",
             R"({"a":"9999-01-01T00:00:00Z","b":"0001-01-01T00:00:00Z"})", "9223372036854775807"},
        Case{"a_duration_with_days", "root = this.parse_duration().catch(\"no\")", R"("1d")", "no"},
        Case{"a_negative_duration", "root = this.parse_duration()", R"("-1.5h")", "-5400000000000"},
        Case{"an_iso_duration_too_long", "root = this.parse_duration_iso8601().catch(\"no\")",
             R"("P500Y")", "no"},
        Case{"strftime_keeps_unknown_directives", "root = this.ts_strftime(\"%Y %q\")", "0",
             "1970 %q"},
        Case{"strptime_wants_all_of_the_text", "root = this.ts_strptime(\"%Y\").catch(\"no\")",
             R"("2020 a")", "no"},
        Case{"old_names_give_text", "root.t = this.parse_timestamp(\"2006-Jan-02\").type()",
             R"("2020-Aug-14")", R"({"t":"string"})"},
        Case{"new_names_give_timestamps", "root.t = this.ts_parse(\"2006-Jan-02\").type()",
             R"("2020-Aug-14")", R"({"t":"timestamp"})"},
        Case{"old_names_of_formatting",
             "root = this.format_timestamp(tz: \"UTC\", format: \"2006\")", "0", "1970"}),
    case_name);

TEST(TimesOfLiterals, AreWorkedOutWhenCompiled) {
  World world;
  for (const char* mapping : {
           "root = \"x\".ts_parse(\"2006\").catch(\"c\")",
           "root = \"nope\".ts_unix().catch(5)",
           "root = true.ts_unix().catch(5)",
           "root = \"1d\".parse_duration()",
           "root = this.ts_tz(\"Nope\")",
           "root = this.ts_format(\"2006\", \"Nope\")",
           "root = this.ts_strftime(\"%Y\", \"Nope\")",
           "root = this.ts_add_iso8601(\"nope\")",
           "root = this.ts_sub(true)",
       }) {
    EXPECT_TRUE(world.run(mapping, "0").starts_with("parse error: ")) << mapping;
  }
  EXPECT_EQ(world.run("root = this.s.ts_parse(\"2006\").catch(\"c\")", R"({"s":"x"})"), "c");
}

TEST(LongLayouts, EndInAnErrorOrATextWithinTheLimit) {
  World world;
  world.limits.max_text = 4096;
  const std::string input = R"({"layout":")" + std::string(10'000, 'x') + "\"}";
  EXPECT_NE(
      world.run("root = 0.ts_format(this.layout)", input).find("larger than the limit allows"),
      std::string::npos);
  const std::string wide = R"({"layout":"%1000Y%1000Y%1000Y%1000Y%1000Y"})";
  EXPECT_NE(
      world.run("root = 0.ts_strftime(this.layout)", wide).find("larger than the limit allows"),
      std::string::npos);
}

}  // namespace
}  // namespace weir::mapping::test
