#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "caches/support.h"
#include "processors/all.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class World : public CacheWorld {
 public:
  World() {
    processors::add_cache(registry);
    processors::add_cached(registry);
    processors::add_dedupe(registry);
    processors::add_mapping(registry);
    processors::add_rate_limit(registry);
  }
};

// A delivery that tells how its slots ended.
class Counted final : public core::Delivery {
 public:
  Counted(std::uint32_t size, std::vector<core::Outcome>& outcomes)
      : Delivery(size), outcomes_(outcomes) {}

 protected:
  bool on_resolved() override {
    for (std::uint32_t i = 0; i < size(); ++i) outcomes_.push_back(outcome(i));
    return true;
  }

 private:
  std::vector<core::Outcome>& outcomes_;
};

std::vector<std::string> run(core::Processor& processor, core::Batch batch,
                             core::Outcome end = core::Outcome::kDelivered) {
  std::vector<std::string> all;
  core::Batches made = processor.process(std::move(batch));
  for (std::size_t i = 0; i < made.size(); ++i) {
    for (core::Message& message : made[i]) {
      all.push_back(message.errored() ? "! " + std::string(message.error()->text)
                                      : std::string(*message.payload()));
      const core::Error error{core::ErrorCode::kUnavailable, "later"};
      if (message.lineage()) message.lineage().resolve(end, &error);
    }
  }
  return all;
}
std::vector<std::string> run(core::Processor& processor, const std::vector<std::string>& payloads) {
  return run(processor, core::Batch::of(payloads));
}

core::Batch tied(const std::vector<std::string>& payloads, core::Delivery& delivery) {
  core::Batch batch = core::Batch::of(payloads);
  for (std::uint32_t i = 0; i < payloads.size(); ++i) {
    batch[i].set_lineage(core::Lineage::adopt(delivery, i));
  }
  return batch;
}

TEST(CacheProcessor, DoesWhatItsOperatorSays) {
  World world;
  world.cache("c", "memory: {}");
  const auto with = [&](const std::string& op, const std::string& more = "") {
    auto made = world.make<core::Processor>("cache: { resource: c, operator: " + op +
                                            ", key: '${! this.k }'" + more + " }");
    EXPECT_TRUE(made) << world.mistakes;
    return made;
  };
  const std::string value = ", value: '${! content() }', ttl: '${! this.t.or(\"\") }'";
  EXPECT_THAT(run(*with("set", value), {R"({"k":"a"})", R"({"k":"b","t":"1s"})"}),
              ElementsAre(R"({"k":"a"})", R"({"k":"b","t":"1s"})"));
  EXPECT_THAT(run(*with("get"), {R"({"k":"a"})", R"({"k":"none"})"}),
              ElementsAre(R"({"k":"a"})", HasSubstr("! get: key does not exist")));
  EXPECT_THAT(
      run(*with("add", value), {R"({"k":"a"})", R"({"k":"c"})", R"({"k":"c"})"}),
      ElementsAre(HasSubstr("already exists"), R"({"k":"c"})", HasSubstr("already exists")));
  EXPECT_THAT(run(*with("exists"), {R"({"k":"b"})", R"({"k":"none"})"}),
              ElementsAre("true", "false"));
  world.clock.advance(1s);
  EXPECT_THAT(run(*with("exists"), {R"({"k":"b"})"}), ElementsAre("false"));
  EXPECT_THAT(run(*with("delete"), {R"({"k":"a"})", R"({"k":"none"})"}),
              ElementsAre(R"({"k":"a"})", R"({"k":"none"})"));
  EXPECT_THAT(run(*with("exists"), {R"({"k":"a"})"}), ElementsAre("false"));
  EXPECT_THAT(run(*with("get"), {"not json"}), ElementsAre(HasSubstr("evaluating `key`")));
  EXPECT_THAT(run(*with("set", ", ttl: '${! this.t }'"), {R"({"k":"a","t":"soon"})"}),
              ElementsAre(HasSubstr("evaluating `ttl`")));
  EXPECT_FALSE(
      world.make<core::Processor>("cache: { resource: c, operator: set, key: k, ttl: soon }"));
  EXPECT_FALSE(world.make<core::Processor>("cache: { resource: c, operator: grow, key: k }"));
  EXPECT_FALSE(world.make<core::Processor>("cache: { resource: nothing, operator: get, key: k }"));
}

TEST(CachedProcessor, RunsItsChildrenOncePerKey) {
  World world;
  world.cache("c", "memory: {}");
  auto cached = world.make<core::Processor>(
      "cached: { cache: c, key: '${! this.k }', skip_on: 'this.n > 100', processors: [ { mapping: "
      "'root = this.without(\"k\")' } ] }");
  ASSERT_TRUE(cached) << world.mistakes;
  EXPECT_THAT(run(*cached, {R"({"k":"a","n":1})", R"({"k":"a","n":2})", R"({"k":"b","n":3})"}),
              ElementsAre(R"({"n":1})", R"({"n":1})", R"({"n":3})"));
  EXPECT_THAT(run(*cached, {R"({"k":"a","n":9})"}), ElementsAre(R"({"n":1})"));
  // Left out of the cache by skip_on, and when a child fails.
  EXPECT_THAT(run(*cached, {R"({"k":"s","n":101})"}), ElementsAre(R"({"n":101})"));
  EXPECT_THAT(run(*cached, {R"({"k":"s","n":102})"}), ElementsAre(R"({"n":102})"));
  auto failing = world.make<core::Processor>(
      "cached: { cache: c, key: f, processors: [ { mapping: 'root = this.n.not_null()' } ] }");
  ASSERT_TRUE(failing) << world.mistakes;
  EXPECT_THAT(run(*failing, {"{}"}), ElementsAre(HasSubstr("!")));
  EXPECT_THAT(run(*failing, {R"({"n":5})"}), ElementsAre("5"));
}

TEST(CachedProcessor, RemembersResultsOfNoneAndOfSeveralMessages) {
  World world;
  core::Cache& cache = world.cache("c", "memory: {}");
  auto dropping = world.make<core::Processor>(
      "cached: { cache: c, key: d, processors: [ { mapping: 'root = deleted()' } ] }");
  ASSERT_TRUE(dropping);
  std::vector<core::Outcome> outcomes;
  for (const char* payload : {"1", "2"}) {
    auto* delivery = new Counted(1, outcomes);
    EXPECT_TRUE(run(*dropping, tied({payload}, *delivery)).empty());
  }
  EXPECT_THAT(outcomes, ElementsAre(core::Outcome::kFiltered, core::Outcome::kFiltered));
  std::string two(1, '\1');
  for (const char* text : {"one", "two"}) two += std::string("\0\0\0\0\0\0\0\3", 8) + text;
  ASSERT_TRUE(cache.set("t", two, {}));
  auto plain = world.make<core::Processor>("cached: { cache: c, key: t, processors: [] }");
  ASSERT_TRUE(plain) << world.mistakes;
  EXPECT_THAT(run(*plain, {"x"}), ElementsAre("one", "two"));
  ASSERT_TRUE(cache.set("t", "foreign bytes", {}));
  EXPECT_THAT(run(*plain, {"x"}), ElementsAre("x")) << "made again";
}

TEST(DedupeProcessor, PassesEachKeyOnce) {
  World world;
  world.cache("c", "memory: { default_ttl: 1m }");
  auto dedupe = world.make<core::Processor>("dedupe: { cache: c, key: '${! content() }' }");
  ASSERT_TRUE(dedupe) << world.mistakes;
  std::vector<core::Outcome> outcomes;
  auto* delivery = new Counted(3, outcomes);
  EXPECT_THAT(run(*dedupe, tied({"a", "b", "a"}, *delivery)), ElementsAre("a", "b"));
  EXPECT_THAT(outcomes, ElementsAre(core::Outcome::kDelivered, core::Outcome::kDelivered,
                                    core::Outcome::kFiltered));
  EXPECT_THAT(run(*dedupe, {"b", "c"}), ElementsAre("c"));
  world.clock.advance(1min);
  EXPECT_THAT(run(*dedupe, {"a"}), ElementsAre("a"));
}

// A message that was seen but could not be delivered is handed out again by the engine.
TEST(DedupeProcessor, KnowsAMessageThatComesBackUndelivered) {
  class Reopened final : public core::Delivery {
   public:
    explicit Reopened(int& resolved) : Delivery(2), resolved_(resolved) {}

   protected:
    bool on_resolved() override {
      if (++resolved_ > 1) return true;
      reopen();
      return false;
    }

   private:
    int& resolved_;
  };
  World world;
  world.cache("c", "memory: {}");
  auto dedupe = world.make<core::Processor>("dedupe: { cache: c, key: '${! content() }' }");
  int resolved = 0;
  auto* delivery = new Reopened(resolved);
  EXPECT_THAT(run(*dedupe, tied({"a", "a"}, *delivery), core::Outcome::kRetry), ElementsAre("a"));
  ASSERT_EQ(resolved, 1);
  // Only the first was opened again; the second had been filtered.
  EXPECT_THAT(run(*dedupe, tied({"a"}, *delivery)), ElementsAre("a"));
  EXPECT_EQ(resolved, 2);
  EXPECT_THAT(run(*dedupe, {"a"}), ElementsAre());
}

TEST(DedupeProcessor, WhatCannotBeCheckedFailsOrPassesButIsNotLost) {
  World world;
  world.cache("c", "memory: {}");
  const std::string key = "key: '${! this.k.not_null() }'";
  auto strict = world.make<core::Processor>("dedupe: { cache: c, " + key + " }");
  auto lenient =
      world.make<core::Processor>("dedupe: { cache: c, drop_on_err: false, " + key + " }");
  ASSERT_TRUE(strict && lenient);
  EXPECT_THAT(run(*strict, {"not json"}), ElementsAre(HasSubstr("evaluating `key`")));
  EXPECT_THAT(run(*lenient, {"not json"}), ElementsAre("not json"));
  world.shared.strict_errors = false;
  auto family = world.make<core::Processor>("dedupe: { cache: c, " + key + " }");
  EXPECT_THAT(run(*family, {"not json"}), ElementsAre());
}

TEST(RateLimitProcessor, WaitsAsLongAsItIsToldAndEndsWithTheInterrupt) {
  class Twice final : public core::RateLimit {
   public:
    core::Result<std::chrono::nanoseconds> access(std::uint64_t bytes) override {
      seen.push_back(bytes);
      return seen.size() % 2 == 1 ? std::chrono::nanoseconds(1000) : std::chrono::nanoseconds(0);
    }
    std::vector<std::uint64_t> seen;
  };
  World world;
  auto limit = std::make_shared<Twice>();
  world.limit = limit;
  auto processor = world.make<core::Processor>("rate_limit: { resource: r }");
  ASSERT_TRUE(processor) << world.mistakes;
  EXPECT_THAT(run(*processor, {"abc", "d"}), ElementsAre("abc", "d"));
  EXPECT_THAT(limit->seen, ElementsAre(3, 3, 1, 1));
  world.limit = world.make<core::RateLimit>("local: { count: 1, interval: 100h }");
  auto slow = world.make<core::Processor>("rate_limit: { resource: r }");
  world.interrupt.raise();
  EXPECT_THAT(run(*slow, {"a", "b"}), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace weir::test
