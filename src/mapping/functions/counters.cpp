#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/int128.h"
#include "mapping/functions/all.h"
#include "mapping/functions/elements.h"
#include "mapping/registry.h"

namespace weir::mapping {

namespace {

using core::Container;
using core::Int128;
using core::Kind;
using core::Result;
using core::Value;

// ---- counter

struct Counter final : CallState {
  bool started = false;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::int64_t latest = 0;

  void restart() { latest = min - 1; }
};

std::unique_ptr<CallState> make_counter() {
  return std::make_unique<Counter>();
}

// A bound of the counter, or the failure.
struct Bound {
  std::int64_t number = 0;
  Value failure;
};

Bound bound(Call& call, std::size_t argument, std::string_view name) {
  const std::string words = "failed to resolve " + std::string(name) + " argument";
  const Value value = call.query(argument)();
  if (failed(value)) return {0, call.wrap(words, value)};
  const auto number = as_integer(value);
  if (!number) return {0, call.fail(words + ": " + type_error("number", value))};
  return {*number, {}};
}

// Queries run before the lock is taken: they may count themselves.
Value counter(Call& call) {
  auto& state = call.state<Counter>();
  bool started = false;
  {
    const std::lock_guard lock(state.mutex);
    started = state.started;
  }
  Bound min;
  Bound max;
  if (!started) {
    min = bound(call, 0, "min");
    if (failed(min.failure)) return min.failure;
    if (min.number < 0) {
      return call.fail("min argument must be >0, got " + std::to_string(min.number));
    }
    max = bound(call, 1, "max");
    if (failed(max.failure)) return max.failure;
    if (max.number <= min.number) {
      return call.fail("max argument must be >0 and >min, got " + std::to_string(max.number));
    }
  }
  Value set = Value::nothing();
  if (call.has_query(2)) {
    set = call.query(2)();
    if (failed(set)) return call.wrap("failed to resolve set argument", set);
  }
  std::optional<std::int64_t> to;
  if (!set.is_null() && !set.is_marker()) {
    to = as_integer(set);
    if (!to) return call.fail("failed to resolve set argument: " + type_error("number", set));
  }

  const std::lock_guard lock(state.mutex);
  if (!state.started) {
    state.min = min.number;
    state.max = max.number;
    state.restart();
    state.started = true;
  }
  if (to) return Value::integer(state.latest = *to);
  if (set.is_null()) return Value::integer(state.latest);
  if (set.is(Kind::kDelete)) state.restart();
  const std::int64_t number = state.latest == core::kInt64Max ? state.min : state.latest + 1;
  state.latest = number;
  if (number >= state.max) state.restart();
  return Value::integer(number);
}

// ---- count

// Counters by name, of the whole process.
class NamedCounters {
 public:
  static NamedCounters& all() {
    static NamedCounters* const counters =
        new NamedCounters;  // outlives mappings in static storage
    return *counters;
  }

  // The next number; nothing: there are too many names.
  std::optional<std::int64_t> next(std::string_view name) {
    constexpr std::size_t kMaxNames = 100'000;
    const std::lock_guard lock(mutex_);
    auto at = latest_.find(name);
    if (at == latest_.end()) {
      if (latest_.size() >= kMaxNames) return std::nullopt;
      at = latest_.emplace(std::string(name), 0).first;
    }
    return ++at->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::int64_t, std::less<>> latest_;
};

Value count(Call& call) {
  if (call.text(0).size() > 1024) return call.fail("the name of a counter has at most 1024 bytes");
  const auto number = NamedCounters::all().next(call.text(0));
  return number ? Value::integer(*number)
                : call.fail("there are more than 100000 names of counters");
}

// ---- random_int

struct Generator final : CallState {
  std::unique_ptr<core::SeededRandom> random;
};

std::unique_ptr<CallState> make_generator() {
  return std::make_unique<Generator>();
}

Result<Prepared> check_random_int(const PrepareCall& call) {
  const std::int64_t min = call.integer(1);
  const std::int64_t max = call.integer(2);
  if (min < 0) {
    return core::invalid_config("min (" + std::to_string(min) + ") must be a positive number");
  }
  if (max < min) {
    return core::invalid_config("min (" + std::to_string(min) +
                                ") must be smaller or equal than max (" + std::to_string(max) +
                                ")");
  }
  if (max == core::kInt64Max) {
    return core::invalid_config("max must be smaller than the max allowed for an int64 (" +
                                std::to_string(core::kInt64Max) + ")");
  }
  return nullptr;
}

// Each number of [0, count) is as likely as any other (Lemire, Fast Random Integer Generation in an
// Interval, 2019).
std::uint64_t below(core::Random& random, std::uint64_t count) {
  __extension__ using UInt128 = unsigned __int128;
  UInt128 product = UInt128{random.next()} * count;
  if (static_cast<std::uint64_t>(product) < count) {
    const std::uint64_t unfair = (0 - count) % count;
    while (static_cast<std::uint64_t>(product) < unfair) product = UInt128{random.next()} * count;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

Value random_int(Call& call) {
  auto& state = call.state<Generator>();
  bool seeded = false;
  {
    const std::lock_guard lock(state.mutex);
    seeded = state.random != nullptr;
  }
  std::int64_t seed = 0;
  if (!seeded) {
    constexpr std::string_view kWords = "failed to seed random number generator";
    const Value value = call.query(0)();
    if (failed(value)) return call.wrap(kWords, value);
    const auto number = as_integer(value);
    if (!number) return call.fail(std::string(kWords) + ": " + type_error("number", value));
    seed = *number;
  }
  const auto min = static_cast<std::uint64_t>(call.integer(1));
  const std::uint64_t numbers = static_cast<std::uint64_t>(call.integer(2)) - min + 1;
  const std::lock_guard lock(state.mutex);
  if (state.random == nullptr) {
    state.random = std::make_unique<core::SeededRandom>(static_cast<std::uint64_t>(seed));
  }
  return Value::integer(static_cast<std::int64_t>(min + below(*state.random, numbers)));
}

// ---- range

Value range(Call& call) {
  const std::int64_t start = call.integer(0);
  const std::int64_t stop = call.integer(1);
  const std::int64_t step = call.integer(2);
  if (step == 0) return call.fail("step must be greater than or less than 0");
  if (step < 0 && stop > start) {
    return call.fail("with negative step arg stop (" + std::to_string(stop) +
                     ") must be <= start (" + std::to_string(start) + ")");
  }
  if (step > 0 && start >= stop) {
    return call.fail("with positive step arg start (" + std::to_string(start) +
                     ") must be < stop (" + std::to_string(stop) + ")");
  }
  const Int128 wanted = (Int128{stop} - start) / step;
  if (wanted > core::kMaxMembers) return call.too_big();
  const auto length = static_cast<std::uint32_t>(wanted);
  Value made;
  Container* const to = make_array(call, length, made);
  if (to == nullptr) return made;
  for (std::uint32_t i = 0; i < length; ++i) {
    to->items[i] = Value::integer(static_cast<std::int64_t>(start + Int128{step} * i));
  }
  to->size = length;
  return made;
}

}  // namespace

void add_counters(Registry& registry) {
  registry.function("counter")
      .in(Category::kGeneral)
      .status(Support::kExperimental)
      .says(
          "Counts up by one at each call: every place where it is written is a counter of its own. "
          "After the largest number it begins again. Parallel threads share it.")
      .defaulted("min", ArgKind::kQueryOrValue, "The first number; evaluated once.", 1)
      .defaulted("max", ArgKind::kQueryOrValue, "The largest number; evaluated once.",
                 core::kInt64Max)
      .optional(
          "set", ArgKind::kQueryOrValue,
          "Evaluated each time: a number is taken and given back, null looks without counting, a "
          "deletion begins again, nothing just counts.")
      .remembers(make_counter)
      .nondeterministic()
      .example("root.id = counter()", "{}", R"({"id":1})")
      .example("root.batch_num = counter(min: 100, max: 200)", "{}", R"({"batch_num":100})")
      .example("root.streak = counter(set: if this.status != \"success\" { 0 })",
               R"({"status":"failure"})", R"({"streak":0})")
      .example("root.id = counter(min: 5, max: 2)", "{}",
               "error: max argument must be >0 and >min, got 2")
      .evaluates(counter);

  registry.function("count")
      .in(Category::kDeprecated)
      .status(Support::kDeprecated)
      .says("Counts up from 1 by a name that the whole process shares. Use `counter`.")
      .arg("name", ArgKind::kString, "The counter.")
      .impure()
      .nondeterministic()
      .example("root.id = count(\"an_example_of_the_manual\")", "{}", R"({"id":1})")
      .evaluates(count);

  registry.function("random_int")
      .in(Category::kGeneral)
      .says(
          "A pseudo-random integer. The same seed gives the same sequence, and the seed is 0 if "
          "none "
          "is given: `random_int(timestamp_unix_nano())` differs from run to run.")
      .defaulted("seed", ArgKind::kQueryOrValue, "Where the sequence starts; evaluated once.", 0)
      .defaulted("min", ArgKind::kInt, "The smallest number; not negative.", 0)
      .literal_only()
      .defaulted("max", ArgKind::kInt, "The largest number.", core::kInt64Max - 1)
      .literal_only()
      .prepared_by(check_random_int)
      .remembers(make_generator)
      .nondeterministic()
      .example("root.in_range = random_int(min: 10, max: 20).(this >= 10 && this <= 20)", "{}",
               R"({"in_range":true})")
      .example("root.id = random_int(1, 5, 4)", "{}",
               "error: min (5) must be smaller or equal than max (4)")
      .evaluates(random_int);

  registry.function("range")
      .in(Category::kGeneral)
      .says(
          "An array of integers from `start` towards `stop`, which is not reached. There are as "
          "many as "
          "whole steps fit between them.")
      .arg("start", ArgKind::kInt, "The first number.")
      .arg("stop", ArgKind::kInt, "Where it ends.")
      .defaulted("step", ArgKind::kInt, "From number to number; may be negative.", 1)
      .costs(Cost::kLinear)
      .example(
          "root.a = range(0, 5)\nroot.b = range(start: 0, stop: this.max, step: 2)\n"
          "root.c = range(0, -this.max, -2)",
          R"({"max":6})", R"({"a":[0,1,2,3,4],"b":[0,2,4],"c":[0,-2,-4]})")
      .example("root.a = range(this.start, 0)", R"({"start":10})",
               "error: with positive step arg start (10) must be < stop (0)")
      .example("root.a = range(0, 4611686018427387904)", "{}",
               "error: larger than the limit allows")
      .evaluates(range);
}

}  // namespace weir::mapping
