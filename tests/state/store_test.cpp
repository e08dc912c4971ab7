#include "state/store.h"

#include <map>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state/fault_env.h"
#include "state/store_mark.h"
#include "state/support.h"

namespace weir::state {
namespace {

namespace fs = std::filesystem;
using test::FaultEnv;
using test::FaultFileSystem;
using test::read_whole;
using test::ScratchFolder;
using test::write_whole;
using testing::HasSubstr;

StoreOptions at(const std::string& path, FaultEnv* faults = nullptr) {
  StoreOptions options;
  options.path = path;
  options.memory_bytes = 4 << 20;
  options.write_buffer_bytes = 64 << 10;
  if (faults != nullptr) options.env = faults->env.get();
  return options;
}

core::Status put(Store& store, const std::string& key, const std::string& value,
                 Sync sync = Sync::kYes) {
  WriteSet changes;
  changes.put(key, value);
  return store.write(changes, sync);
}

std::map<std::string, std::string> all_of(const Store& store) {
  std::map<std::string, std::string> all;
  const core::Status status = store.scan("", "", [&](std::string_view key, std::string_view value) {
    all.emplace(key, value);
    return true;
  });
  EXPECT_TRUE(status) << status.error().message;
  return all;
}

std::string the_log(const std::string& folder) {
  std::string newest;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".log") newest = std::max(newest, entry.path().string());
  }
  return newest;
}

TEST(Store, KeepsOrderAndContentOverAReopening) {
  const ScratchFolder folder;
  std::string id;
  {
    auto store = Store::open(at(folder / "a/b/store"));
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->incarnation(), 1U);
    id = (*store)->id();
    WriteSet changes;
    changes.put("b", "2");
    changes.put("a", std::string("\0x", 2));
    changes.put("c", "3");
    changes.erase("c");
    ASSERT_TRUE((*store)->write(changes, Sync::kYes));
  }
  auto store = Store::open(at(folder / "a/b/store"));
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->incarnation(), 2U);
  EXPECT_EQ((*store)->id(), id);
  EXPECT_THAT(all_of(**store), testing::ElementsAre(testing::Pair("a", std::string("\0x", 2)),
                                                    testing::Pair("b", "2")));
  EXPECT_EQ((*store)->get("c")->has_value(), false);
  const std::string_view keys[] = {"b", "nothing", "a"};
  const auto got = (*store)->get_many(keys);
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(**got[0], "2");
  EXPECT_FALSE(got[1]->has_value());
  EXPECT_EQ((**got[2]).size(), 2U);
  EXPECT_EQ(fs::status(folder / "a/b/store").permissions() & fs::perms::others_all, fs::perms{});
}

TEST(Store, ErasesARangeLargerThanOneStep) {
  const ScratchFolder folder;
  auto store = Store::open(at(folder / "s"));
  ASSERT_TRUE(store);
  WriteSet changes;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    std::string key = "k";
    append_be64(key, i);
    changes.put(key, "v");
  }
  changes.put("j", "before");
  changes.put("l", "behind");
  ASSERT_TRUE((*store)->write(changes, Sync::kNo));
  ASSERT_TRUE((*store)->erase_range("k", prefix_end("k")));
  EXPECT_THAT(all_of(**store),
              testing::ElementsAre(testing::Pair("j", "before"), testing::Pair("l", "behind")));
}

TEST(Store, IsHeldByOneProcessAndTheOtherIsToldByWhom) {
  const ScratchFolder folder;
  // Forked first: a process made later would have a copy of our table of locks.
  int to_parent[2];
  int to_child[2];
  ASSERT_EQ(::pipe(to_parent), 0);
  ASSERT_EQ(::pipe(to_child), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char go = 0;
    (void)!::read(to_child[0], &go, 1);
    auto second = Store::open(at(folder / "s"));
    const std::string text = second ? "opened" : second.error().message;
    (void)!::write(to_parent[1], text.data(), text.size());
    ::_exit(0);
  }
  auto store = Store::open(at(folder / "s"));
  ASSERT_TRUE(store);
  EXPECT_THAT(Store::open(at(folder / "s")).error().message,
              HasSubstr("process " + std::to_string(::getpid()) + " uses it"))
      << "not even a second time here, and trying does not give the lock away";
  ASSERT_EQ(::write(to_child[1], "g", 1), 1);
  ::close(to_parent[1]);
  std::string text;
  char buffer[512];
  for (ssize_t n = 0; (n = ::read(to_parent[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(to_parent[0]);
  ::close(to_child[0]);
  ::close(to_child[1]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_THAT(text, HasSubstr("process " + std::to_string(::getpid()) + " uses it"));
  EXPECT_THAT(text, HasSubstr("data_dir"));
  EXPECT_TRUE(put(**store, "still", "works"));
}

TEST(Store, RefusesToStartWithoutItsLog) {
  const ScratchFolder folder;
  {
    auto store = Store::open(at(folder / "s"));
    ASSERT_TRUE(store);
    ASSERT_TRUE(put(**store, "a", "1"));
  }
  fs::remove(the_log(folder / "s"));
  auto store = Store::open(at(folder / "s"));
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, core::ErrorCode::kInternal);
  EXPECT_THAT(store.error().message, HasSubstr("is missing"));
  EXPECT_THAT(store.error().message, HasSubstr("Restore the folder"));
}

TEST(Store, RefusesAnOlderCopyOfItself) {
  const ScratchFolder folder;
  const auto frequent = [&] {
    StoreOptions options = at(folder / "s");
    options.mark_every_nanos = 0;
    return options;
  };
  {
    auto store = Store::open(frequent());
    ASSERT_TRUE(store);
    ASSERT_TRUE(put(**store, "a", "1"));
  }
  fs::copy(folder / "s", folder / "old", fs::copy_options::recursive);
  {
    auto store = Store::open(frequent());
    ASSERT_TRUE(store);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(put(**store, "a", std::to_string(i)));
  }
  fs::rename(folder / "s/WEIR", folder / "old/WEIR");
  fs::remove_all(folder / "s");
  fs::rename(folder / "old", folder / "s");
  auto store = Store::open(frequent());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, core::ErrorCode::kInternal);
  EXPECT_THAT(store.error().message, HasSubstr("not complete"));
}

TEST(Store, ADamagedRecordInTheLogIsNotTakenForItsEnd) {
  const ScratchFolder folder;
  {
    auto store = Store::open(at(folder / "s"));
    ASSERT_TRUE(store);
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(put(**store, "key" + std::to_string(i), std::string(100, 'x')));
    }
  }
  const std::string log = the_log(folder / "s");
  std::string bytes = read_whole(log);
  ASSERT_GT(bytes.size(), 5000U);
  bytes[2000] = static_cast<char>(bytes[2000] ^ 0x40);
  write_whole(log, bytes);
  auto store = Store::open(at(folder / "s"));
  ASSERT_FALSE(store) << "opened with " << all_of(**store).size() << " of 100";
  EXPECT_EQ(store.error().code, core::ErrorCode::kInternal);
  EXPECT_THAT(store.error().message, HasSubstr("damaged"));
}

// Every file, every kind of damage: refused, told when read, or harmless; never a wrong answer.
TEST(Store, DamageIsRefusedOrToldAndNeverAWrongAnswer) {
  enum class Damage { kFlip, kTruncate, kDelete, kZero };
  const ScratchFolder folder;
  std::map<std::string, std::string> expected;
  {
    auto store = Store::open(at(folder / "whole"));
    ASSERT_TRUE(store);
    for (int i = 0; i < 3000; ++i) {
      const std::string key = "key" + std::to_string(i);
      const std::string value = std::to_string(i * 31) + std::string(60, 'v');
      ASSERT_TRUE(put(**store, key, value, i % 500 == 0 ? Sync::kYes : Sync::kNo));
      expected[key] = value;
    }
  }
  int refused = 0;
  int told = 0;
  int harmless = 0;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder / "whole")) {
    names.push_back(entry.path().filename().string());
  }
  for (const std::string& name : names) {
    if (name == "LOCK" || name.rfind("LOG", 0) == 0) continue;
    for (const Damage damage : {Damage::kFlip, Damage::kTruncate, Damage::kDelete, Damage::kZero}) {
      fs::remove_all(folder / "s");
      fs::copy(folder / "whole", folder / "s", fs::copy_options::recursive);
      const std::string path = folder / ("s/" + name);
      std::string bytes = read_whole(path);
      if (bytes.empty()) continue;
      if (damage == Damage::kFlip) bytes[bytes.size() / 3] ^= 1;
      if (damage == Damage::kTruncate) bytes.resize(bytes.size() / 2);
      if (damage == Damage::kZero) bytes.assign(bytes.size(), '\0');
      if (damage == Damage::kDelete) {
        fs::remove(path);
      } else {
        write_whole(path, bytes);
      }
      SCOPED_TRACE(name + " damage " + std::to_string(static_cast<int>(damage)));
      auto store = Store::open(at(folder / "s"));
      if (!store) {
        ++refused;
        continue;
      }
      std::map<std::string, std::string> got;
      const core::Status status =
          (*store)->scan("", "", [&](std::string_view key, std::string_view value) {
            got.emplace(key, value);
            return true;
          });
      if (!status) {
        ++told;
      } else {
        ++harmless;  // OPTIONS and the like
        EXPECT_EQ(got.size(), expected.size());
        EXPECT_TRUE(got == expected);
      }
    }
  }
  EXPECT_GT(refused, 5);
  EXPECT_GT(told + harmless, 0);
}

TEST(Store, GoesOnAfterAFullDisk) {
  const ScratchFolder folder;
  FaultEnv faults;
  auto store = Store::open(at(folder / "s", &faults));
  ASSERT_TRUE(store) << store.error().message;
  std::map<std::string, std::string> expected;
  for (int i = 0; i < 50; ++i) {
    expected["a" + std::to_string(i)] = "v";
    ASSERT_TRUE(put(**store, "a" + std::to_string(i), "v"));
  }
  for (const auto fault : {FaultFileSystem::Fault::kNoSpace, FaultFileSystem::Fault::kIoError}) {
    faults.files->fail_writes(fault, 37);
    core::Status failed;
    for (int i = 0; i < 5 && failed; ++i) failed = put(**store, "torn", std::string(200, 'x'));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, core::ErrorCode::kUnavailable);
    if (fault == FaultFileSystem::Fault::kNoSpace) {
      EXPECT_THAT(failed.error().message, HasSubstr("the disk is full"));
    }
    EXPECT_EQ((*store)->get("a7")->value(), "v") << "reading works meanwhile";
    faults.files->mend();
    core::Status mended = put(**store, "torn", "whole");
    for (int i = 0; i < 100 && !mended; ++i) mended = put(**store, "torn", "whole");
    ASSERT_TRUE(mended) << mended.error().message;
  }
  expected["torn"] = "whole";
  EXPECT_EQ(all_of(**store), expected);
  store->reset();
  store = Store::open(at(folder / "s", &faults));
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(all_of(**store), expected);
}

// What was synced is there after a loss of power, whatever became of the rest; the rest is there in
// order, up to some point.
TEST(Store, SyncedChangesSurviveTheLossOfAllThatWasNotSynced) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    const ScratchFolder folder;
    FaultEnv faults;
    std::mt19937_64 random(seed);
    std::uint64_t next = 0;
    std::uint64_t synced = 0;
    for (int life = 0; life < 4; ++life) {
      auto opened = Store::open(at(folder / "s", &faults));
      if (!opened && life > 0) FAIL() << opened.error().message;
      ASSERT_TRUE(opened) << opened.error().message;
      Store& store = **opened;
      std::uint64_t found = 0;
      bool dense = true;
      ASSERT_TRUE(store.scan("", "", [&](std::string_view key, std::string_view value) {
        dense = dense && read_be64(key) == found && value.size() == 150 + found % 100;
        ++found;
        return true;
      }));
      EXPECT_TRUE(dense);
      EXPECT_GE(found, synced);
      EXPECT_LE(found, next);
      next = synced = found;
      faults.files->cut_power_at_sync(1 + random() % 40);
      for (int i = 0; i < 600; ++i) {
        WriteSet changes;
        std::string key;
        append_be64(key, next);
        changes.put(key, std::string(150 + next % 100, 'v'));
        const Sync sync = random() % 10 == 0 ? Sync::kYes : Sync::kNo;
        if (!store.write(changes, sync)) break;
        ++next;
        if (sync == Sync::kYes) synced = next;
      }
      ++next;  // the failed one may be there
      faults.files->cut_power();
      opened->reset();
      faults.files->restore_power(random() % 2 == 0, random());
    }
  }
}

TEST(Store, ACheckpointIsAStoreOfItsOwn) {
  const ScratchFolder folder;
  auto store = Store::open(at(folder / "s"));
  ASSERT_TRUE(store);
  ASSERT_TRUE(put(**store, "a", "1", Sync::kNo));
  ASSERT_TRUE((*store)->checkpoint(folder / "copy"));
  ASSERT_TRUE(put(**store, "b", "2"));
  auto copy = Store::open(at(folder / "copy"));
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_THAT(all_of(**copy), testing::ElementsAre(testing::Pair("a", "1")));
  EXPECT_NE((*copy)->id(), (*store)->id());
  EXPECT_TRUE((*store)->verify());
}

TEST(Store, ServesReadersWhileItIsWritten) {
  const ScratchFolder folder;
  auto store = Store::open(at(folder / "s"));
  ASSERT_TRUE(store);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const std::string key = std::to_string(t) + "-" + std::to_string(i);
        EXPECT_TRUE(put(**store, key, key, i % 50 == 0 ? Sync::kYes : Sync::kNo));
        EXPECT_EQ((*store)->get(key)->value(), key);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(all_of(**store).size(), 600U);
}

TEST(StoreMark, IsReadBackAndRefusedWhenDamaged) {
  const StoreMark mark{"0123456789abcdef0123456789abcdef", 7, 1234567, 42};
  const std::string text = write_mark(mark);
  auto read = read_mark(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, mark.id);
  EXPECT_EQ(read->incarnation, 7U);
  EXPECT_EQ(read->sequence, 1234567U);
  EXPECT_EQ(read->log_number, 42U);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_FALSE(read_mark(flipped)) << i;
    EXPECT_FALSE(read_mark(text.substr(0, i))) << i;
  }
  EXPECT_FALSE(read_mark(""));
  EXPECT_FALSE(read_mark(std::string(10'000, ' ')));
}

TEST(PrefixEnd, IsTheNextKeyBehindAllWithThePrefix) {
  EXPECT_EQ(prefix_end("ab"), "ac");
  EXPECT_EQ(prefix_end("a\xff\xff"), "b");
  EXPECT_EQ(prefix_end("\xff"), "");
  std::string key;
  append_be64(key, 0x0102030405060708ULL);
  EXPECT_EQ(key, std::string("\1\2\3\4\5\6\7\10"));
  EXPECT_EQ(read_be64(key), 0x0102030405060708ULL);
}

}  // namespace
}  // namespace weir::state
