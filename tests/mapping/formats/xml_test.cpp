#include "mapping/formats/xml.h"

#include <string>

#include <gtest/gtest.h>

#include "core/json_index.h"
#include "core/json_text.h"

namespace weir::mapping {
namespace {

std::string to_json(core::Value value) {
  core::Buffer out;
  const auto done = core::write_json(value, out, {.sort_keys = true});
  return done ? std::string(out.view()) : done.error().message;
}

std::string parse(const std::string& xml, bool cast = false,
                  std::size_t memory = std::size_t{1} << 24) {
  core::Arena arena;
  const auto value = parse_xml(xml, cast, ArenaBudget(arena, memory));
  return value ? to_json(*value) : "error: " + value.error().message;
}

std::string write(const std::string& json, const XmlStyle& style = {}) {
  core::Arena arena;
  core::Buffer out;
  const auto value = core::parse_json(json, arena);
  const auto done = write_xml(*value, style, arena, out);
  return done ? std::string(out.view()) : "error: " + done.error().message;
}

TEST(ParseXml, ElementsAttributesAndText) {
  const std::pair<const char*, const char*> cases[] = {
      {"<a/>", R"({"a":""})"},
      {"<a> </a>", R"({"a":""})"},
      {"<a b='1'/>", R"({"a":{"-b":"1"}})"},
      {"<a b='1'>x</a>", R"({"a":{"#text":"x","-b":"1"}})"},
      {"<a><b>1</b><b>2</b><c/><b x='1'/></a>", R"({"a":{"b":["1","2",{"-x":"1"}],"c":""}})"},
      {"<a><![CDATA[ x <y> ]]></a>", R"({"a":"x <y>"})"},
      {"<a> x  y\n </a>", R"({"a":"x  y"})"},
      {"<a>&lt;&amp;&#65;</a>", R"({"a":"<&A"})"},
      {"<a xmlns='u' xmlns:p='v' p:q='1'><p:b>1</p:b></a>",
       R"({"a":{"-p":"v","-q":"1","-xmlns":"u","b":"1"}})"},
      {"<?xml version='1.0'?><!-- c --><!DOCTYPE a><a><!-- c --><?pi x?>1</a>", R"({"a":"1"})"},
      {"<a>1</a><b>2</b>", R"({"a":"1"})"},
      {"<a/>junk", R"({"a":""})"},
      {"<a b=' x '/>", R"({"a":{"-b":" x "}})"},
      {"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", R"({"a":"é"})"},
  };
  for (const auto& [xml, json] : cases) EXPECT_EQ(parse(xml), json) << xml;
}

TEST(ParseXml, AllTextOfAnElementIsKept) {
  EXPECT_EQ(parse("<a>x<!-- c -->y</a>"), R"({"a":"xy"})");
  EXPECT_EQ(parse("<a>x<b>1</b>y</a>"), R"({"a":{"#text":"xy","b":"1"}})");
}

TEST(ParseXml, CastsNumbersAndBools) {
  const std::pair<const char*, const char*> cases[] = {
      {"1", "1"},
      {"1.0", "1"},
      {"1e3", "1000"},
      {"-1", "-1"},
      {".5", "0.5"},
      {"01", "1"},
      {"true", "true"},
      {"True", "true"},
      {"f", "false"},
      {"0", "0"},
      {"yes", R"("yes")"},
      {"0x1F", R"("0x1F")"},
      {"NaN", R"("NaN")"},
      {"Inf", R"("Inf")"},
      {"infinity", R"("infinity")"},
      {"1e400", R"("1e400")"},
      {"", R"("")"},
      {"- 1", R"("- 1")"},
  };
  for (const auto& [text, json] : cases) {
    EXPECT_EQ(parse("<a>" + std::string(text) + "</a>", true), "{\"a\":" + std::string(json) + "}");
  }
}

TEST(ParseXml, MistakesHaveAPlace) {
  EXPECT_EQ(parse("<a><b></a>"), "error: mismatched tag at line 1 column 9");
  EXPECT_EQ(parse(""), "error: no element found at line 1 column 1");
  EXPECT_EQ(parse("<a>"), "error: no element found at line 1 column 4");
  EXPECT_EQ(parse("<a>\n&foo;</a>"), "error: undefined entity at line 2 column 1");
  EXPECT_EQ(parse("<a x='1' x='2'/>"), "error: duplicate attribute at line 1 column 10");
  EXPECT_EQ(parse("<a>\xff</a>"), "error: not well-formed (invalid token) at line 1 column 4");
}

TEST(ParseXml, HostileDocumentsAreRefused) {
  EXPECT_NE(parse("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>")
                .find("entities of its own are not allowed"),
            std::string::npos);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_NE(parse(deep).find("nested too deep"), std::string::npos);
  std::string wide = "<a>";
  for (int i = 0; i < 100'000; ++i) wide += "<b/>";
  EXPECT_NE(parse(wide + "</a>", false, 1 << 20).find("more memory than allowed"),
            std::string::npos);
}

TEST(WriteXml, ReadsBackAndEscapes) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"a":{"-b":"1","#text":"x"}})", R"(<a b="1">x</a>)"},
      {R"({"a":{"-b":1,"c":[1,2,{"d":null}]}})", R"(<a b="1"><c>1</c><c>2</c><c><d/></c></a>)"},
      {R"({"a":null})", "<a/>"},
      {R"({"a":1,"b":2})", "<doc><a>1</a><b>2</b></doc>"},
      {R"({})", "<doc/>"},
      {R"({"a":[1,2]})", "<doc><a>1</a><a>2</a></doc>"},
      {R"({"a":[[1,2],[3]]})", "<doc><a>1</a><a>2</a><a>3</a></doc>"},
      {R"({"a":{"b":[],"c":{},"d":""}})", "<a><b/><c/><d/></a>"},
      {R"({"a":{"-b":"<\"&\n","#text":"<&>\"\u0001"}})",
       "<a b=\"&lt;&quot;&amp;&#10;\">&lt;&amp;&gt;\"\xef\xbf\xbd</a>"},
      {R"({"a":[true,1.50]})", "<doc><a>true</a><a>1.50</a></doc>"},
  };
  for (const auto& [json, xml] : cases) EXPECT_EQ(write(json), xml) << json;
}

TEST(WriteXml, IndentsElementsNotText) {
  EXPECT_EQ(write(R"({"a":{"#text":"x","b":{"c":1}}})", {.indent = "  ", .root_tag = {}}),
            "<a>x\n  <b>\n    <c>1</c>\n  </b>\n</a>");
  EXPECT_EQ(write(R"({"a":1,"b":[1,2]})", {.indent = "", .root_tag = "r"}),
            "<r>\n<a>1</a>\n<b>1</b>\n<b>2</b>\n</r>");
}

TEST(WriteXml, RefusesWhatIsNoXml) {
  EXPECT_EQ(write(R"({"a b":1})"), "error: `a b` is no XML name");
  EXPECT_EQ(write(R"({"a":{"-b":null}})"), "error: invalid attribute value for `-b`: null");
  EXPECT_EQ(write(R"({"a":{"-b":[1]}})"), "error: invalid attribute value for `-b`: array");
  EXPECT_EQ(write(R"({"a":{"-1":1}})"), "error: `1` is no XML name");
  EXPECT_EQ(write(R"({"":1})"), "error: `` is no XML name");
  const std::string wide(1000, ' ');
  EXPECT_NE(write(R"({"a":{"b":{"c":1}}})", {.indent = wide, .root_tag = {}, .max_size = 1000})
                .find("error: "),
            std::string::npos);
}

}  // namespace
}  // namespace weir::mapping
