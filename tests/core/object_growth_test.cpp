// Adding members to an object that was parsed keeps the source text of the others.

#include <string>

#include <gtest/gtest.h>

#include "core/json_index.h"
#include "core/json_text.h"
#include "core/message.h"
#include "core/value.h"

namespace weir::core {
namespace {

std::string written(Value value) {
  Buffer out;
  EXPECT_TRUE(write_json(value, out));
  return std::string(out.view());
}

TEST(ObjectGrowth, MembersAddedGoBehindTheSourceText) {
  Arena arena;
  Value v = *parse_json(R"({"b": 1.10, "a" : {"x":  1}})", arena);
  set_member(v, "c", Value::integer(3), arena);
  set_member(v, "d", Value::boolean(true), arena);
  EXPECT_EQ(written(v), R"({"b": 1.10, "a" : {"x":  1},"c":3,"d":true})");
}

TEST(ObjectGrowth, AnEmptyObjectGrowsWithoutAComma) {
  Arena arena;
  Value v = *parse_json("{ }", arena);
  set_member(v, "c", Value::integer(3), arena);
  EXPECT_EQ(written(v), R"({"c":3})");
}

TEST(ObjectGrowth, AChangedMemberIsNotWrittenFromTheSourceText) {
  Arena arena;
  Value v = *parse_json(R"({"a":1,"b":2})", arena);
  set_member(v, "c", Value::integer(3), arena);
  set_member(v, "a", Value::integer(9), arena);
  EXPECT_EQ(written(v), R"({"a":9,"b":2,"c":3})");
  erase_member(v, "b", arena);
  EXPECT_EQ(written(v), R"({"a":9,"c":3})");
}

TEST(ObjectGrowth, ASharedObjectGrowsInACopy) {
  Arena arena;
  const Value original = share(*parse_json(R"({"a":{"x":1}})", arena));
  Value copy = original;
  set_member(copy, "b", Value::integer(2), arena);
  EXPECT_EQ(written(original), R"({"a":{"x":1}})");
  EXPECT_EQ(written(copy), R"({"a":{"x":1},"b":2})");
  Member* const inner = find(copy, "a");
  writable(copy, arena);
  set_member(inner->value, "y", Value::integer(5), arena);
  EXPECT_EQ(written(original), R"({"a":{"x":1}})");
  EXPECT_EQ(written(copy), R"({"a":{"x":1,"y":5},"b":2})");
}

TEST(ObjectGrowth, LineBreaksAreStillTakenOut) {
  Arena arena;
  Value v = *parse_json("{\"a\":1,\n \"b\":2\n}", arena);
  set_member(v, "c", Value::integer(3), arena);
  EXPECT_EQ(written(v), R"({"a":1,"b":2,"c":3})");
}

TEST(ObjectGrowth, SortedAndIndentedTextSeesAllMembers) {
  Arena arena;
  Value v = *parse_json(R"({"b":1})", arena);
  set_member(v, "a", Value::integer(2), arena);
  Buffer out;
  ASSERT_TRUE(write_json(v, out, {.sort_keys = true}));
  EXPECT_EQ(out.view(), R"({"a":2,"b":1})");
}

TEST(ObjectGrowth, ALazyObjectInABatchGrows) {
  Batch batch = Batch::of({R"({"o":{"a":1},"p":{}})"});
  Message& message = batch[0];
  Value* const root = *message.mutable_root();
  writable(*root, message.arena());
  set_member(find(*root, "o")->value, "b", Value::integer(2), message.arena());
  set_member(find(*root, "p")->value, "c", Value::integer(3), message.arena());
  EXPECT_EQ(*message.payload(), R"({"o":{"a":1,"b":2},"p":{"c":3}})");
}

TEST(Storage, WhatItRetainsLivesAsLongAsItDoes) {
  std::weak_ptr<const std::string> watched;
  {
    Batch batch = Batch::of({"{}"});
    const auto first = std::make_shared<const std::string>("a");
    const auto second = std::make_shared<const std::string>("b");
    watched = first;
    for (int i = 0; i < 3; ++i) {
      batch.storage().retain(first);
      batch.storage().retain(second);
    }
    EXPECT_LE(first.use_count(), 2);
  }
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace weir::core
