#include "state/table.h"

#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/timers.h"

namespace weir::state {
namespace {

using Model = std::map<std::string, std::string>;

Model content(const Table& table) {
  Model all;
  table.for_each([&](std::uint16_t, std::string_view key, std::string_view value) {
    EXPECT_TRUE(all.emplace(key, value).second) << "twice: " << key;
  });
  return all;
}

void replay(Model& model, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    if (change.value) {
      model[change.key] = *change.value;
    } else {
      model.erase(change.key);
    }
  }
}

std::string some_key(std::mt19937_64& random, std::uint64_t keys) {
  const std::uint64_t n = random() % keys;
  return std::string(n % 7 == 0 ? 60 : n % 5, 'k') + std::to_string(n);
}

TEST(Table, HashesAndGroupsAreTheSameForEver) {
  EXPECT_EQ(hash_key(""), 0xef46db3751d8e999ULL);
  EXPECT_EQ(hash_key("a"), 0xd24ec4f1a98c6e5bULL);
  EXPECT_EQ(group_of(hash_key("a"), 1024), 0x25b);
}

TEST(Table, KeepsValuesOfAnySizeUnderKeysOfAnyBytes) {
  Table table;
  EXPECT_FALSE(table.get("k"));
  table.put("k", "short");
  table.put("k", std::string(1000, 'x'));
  EXPECT_EQ(*table.get("k"), std::string(1000, 'x'));
  table.put("k", "");
  EXPECT_EQ(*table.get("k"), "");
  table.put("", "empty key");
  EXPECT_EQ(*table.get(""), "empty key");
  table.put(std::string("\0\0", 2), "zeros");
  EXPECT_EQ(*table.get(std::string("\0\0", 2)), "zeros");
  EXPECT_EQ(table.size(), 3U);
  EXPECT_TRUE(table.erase("k"));
  EXPECT_FALSE(table.erase("k"));
  EXPECT_FALSE(table.get("k"));
  bool fresh = false;
  const auto bytes = table.update("k", hash_key("k"), 4, fresh);
  EXPECT_TRUE(fresh);
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), std::string(4, '\0'));
  bytes[0] = 'v';
  (void)table.update("k", hash_key("k"), 4, fresh);
  EXPECT_FALSE(fresh);
  EXPECT_EQ(*table.get("k"), std::string("v\0\0\0", 4));
}

// Against a map, over random changes, freezes, and deltas held for a while: the deltas, one on the
// other, are the table as it was when it was frozen.
TEST(Table, DeltasAddUpToTheTableAsItWasFrozen) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const std::uint64_t keys = 1 + random() % 300;
    Table table;
    Model model;
    Model durable;
    Model frozen;
    std::unique_ptr<Delta> delta;
    std::uint64_t epoch = 0;
    for (int step = 0; step < 4000; ++step) {
      const std::string key = some_key(random, keys);
      switch (random() % 8) {
        case 0:
        case 1: EXPECT_EQ(table.erase(key), model.erase(key) > 0); break;
        case 2: {
          const auto got = table.get(key);
          const auto known = model.find(key);
          ASSERT_EQ(got.has_value(), known != model.end());
          if (got) {
            EXPECT_EQ(*got, known->second);
          }
          break;
        }
        case 3:
          if (random() % 40 != 0) break;
          if (delta == nullptr) {
            delta = table.freeze(++epoch);
            ASSERT_TRUE(delta);
            frozen = model;
          } else {
            EXPECT_FALSE(table.freeze(99)) << "one delta at a time";
            replay(durable, delta->read());
            EXPECT_EQ(durable, frozen);
            delta.reset();
          }
          break;
        default: {
          const std::string value(random() % 50, static_cast<char>('a' + random() % 26));
          table.put(key, value);
          model[key] = value;
        }
      }
    }
    EXPECT_EQ(content(table), model);
    EXPECT_EQ(table.size(), model.size());
    if (delta != nullptr) replay(durable, delta->read());
    delta.reset();
    replay(durable, table.freeze(++epoch)->read());
    EXPECT_EQ(durable, model);
    EXPECT_EQ(table.dirty(), 0U);
    // What was erased and told is not kept: with all gone, the table is empty again.
    for (const auto& [key, value] : model) table.erase(key);
    (void)table.freeze(++epoch)->read();
    EXPECT_TRUE(table.freeze(++epoch)->read().empty());
    EXPECT_EQ(table.size(), 0U);
  }
}

TEST(Table, ADeltaIsReadByAnotherThreadWhileTheTableGoesOn) {
  Table table;
  Model durable;
  std::mt19937_64 random(7);
  Model model;
  for (std::uint64_t epoch = 1; epoch <= 20; ++epoch) {
    for (int i = 0; i < 500; ++i) {
      const std::string key = some_key(random, 400);
      const std::string value = std::to_string(epoch) + "/" + std::to_string(i);
      table.put(key, value);
      model[key] = value;
    }
    std::unique_ptr<Delta> delta = table.freeze(epoch);
    ASSERT_TRUE(delta);
    const Model frozen = model;
    std::vector<Change> changes;
    std::thread reader([&] {
      changes = delta->read();
      delta.reset();
    });
    for (int i = 0; i < 500; ++i) {
      const std::string key = some_key(random, 400);
      if (i % 3 == 0) {
        table.erase(key);
        model.erase(key);
      } else {
        table.put(key, "later");
        model[key] = "later";
      }
    }
    reader.join();
    replay(durable, changes);
    ASSERT_EQ(durable, frozen) << epoch;
  }
}

TEST(Table, TheSameStateGivesTheSameBytesWhateverTheWay) {
  std::vector<std::vector<Change>> deltas;
  for (const bool backwards : {false, true}) {
    Table table(64);
    for (int i = 0; i < 1000; ++i) {
      const int n = backwards ? 999 - i : i;
      table.put("key" + std::to_string(n), "old");
      table.put("key" + std::to_string(n), std::to_string(n));
    }
    deltas.push_back(table.freeze(1)->read());
  }
  ASSERT_EQ(deltas[0].size(), 1000U);
  for (std::size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(deltas[0][i].key, deltas[1][i].key);
    EXPECT_EQ(deltas[0][i].value, deltas[1][i].value);
    EXPECT_LT(deltas[0][i].group, 64);
  }
}

TEST(Table, KeyGroupsAreDroppedWithoutATrace) {
  Table table(16);
  Model rest;
  for (int i = 0; i < 2000; ++i) {
    const std::string key = std::to_string(i);
    table.put(key, "v");
    const std::uint16_t group = group_of(hash_key(key), 16);
    if (group < 4 || group >= 9) rest[key] = "v";
  }
  table.erase("1");
  rest.erase("1");
  table.drop_groups(4, 9);
  EXPECT_EQ(content(table), rest);
  for (int i = 0; i < 2000; ++i) {
    EXPECT_EQ(table.get(std::to_string(i)).has_value(), rest.count(std::to_string(i)) > 0);
  }
  const auto changes = table.freeze(1)->read();
  for (const Change& change : changes) EXPECT_TRUE(change.group < 4 || change.group >= 9);
  table.load("loaded", "value");
  EXPECT_EQ(*table.get("loaded"), "value");
  EXPECT_EQ(table.dirty(), 0U) << "loading is not a change";
}

TEST(Table, MemoryOfErasedKeysIsUsedAgain) {
  Table table;
  std::size_t after_first = 0;
  for (std::uint64_t round = 1; round <= 20; ++round) {
    for (int i = 0; i < 5000; ++i)
      table.put(std::to_string(round * 10'000 + static_cast<unsigned>(i)), "v");
    for (int i = 0; i < 5000; ++i)
      table.erase(std::to_string(round * 10'000 + static_cast<unsigned>(i)));
    (void)table.freeze(round)->read();
    if (round == 2) after_first = table.memory_bytes();
  }
  EXPECT_LE(table.memory_bytes(), after_first * 3 / 2);
}

TEST(Timers, FireInOrderOfTimeAndKeyBelowTheLimit) {
  Timers timers;
  timers.set(20, "b");
  timers.set(20, "a");
  timers.set(-5, "z");
  timers.set(20, "a");
  timers.set(30, "c");
  EXPECT_TRUE(timers.cancel(30, "c"));
  EXPECT_FALSE(timers.cancel(30, "c"));
  EXPECT_EQ(timers.size(), 3U);
  EXPECT_EQ(timers.next(), -5);
  EXPECT_EQ(timers.pop_below(20)->key, "z");
  EXPECT_FALSE(timers.pop_below(20)) << "the limit is exclusive";
  EXPECT_EQ(timers.pop_below(21)->key, "a");
  const Timers::Delta delta = timers.freeze();
  EXPECT_EQ(timers.pop_below(21)->key, "b");
  std::vector<std::pair<std::string, bool>> told;
  for (const auto& [timer, there] : *delta) told.emplace_back(timer.key, there);
  EXPECT_THAT(told, testing::ElementsAre(testing::Pair("z", false), testing::Pair("a", false),
                                         testing::Pair("b", true), testing::Pair("c", false)));
  EXPECT_EQ(timers.freeze()->size(), 1U);
}

}  // namespace
}  // namespace weir::state
