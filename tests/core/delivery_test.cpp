#include "core/delivery.h"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "core/message.h"

namespace weir::core {
namespace {

struct Ended {
  std::vector<Outcome> outcomes;
  std::optional<Error> error;
  int times = 0;
};

class TestDelivery final : public Delivery {
 public:
  TestDelivery(std::uint32_t size, Ended& ended) : Delivery(size), ended_(ended) {}

 protected:
  bool on_resolved() override {
    ++ended_.times;
    ended_.outcomes.clear();
    for (std::uint32_t i = 0; i < size(); ++i) ended_.outcomes.push_back(outcome(i));
    for (std::uint32_t i = 0; i < size(); ++i) {
      if (const Error* error = this->error(i)) ended_.error = *error;
    }
    return true;
  }

 private:
  Ended& ended_;
};

TEST(Delivery, ResolvesWhenTheLastDescendantHasEndedWithTheGreatestOutcome) {
  Ended ended;
  auto* delivery = new TestDelivery(2, ended);
  Lineage first = Lineage::adopt(*delivery, 0);
  Lineage second = Lineage::adopt(*delivery, 1);
  Lineage copy = first.share();
  first.resolve(Outcome::kFiltered);
  second.resolve(Outcome::kFiltered);
  EXPECT_EQ(ended.times, 0);
  copy.resolve(Outcome::kDelivered);
  EXPECT_EQ(ended.times, 1);
  EXPECT_EQ(ended.outcomes, (std::vector{Outcome::kDelivered, Outcome::kFiltered}));
}

TEST(Delivery, AMessageThatIsDestroyedUnresolvedComesBack) {
  Ended ended;
  { const Lineage lost = Lineage::adopt(*new TestDelivery(1, ended), 0); }
  EXPECT_EQ(ended.outcomes, (std::vector{Outcome::kRetry}));
}

TEST(Delivery, AMergedMessageEndsAllItIsMadeOf) {
  Ended ended;
  auto* delivery = new TestDelivery(3, ended);
  Lineage all = Lineage::adopt(*delivery, 0);
  all.merge(Lineage::adopt(*delivery, 1));
  all.merge(Lineage::adopt(*delivery, 2));
  Lineage copy = all.share();
  copy.resolve(Outcome::kDelivered);
  const Error error{ErrorCode::kInvalidData, "bad"};
  all.resolve(Outcome::kFailed, &error);
  EXPECT_EQ(ended.outcomes, std::vector<Outcome>(3, Outcome::kFailed));
  EXPECT_EQ(ended.error->message, "bad");
}

TEST(Delivery, ABatchIsResolvedInRuns) {
  Ended ended;
  Batch batch = Batch::of({"a", "b", "c", "d"});
  auto* delivery = new TestDelivery(4, ended);
  for (std::uint32_t i = 0; i < 4; ++i) batch[i].set_lineage(Lineage::adopt(*delivery, i));
  Message copy = batch[2].share_copy();
  batch.resolve(Outcome::kDelivered);
  EXPECT_EQ(ended.times, 0);
  copy.lineage().resolve(Outcome::kFailed);
  EXPECT_EQ(ended.outcomes, (std::vector{Outcome::kDelivered, Outcome::kDelivered, Outcome::kFailed,
                                         Outcome::kDelivered}));
}

TEST(Originals, GiveMessagesBackAsTheyCame) {
  Batch batch = Batch::of({R"({"a":1})"});
  batch[0].set_metadata("k", Value::string("v"));
  batch[0].position = 7;
  const Originals originals(batch);
  batch[0].set_payload("changed");
  batch[0].set_metadata("k", Value::string("w"));
  Batch again = Batch::fresh();
  ASSERT_TRUE(originals.restore(0, again).has_value());
  EXPECT_EQ(*again[0].payload(), R"({"a":1})");
  EXPECT_EQ(again[0].find_metadata("k")->stored(), "v");
  EXPECT_EQ(again[0].position, 7);
}

}  // namespace
}  // namespace weir::core
