#include "core/tzif.h"

#include <gtest/gtest.h>

#include "core/time.h"

namespace weir::core {
namespace {

void put32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void put64(std::string& out, std::int64_t value) {
  put32(out, static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) >> 32));
  put32(out, static_cast<std::uint32_t>(value));
}

/// A block of one zone file: EST and EDT with one transition each.
std::string block(char version, bool wide, std::int32_t offset = -14'400,
                  std::uint8_t last_type = 1) {
  std::string out("TZif");
  out.push_back(version);
  out.append(15, '\0');
  for (const std::uint32_t count : {0U, 0U, 0U, 2U, 2U, 8U}) put32(out, count);
  for (const std::int64_t at : {1'000'000'000LL, 1'010'000'000LL}) {
    if (wide) {
      put64(out, at);
    } else {
      put32(out, static_cast<std::uint32_t>(at));
    }
  }
  out.push_back(0);
  out.push_back(static_cast<char>(last_type));
  put32(out, static_cast<std::uint32_t>(-18'000));
  out.append(2, '\0');
  put32(out, static_cast<std::uint32_t>(offset));
  out.push_back(1);
  out.push_back(4);
  out.append("EST\0EDT\0", 8);
  return out;
}

std::string file(const std::string& tail = "\nEST5EDT,M3.2.0,M11.1.0\n") {
  return block('2', false) + block('2', true) + tail;
}

TEST(Tzif, ReadsBothVersions) {
  const ZoneRules old = parse_tzif(block('\0', false)).value();
  EXPECT_EQ(old.transitions.size(), 2U);
  EXPECT_FALSE(old.tail);
  const ZoneRules rules = parse_tzif(file()).value();
  ASSERT_EQ(rules.types.size(), 2U);
  EXPECT_EQ(rules.types[0].name, "EST");
  EXPECT_EQ(rules.types[1].name, "EDT");
  EXPECT_TRUE(rules.types[1].daylight);
  EXPECT_EQ(rules.transitions[1], 1'010'000'000);
  ASSERT_TRUE(rules.tail);
  EXPECT_EQ(rules.tail->daylight_offset, -14'400);
  EXPECT_FALSE(parse_tzif(file("\n\n"))->tail);
}

TEST(Tzif, RefusesDamagedFilesAndReadsPastNone) {
  const std::string good = file();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_tzif(good.substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_tzif("not a zone file at all, but long enough for a header.........."));
  EXPECT_FALSE(parse_tzif(block('\0', false, 100'000)));
  EXPECT_FALSE(parse_tzif(block('\0', false, 0, 7)));
  EXPECT_FALSE(parse_tzif(file("\nEST5EDT,M13.2.0,M11.1.0\n")));
  std::string huge = block('\0', false);
  for (int i = 20; i < 44; ++i) huge[static_cast<std::size_t>(i)] = '\xff';
  EXPECT_FALSE(parse_tzif(huge));
}

TEST(Tzif, AnyChangedByteIsReadOrRefusedButNeverFatal) {
  const std::string good = file();
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int value : {0, 1, 0x7F, 0x80, 0xFF}) {
      std::string bad = good;
      bad[at] = static_cast<char>(value);
      const auto rules = parse_tzif(bad);
      if (!rules) continue;
      const Zone zone("test", std::make_unique<const ZoneRules>(*rules));
      for (const std::int64_t when :
           {0LL, 1'005'000'000LL, 4'000'000'000LL, -1'000'000'000'000LL}) {
        EXPECT_LE(std::abs(zone.at(when).seconds), 90'000);
      }
    }
  }
}

std::string utc(std::int64_t seconds) {
  return to_rfc3339(from_unix(seconds));
}

TEST(TailRule, FindsTheDayOfTheChange) {
  const auto at = [](const char* text, std::int64_t year) {
    const TailRule rule = parse_tail_rule(text).value();
    return utc(change_time(rule.to_daylight, year, rule.standard_offset));
  };
  EXPECT_EQ(at("EST5EDT,M3.2.0,M11.1.0", 2050), "2050-03-13T07:00:00Z");
  EXPECT_EQ(at("CET-1CEST,M3.5.0,M10.5.0/3", 2024), "2024-03-31T01:00:00Z");
  EXPECT_EQ(at("XXX0YYY,M2.5.4/0,M11.1.0", 2024), "2024-02-29T00:00:00Z");
  EXPECT_EQ(at("XXX0YYY,J59/0,J300", 2024), "2024-02-28T00:00:00Z");
  EXPECT_EQ(at("XXX0YYY,J60/0,J300", 2024), "2024-03-01T00:00:00Z");
  EXPECT_EQ(at("XXX0YYY,59/0,300", 2024), "2024-02-29T00:00:00Z");
  EXPECT_EQ(at("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2024), "2024-03-31T01:00:00Z");
}

TEST(TailRule, ReadsNamesAndOffsets) {
  const TailRule plain = parse_tail_rule("<+0530>-5:30").value();
  EXPECT_EQ(plain.standard_name, "+0530");
  EXPECT_EQ(plain.standard_offset, 19'800);
  EXPECT_FALSE(plain.has_daylight);
  const TailRule odd = parse_tail_rule("IST-1GMT0,M10.5.0,M3.5.0/1").value();
  EXPECT_EQ(odd.daylight_offset, 0);
  EXPECT_TRUE(is_daylight(odd, from_civil(2050, 1, 1).seconds));
  EXPECT_FALSE(is_daylight(odd, from_civil(2050, 7, 1).seconds));
}

TEST(TailRule, RefusesOtherText) {
  for (const char* text :
       {"", "E5", "EST", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,M11.1.0x", "EST25", "<EST5",
        "EST5EDT,M0.2.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,J0,J1", "EST5EDT,J366,J1", "EST5EDT,366,1", "EST5EDT,M3.2.0/168,M11.1.0",
        "EST99999999999999999999"}) {
    EXPECT_FALSE(parse_tail_rule(text)) << text;
  }
}

}  // namespace
}  // namespace weir::core
