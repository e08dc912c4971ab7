#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "codecs/json_boundary.h"
#include "codecs/splitter.h"
#include "codecs/support.h"

namespace weir::codecs {
namespace {

using testing::drive;
using testing::Drive;
using testing::Event;
using ::testing::HasSubstr;
using testing::record;

std::vector<Event> in_all_pieces(Splitter& splitter, std::string_view data) {
  splitter.reset();
  const auto whole = drive(splitter, data, {0});
  for (const std::size_t piece : {1U, 2U, 3U, 11U}) {
    for (const Drive how : {Drive::kNext, Drive::kSplit}) {
      splitter.reset();
      EXPECT_EQ(drive(splitter, data, {piece}, how), whole) << data << " in pieces of " << piece;
    }
  }
  return whole;
}

std::vector<Event> documents(std::string_view data, const JsonOptions& options = {}) {
  auto splitter = make_json_documents_splitter(options);
  EXPECT_TRUE(splitter);
  return in_all_pieces(**splitter, data);
}

std::vector<Event> elements(std::string_view data, const JsonOptions& options = {}) {
  auto splitter = make_json_array_splitter(options);
  EXPECT_TRUE(splitter);
  return in_all_pieces(**splitter, data);
}

std::vector<Event> records(const std::vector<std::string>& texts) {
  std::vector<Event> events;
  for (const std::string& text : texts) events.push_back(record(text));
  return events;
}

struct JsonCase {
  const char* name;
  std::string data;
  std::vector<std::string> expected;
};

class JsonDocuments : public ::testing::TestWithParam<JsonCase> {};

TEST_P(JsonDocuments, AreFound) {
  EXPECT_EQ(documents(GetParam().data), records(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Splitter, JsonDocuments,
    ::testing::Values(JsonCase{"nothing", "", {}}, JsonCase{"only_space", " \n\t\r ", {}},
                      JsonCase{"one", R"({"a":1})", {R"({"a":1})"}},
                      JsonCase{
                          "lines", "{\"a\":1}\n[2]\r\n\"c\"\n", {R"({"a":1})", "[2]", "\"c\""}},
                      JsonCase{"nothing_between",
                               R"({}[]"a"{"b":{}}"c")",
                               {"{}", "[]", "\"a\"", R"({"b":{}})", "\"c\""}},
                      JsonCase{"over_several_lines",
                               "{\n  \"a\": [\n    1,\n    2\n  ]\n}\n{\n}\n",
                               {"{\n  \"a\": [\n    1,\n    2\n  ]\n}", "{\n}"}},
                      JsonCase{"scalars",
                               "1 -2.5e+10 true false null \"s\" 0 0.1E-2",
                               {"1", "-2.5e+10", "true", "false", "null", "\"s\"", "0", "0.1E-2"}},
                      JsonCase{"scalars_without_space",
                               "truefalse\"x\"null01-1",
                               {"true", "false", "\"x\"", "null", "0", "1", "-1"}},
                      JsonCase{"brackets_within_strings",
                               R"({"a":"}]{[\"}"} {"\\":"\\"})",
                               {R"({"a":"}]{[\"}"})", R"({"\\":"\\"})"}},
                      JsonCase{"escapes",
                               R"(["\"\\\/\b\f\n\r\t\u00e9\uD83D"])",
                               {R"(["\"\\\/\b\f\n\r\t\u00e9\uD83D"])"}},
                      JsonCase{"bytes_not_utf8", "\"\xff\xfe\x80\"", {"\"\xff\xfe\x80\""}},
                      JsonCase{"long_string",
                               "\"" + std::string(100, 'x') + "\"",
                               {"\"" + std::string(100, 'x') + "\""}}),
    [](const auto& test) { return std::string(test.param.name); });

// Each of these is no JSON. What follows on a line of its own is read.
class MalformedJson : public ::testing::TestWithParam<std::string> {};

TEST_P(MalformedJson, IsOneBadRecordAndTheNextLineFlows) {
  const auto events = documents("{\"before\":1}\n" + GetParam() + "\n{\"after\":1}\n");
  ASSERT_EQ(events.size(), 3U) << ::testing::PrintToString(events);
  EXPECT_EQ(events[0], record("{\"before\":1}"));
  EXPECT_EQ(events[1].kind, "bad");
  EXPECT_THAT(events[1].text, HasSubstr("cannot stand there"));
  EXPECT_EQ(events[2], record("{\"after\":1}"));
}

INSTANTIATE_TEST_SUITE_P(Splitter, MalformedJson,
                         ::testing::Values("{", "{\"a\"", "{\"a\":1", "[1", "\"a", "}", "]", ",",
                                           ":", "{\"a\":1]", "[1}", "{,}", "[,]", "[1,]",
                                           "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:1}", "{'a':1}",
                                           "[1 2]", "[01]", "[1.]", "[.5]", "[1e]", "[1e+]", "[-]",
                                           "[+1]", "[1.e5]", "[tru]", "[nul]", "[True]", "trux",
                                           "[NaN]", "[\"\\x\"]", "[\"\\u12g4\"]", "[\"\\",
                                           "[\"a\tb\"]", "hello", "-", "1.", "[\"a\"\"b\"]", "[[]",
                                           "{\"a\":{\"b\":[}}}", "<xml/>", "\xef\xbb\xbf{}",
                                           "{\n  \"a\": \"oops\n  \"b\": {\n    \"c\": 1\n  }\n}"),
                         [](const auto& test) { return "case_" + std::to_string(test.index); });

TEST(JsonDocumentsSplitter, ADocumentTheStreamEndsInIsBad) {
  for (const std::string text : {"{\"a\":1", "\"a", "tru", "-", "1e", "[\"\\u00"}) {
    const auto events = documents("[1]\n" + text);
    ASSERT_EQ(events.size(), 2U) << text;
    EXPECT_EQ(events[1],
              (Event{"bad", "splitting JSON documents: the stream ends within a value"}));
  }
}

TEST(JsonDocumentsSplitter, ADocumentThatGoesOnInTheNextLineTakesThatWithIt) {
  for (const std::string text : {"[", "{\"a\":"}) {
    const auto events = documents(text + "\n{\"taken\":1}\n{\"after\":1}\n");
    ASSERT_EQ(events.size(), 2U) << text;
    EXPECT_EQ(events[0].kind, "bad");
    EXPECT_EQ(events[1], record("{\"after\":1}"));
  }
}

TEST(JsonDocumentsSplitter, ErrorsSayWhereAndWhat) {
  EXPECT_EQ(documents("{\"a\":x}")[0].text,
            "splitting JSON documents: byte 6 of the value, `x`, cannot stand there");
  EXPECT_EQ(documents(std::string("\0", 1))[0].text,
            "splitting JSON documents: byte 1 of the value, 0x00, cannot stand there");
}

TEST(JsonDocumentsSplitter, ADocumentOverTheLimitFailsAloneWhateverItsEnd) {
  const JsonOptions options{.max_record_bytes = 10};
  const Event too_long{"bad",
                       "splitting JSON documents: the record is longer than the limit of 10 bytes"};
  EXPECT_EQ(documents("[12345678] [123456789] [1]", options),
            (std::vector<Event>{record("[12345678]"), too_long, record("[1]")}));
  EXPECT_EQ(documents("[1] \"" + std::string(100, 'x') + "\" [2]", options),
            (std::vector<Event>{record("[1]"), too_long, record("[2]")}));
  EXPECT_EQ(documents("[1]\n[\"" + std::string(100, 'x') + "\",oops] {}\n[2]", options),
            (std::vector<Event>{record("[1]"), too_long, record("[2]")}));
  EXPECT_EQ(documents("[1] [" + std::string(100, ' '), options),
            (std::vector<Event>{record("[1]"), too_long}));
  EXPECT_EQ(documents("1234567890 12345678901 1", options),
            (std::vector<Event>{record("1234567890"), too_long, record("1")}));
}

TEST(JsonDocumentsSplitter, ADocumentTooDeepFailsAlone) {
  const JsonOptions options{.max_depth = 4};
  const Event too_deep{"bad",
                       "splitting JSON documents: the value is nested deeper than the limit of 4"};
  EXPECT_EQ(documents("[[[[1]]]] [[[[[1]]]]] [2]", options),
            (std::vector<Event>{record("[[[[1]]]]"), too_deep, record("[2]")}));
  EXPECT_EQ(documents(R"({"a":{"b":{"c":{"d":{"e}":"]\"}"}}}}} [2])", options),
            (std::vector<Event>{too_deep, record("[2]")}));
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  EXPECT_EQ(documents(deep + "[2]", options), (std::vector<Event>{too_deep, record("[2]")}));
}

TEST(JsonArraySplitter, GivesTheElements) {
  EXPECT_EQ(elements("[]"), std::vector<Event>{});
  EXPECT_EQ(elements(""), std::vector<Event>{});
  EXPECT_EQ(elements(" [ 1 ,{\"a\":[2,3]} , \"x]\",[] , null ]\n "),
            records({"1", "{\"a\":[2,3]}", "\"x]\"", "[]", "null"}));
  EXPECT_EQ(elements("[1,2][][3]\n[4]"), records({"1", "2", "3", "4"}));
}

TEST(JsonArraySplitter, FailsWhereTheArrayIsMalformed) {
  const auto last = [](std::string_view data) { return elements(data).back(); };
  EXPECT_EQ(last("{}"), (Event{"failed", "splitting a JSON array: the data is not an array"}));
  EXPECT_EQ(last("[1] 2").text, "splitting a JSON array: the data is not an array");
  EXPECT_EQ(last("[1 2]").text, "splitting a JSON array: neither `,` nor `]` follows an element");
  EXPECT_EQ(last("[1,]").text,
            "splitting a JSON array: byte 1 of the value, `]`, cannot stand there");
  EXPECT_EQ(last("[1,2").text, "splitting a JSON array: the stream ends within the array");
  EXPECT_EQ(last("[").text, "splitting a JSON array: the stream ends within the array");
  EXPECT_EQ(last("[1,{\"a\"").text, "splitting a JSON array: the stream ends within a value");
  EXPECT_EQ(elements("[1,oops").front(), record("1"));
}

TEST(JsonArraySplitter, AnElementOverALimitFailsAlone) {
  const auto kinds = [](const std::vector<Event>& events) {
    std::string text;
    for (const Event& event : events) text += event.kind == "record" ? event.text : event.kind;
    return text;
  };
  EXPECT_EQ(kinds(elements("[1,\"123456789\",2,\"12345678\"]", {.max_record_bytes = 10})),
            "1bad2\"12345678\"");
  EXPECT_EQ(kinds(elements("[1,[[[]]],2]", {.max_depth = 2})), "1bad2");
  EXPECT_EQ(kinds(elements("[1,\"12345678901234567890\" oops]", {.max_record_bytes = 10})),
            "1badfailed");
}

TEST(JsonSplitters, GarbageGivesTheSameInAnyPieces) {
  EXPECT_TRUE(rc::check("JSON in pieces", [] {
    const auto tokens = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "{", "}", "[", "]", ",", ":", "\"a\"", "\"", "\\", "1", "-0.5e3", "true", "nul", " ", "\n",
        "\n{", "{\"k\":", "[1,2]", "\xff", "\\u00e9"));
    std::string data;
    for (const std::string& token : tokens) data += token;
    JsonOptions options;
    options.max_record_bytes = *rc::gen::inRange<std::size_t>(1, 30);
    options.max_depth = *rc::gen::inRange<std::size_t>(1, 5);
    const auto sizes =
        *rc::gen::container<std::vector<std::size_t>>(4, rc::gen::inRange<std::size_t>(1, 9));
    for (const bool array : {false, true}) {
      auto splitter =
          array ? make_json_array_splitter(options) : make_json_documents_splitter(options);
      RC_ASSERT(splitter.has_value());
      const auto whole = drive(**splitter, array ? "[" + data : data, {0});
      for (const Event& event : whole) RC_ASSERT(event.kind != "broken");
      for (const Drive how : {Drive::kNext, Drive::kSplit}) {
        (*splitter)->reset();
        RC_ASSERT(drive(**splitter, array ? "[" + data : data, sizes, how) == whole);
      }
    }
  }));
}

TEST(JsonSplitters, OptionsOutOfRangeAreRefused) {
  EXPECT_FALSE(make_json_documents_splitter({.max_record_bytes = 0}));
  EXPECT_FALSE(make_json_documents_splitter({.max_depth = 0}));
  EXPECT_FALSE(make_json_array_splitter({.max_depth = 10'001}));
  EXPECT_TRUE(make_json_array_splitter({.max_depth = 10'000}));
}

TEST(JsonBoundary, StopsRightBehindTheValue) {
  JsonBoundary boundary(8);
  boundary.start();
  std::size_t at = 0;
  EXPECT_EQ(boundary.scan("{\"a\":[1,2]} {", at), JsonBoundary::Found::kEnd);
  EXPECT_EQ(at, 11U);
  boundary.start();
  at = 0;
  EXPECT_EQ(boundary.scan("12", at), JsonBoundary::Found::kNeedMore);
  EXPECT_TRUE(boundary.complete_at_end());
  EXPECT_EQ(boundary.scan("12,", at), JsonBoundary::Found::kEnd);
  EXPECT_EQ(at, 2U);
}

}  // namespace
}  // namespace weir::codecs
