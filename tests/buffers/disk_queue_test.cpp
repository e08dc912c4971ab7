#include "buffers/disk_queue.h"

#include <atomic>
#include <future>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "state/fault_env.h"
#include "state/support.h"

namespace weir::buffers {
namespace {

using test::FaultEnv;
using test::FaultFileSystem;
using test::ScratchFolder;

DiskQueue::Options at(const std::string& path, std::uint64_t limit = 1 << 20,
                      FaultEnv* faults = nullptr) {
  DiskQueue::Options options;
  options.path = path;
  options.limit_bytes = limit;
  if (faults != nullptr) options.env = faults->env.get();
  return options;
}

// Puts one record and waits until it is committed or refused.
core::Status put(DiskQueue& queue, const std::string& bytes, std::uint32_t messages = 1) {
  core::Interrupt interrupt;
  std::promise<core::Status> promise;
  auto stored = promise.get_future();
  queue.put({{bytes, messages}}, interrupt,
            [&](core::Status status) { promise.set_value(std::move(status)); });
  return stored.get();
}

std::optional<DiskQueue::Taken> take(DiskQueue& queue, int milliseconds = 0) {
  core::Interrupt interrupt;
  auto taken = queue.take(interrupt, std::chrono::milliseconds(milliseconds));
  EXPECT_TRUE(taken) << taken.error().message;
  return taken ? *std::move(taken) : std::nullopt;
}

TEST(DiskQueue, GivesOutInOrderWhatWasPutInAlsoAfterAReopening) {
  const ScratchFolder folder;
  {
    DiskQueue queue(at(folder / "q"));
    ASSERT_TRUE(queue.open());
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(put(queue, "r" + std::to_string(i), 3));
    EXPECT_EQ(queue.messages(), 30U);
    auto first = take(queue);
    auto second = take(queue);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->bytes, "r0");
    EXPECT_FALSE(first->recovered);
    queue.done(second->id);  // not the first: it comes again
  }
  DiskQueue queue(at(folder / "q"));
  ASSERT_TRUE(queue.open());
  EXPECT_EQ(queue.messages(), 27U);
  ASSERT_TRUE(put(queue, "new"));
  std::vector<std::string> got;
  while (auto taken = take(queue)) {
    EXPECT_EQ(taken->recovered, taken->bytes != "new");
    got.push_back(taken->bytes);
    queue.done(taken->id);
  }
  EXPECT_EQ(
      got, (std::vector<std::string>{"r0", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "new"}));
  EXPECT_EQ(queue.messages(), 0U);
  EXPECT_EQ(queue.bytes(), 0U);
  queue.end_of_input();
  EXPECT_TRUE(queue.ended());
}

TEST(DiskQueue, MakesWritersWaitWhileItIsFull) {
  const ScratchFolder folder;
  DiskQueue queue(at(folder / "q", 2000));
  ASSERT_TRUE(queue.open());
  ASSERT_TRUE(put(queue, std::string(5000, 'x')));  // larger than all: alone, it may
  std::atomic<bool> stored{false};
  std::thread writer([&] {
    EXPECT_TRUE(put(queue, "second"));
    stored = true;
  });
  auto first = take(queue);
  ASSERT_TRUE(first);
  EXPECT_FALSE(stored);
  EXPECT_FALSE(take(queue, 100)) << "the second waits for room";
  queue.done(first->id);
  writer.join();
  EXPECT_TRUE(stored);
  EXPECT_EQ(take(queue)->bytes, "second");
}

TEST(DiskQueue, AWriterThatWaitsIsLetGoWhenItIsInterrupted) {
  const ScratchFolder folder;
  DiskQueue queue(at(folder / "q", 100));
  ASSERT_TRUE(queue.open());
  ASSERT_TRUE(put(queue, std::string(500, 'x')));
  core::Interrupt interrupt;
  interrupt.raise();
  core::Status told;
  queue.put({{"y", 1}}, interrupt, [&](core::Status status) { told = std::move(status); });
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, core::ErrorCode::kCancelled);
}

TEST(DiskQueue, AFullDiskRefusesAndLosesNothingAndNothingComesTwice) {
  const ScratchFolder folder;
  FaultEnv faults;
  {
    DiskQueue queue(at(folder / "q", 1 << 20, &faults));
    ASSERT_TRUE(queue.open());
    ASSERT_TRUE(put(queue, "before"));
    faults.files->fail_writes(FaultFileSystem::Fault::kNoSpace, 10);
    const core::Status refused = put(queue, std::string(100, 'x'));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, core::ErrorCode::kUnavailable);
    EXPECT_EQ(queue.messages(), 1U);
    faults.files->mend();
    core::Status again = put(queue, std::string(100, 'x'));
    for (int i = 0; i < 100 && !again; ++i) again = put(queue, std::string(100, 'x'));
    ASSERT_TRUE(again) << again.error().message;
  }
  DiskQueue queue(at(folder / "q", 1 << 20, &faults));
  ASSERT_TRUE(queue.open());
  EXPECT_EQ(queue.messages(), 2U);
  EXPECT_EQ(take(queue)->bytes, "before");
  EXPECT_EQ(take(queue)->bytes, std::string(100, 'x'));
  EXPECT_FALSE(take(queue));
}

// Against a model: over several lives, each ended by a loss of power that forgets all that was not
// synced, everything acknowledged comes out, in order, and nothing that was never put in.
TEST(DiskQueue, WhatIsAcknowledgedSurvivesTheLossOfAllThatWasNotSynced) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    const ScratchFolder folder;
    FaultEnv faults;
    std::mt19937_64 random(seed);
    std::uint64_t next = 0;
    std::set<std::uint64_t> owed;  // acknowledged, not done
    for (int life = 0; life < 4; ++life) {
      auto options = at(folder / "q", 1 << 20, &faults);
      options.memory_bytes = 300;  // so that reading from the store happens too
      DiskQueue queue(options);
      const core::Status opened = queue.open();
      ASSERT_TRUE(opened) << opened.error().message;
      if (life < 3) faults.files->cut_power_at_sync(2 + random() % 60);
      std::uint64_t last = 0;
      bool any = false;
      for (int step = 0; step < 120; ++step) {
        if (random() % 2 == 0) {
          const std::uint64_t number = next++;
          if (put(queue, std::to_string(number) + std::string(random() % 90, ' '))) {
            owed.insert(number);
          }
          continue;
        }
        core::Interrupt interrupt;
        auto taken = queue.take(interrupt, std::chrono::milliseconds(0));
        if (!taken || !*taken) continue;
        const std::uint64_t number = std::stoull((*taken)->bytes);
        ASSERT_LT(number, next);
        if (any) {
          EXPECT_GT(number, last) << "out of order";
        }
        any = true;
        last = number;
        queue.done((*taken)->id);
        owed.erase(number);
      }
      if (life < 3) {
        faults.files->cut_power();
        queue.close();
        faults.files->restore_power(random() % 2 == 0, random());
      } else {
        while (auto taken = take(queue)) {
          owed.erase(std::stoull(taken->bytes));
          queue.done(taken->id);
        }
      }
    }
    EXPECT_TRUE(owed.empty()) << owed.size() << " acknowledged messages are lost, first "
                              << *owed.begin();
  }
}

}  // namespace
}  // namespace weir::buffers
