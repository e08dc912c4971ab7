#include "core/json_index.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "core/block.h"
#include "core/clock.h"
#include "core/json_text.h"
#include "core/message.h"

namespace weir::core {
namespace {

// A random document: nested, with escapes, odd numbers and spaces between tokens.
class Documents {
 public:
  explicit Documents(std::uint64_t seed) : random_(seed) {}

  std::string document() {
    std::string out;
    value(out, 0);
    return out;
  }
  // Flips, drops or doubles a byte.
  std::string mutate(std::string text) {
    if (text.empty()) return text;
    const std::size_t at = random_.next() % text.size();
    switch (random_.next() % 3) {
      case 0: text[at] = "{}[]\",:\\ 019eE+-.tfnu\n\x01\xc3"[random_.next() % 25]; break;
      case 1: text.erase(at, 1); break;
      default: text.insert(at, 1, text[at]);
    }
    return text;
  }
  std::uint64_t next(std::uint64_t n) { return random_.next() % n; }

 private:
  void space(std::string& out) {
    if (random_.next() % 6 == 0) out += ' ';
  }
  void string(std::string& out) {
    static const char* const pieces[] = {
        "a", "key", "\\n", "\\\"", "\\\\", "\\u00e9", "é", "\\ud83d\\ude00", "😀", " ", "x1", ""};
    out += '"';
    for (std::uint64_t i = 0, n = random_.next() % 4; i < n; ++i)
      out += pieces[random_.next() % 12];
    out += '"';
  }
  void value(std::string& out, int depth) {
    static const char* const numbers[] = {"0",
                                          "-0",
                                          "1",
                                          "-17",
                                          "3.25",
                                          "1e5",
                                          "1E-7",
                                          "12345678901234567890",
                                          "1.10",
                                          "-0.0",
                                          "9007199254740993"};
    const std::uint64_t kind = random_.next() % (depth > 4 ? 5 : 9);
    space(out);
    if (kind < 2) {
      out += numbers[random_.next() % 11];
    } else if (kind < 4) {
      string(out);
    } else if (kind == 4) {
      static const char* const words[] = {"true", "false", "null"};
      out += words[random_.next() % 3];
    } else if (kind < 7) {
      out += '{';
      for (std::uint64_t i = 0, n = random_.next() % 5; i < n; ++i) {
        if (i > 0) out += ',';
        space(out);
        string(out);
        space(out);
        out += ':';
        value(out, depth + 1);
      }
      out += '}';
    } else {
      out += '[';
      for (std::uint64_t i = 0, n = random_.next() % 5; i < n; ++i) {
        if (i > 0) out += ',';
        value(out, depth + 1);
      }
      out += ']';
    }
    space(out);
  }

  SeededRandom random_;
};

// simdjson refuses numbers that are too big for its kinds; we keep their text.
bool simdjson_accepts(const std::string& text) {
  simdjson::dom::parser parser;
  const auto error = parser.parse(simdjson::padded_string(text)).error();
  return error == simdjson::SUCCESS || error == simdjson::NUMBER_ERROR;
}

std::string written(Value value) {
  Buffer out;
  EXPECT_TRUE(write_json(value, out).has_value());
  return std::string(out.view());
}

// Touches everything and forgets the source text, so that the writer has to build it anew.
void touch(Value& value, Arena& arena) {
  if (!value.is_container()) return;
  Container& c = writable(value, arena);
  for (std::uint32_t i = 0; i < c.size; ++i)
    touch(value.is(Kind::kArray) ? c.items[i] : c.members[i].value, arena);
}

TEST(JsonIndex, AnUntouchedDocumentIsWrittenAsItCameAndATouchedOneIsEqual) {
  Documents documents(1);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = documents.document();
    Arena arena;
    auto parsed = parse_json(text, arena);
    ASSERT_TRUE(parsed.has_value()) << text << ": " << parsed.error().message;
    if (parsed->is_container()) {
      const std::size_t first = text.find_first_not_of(' ');
      const std::size_t last = text.find_last_not_of(' ');
      EXPECT_EQ(written(*parsed), text.substr(first, last - first + 1));
    }
    Value copy = *deep_copy(*parsed, arena);
    touch(copy, arena);
    auto again = parse_json(written(copy), arena);
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(json_equal(*parsed, *again, arena)) << text;
  }
}

TEST(JsonIndex, AcceptsWhatAnotherParserAcceptsLineByLineInABlock) {
  Documents documents(2);
  int bad = 0;
  int good = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> lines;
    std::string text;
    for (int i = 0; i < 12; ++i) {
      std::string line = documents.document();
      if (documents.next(3) == 0) line = documents.mutate(line);
      for (char& c : line) c = c == '\n' ? ' ' : c;
      lines.push_back(line);
      text += line + "\n";
    }
    const auto block = Block::copy_of(text);
    Arena arena;
    JsonIndex index(block->view(), arena);
    std::size_t at = 0;
    for (const std::string& line : lines) {
      auto parsed = index.parse(block->view().substr(at, line.size()));
      at += line.size() + 1;
      // It also refuses lone surrogates, which we repair as the reference does. And it says
      // NUMBER_ERROR for malformed numbers as well as for big ones: those only count one way.
      if (parsed.has_value() && line.find("\\u") == std::string::npos) {
        EXPECT_TRUE(simdjson_accepts(line)) << line;
      }
      simdjson::dom::parser strict;
      if (strict.parse(simdjson::padded_string(line)).error() == simdjson::SUCCESS) {
        EXPECT_TRUE(parsed.has_value()) << line;
      }
      (parsed.has_value() ? good : bad) += 1;
    }
  }
  EXPECT_GT(bad, 100);
  EXPECT_GT(good, 1000);
}

TEST(JsonIndex, OneBadLineDoesNotTakeItsNeighbours) {
  const std::vector<std::string> lines = {R"({"a":1})", R"({"a":"unclosed)",
                                          R"({"b":2})", "{\"c\":\"\x01\"}",
                                          R"({"d":3})", "\"\xff\"",
                                          R"([1,2)",    R"({"e":4})",
                                          R"(1 2)",     R"("\q")",
                                          R"({"f":5})", "01",
                                          R"([1,])",    "",
                                          "tru",        R"({"g":6})"};
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  const auto block = Block::copy_of(text);
  Arena arena;
  JsonIndex index(block->view(), arena);
  std::size_t at = 0;
  std::string good;
  for (const std::string& line : lines) {
    auto parsed = index.parse(block->view().substr(at, line.size()));
    at += line.size() + 1;
    if (parsed.has_value()) good += written(*parsed);
  }
  EXPECT_EQ(good, R"({"a":1}{"b":2}{"d":3}{"e":4}{"f":5}{"g":6})");
}

TEST(JsonIndex, TheLastOfEqualKeysWins) {
  Arena arena;
  auto parsed = parse_json(R"({"a":1,"b":2,"a":3,"\u0061":4})", arena);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(size(*parsed), 2U);
  EXPECT_EQ(written(find(*parsed, "a")->value), "4");
  std::string many = "{";
  for (int i = 0; i < 1000; ++i)
    many +=
        (i ? "," : "") + std::string("\"k") + std::to_string(i % 100) + "\":" + std::to_string(i);
  auto big = parse_json(many + "}", arena);
  ASSERT_TRUE(big.has_value());
  EXPECT_EQ(size(*big), 100U);
  EXPECT_EQ(written(find(*big, "k7")->value), "907");
}

TEST(JsonIndex, DepthIsLimited) {
  Arena arena;
  const auto nested = [](unsigned depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(nested(kMaxDepth), arena).has_value());
  auto deep = parse_json(nested(kMaxDepth + 1), arena);
  ASSERT_FALSE(deep.has_value());
  EXPECT_EQ(deep.error().code, ErrorCode::kLimit);
  EXPECT_FALSE(parse_json(std::string(1'000'000, '['), arena).has_value());
}

TEST(JsonIndex, ErrorsSayWhere) {
  Arena arena;
  EXPECT_EQ(parse_json(R"({"a":tru})", arena).error().message,
            "invalid JSON at byte 6: not a JSON value, found `t`");
  EXPECT_EQ(parse_json("{\"a\":\"\xff\"}", arena).error().message,
            "invalid JSON at byte 7: invalid UTF-8, found byte 0xff");
  EXPECT_EQ(parse_json("  ", arena).error().message, "message is empty");
}

TEST(JsonIndex, ChangingACopyLeavesTheOriginalAlone) {
  Arena arena;
  Value original = *parse_json(R"({"a":{"b":1},"c":[1,2]})", arena);
  Value copy = share(original);
  writable(copy, arena);
  Value& inner = find(copy, "a")->value;
  writable(inner, arena);
  set_member(inner, "b", Value::integer(2), arena);
  EXPECT_EQ(written(copy), R"({"a":{"b":2},"c":[1,2]})");
  EXPECT_EQ(written(original), R"({"a":{"b":1},"c":[1,2]})");
}

}  // namespace
}  // namespace weir::core
