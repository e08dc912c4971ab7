#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "caches/support.h"
#include "state/support.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using testing::HasSubstr;

std::string get(core::Cache& cache, const std::string& key) {
  auto found = cache.get(key);
  if (found) return *found;
  return found.error().code == ErrorCode::kNotFound ? "-" : "! " + found.error().message;
}

struct Kind {
  const char* name;
  std::string yaml;  ///< `@` is a folder
  bool ends;         ///< keeps time to live
};

class AnyCache : public testing::TestWithParam<Kind> {
 protected:
  core::Cache& cache() {
    if (GetParam().name == std::string("multilevel")) {
      world_.cache("a", "lru: { cap: 2 }");
      world_.cache("b", "memory: {}");
    }
    std::string yaml = GetParam().yaml;
    if (const auto at = yaml.find('@'); at != std::string::npos) yaml.replace(at, 1, folder_ / "c");
    return world_.cache("it", yaml);
  }
  ScratchFolder folder_;
  CacheWorld world_;
};

TEST_P(AnyCache, SetsGetsAddsAndRemoves) {
  core::Cache& it = cache();
  EXPECT_EQ(get(it, "k"), "-");
  ASSERT_TRUE(it.set("k", "one", {}));
  EXPECT_EQ(get(it, "k"), "one");
  EXPECT_FALSE(*it.add("k", "two", {}));
  EXPECT_EQ(get(it, "k"), "one");
  ASSERT_TRUE(it.set("k", std::string("\0x", 2), {}));
  EXPECT_EQ(get(it, "k"), std::string("\0x", 2));
  ASSERT_TRUE(it.remove("k"));
  ASSERT_TRUE(it.remove("k"));
  EXPECT_EQ(get(it, "k"), "-");
  EXPECT_TRUE(*it.add("k", "three", {}));
  EXPECT_TRUE(*it.exists("k"));
  EXPECT_FALSE(*it.exists("nothing"));
}

TEST_P(AnyCache, TakesKeysOfAnyBytes) {
  core::Cache& it = cache();
  const std::string keys[] = {"",  ".",    "..", "../up", "a/b", "%2F", std::string("\0", 1),
                              " ", "\xff", "\n", "%"};
  for (const std::string& key : keys) {
    ASSERT_TRUE(it.set(key, "v" + key, {})) << key;
    EXPECT_EQ(get(it, key), "v" + key);
    ASSERT_TRUE(it.remove(key));
    EXPECT_EQ(get(it, key), "-") << key;
  }
}

TEST_P(AnyCache, AnswersManyInOrderAsIfAskedOneAfterTheOther) {
  core::Cache& it = cache();
  const auto added = it.add_many({{"a", "1", {}}, {"b", "2", {}}, {"a", "3", {}}});
  ASSERT_EQ(added.size(), 3U);
  EXPECT_TRUE(*added[0]);
  EXPECT_TRUE(*added[1]);
  EXPECT_FALSE(*added[2]);
  const auto got = it.get_many({"b", "none", "a"});
  EXPECT_EQ(*got[0], "2");
  EXPECT_EQ(got[1].error().code, ErrorCode::kNotFound);
  EXPECT_EQ(*got[2], "1");
  for (const auto& status : it.set_many({{"a", "x", {}}, {"a", "y", {}}})) EXPECT_TRUE(status);
  EXPECT_EQ(get(it, "a"), "y");
  bool told = false;
  it.run({core::Cache::Operation::kRemove, {{"a", "", {}}, {"b", "", {}}}},
         [&](core::Cache::Reply reply) {
           told = true;
           EXPECT_EQ(reply.stored.size(), 2U);
         });
  EXPECT_TRUE(told);
  EXPECT_EQ(get(it, "a"), "-");
}

TEST_P(AnyCache, ForgetsWhatHasEnded) {
  if (!GetParam().ends) GTEST_SKIP() << "this cache keeps items for ever";
  core::Cache& it = cache();
  ASSERT_TRUE(it.set("short", "v", 10s));
  ASSERT_TRUE(it.set("long", "v", 1000h));
  world_.clock.advance(10s - 1ns);
  EXPECT_EQ(get(it, "short"), "v");
  EXPECT_FALSE(*it.add("short", "w", {}));
  world_.clock.advance(1ns);
  EXPECT_EQ(get(it, "short"), "-");
  EXPECT_EQ(get(it, "long"), "v");
  EXPECT_TRUE(*it.add("short", "w", 5s)) << "it may be added anew";
  EXPECT_EQ(get(it, "short"), "w");
}

TEST_P(AnyCache, OfManyThatAddTheSameKeyOneWins) {
  core::Cache& it = cache();
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        if (*it.add(std::to_string(i), "v", {})) ++winners;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Two levels are not one step: with them more than one may win, and at least one does.
  if (GetParam().name == std::string("multilevel")) {
    EXPECT_GE(winners, 50);
  } else {
    EXPECT_EQ(winners, 50);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, AnyCache,
    testing::Values(Kind{"memory", "memory: {}", true},
                    Kind{"memory_shards", "memory: { shards: 7 }", true},
                    Kind{"lru", "lru: {}", true}, Kind{"ttlru", "ttlru: {}", true},
                    Kind{"file", "file: { directory: '@' }", false},
                    Kind{"multilevel", "multilevel: [ a, b ]", false},
                    Kind{"rocksdb", "rocksdb: { path: '@', sync: false }", true}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(MemoryCache, HasStandardTimesSweepsAndLimits) {
  CacheWorld world;
  core::Cache& it =
      world.cache("m", "memory: { default_ttl: 1m, init_values: { born: with }, max_bytes: 1000 }");
  EXPECT_EQ(get(it, "born"), "with");
  ASSERT_TRUE(it.set("a", "v", {}));
  world.clock.advance(1min);
  EXPECT_EQ(get(it, "a"), "-");
  EXPECT_EQ(get(it, "born"), "with") << "what is there at the start never ends";
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(it.set(std::to_string(i), std::string(100, 'x'), 1s));
  core::Status full = it.set("more", std::string(400, 'x'), {});
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error().message, HasSubstr("max_bytes"));
  world.clock.advance(1s);
  EXPECT_TRUE(it.set("more", std::string(400, 'x'), {})) << "ended items make room";

  core::Cache& lasting = world.cache("l", "memory: { compaction_interval: '' }");
  ASSERT_TRUE(lasting.set("a", "v", 1s));
  world.clock.advance(1h);
  EXPECT_EQ(get(lasting, "a"), "v") << "without sweeping nothing ends, as in the family";
}

TEST(LruCache, ForgetsTheItemUsedLongestAgo) {
  CacheWorld world;
  core::Cache& it = world.cache("l", "lru: { cap: 3, init_values: { a: '1' } }");
  ASSERT_TRUE(it.set("b", "2", {}));
  ASSERT_TRUE(it.set("c", "3", {}));
  EXPECT_EQ(get(it, "a"), "1");
  ASSERT_TRUE(it.set("d", "4", {}));
  EXPECT_EQ(get(it, "b"), "-");
  EXPECT_EQ(get(it, "a"), "1");
  EXPECT_EQ(get(it, "d"), "4");
  core::Cache& timed = world.cache("t", "ttlru: { cap: 2, default_ttl: 1m }");
  ASSERT_TRUE(timed.set("a", "1", {}));
  world.clock.advance(1min);
  EXPECT_EQ(get(timed, "a"), "-");
}

TEST(MultilevelCache, StoresAboveWhatItFindsBelow) {
  CacheWorld world;
  core::Cache& hot = world.cache("hot", "lru: {}");
  core::Cache& cold = world.cache("cold", "memory: {}");
  core::Cache& both = world.cache("both", "multilevel: [ hot, cold ]");
  ASSERT_TRUE(cold.set("k", "v", {}));
  EXPECT_EQ(get(hot, "k"), "-");
  EXPECT_EQ(get(both, "k"), "v");
  EXPECT_EQ(get(hot, "k"), "v");
  ASSERT_TRUE(hot.set("only", "above", {}));
  EXPECT_FALSE(*both.add("only", "x", {}));
  EXPECT_FALSE(world.make<core::Cache>("multilevel: [ hot ]"));
  EXPECT_THAT(world.mistakes, HasSubstr("at least two"));
}

TEST(NoopCache, KnowsNothing) {
  CacheWorld world;
  core::Cache& it = world.cache("n", "noop: {}");
  ASSERT_TRUE(it.set("k", "v", {}));
  EXPECT_EQ(get(it, "k"), "-");
  EXPECT_TRUE(*it.add("k", "v", {}));
}

TEST(FileCache, NamesFilesAfterKeysAndLeavesNoHalves) {
  const ScratchFolder folder;
  CacheWorld world;
  core::Cache& it = world.cache("f", "file: { directory: " + folder / "c" + " }");
  ASSERT_TRUE(it.set("plain-key.json", "v", {}));
  EXPECT_EQ(read_whole(folder / "c/plain-key.json"), "v");
  EXPECT_EQ(it.set(std::string(300, 'k'), "v", {}).error().code, ErrorCode::kLimit);
  EXPECT_FALSE(std::filesystem::exists(folder / "up"));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "c")) {
    (void)entry;
    ++files;
  }
  EXPECT_EQ(files, 1U);
}

TEST(RocksdbCache, KeepsItemsOverARestart) {
  const ScratchFolder folder;
  CacheWorld world;
  world.shared.data_dir = folder / "data";
  {
    core::Cache& it = world.cache("seen", "rocksdb: {}");
    ASSERT_TRUE(it.set("a", "1", {}));
    ASSERT_TRUE(it.set("b", "2", 10s));
    world.caches["seen"]->close();
    EXPECT_THAT(get(it, "a"), HasSubstr("closed"));
  }
  world.caches.clear();
  EXPECT_TRUE(std::filesystem::exists(folder / "data/caches/seen/CURRENT"));
  world.clock.advance(10s);
  core::Cache& it = world.cache("seen", "rocksdb: {}");
  EXPECT_EQ(get(it, "a"), "1");
  EXPECT_EQ(get(it, "b"), "-");
}

TEST(RocksdbCache, TwoOfOneFolderAreRefusedAndTheFirstStaysLocked) {
  const ScratchFolder folder;
  CacheWorld world;
  world.cache("one", "rocksdb: { path: " + folder / "c" + " }");
  auto second = world.make<core::Cache>("rocksdb: { path: " + folder / "c" + " }");
  ASSERT_TRUE(second);
  const core::Status status = second->open();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("uses it"));
}

// Against a model with the same rules: what was written last is there, the number stays bounded,
// and what is forgotten is the oldest.
TEST(RocksdbCache, KeepsTheLatestItemsWithinItsLimits) {
  const ScratchFolder folder;
  CacheWorld world;
  const std::string yaml = "rocksdb: { path: " + folder / "c" + ", max_items: 20, sync: false }";
  std::mt19937 random(3);
  std::vector<std::pair<std::string, std::string>> model;  // oldest first
  const auto forget = [&](const std::string& key) {
    std::erase_if(model, [&](const auto& item) { return item.first == key; });
  };
  for (int life = 0; life < 3; ++life) {
    core::Cache& it = world.cache("c", yaml);
    for (int step = 0; step < 500; ++step) {
      const std::string key = std::to_string(random() % 40);
      switch (random() % 4) {
        case 0: {
          ASSERT_TRUE(it.remove(key));
          forget(key);
          break;
        }
        case 1: {
          const bool fresh = *it.add(key, "added", {});
          const bool known = std::any_of(model.begin(), model.end(),
                                         [&](const auto& item) { return item.first == key; });
          EXPECT_EQ(fresh, !known);
          if (fresh) model.emplace_back(key, "added");
          break;
        }
        default: {
          const std::string value = std::to_string(step);
          ASSERT_TRUE(it.set(key, value, {}));
          forget(key);
          model.emplace_back(key, value);
        }
      }
      // What is too much goes with the write after; one more than the limit may be there.
      while (model.size() > 20) {
        if (get(it, model.front().first) != "-") break;
        model.erase(model.begin());
      }
      ASSERT_LE(model.size(), 21U);
      for (const auto& [item, value] : model) ASSERT_EQ(get(it, item), value);
    }
    world.caches["c"]->close();
    world.caches.clear();
  }
}

}  // namespace
}  // namespace weir::test
