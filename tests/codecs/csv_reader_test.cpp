#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "codecs/csv.h"
#include "codecs/support.h"

namespace weir::codecs {
namespace {

using core::ErrorCode;
using ::testing::ElementsAre;
using testing::Event;
using ::testing::HasSubstr;
using testing::WindowFeed;
using Kind = CsvReader::Step::Kind;

std::string joined(std::span<const std::string_view> fields) {
  std::string text;
  for (const std::string_view field : fields) text.append("[").append(field).append("]");
  return text;
}

Event row(std::string_view text) {
  return {"row", std::string(text)};
}

// Every row as "[field][field]"; a bad one as its fields and its error.
std::vector<Event> drive(CsvReader& reader, std::string_view data,
                         const std::vector<std::size_t>& sizes) {
  std::vector<Event> events;
  WindowFeed feed(data, sizes);
  for (std::size_t steps = 0; steps < 100 + 8 * data.size(); ++steps) {
    const std::string_view window = feed.window();
    const auto step = reader.next(window, feed.at_end());
    if (step.consumed > window.size() || step.begin > step.end || step.end > window.size()) {
      return {{"broken", "offsets out of range"}};
    }
    if (step.kind == Kind::kEnd) return events;
    if (step.kind == Kind::kRow) events.push_back(row(joined(reader.fields())));
    if (step.kind == Kind::kBadRow) {
      events.push_back({"bad", joined(reader.fields()) + " " + reader.error().message});
    }
    if (step.kind == Kind::kNeedMore &&
        (feed.at_end() || window.size() - step.consumed >= reader.max_window())) {
      return {{"broken", "wants too much"}};
    }
    feed.consume(step.consumed);
    if (step.kind == Kind::kNeedMore) feed.add();
  }
  return {{"broken", "never ends"}};
}

std::vector<Event> read(std::string_view data, const CsvOptions& options = {}) {
  auto reader = CsvReader::make(options);
  EXPECT_TRUE(reader);
  const auto whole = drive(*reader, data, {0});
  for (const std::size_t piece : {1U, 2U, 3U, 16U, 33U}) {
    reader->reset();
    EXPECT_EQ(drive(*reader, data, {piece}), whole) << "pieces of " << piece;
  }
  return whole;
}

struct CsvCase {
  const char* name;
  std::string data;
  std::vector<std::string> expected;
  CsvOptions options = {};
};

class CsvRows : public ::testing::TestWithParam<CsvCase> {};

TEST_P(CsvRows, AreRead) {
  std::vector<Event> expected;
  for (const std::string& text : GetParam().expected) expected.push_back(row(text));
  EXPECT_EQ(read(GetParam().data, GetParam().options), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Csv, CsvRows,
    ::testing::Values(
        CsvCase{"nothing", "", {}}, CsvCase{"empty_lines", "\n\r\n\n\r", {}},
        CsvCase{"simple", "a,b,c\n1,2,3\n", {"[a][b][c]", "[1][2][3]"}},
        CsvCase{"no_line_end", "a,b", {"[a][b]"}},
        CsvCase{"crlf", "a,b\r\n\r\n1,2\r\n", {"[a][b]", "[1][2]"}},
        CsvCase{"carriage_return_at_the_end", "a,b\r", {"[a][b]"}},
        CsvCase{"carriage_return_within", "a\rb,c\r,d\n", {"[a\rb][c\r][d]"}},
        CsvCase{"empty_fields", ",\n,\"\"\n\"\",\n", {"[][]", "[][]", "[][]"}},
        CsvCase{"one_column", "a\n\nb\n", {"[a]", "[b]"}},
        CsvCase{"quoted", "\"a\",\"b,c\",d\n", {"[a][b,c][d]"}},
        CsvCase{"doubled_quotes", "\"\"\"a\"\"b\"\"\",\"\"\"\"\n", {"[\"a\"b\"][\"]"}},
        CsvCase{"line_ends_within_quotes", "\"a\nb\r\n\n\",c\n1,2\n", {"[a\nb\n\n][c]", "[1][2]"}},
        CsvCase{"quoted_at_the_end", "a,\"b\"", {"[a][b]"}},
        CsvCase{"quoted_then_crlf", "\"a\"\r\n\"b\"\r", {"[a]", "[b]"}},
        CsvCase{"space_is_kept", " a , b\n", {"[ a ][ b]"}},
        CsvCase{"semicolon", "a;b,c\n", {"[a][b,c]"}, {.delimiter = U';'}},
        CsvCase{"tab", "a\tb\n\"c\t\"\td\n", {"[a][b]", "[c\t][d]"}, {.delimiter = U'\t'}},
        CsvCase{"delimiter_of_two_bytes",
                "a\u00a7\"b\"\u00a7c\n",
                {"[a][b][c]"},
                {.delimiter = U'\u00a7'}},
        CsvCase{
            "lazy", "a\"b,\"c\"d\",\"e\" f\"\n", {"[a\"b][c\"d][e\" f]"}, {.lazy_quotes = true}},
        CsvCase{"lazy_open_at_the_end", "a,\"b\nc\n", {"[a][b\nc\n]"}, {.lazy_quotes = true}},
        CsvCase{"any_number",
                "a\nb,c\nd,e,f\n",
                {"[a]", "[b][c]", "[d][e][f]"},
                {.fields_per_row = -1}},
        CsvCase{"long_row",
                std::string(100, 'x') + "," + std::string(40, 'y') + "\n",
                {"[" + std::string(100, 'x') + "][" + std::string(40, 'y') + "]"}},
        CsvCase{"nul_and_high_bytes", std::string("\0,\xff\n", 4), {std::string("[\0][\xff]", 6)}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(CsvReader, FaultsSayWhereTheyAre) {
  EXPECT_EQ(read("a,b\n1,x\"y\n3,4\n"),
            (std::vector<Event>{
                row("[a][b]"),
                {"bad", "[1] parsing CSV record on line 2, column 4: bare \" in non-quoted field"},
                row("[3][4]")}));
  EXPECT_EQ(read("\"a\nb\"x,c\nd\n"),
            (std::vector<Event>{{"bad",
                                 " parsing CSV record on line 1; parse error on line 2, column 2: "
                                 "extraneous or missing \" in quoted-field"},
                                row("[d]")}));
  EXPECT_EQ(read("a\n\"b\nc\n"),
            (std::vector<Event>{row("[a]"),
                                {"bad",
                                 " parsing CSV record on line 2; parse error on line 3, column 3: "
                                 "extraneous or missing \" in quoted-field"}}));
}

TEST(CsvReader, ARowWithAnotherNumberOfFieldsIsBadAndStillGiven) {
  EXPECT_EQ(
      read("a,b\n1\n\"2\",3,4\n5,6\n"),
      (std::vector<Event>{
          row("[a][b]"),
          {"bad", "[1] parsing CSV record on line 2: wrong number of fields (1, not 2)"},
          {"bad", "[2][3][4] parsing CSV record on line 3: wrong number of fields (3, not 2)"},
          row("[5][6]")}));
  EXPECT_EQ(read("a,b\n", {.fields_per_row = 3})[0].kind, "bad");
}

TEST(CsvReader, ARowOverTheLimitFailsAlone) {
  const CsvOptions options{.max_row_bytes = 6};
  const auto too_long = [](int line) {
    return Event{"bad", " parsing CSV record on line " + std::to_string(line) +
                            ": it is longer than the limit of 6 bytes"};
  };
  EXPECT_EQ(read("12,456\r\n12,4567\n1,2\n", options),
            (std::vector<Event>{row("[12][456]"), too_long(2), row("[1][2]")}));
  EXPECT_EQ(read("1,2\n" + std::string(50, 'x') + "\n3,4", options),
            (std::vector<Event>{row("[1][2]"), too_long(2), row("[3][4]")}));
  EXPECT_EQ(read("1,2\n1,234567", options), (std::vector<Event>{row("[1][2]"), too_long(2)}));
  EXPECT_EQ(read("\"12\",3\n\"123\",4\n1,2\n", options),
            (std::vector<Event>{row("[12][3]"), too_long(2), row("[1][2]")}));
}

TEST(CsvReader, AQuoteNobodyClosesCostsOneRow) {
  const CsvOptions options{.max_row_bytes = 12};
  EXPECT_EQ(read("a,\"b\nc,d\ne,f\ng,h\ni,j\n", options),
            (std::vector<Event>{
                {"bad", " parsing CSV record on line 1: it is longer than the limit of 12 bytes"},
                row("[c][d]"),
                row("[e][f]"),
                row("[g][h]"),
                row("[i][j]")}));
}

TEST(CsvReader, FieldsMayReachTheLimitAndNoMore) {
  const CsvOptions options{.max_fields = 3};
  for (const std::string quote : {"", "\""}) {
    const std::string field = quote + "a" + quote;
    const std::string three = field + "," + field + "," + field;
    const auto events =
        read(three + "\n" + three + ",b\n" + three + "," + field + ",c\n" + three, options);
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[0], row("[a][a][a]"));
    EXPECT_THAT(events[1].text, HasSubstr("line 2: too many fields"));
    EXPECT_EQ(events[2].kind, "bad");
    EXPECT_EQ(events[3], row("[a][a][a]"));
  }
}

TEST(CsvReader, TellsTheRowsBytesAndLine) {
  auto reader = CsvReader::make();
  ASSERT_TRUE(reader);
  const std::string data = "\na,b\r\n\"c\nd\",e\nf,g\n";
  auto step = reader->next(data, true);
  EXPECT_EQ(data.substr(step.begin, step.end - step.begin), "a,b");
  EXPECT_EQ(reader->line(), 2U);
  std::size_t consumed = step.consumed;
  step = reader->next(std::string_view(data).substr(consumed), true);
  EXPECT_EQ(data.substr(consumed + step.begin, step.end - step.begin), "\"c\nd\",e");
  EXPECT_EQ(reader->line(), 3U);
  consumed += step.consumed;
  step = reader->next(std::string_view(data).substr(consumed), true);
  EXPECT_EQ(step.kind, Kind::kRow);
  EXPECT_EQ(reader->line(), 5U);
}

TEST(CsvReader, AnyCutOfTheDataGivesTheSameRows) {
  EXPECT_TRUE(rc::check("CSV in pieces", [] {
    const auto tokens = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "a", "\"", "\"\"", ",", "\n", "\r\n", "\r", "\u00a7", "long text here", "\"q\"", ",,,,,,"));
    std::string data;
    for (const std::string& token : tokens) data += token;
    CsvOptions options;
    options.lazy_quotes = *rc::gen::arbitrary<bool>();
    options.delimiter = *rc::gen::element<char32_t>(U',', U'\u00a7');
    options.fields_per_row = *rc::gen::inRange(-1, 3);
    options.max_row_bytes = *rc::gen::inRange<std::size_t>(1, 40);
    options.max_fields = *rc::gen::inRange<std::size_t>(1, 12);
    auto reader = CsvReader::make(options);
    RC_ASSERT(reader.has_value());
    const auto whole = drive(*reader, data, {0});
    for (const Event& event : whole) RC_ASSERT(event.kind != "broken");
    const auto sizes =
        *rc::gen::container<std::vector<std::size_t>>(5, rc::gen::inRange<std::size_t>(1, 40));
    reader->reset();
    RC_ASSERT(drive(*reader, data, sizes) == whole);
  }));
}

TEST(CsvReader, OptionsOutOfRangeAreRefused) {
  for (const char32_t delimiter : {U'\0', U'"', U'\r', U'\n', U'\xFFFD', char32_t{0x110000}}) {
    const auto reader = CsvReader::make({.delimiter = delimiter});
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, ErrorCode::kInvalidConfig);
  }
  EXPECT_FALSE(CsvReader::make({.max_row_bytes = 0}));
  EXPECT_FALSE(CsvReader::make({.max_row_bytes = (std::size_t{1} << 30) + 1}));
  EXPECT_FALSE(CsvReader::make({.max_fields = 0}));
}

TEST(CsvDelimiter, IsExactlyOneCharacter) {
  EXPECT_EQ(parse_csv_delimiter(","), U',');
  EXPECT_EQ(parse_csv_delimiter("\t"), U'\t');
  EXPECT_EQ(parse_csv_delimiter("\u00a7"), U'\u00a7');
  for (const std::string text : {"", "ab", "\"", "\n", "\xff", "\xc3", "\u00a7\u00a7", "\ufffd"}) {
    EXPECT_FALSE(parse_csv_delimiter(text)) << text;
  }
}

}  // namespace
}  // namespace weir::codecs
