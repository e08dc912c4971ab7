#include "state/checkpoint.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/fault_env.h"
#include "state/support.h"

namespace weir::state {
namespace {

namespace fs = std::filesystem;
using test::FaultEnv;
using test::read_whole;
using test::ScratchFolder;
using test::write_whole;
using testing::HasSubstr;

using Model = std::map<std::string, std::string>;

StoreOptions at(const std::string& path, FaultEnv* faults = nullptr) {
  StoreOptions options;
  options.path = path;
  options.memory_bytes = 4 << 20;
  options.write_buffer_bytes = 64 << 10;
  if (faults != nullptr) options.env = faults->env.get();
  return options;
}

EpochRecord record_of(std::uint64_t epoch) {
  EpochRecord record;
  record.epoch = epoch;
  record.key_groups = 32;
  record.fingerprint = "f";
  record.sources["in/a"] = {static_cast<std::int64_t>(epoch) * 10, "inode 7"};
  record.watermarks["in/a"] = -5;
  record.idle.insert("in/b");
  record.fences["out"] = std::string("\0\1", 2);
  return record;
}

Model load(const Checkpoint& checkpoint, const std::string& name, std::uint16_t first = 0,
           std::uint32_t last = 32, std::vector<Timer>* timers = nullptr) {
  Model all;
  const core::Status status = checkpoint.load(
      name, first, last,
      [&](std::uint16_t group, std::string_view key, std::string_view value) {
        EXPECT_EQ(group, group_of(hash_key(key), 32));
        EXPECT_TRUE(group >= first && group < last);
        all.emplace(key, value);
      },
      [&](std::uint16_t, Timer timer) {
        if (timers != nullptr) timers->push_back(std::move(timer));
      });
  EXPECT_TRUE(status) << status.error().message;
  return all;
}

TEST(EpochRecord, IsReadBackAndRefusedWhenDamaged) {
  const EpochRecord record = record_of(9);
  const std::string bytes = write_record(record);
  auto read = read_record(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, record);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 4);
    EXPECT_FALSE(read_record(flipped)) << i;
    EXPECT_FALSE(read_record(bytes.substr(0, i))) << i;
  }
}

TEST(Checkpoint, CommitsAndLoadsByKeyGroup) {
  const ScratchFolder folder;
  Table table(32);
  Timers timers;
  Model model;
  {
    auto opened = Checkpoint::open(at(folder / "s"));
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_FALSE((*opened)->last());
    for (int i = 0; i < 500; ++i) {
      table.put(std::to_string(i), "v" + std::to_string(i));
      model[std::to_string(i)] = "v" + std::to_string(i);
    }
    timers.set(-7, "1");
    timers.set(5, "2");
    ASSERT_TRUE((*opened)->commit(
        record_of(1), {{"op", table.freeze(1)->read(), timers.freeze()},
                       {"opp", {{group_of(hash_key("x"), 32), "x", "other"}}, nullptr}}));
    table.erase("3");
    model.erase("3");
    timers.cancel(5, "2");
    ASSERT_TRUE(
        (*opened)->commit(record_of(2), {{"op", table.freeze(2)->read(), timers.freeze()}}));
    EXPECT_FALSE((*opened)->commit(record_of(2), {})) << "an epoch is committed once";
    EpochRecord other = record_of(3);
    other.key_groups = 64;
    EXPECT_FALSE((*opened)->commit(other, {}));
  }
  auto opened = Checkpoint::open(at(folder / "s"));
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_TRUE((*opened)->last());
  EXPECT_EQ(*(*opened)->last(), record_of(2));
  std::vector<Timer> kept;
  EXPECT_EQ(load(**opened, "op", 0, 32, &kept), model);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0], (Timer{-7, "1"}));
  EXPECT_THAT(*(*opened)->operators(), testing::ElementsAre("op", "opp"));
  // Ranges are disjoint and make up the whole.
  Model parts = load(**opened, "op", 0, 5);
  parts.merge(load(**opened, "op", 5, 31));
  parts.merge(load(**opened, "op", 31, 32));
  EXPECT_EQ(parts, model);
  ASSERT_TRUE((*opened)->drop("op", 0, 16));
  EXPECT_TRUE(load(**opened, "op", 0, 16).empty());
  EXPECT_FALSE(load(**opened, "op", 16, 32).empty());
  EXPECT_EQ(load(**opened, "opp", 0, 32).size(), 1U);
}

// The power goes at a random sync, several times: what is found is an epoch as a whole, never
// before the last commit that was answered.
TEST(Checkpoint, IsAtSomeWholeEpochAfterEveryLossOfPower) {
  for (std::uint64_t seed = 0; seed < 15; ++seed) {
    SCOPED_TRACE(seed);
    const ScratchFolder folder;
    FaultEnv faults;
    std::mt19937_64 random(seed);
    std::vector<Model> history = {{}};  // by epoch
    std::uint64_t answered = 0;
    for (int life = 0; life < 4; ++life) {
      auto opened = Checkpoint::open(at(folder / "s", &faults));
      ASSERT_TRUE(opened) << opened.error().message;
      Checkpoint& checkpoint = **opened;
      const std::uint64_t found = checkpoint.last() ? checkpoint.last()->epoch : 0;
      ASSERT_GE(found, answered);
      ASSERT_LT(found, history.size());
      ASSERT_EQ(load(checkpoint, "op"), history[found]);
      if (found > 0) {
        EXPECT_EQ(*checkpoint.last(), record_of(found));
      }
      history.resize(found + 1);
      answered = found;
      Table table(32);
      for (const auto& [key, value] : history[found]) table.load(key, value);
      Model model = history[found];
      faults.files->cut_power_at_sync(1 + random() % 25);
      for (std::uint64_t epoch = found + 1; epoch < found + 40; ++epoch) {
        for (int i = 0; i < 40; ++i) {
          const std::string key = std::to_string(random() % 200);
          if (random() % 3 == 0) {
            table.erase(key);
            model.erase(key);
          } else {
            table.put(key, std::to_string(epoch) + std::string(random() % 100, 'v'));
            model[key] = *table.get(key);
          }
        }
        history.push_back(model);
        if (!checkpoint.commit(record_of(epoch), {{"op", table.freeze(epoch)->read(), nullptr}})) {
          break;
        }
        answered = epoch;
      }
      faults.files->cut_power();
      opened->reset();
      faults.files->restore_power(random() % 2 == 0, random());
    }
  }
}

TEST(Checkpoint, ASavepointIsRestoredElsewhereWithAnIdOfItsOwn) {
  const ScratchFolder folder;
  std::string id;
  {
    auto opened = Checkpoint::open(at(folder / "s"));
    ASSERT_TRUE(opened);
    id = (*opened)->store().id();
    ASSERT_TRUE((*opened)->commit(record_of(1), {{"op", {{3, "k", "one"}}, nullptr}}));
    ASSERT_TRUE((*opened)->savepoint(folder / "save"));
    ASSERT_TRUE((*opened)->commit(record_of(2), {{"op", {{3, "k", "two"}}, nullptr}}));
  }
  const core::Status in_the_way = Checkpoint::restore(folder / "save", at(folder / "s"));
  ASSERT_FALSE(in_the_way);
  EXPECT_THAT(in_the_way.error().message, HasSubstr("exists"));
  const core::Status restored = Checkpoint::restore(folder / "save", at(folder / "new"));
  ASSERT_TRUE(restored) << restored.error().message;
  auto opened = Checkpoint::open(at(folder / "new"));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(*(*opened)->last(), record_of(1));
  EXPECT_EQ((*opened)->store().get(std::string("s\2op\0\3\0k", 8))->value_or(""), "one");
  EXPECT_NE((*opened)->store().id(), id);
}

TEST(Checkpoint, ASavepointWithAnyDamageIsRefusedAndNothingIsLeft) {
  const ScratchFolder folder;
  {
    auto opened = Checkpoint::open(at(folder / "s"));
    ASSERT_TRUE(opened);
    ASSERT_TRUE((*opened)->commit(record_of(1), {{"op", {{3, "k", "one"}}, nullptr}}));
    ASSERT_TRUE((*opened)->savepoint(folder / "save"));
  }
  for (const auto& file : fs::directory_iterator(folder / "save")) {
    const std::string path = file.path().string();
    SCOPED_TRACE(path);
    const std::string before = read_whole(path);
    if (before.empty()) continue;
    std::string flipped = before;
    flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
    fs::remove(path);  // it may be a hard link of the original
    write_whole(path, flipped);
    EXPECT_FALSE(Checkpoint::restore(folder / "save", at(folder / "new")));
    fs::remove(path);
    EXPECT_FALSE(Checkpoint::restore(folder / "save", at(folder / "new")));
    write_whole(path, before);
    EXPECT_FALSE(fs::exists(folder / "new"));
  }
  EXPECT_TRUE(Checkpoint::restore(folder / "save", at(folder / "new")));
}

TEST(Checkpoint, ADamagedRecordIsRefused) {
  const ScratchFolder folder;
  {
    auto opened = Checkpoint::open(at(folder / "s"));
    ASSERT_TRUE(opened);
    WriteSet changes;
    changes.put("e", "not a record");
    ASSERT_TRUE((*opened)->store().write(changes, Sync::kYes));
  }
  auto opened = Checkpoint::open(at(folder / "s"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, core::ErrorCode::kInternal);
}

}  // namespace
}  // namespace weir::state
