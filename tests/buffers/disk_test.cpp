#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "buffers/support.h"
#include "state/support.h"

namespace weir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

core::Status put(core::StreamBuffer& buffer, const std::vector<std::string>& payloads) {
  core::Interrupt interrupt;
  std::promise<core::Status> promise;
  auto stored = promise.get_future();
  buffer.put(core::Batch::of(payloads), interrupt,
             [&](core::Batch, core::Status status) { promise.set_value(std::move(status)); });
  return stored.get();
}

std::vector<std::string> texts(core::Batch& batch) {
  std::vector<std::string> all;
  for (core::Message& message : batch) all.emplace_back(*message.payload());
  return all;
}

// Takes everything there is; one list per batch.
std::vector<std::vector<std::string>> take_all(core::StreamBuffer& buffer, bool done = true) {
  core::Interrupt interrupt;
  std::vector<std::vector<std::string>> all;
  for (int idle = 0; idle < 2;) {
    auto entry = buffer.take(interrupt, std::chrono::milliseconds(0));
    EXPECT_TRUE(entry);
    if (!entry || !*entry) {
      ++idle;
      continue;
    }
    const std::uint64_t id = (*entry)->id;
    core::Batches made = buffer.behind(std::move((*entry)->batch));
    for (std::size_t i = 0; i < made.size(); ++i) all.push_back(texts(made[i]));
    if (done) buffer.done(id);
  }
  return all;
}

TEST(DiskBuffer, FormsBatchesOverWhatWasStoredAndForgetsRecordsOnlyWhenAllOfThemIsDone) {
  const ScratchFolder folder;
  const std::string yaml = "disk: { path: " + folder / "b" +
                           ", batch_policy: { enabled: true, count: 3, processors: [ { mapping: "
                           "'root = content().string() + \"!\"' } ] } }";
  BufferWorld world;
  {
    auto buffer = world.make(yaml);
    ASSERT_TRUE(buffer) << world.mistakes;
    ASSERT_TRUE(buffer->open());
    ASSERT_TRUE(put(*buffer, {"a", "b"}));
    ASSERT_TRUE(put(*buffer, {"c", "d", "e"}));
    core::Interrupt interrupt;
    auto first = buffer->take(interrupt, std::chrono::milliseconds(0));
    ASSERT_TRUE(first && *first);
    core::Batches made = buffer->behind(std::move((*first)->batch));
    EXPECT_THAT(texts(made[0]), ElementsAre("a!", "b!", "c!"));
    buffer->done((*first)->id);
    EXPECT_EQ(buffer->size(), 3U) << "d and e are still owed, and c is of their record";
    buffer->close();
  }
  auto buffer = world.make(yaml);
  ASSERT_TRUE(buffer->open());
  buffer->end_of_input();
  EXPECT_THAT(take_all(*buffer), ElementsAre(ElementsAre("c!", "d!", "e!")));
  EXPECT_TRUE(buffer->ended());
  EXPECT_EQ(buffer->size(), 0U);
}

TEST(DiskBuffer, RunsProcessorsBeforeAndBehind) {
  const ScratchFolder folder;
  BufferWorld world;
  auto buffer = world.make(
      "sqlite: { path: " + folder / "b" +
      ", pre_processors: [ { mapping: 'root = content().string() + \"<\"' } ], post_processors: [ "
      "{ mapping: 'root = content().string() + \">\"' } ] }");
  ASSERT_TRUE(buffer) << world.mistakes;
  ASSERT_TRUE(buffer->open());
  ASSERT_TRUE(put(*buffer, {"a", "b"}));
  EXPECT_THAT(take_all(*buffer), ElementsAre(ElementsAre("a<>", "b<>")));
}

TEST(DiskBuffer, CutsABatchThatIsTooLargeForOneRecord) {
  const ScratchFolder folder;
  BufferWorld world;
  auto buffer = world.make("disk: { path: " + folder / "b" + " }");
  ASSERT_TRUE(buffer->open());
  const std::string big(3 << 20, 'x');
  ASSERT_TRUE(put(*buffer, {big, big, big, big}));
  const auto all = take_all(*buffer);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].size() + all[1].size(), 4U);
  EXPECT_EQ(all[1][0], big);
}

TEST(DiskBuffer, SaysWhatIsWrongWithItsPath) {
  const ScratchFolder folder;
  write_whole(folder / "file", "SQLite format 3");
  BufferWorld world;
  auto buffer = world.make("sqlite: { path: " + folder / "file" + " }");
  ASSERT_TRUE(buffer);
  const core::Status status = buffer->open();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("choose another `path`"));
  EXPECT_FALSE(world.make("disk: { batch_policy: { enabled: true } }"));
  EXPECT_THAT(world.mistakes, HasSubstr("batch_policy"));
}

TEST(DiskBuffer, ABufferOfAnotherKindOfStoreIsRefused) {
  const ScratchFolder folder;
  {
    state::StoreOptions options;
    options.path = folder / "b";
    auto store = state::Store::open(options);
    ASSERT_TRUE(store);
    state::WriteSet changes;
    changes.put("m", "something else");
    ASSERT_TRUE((*store)->write(changes, state::Sync::kYes));
  }
  BufferWorld world;
  auto buffer = world.make("disk: { path: " + folder / "b" + " }");
  const core::Status status = buffer->open();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("something else"));
}

}  // namespace
}  // namespace weir::test
