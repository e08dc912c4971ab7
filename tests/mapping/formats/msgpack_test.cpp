#include "mapping/formats/msgpack.h"

#include <string>

#include <gtest/gtest.h>

#include "core/json_index.h"
#include "core/json_text.h"
#include "core/time.h"
#include "mapping/text/binary_text.h"

namespace weir::mapping {
namespace {

using core::Value;

std::string from_hex(std::string_view hex) {
  std::string bytes;
  EXPECT_TRUE(text::append_decoded(bytes, hex, text::BinaryScheme::kHex));
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  std::string hex;
  EXPECT_TRUE(text::append_encoded(hex, bytes, text::BinaryScheme::kHex));
  return hex;
}

std::string parse(const std::string& bytes, std::size_t memory = std::size_t{1} << 24) {
  core::Arena arena;
  const auto value = parse_msgpack(bytes, ArenaBudget(arena, memory));
  if (!value) return "error: " + value.error().message;
  core::Buffer out;
  const auto done = core::write_json(*value, out, {.sort_keys = true});
  return done ? std::string(out.view()) : "error: " + done.error().message;
}

std::string write(Value value) {
  core::Arena arena;
  core::Buffer out;
  const auto done = write_msgpack(value, arena, out);
  return done ? to_hex(out.view()) : "error: " + done.error().message;
}

std::string write_json(const std::string& json) {
  core::Arena arena;
  return write(*core::parse_json(json, arena));
}

TEST(Msgpack, NumbersTakeTheirShortestForm) {
  const std::pair<const char*, const char*> cases[] = {
      {"0", "00"},
      {"127", "7f"},
      {"128", "cc80"},
      {"255", "ccff"},
      {"256", "cd0100"},
      {"65536", "ce00010000"},
      {"-1", "ff"},
      {"-32", "e0"},
      {"-33", "d0df"},
      {"-128", "d080"},
      {"-129", "d1ff7f"},
      {"-32769", "d2ffff7fff"},
      {"4294967296", "cf0000000100000000"},
      {"-2147483649", "d3ffffffff7fffffff"},
      {"18446744073709551615", "cfffffffffffffffff"},
      {"1.5", "cb3ff8000000000000"},
      {"1.0", "cb3ff0000000000000"},
      {"-9223372036854775808", "d38000000000000000"},
  };
  for (const auto& [json, hex] : cases) {
    EXPECT_EQ(write_json(json), hex) << json;
    if (std::string(json) != "1.0") {
      EXPECT_EQ(parse(from_hex(hex)), json);
    }
  }
  EXPECT_EQ(write(Value::number(1.5, core::NumberWidth::k32)), "ca3fc00000");
  EXPECT_EQ(parse(from_hex("ca3fc00000")), "1.5");
  EXPECT_EQ(write_json("1e400"), "error: number 1e400 is beyond a 64-bit float");
}

TEST(Msgpack, TextsAndContainersOfEverySizeReadBack) {
  for (const std::size_t size : {0UL, 31UL, 32UL, 255UL, 256UL, 65535UL, 65536UL}) {
    core::Arena arena;
    const std::string text(size, 'a');
    Value array = Value::array(arena);
    Value object = Value::object(arena);
    for (std::size_t i = 0; i < size; ++i) {
      core::append_item(array, Value::null(), arena);
      core::append_member(object, Value::string(arena.copy(std::to_string(i))),
                          Value::boolean(true), arena);
    }
    for (const Value value : {Value::string(text), Value::bytes(text), array, object}) {
      core::Buffer packed;
      ASSERT_TRUE(write_msgpack(value, arena, packed));
      const auto back = parse_msgpack(packed.view(), ArenaBudget(arena, std::size_t{1} << 26));
      ASSERT_TRUE(back) << back.error().message;
      EXPECT_TRUE(core::json_equal(value, *back, arena)) << size;
      EXPECT_EQ(value.kind(), back->kind());
    }
  }
}

TEST(Msgpack, TimestampsHaveThreeForms) {
  const std::pair<core::Timestamp, const char*> cases[] = {
      {{1, 0}, "d6ff00000001"},
      {{1, 5}, "d7ff0000001400000001"},
      {{std::int64_t{1} << 34, 5}, "c70cff000000050000000400000000"},
      {{-1, 5}, "c70cff00000005ffffffffffffffff"},
  };
  for (const auto& [time, hex] : cases) {
    EXPECT_EQ(write(Value::timestamp(&time)), hex);
    core::Arena arena;
    const std::string bytes = from_hex(hex);
    const auto back = parse_msgpack(bytes, ArenaBudget(arena, 1 << 20));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->as_timestamp(), time);
  }
}

TEST(Msgpack, BadDataIsToldWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "error: unexpected end of the data"},
      {"81", "error: unexpected end of the data"},
      {"a3666f", "error: unexpected end of the data"},
      {"ddffffffff", "error: unexpected end of the data"},
      {"dfffffffff", "error: unexpected end of the data"},
      {"dbffffffff61", "error: unexpected end of the data"},
      {"c1", "error: the byte 0xc1 stands for nothing"},
      {"810101", "error: a key is no string"},
      {"d40500", "error: extensions of type 5 are not supported"},
      {"d7ffffffffff00000000", "error: a timestamp has too many nanoseconds"},
  };
  for (const auto& [hex, expected] : cases) EXPECT_EQ(parse(from_hex(hex)), expected) << hex;
  EXPECT_EQ(parse(std::string(100'000, '\x91')), "error: the data is nested too deep");
  const std::string wide = from_hex("dd00100000") + std::string(std::size_t{1} << 20, '\x80');
  EXPECT_EQ(parse(wide, 1 << 20), "error: the data takes more memory than allowed");
  EXPECT_EQ(write(Value::deletion()), "error: a marker cannot be written");
}

TEST(Msgpack, WhatFollowsTheFirstValueIsIgnored) {
  EXPECT_EQ(parse(from_hex("01c1")), "1");
}

}  // namespace
}  // namespace weir::mapping
