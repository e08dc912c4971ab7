#include "buffers/stored_batch.h"

#include <random>

#include <gtest/gtest.h>

#include "core/json_text.h"
#include "core/time.h"
#include "core/time_zone.h"

namespace weir::buffers {
namespace {

using core::Value;

std::string json(Value value) {
  core::Buffer out;
  return core::write_json(value, out) ? std::string(out.view()) : "?";
}

std::string record_of(core::Batch& batch) {
  BatchWriter writer;
  for (core::Message& message : batch) writer.add(message);
  return writer.take();
}

TEST(StoredBatch, KeepsPayloadsMetadataErrorsAndTimes) {
  core::Batch batch = core::Batch::of({R"({"a": 1.10})", "", std::string("not\0json\n", 9)});
  core::Arena& arena = batch.storage().arena();
  Value list = Value::array(arena);
  core::append_item(list, Value::number_text("1e5"), arena);
  core::append_item(list, Value::boolean(true), arena);
  batch[0].set_metadata("text", Value::string("v"));
  batch[0].set_metadata("int", Value::integer(-7, core::NumberWidth::k32));
  batch[0].set_metadata("big", Value::unsigned_integer(~0ULL));
  batch[0].set_metadata("half", Value::number(0.5));
  batch[0].set_metadata("bytes", Value::bytes("\x01\xff"));
  batch[0].set_metadata("list", list);
  core::Timestamp time;
  time.seconds = -5;
  time.nanos = 123;
  time.zone = *core::load_zone("Europe/Berlin");
  batch[0].set_metadata("time", Value::timestamp(arena.create<core::Timestamp>(time)));
  batch[0].event_time = -1'000'000;
  batch[0].position = 42;
  batch[1].fail(core::ErrorCode::kInvalidData, "why", "mapping", "label", "root.x");
  batch[2].fail(core::ErrorCode::kLimit, "long");
  batch[2].mark_handled();

  auto read = read_batch(record_of(batch));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 3U);
  core::Message& first = (*read)[0];
  EXPECT_EQ(*first.payload(), R"({"a": 1.10})");
  EXPECT_EQ(json(first.metadata()), json(batch[0].metadata()));
  EXPECT_TRUE(first.find_metadata("int")->is(core::Kind::kInt));
  EXPECT_EQ(first.find_metadata("int")->width(), core::NumberWidth::k32);
  EXPECT_EQ(first.find_metadata("big")->as_uint(), ~0ULL);
  EXPECT_TRUE(first.find_metadata("bytes")->is(core::Kind::kBytes));
  EXPECT_EQ(first.find_metadata("time")->as_timestamp(), time);
  EXPECT_EQ(first.find_metadata("time")->as_timestamp().zone, time.zone);
  EXPECT_EQ(first.event_time, -1'000'000);
  EXPECT_EQ(first.position, 42);
  EXPECT_FALSE(first.errored());
  EXPECT_EQ(json(*first.root()), R"({"a": 1.10})");
  ASSERT_TRUE((*read)[1].errored());
  EXPECT_EQ(*(*read)[1].payload(), "");
  EXPECT_EQ((*read)[1].error()->text, "why");
  EXPECT_EQ((*read)[1].error()->component, "mapping");
  EXPECT_EQ((*read)[1].error()->path, "root.x");
  EXPECT_TRUE((*read)[1].unhandled_error());
  EXPECT_EQ(*(*read)[2].payload(), std::string("not\0json\n", 9));
  EXPECT_FALSE((*read)[2].unhandled_error());
  EXPECT_EQ((*read)[2].position, core::Message::kNoPosition);
}

TEST(StoredBatch, AChangedDocumentIsWritten) {
  core::Batch batch = core::Batch::of({R"({"a":1})"});
  core::set_member(**batch[0].mutable_root(), "b", Value::integer(2), batch.storage().arena());
  batch[0].adopt_root(**batch[0].mutable_root());
  auto read = read_batch(record_of(batch));
  ASSERT_TRUE(read);
  EXPECT_EQ(*(*read)[0].payload(), R"({"a":1,"b":2})");
}

TEST(StoredBatch, DamagedRecordsAreRefusedAndNeverReadBeyond) {
  core::Batch batch = core::Batch::of({R"({"a":1})", "second", "third"});
  batch[0].set_metadata("k", Value::string("value"));
  batch[1].fail(core::ErrorCode::kInvalidData, "why");
  const std::string record = record_of(batch);
  for (std::size_t cut = 0; cut < record.size(); ++cut) {
    EXPECT_FALSE(read_batch(record.substr(0, cut))) << cut;
  }
  EXPECT_FALSE(read_batch(record + "x"));
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = record;
    for (int n = 1 + static_cast<int>(random() % 4); n > 0; --n) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    (void)read_batch(damaged);  // any answer, but no crash
  }
  // A count that no record can hold is not allocated for.
  EXPECT_FALSE(read_batch(std::string("\x01\xff\xff\xff\xff\x0f\x01", 7)));
}

}  // namespace
}  // namespace weir::buffers
